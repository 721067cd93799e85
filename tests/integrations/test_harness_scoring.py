"""Replies of a harness give the steps and scores of ``bench run``, whatever the harness; no harness is needed here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integrations.made import bench_run, give_for, write_data

from openaffect.bench.leaderboard.runs import read_run
from openaffect.bench.results import BenchmarkScores
from openaffect.bench.task import Step
from openaffect.bench.tasks import TASKS
from openaffect.bench.view.folder import read_folder
from openaffect.errors import DataError, KeyRejected, RemoteError, UsageError
from openaffect.integrations.figures import figures
from openaffect.integrations.opened import Bench, open_as_set, open_bench
from openaffect.integrations.scoring import Given, finish, question, score
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call, failed
from openaffect.mllm.chat import Reply
from openaffect.mllm.fake import Fake


def opened(key: str, data: Path, out: Path, **options: object) -> Bench:
    bench = open_bench(key, data, out, extractor="fake:nobody", **options)  # type: ignore[arg-type]
    return replace(bench, callers={who: Caller(Fake(give_for(key))) for who in bench.callers})


def asked(bench: Bench) -> dict[str, Given]:
    """What a harness has in its hands when its model has answered."""
    give, found = give_for(bench.task.key), {}
    for name in bench.items:
        put = question(bench, name)
        found[name] = put if isinstance(put, Call | str) else Call("", Reply(give(put)))
    return found


def finished(bench: Bench, given: Mapping[str, Given]) -> dict[str, dict[str, Step]]:
    return asyncio.run(finish(bench, given))


@pytest.mark.parametrize("key", TASKS)
def test_every_benchmark_has_the_steps_and_scores_of_bench_run(key: str, tmp_path: Path) -> None:
    data = write_data(key, tmp_path / "data")
    wanted = bench_run(key, data, tmp_path / "run", Fake(give_for(key)), Fake(give_for(key)))
    bench = opened(key, data, tmp_path / "out")
    steps = finished(bench, asked(bench))
    assert steps == wanted.steps
    assert any(step.outcome == "answered" for by_id in list(steps.values())[1:] for step in by_id.values())
    assert score(bench, steps, "made") == wanted.scores
    kept = tmp_path / "out" / key / "made"
    assert (kept / "scores.json").read_bytes() == (tmp_path / "run" / "scores.json").read_bytes()
    assert read_folder(kept).steps == steps


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return opened("mer-unibench", write_data("mer-unibench", tmp_path / "data"), tmp_path / "out")


def test_what_was_not_asked_and_what_failed_keep_their_causes(bench: Bench) -> None:
    given = asked(bench)
    given["meld/test_dia0_utt4"] = failed("", RemoteError("the line broke."))
    steps = finished(bench, given)["describe"]
    assert steps["meld/test_dia0_utt4"] == Step("meld/test_dia0_utt4", outcome="failed", cause="the line broke.")
    assert steps["meld/test_dia0_utt1"].outcome == "failed" and "not a recording" in steps["meld/test_dia0_utt1"].cause
    assert steps["sims/video_0003"].outcome == "skipped" and "neither a clip" in steps["sims/video_0003"].cause


def test_figures_are_those_of_the_scores(bench: Bench) -> None:
    steps = finished(bench, asked(bench))
    scores = score(bench, steps, "made")
    assert isinstance(scores, BenchmarkScores)
    meld, sims = (each.fixed.primary for each in scores.datasets)
    assert meld.value is not None and 0 < meld.value < 1
    found = figures(scores, steps)
    assert (found["meld"], found["meld.n"], found["meld.n_failed"]) == (meld.value, meld.n, 3)
    assert (found["sims"], found["sims.n_failed"]) == (sims.value, sims.n_failed)
    assert (found["failed.describe"], found["failed.labels"], found["official"]) == (1, 0, 0)


def test_a_limit_of_the_harness_is_scored_as_a_limit_of_ours(bench: Bench, tmp_path: Path) -> None:
    few = {name: each for name, each in asked(bench).items() if name < "meld/test_dia0_utt3"}
    scores = score(bench, finished(bench, few), "made")
    limited = opened("mer-unibench", tmp_path / "data", tmp_path / "other", parts="meld", limit="3")
    assert len(few) == 3 and scores == score(limited, finished(limited, asked(limited)), "made")


def test_nothing_answered_is_a_score_without_a_value(bench: Bench) -> None:
    steps = finished(bench, {name: failed("", RemoteError("no.")) for name in bench.items})
    found = figures(score(bench, steps, "made"), steps)
    assert found == {
        "official": 0, "meld.unscored": 1, "sims.unscored": 1,
        "failed.describe": 24, "failed.labels": 0, "failed.sentiment": 0,
    }  # fmt: skip


def test_a_rejected_key_of_the_extractor_loses_no_reply_of_the_model(bench: Bench) -> None:
    caller = Caller(Fake(lambda _: KeyRejected("the key is wrong.")))
    steps = finished(replace(bench, callers=dict.fromkeys(bench.callers, caller)), asked(bench))
    assert steps["describe"]["meld/test_dia0_utt2"].outcome == "answered"
    assert {step.cause for step in steps["labels"].values() if step.outcome == "failed"} == {"the key is wrong."}
    assert sum(step.outcome == "failed" for step in steps["labels"].values()) > 10


@pytest.mark.parametrize("model", ["../../../outside", "..", "a/b:c d", "/etc", ""])
def test_no_name_of_a_model_leads_out_of_the_folder(bench: Bench, model: str, tmp_path: Path) -> None:
    score(bench, finished(bench, asked(bench)), model)
    (kept,) = tmp_path.rglob("scores.json")
    assert kept.parent.parent == tmp_path / "out" / "mer-unibench"
    card = read_run(kept.parent).card
    assert card.models["model"].model == model and card.models["extractor"].model == "fake"


@pytest.mark.parametrize(
    "names", [("org/model", "org-model"), ("a:b", "a/b", "a b"), ("", "model", "..", "-"), ("x" * 300, "x" * 301)]
)
def test_models_whose_names_are_changed_alike_have_folders_of_their_own(
    bench: Bench, names: tuple[str, ...], tmp_path: Path
) -> None:
    for model in names:
        score(bench, finished(bench, asked(bench)), model)
    kept = [*(tmp_path / "out" / "mer-unibench").iterdir()]
    assert {read_run(room).card.models["model"].model for room in kept} == set(names) and len(kept) == len(names)
    score(bench, finished(bench, asked(bench)), names[0])
    assert len([*(tmp_path / "out" / "mer-unibench").iterdir()]) == len(names)


@pytest.mark.parametrize(
    ("options", "error", "why"),
    [
        ({}, UsageError, "nobody reads the answers of MER-UniBench"),
        ({"extractor": "fake:x", "modalities": "video,sound"}, UsageError, "unknown modality 'sound'"),
        ({"extractor": "fake:x", "modalities": ()}, UsageError, "unknown modality 'none'"),
        ({"extractor": "fake:x", "limit": "many"}, UsageError, "limit must be a whole number"),
        ({"extractor": "fake:x", "limit": 0}, UsageError, "limit must be a whole number"),
        ({"extractor": "fake:x", "limit": "1" * 5000}, UsageError, "limit must be a whole number"),
        ({"extractor": "fake:x", "limit": 10**5000}, UsageError, "limit must be a whole number"),
        ({"extractor": "fake:x", "limit": True}, UsageError, "limit must be a whole number"),
        ({"extractor": "fake:x", "limit": [3]}, UsageError, "limit must be a whole number"),
        ({"extractor": "fake:x", "parts": 5}, UsageError, "parts must be a text with commas or a list"),
        ({"extractor": "fake:x", "parts": [5]}, UsageError, "parts must be a text with commas or a list"),
        ({"extractor": "fake:x", "modalities": 5}, UsageError, "modalities must be a text with commas"),
        ({"extractor": "fake:x", "data": 5}, UsageError, "data must be a text; 5 came"),
        ({"extractor": 5}, UsageError, "extractor must be a text; 5 came"),
        ({"extractor": "fake:x", "parts": ["medl"]}, UsageError, "did you mean 'meld'"),
        ({"judge": "fak:x"}, UsageError, "did you mean 'fake'"),
        ({"judge": "fake:x", "data": "nowhere"}, DataError, "nothing to ask|no folder"),
    ],
)
def test_settings_that_cannot_be(options: dict[str, object], error: type[Exception], why: str, tmp_path: Path) -> None:
    data = write_data("mer-unibench", tmp_path / "data")
    given = {"data": data, "out": tmp_path / "out"} | options
    with pytest.raises(error, match=why):
        open_bench("mer-unibench", **given)  # type: ignore[arg-type]
    with pytest.raises(SystemExit, match=why):
        open_as_set("mer-unibench", given, str.upper)


def test_a_needed_setting_is_named_as_the_harness_names_it() -> None:
    with pytest.raises(SystemExit, match="openaffect: -T out is not set; it names the folder for records and scores"):
        open_as_set("emer", {"data": "x"}, "-T {}".format)


def test_a_task_that_asks_its_model_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from openaffect.bench.task import Item, Stage, Task, read_text\n"
        "ASK = Stage('ask', 'model', lambda i, e: 'no', lambda i, e, c: read_text(i, c))\n"
        "TASK = Task('mine', 'Mine', '', lambda s: [Item('a', 'a')], lambda s: (ASK, ASK), lambda i, s, o: None)\n"
    )
    with pytest.raises(UsageError, match="Mine does not: use 'openaffect bench run'"):
        open_bench(f"{tmp_path}/mine.py:TASK", tmp_path, tmp_path / "out")


def test_a_remote_reader_is_named_before_anything_is_sent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = write_data("mer-unibench", tmp_path / "data")
    open_bench("mer-unibench", data, tmp_path / "out", judge="openai:m", judge_url="https://models.example.org/v1")
    assert "will be sent to models.example.org" in caplog.text
