"""A run: stages in order, records, faults as outcomes, going on after a kill; and MER-UniBench from clips to scores."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from openaffect.bench.held import HeldSteps
from openaffect.bench.results import BenchmarkScores
from openaffect.bench.river import run, score
from openaffect.bench.task import Item, Source, Stage, Step, Task, Who, read_text
from openaffect.bench.tasks import find_task
from openaffect.errors import DataError, KeyRejected, OutputError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Text
from openaffect.mllm.fake import Fake
from openaffect.records import Record
from openaffect.store import RecordFile
from tests.bench import killed_run
from tests.mer_unibench_files import write_unibench

ROOT = Path(__file__).resolve().parents[2]
TEXT = (Message("user", (Text("hello"),)),)


class Nothing(Record):
    """No score."""


def task(*stages: Stage, n: int = 5) -> Task:
    return Task(
        "made",
        "a made task",
        "",
        lambda source: [Item(f"a/{number}", "a") for number in range(n)],
        lambda source: stages,
        lambda items, steps, source: Nothing(),
    )


def stage(name: str = "ask", messages: Callable[..., object] = lambda item, earlier: TEXT) -> Stage:
    return Stage(name, "model", messages, lambda item, earlier, call: read_text(item, call))  # type: ignore[arg-type]


def callers(fake: Fake, **options: object) -> dict[Who, Caller]:
    caller = Caller(fake, **options)  # type: ignore[arg-type]
    return {"model": caller, "extractor": caller, "judge": caller}


def test_every_item_has_a_step_in_every_stage(tmp_path: Path) -> None:
    second = stage("again", lambda item, earlier: TEXT if earlier["ask"].value == "yes" else "no yes")
    found = run(task(stage(), second), Source(tmp_path), callers(Fake("yes")), tmp_path / "out")
    assert {name: Counter(step.outcome for step in by_id.values()) for name, by_id in found.steps.items()} == {
        "ask": {"answered": 5},
        "again": {"answered": 5},
    }
    assert json.loads((tmp_path / "out" / "card.json").read_text())["models"]["model"]["model"] == "fake"


def test_what_is_not_asked_says_why(tmp_path: Path) -> None:
    found = run(task(stage(messages=lambda item, earlier: "no clip")), Source(tmp_path), callers(Fake("x")), tmp_path)
    assert {(step.outcome, step.cause) for step in found.steps["ask"].values()} == {("skipped", "no clip")}


def test_failures_are_records_and_the_next_run_asks_only_them(tmp_path: Path) -> None:
    broken = Fake("yes", faults=["server_error"] * 3)
    first = run(task(stage()), Source(tmp_path), callers(broken, retries=0, concurrency=1), tmp_path)
    outcomes = Counter(step.outcome for step in first.steps["ask"].values())
    assert outcomes == {"failed": 3, "answered": 2}
    assert all(step.cause for step in first.steps["ask"].values() if step.outcome == "failed")
    whole = Fake("yes")
    second = run(task(stage()), Source(tmp_path), callers(whole), tmp_path)
    assert Counter(step.outcome for step in second.steps["ask"].values()) == {"answered": 5}
    assert len((tmp_path / "ask.jsonl").read_text().splitlines()) == 5 + 3


def test_what_was_skipped_for_want_of_an_answer_is_asked_when_there_is_one(tmp_path: Path) -> None:
    second = stage("again", lambda item, earlier: TEXT if earlier["ask"].value else "no answer")
    made = task(stage(), second)
    first = run(
        made, Source(tmp_path), callers(Fake("yes", faults=["server_error"]), retries=0, concurrency=1), tmp_path
    )
    assert Counter(step.outcome for step in first.steps["again"].values()) == {"answered": 4, "skipped": 1}
    found = run(made, Source(tmp_path), callers(Fake("yes")), tmp_path)
    assert Counter(step.outcome for step in found.steps["again"].values()) == {"answered": 5}
    lines = (tmp_path / "again.jsonl").read_text()
    run(made, Source(tmp_path), callers(Fake("yes")), tmp_path)
    assert (tmp_path / "again.jsonl").read_text() == lines and len(lines.splitlines()) == 6


def test_a_rejected_key_ends_the_run_and_keeps_what_was_finished(tmp_path: Path) -> None:
    with pytest.raises(KeyRejected):
        run(task(stage()), Source(tmp_path), callers(Fake("x", faults=["wrong_key"]), concurrency=1), tmp_path)
    assert HeldSteps(tmp_path / "ask.jsonl") == {}


def test_another_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    run(task(stage()), Source(tmp_path), callers(Fake("x")), tmp_path)
    with pytest.raises(UsageError, match="other models"):
        run(task(stage()), Source(tmp_path), callers(Fake("x", model="another")), tmp_path)
    with pytest.raises(UsageError, match="other modalities"):
        run(task(stage()), Source(tmp_path, modalities=("text",)), callers(Fake("x")), tmp_path)
    (tmp_path / "card.json").write_text("{")
    with pytest.raises(DataError, match="damaged"):
        run(task(stage()), Source(tmp_path), callers(Fake("x")), tmp_path)


def test_items_need_names_of_their_own_and_there_must_be_some(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing to ask"):
        run(task(stage(), n=0), Source(tmp_path), callers(Fake("x")), tmp_path)
    twice = Task("t", "t", "", lambda s: [Item("a", "a")] * 2, lambda s: (), lambda i, s, o: Nothing())
    with pytest.raises(DataError, match="two items are called 'a'"):
        run(twice, Source(tmp_path), callers(Fake("x")), tmp_path)


def killed(folder: Path, moments: int, seed: int) -> tuple[list[str], dict[str, dict[str, Step]], str]:
    """Run to the end, killed *moments* times on the way; return what was asked, the steps, and the scores."""
    draw = random.Random(seed)
    command = [sys.executable, "-m", "tests.bench.killed_run", str(folder / "out"), str(folder / "log")]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    for _ in range(moments):
        process = subprocess.Popen(command, env=environment, cwd=ROOT)
        started = time.monotonic()
        while not (folder / "log").exists() and time.monotonic() - started < 30:
            time.sleep(0.01)
        time.sleep(draw.uniform(0.0, 0.5))
        process.kill()
        process.wait()
    subprocess.run(command, env=environment, cwd=ROOT, check=True, timeout=120)
    steps = {name: HeldSteps(folder / "out" / f"{name}.jsonl") for name in ("first", "second")}
    return (folder / "log").read_text().splitlines(), steps, (folder / "out" / "scores.json").read_text()


def check_killed(folder: Path, moments: int) -> None:
    (folder / "calm").mkdir()
    (folder / "killed").mkdir()
    asked, calm, scores = killed(folder / "calm", 0, 0)
    assert len(asked) == len(set(asked)) == 500 + 450
    again, steps, same = killed(folder / "killed", moments, 1)
    assert steps == calm and same == scores
    # A call that was under way at a kill was not finished and is asked again: at most one a place and kill.
    assert set(again) == set(asked) and len(again) - len(set(again)) <= 8 * moments
    lines = (folder / "killed" / "out" / "first.jsonl").read_text().splitlines()
    assert len(lines) == len({json.loads(line)["id"] for line in lines}) == killed_run.ITEMS


def test_a_killed_run_goes_on_and_ends_as_if_undisturbed(tmp_path: Path) -> None:
    check_killed(tmp_path, 4)


@pytest.mark.slow
def test_twenty_kills(tmp_path: Path) -> None:
    check_killed(tmp_path, 20)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_unibench(tmp_path / "data", size=6, keys=("meld", "sims", "ovmerdplus"))


def test_mer_unibench_from_transcripts_to_scores(data: Path, tmp_path: Path) -> None:
    made: dict[Who, Caller] = {
        "model": Caller(Fake("The character is happy.")),
        "extractor": Caller(Fake(lambda messages: "positive" if "sentiment" in str(messages).lower() else "[happy]")),
        "judge": Caller(Fake("unused")),
    }
    found = run(find_task("mer-unibench"), Source(data), made, tmp_path / "out")
    assert isinstance(found.scores, BenchmarkScores)
    assert [each.key for each in found.scores.datasets] == ["meld", "sims", "ovmerdplus"]
    assert found.scores.mean_best is None
    for each in found.scores.datasets:
        # One of six made transcripts is empty and there is no clip: it cannot be asked, and is counted as wrong.
        assert len(each.fixed.missing) == 1
    skipped = [step for step in found.steps["describe"].values() if step.outcome == "skipped"]
    assert len(skipped) == 3 and "neither a clip nor a transcript" in skipped[0].cause
    assert {step.outcome for id_, step in found.steps["sentiment"].items() if not id_.startswith("sims")} == {"skipped"}


def test_withheld_modalities_never_enter_a_message(data: Path, tmp_path: Path) -> None:
    seen: list[str] = []

    def note(messages: object) -> str:
        seen.append(str(messages))
        return "calm"

    caller = Caller(Fake(note))
    source = Source(data, modalities=("video",), parts=("meld",))
    run(find_task("mer-unibench"), source, {"model": caller, "extractor": caller, "judge": caller}, tmp_path / "out")
    assert not any("Made sentence" in each for each in seen)


def test_a_limit_scores_what_was_asked(data: Path, tmp_path: Path) -> None:
    source = Source(data, limit=2, parts=("meld",))
    found = run(find_task("mer-unibench"), source, callers(Fake("[joy]")), tmp_path / "out")
    assert isinstance(found.scores, BenchmarkScores)
    assert found.scores.datasets[0].n == 2 and found.scores.datasets[0].fixed.missing == ()


def test_labels_may_be_drawn_as_for_the_published_scores(data: Path, tmp_path: Path) -> None:
    made = find_task("mer-unibench-sampled")
    run(made, Source(data, parts=("meld",)), callers(Fake("[joy]")), tmp_path / "out")
    stages = json.loads((tmp_path / "out" / "card.json").read_text())["stages"]
    assert {stages[name]["options"]["temperature"] for name in ("labels", "sentiment")} == {0.7}
    assert stages["describe"]["options"]["temperature"] == 0.0
    with pytest.raises(UsageError, match="other task"):
        run(find_task("mer-unibench"), Source(data, parts=("meld",)), callers(Fake("[joy]")), tmp_path / "out")


def test_a_value_that_cannot_be_stored_costs_its_item_only(tmp_path: Path) -> None:
    odd = Stage(
        "ask", "model", lambda item, earlier: TEXT, lambda item, earlier, call: Step(item.id, "x", {float("nan")})
    )
    found = run(task(odd), Source(tmp_path), callers(Fake("x")), tmp_path / "out")
    assert {step.outcome for step in found.steps["ask"].values()} == {"unreadable"} and len(found.steps["ask"]) == 5
    assert "cannot be stored" in found.steps["ask"]["a/0"].cause


def test_two_commands_do_not_ask_into_one_folder(tmp_path: Path) -> None:
    with RecordFile(tmp_path / "ask.jsonl"), pytest.raises(OutputError, match="another command is writing"):
        run(task(stage()), Source(tmp_path), callers(Fake("x")), tmp_path)
    assert len(run(task(stage()), Source(tmp_path), callers(Fake("x")), tmp_path).steps["ask"]) == 5


@pytest.mark.parametrize("value", ["NaN", "1e999", '{"a": [1, -1e999]}'])
def test_a_number_without_end_in_a_record_is_named(value: str, tmp_path: Path) -> None:
    run(task(stage()), Source(tmp_path), callers(Fake("x")), tmp_path)
    lines = (tmp_path / "ask.jsonl").read_text().splitlines()
    lines[0] = lines[0].replace('"value":"x"', f'"value":{value}')
    (tmp_path / "ask.jsonl").write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match="a number without end"):
        dict(score(task(stage()), Source(tmp_path), tmp_path).steps["ask"])
