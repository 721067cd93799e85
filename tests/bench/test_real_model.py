"""One real language model from clips to scores: it answers, takes labels and judges.

SmolLM2-135M is far too small to do any of it well.  What is tested is that the machinery holds: records, readings of
replies that nobody scripted, failures with causes, scores that count them, and a run that is not asked again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from openaffect.cli.bench import bench
from tests.emer_files import write_emer
from tests.mer_unibench_files import write_unibench
from tests.mme_files import write_mme
from tests.smollm import MODEL, smollm

SPEC = f"openai:{MODEL}"
KNOWN = {"answered", "unreadable", "skipped", "empty", "refused"}
"""What may come of an item when nothing breaks."""
SHORT = ("--max-tokens", 48, "--concurrency", 2, "--no-probe")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with smollm() as address:
        yield address


def command(*words: object) -> Result:
    found = CliRunner().invoke(bench, list(map(str, words)), env={"COLUMNS": "120"})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def records(out: Path) -> dict[str, list[dict[str, Any]]]:
    return {path.stem: [json.loads(line) for line in path.open()] for path in sorted(out.glob("*.jsonl"))}


def check(out: Path, n: int, asked: set[str]) -> None:
    """Every item has one record a stage, none failed, and what was asked was counted by the server."""
    for stage, found in records(out).items():
        assert len({record["id"] for record in found}) == len(found) == n, stage
        assert {record["outcome"] for record in found} <= KNOWN, stage
        assert all(record["cause"] for record in found if record["outcome"] in ("unreadable", "skipped")), stage
    for stage in asked:
        calls = [record["call"] for record in records(out)[stage] if record["call"]]
        assert calls and all(call["input_tokens"] > 10 and call["output_tokens"] > 0 for call in calls), stage
        assert all(call["attempts"] == (0 if call["cached"] else 1) for call in calls), stage
        assert all(call["output_tokens"] <= 48 for call in calls), stage


def test_emer_with_the_real_model_in_every_role(url: str, tmp_path: Path) -> None:
    data, out = write_emer(tmp_path / "data", 2), tmp_path / "out"
    words = ("run", "emer", "--data", data, "--model", SPEC, "--base-url", url, "--modalities", "text", *SHORT)
    found = json.loads(command(*words, "--out", out, "--json").stdout)
    check(out, 2, {"explain", "labels", "plausibility", "clue_overlap"})
    (part,) = found["parts"]
    assert part["n"] == 2 and part["explained"]["value"] == 1.0
    (passing,) = [each for each in part["scores"] if each["name"] == "plausibility, passing"]
    unread = sum(record["outcome"] == "unreadable" for record in records(out)["plausibility"])
    assert passing["n"] == 2 and passing["n_failed"] == unread
    card = json.loads((out / "card.json").read_text())
    assert {each["model"] for each in card["models"].values()} == {MODEL}
    before = {path.name: path.read_bytes() for path in out.glob("*.jsonl")}
    # The same command with the server gone: nothing is asked, and the scores are the same.
    gone = ("run", "emer", "--data", data, "--model", SPEC, "--base-url", "http://127.0.0.1:9/v1")
    again = command(*gone, "--modalities", "text", *SHORT, "--out", out, "--json")
    assert json.loads(again.stdout) == found
    assert {path.name: path.read_bytes() for path in out.glob("*.jsonl")} == before


def test_mer_unibench_step_by_step(url: str, tmp_path: Path) -> None:
    data, out = write_unibench(tmp_path / "data", size=2, keys=("meld", "sims")), tmp_path / "out"
    seat = ("--base-url", url, "--max-tokens", 48, "--concurrency", 2)
    command("predict", "mer-unibench", "--data", data, "--model", SPEC, *seat, "--no-probe", "--out", out)
    command("extract", out, "--extractor", SPEC, *seat)
    found = json.loads(command("score", out, "--json").stdout)
    check(out, 4, {"describe"})
    described = [record for record in records(out)["describe"] if record["outcome"] == "answered"]
    taken = [record for record in records(out)["labels"] if record["outcome"] != "skipped"]
    assert len(taken) == len(described)
    assert {each["key"] for each in (*found["datasets"], *found["unscored"])} == {"meld", "sims"}


def test_mme_emotion_with_the_real_model_as_step_extractor(url: str, tmp_path: Path) -> None:
    """It cannot see, so that the fake has to answer and judge here."""
    data, out = write_mme(tmp_path / "data", ("ER-Lab", "SA")), tmp_path / "out"
    answer = "He looks down and his voice is low. So he is sad."
    words = ("run", "mme-emotion", "--data", data, "--model", f"fake:{answer}", "--extractor", SPEC, "--judge-url", url)
    found = json.loads(
        command(*words, "--judge", "fake:<score>Step 1: 1/1</score>", *SHORT, "--out", out, "--json").stdout
    )
    check(out, 2, {"steps"})
    steps = [record for record in records(out)["steps"] if record["outcome"] == "answered"]
    judged = [record for record in records(out)["judge"] if record["outcome"] != "skipped"]
    assert len(judged) == len(steps)
    assert found["overall"]["strict"]["n"] == 2
    assert found["overall"]["strict"]["n_failed"] == 2 - sum(record["outcome"] == "answered" for record in judged)


def test_a_model_that_cannot_see_is_a_recorded_failure_at_once(url: str, tmp_path: Path) -> None:
    data, out = write_mme(tmp_path / "data", ("SA",)), tmp_path / "out"
    found = command("predict", "mme-emotion", "--data", data, "--model", SPEC, "--base-url", url, *SHORT, "--out", out)
    (record,) = records(out)["answer"]
    assert found.exit_code == 1 and record["outcome"] == "failed" and record["call"]["attempts"] == 1
    assert "not supported" in record["cause"]
