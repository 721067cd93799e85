"""predict, extract, judge and score one after the other are the same as a run, and none of them comes too early."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openaffect.bench.river import ask, run, score
from openaffect.bench.task import Source, Who
from openaffect.bench.tasks import find_task
from openaffect.errors import DataError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.fake import Fake
from tests.mer_unibench_files import write_unibench

PARTS = ("meld", "sims")
MER = find_task("mer-unibench")


def caller(name: str) -> Caller:
    replies: dict[str, Any] = {
        "model": "The character is happy.",
        "extractor": lambda messages: "positive" if "sentiment" in str(messages).lower() else "[happy]",
    }
    return Caller(Fake(replies[name], model=name))


def callers() -> dict[Who, Caller]:
    return {"model": caller("model"), "extractor": caller("extractor"), "judge": Caller(Fake("unused"))}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_unibench(tmp_path / "data", size=6, keys=PARTS)


def records(folder: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for path in folder.glob("*.jsonl"):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            if record["call"] is not None:
                record["call"].pop("latency_s")
            found[f"{path.name} {record['id']}"] = record
    return found


def test_the_steps_in_turn_are_a_run(data: Path, tmp_path: Path) -> None:
    source, whole, parted = Source(data), tmp_path / "whole", tmp_path / "parted"
    at_once = run(MER, source, callers(), whole)
    assert set(ask(MER, source, {"model": caller("model")}, parted)) == {"describe"}
    assert not (parted / "labels.jsonl").exists()
    assert set(ask(MER, source, {"extractor": caller("extractor")}, parted)) == {"labels", "sentiment"}
    found = score(MER, source, parted)
    assert found.scores == at_once.scores and found.steps == at_once.steps
    assert records(parted) == records(whole)
    assert (parted / "scores.json").read_text() == (whole / "scores.json").read_text()
    models = json.loads((parted / "card.json").read_text())["models"]
    assert models == {who: {"model": who, "revision": ""} for who in ("extractor", "model")}


def test_a_step_that_comes_too_early_says_what_is_lacking_and_leaves_no_trace(data: Path, tmp_path: Path) -> None:
    source, out = Source(data), tmp_path / "out"
    with pytest.raises(UsageError, match=r"12 of 12 items have no record of the stage 'describe'.*bench predict"):
        ask(MER, source, {"extractor": caller("extractor")}, out)
    assert not out.exists()
    ask(MER, source, {"model": caller("model")}, out)
    with pytest.raises(DataError, match=r"no scores yet: 12 of 12 .* stage 'labels'.*bench extract"):
        score(MER, source, out)
    lines = (out / "describe.jsonl").read_text().splitlines(keepends=True)
    (out / "describe.jsonl").write_text("".join(lines[:-1]))
    with pytest.raises(UsageError, match=r"1 of 12 items has no record of the stage 'describe'"):
        ask(MER, source, {"extractor": caller("extractor")}, out)


def test_a_role_is_not_answered_by_two_models(data: Path, tmp_path: Path) -> None:
    source, out = Source(data), tmp_path / "out"
    ask(MER, source, {"model": caller("model")}, out)
    ask(MER, source, {"extractor": caller("extractor")}, out)
    with pytest.raises(UsageError, match="holds a run with other models"):
        ask(MER, source, {"extractor": Caller(Fake("[sad]", model="another"))}, out)
    with pytest.raises(UsageError, match="holds a run with other models"):
        ask(MER, source, {"model": Caller(Fake("sad", model="another"))}, out)
    assert ask(MER, source, {"model": caller("model")}, out)["describe"]


def test_a_run_may_grow_and_its_limit_is_in_the_card(data: Path, tmp_path: Path) -> None:
    first = run(MER, Source(data, limit=2), callers(), tmp_path)
    assert len(first.items) == 4 and json.loads((tmp_path / "card.json").read_text())["limit"] == 2
    second = run(MER, Source(data), callers(), tmp_path)
    assert len(second.items) == 12 and json.loads((tmp_path / "card.json").read_text())["limit"] is None
    assert len((tmp_path / "describe.jsonl").read_text().splitlines()) == 12
