"""Runs of EMER compared pair by pair: from two folders to a ranking; faults, a stop in the middle, other runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from openaffect.bench.held import HeldSteps
from openaffect.bench.judges.asking import Language
from openaffect.bench.prefer import PreferenceReport, preference_source, preference_task
from openaffect.bench.river import run
from openaffect.bench.view.folder import read_folder
from openaffect.errors import DataError, KeyRejected, UsageError
from openaffect.metrics.agreement import bradley_terry
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Part, Picture, Reply
from openaffect.mllm.fake import Fake
from tests.emer_files import clip_in, emer_run, names, words, write_emer

N = 6


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    data = write_emer(tmp_path / "data", N)
    return [emer_run(data, tmp_path / name, model=name, says=f"{name} says happy") for name in ("good", "poor")]


def likes_good(sent: Sequence[Message]) -> str:
    """A judge that finds the better text wherever it stands."""
    first = words(sent).rsplit("\nA: ", 1)[1]
    return '{"reason": "", "better": "A"}' if first.startswith("good") else '{"reason": "", "better": "B"}'


def prefer(
    runs: Sequence[Path], out: Path, judge: Fake, *, limit: int | None = None, language: Language | None = None
) -> PreferenceReport:
    folders = [read_folder(path) for path in runs]
    task, source = preference_task(folders, language=language), preference_source(folders, out, limit=limit)
    found = run(task, source, {"judge": Caller(judge, retries=0, concurrency=1)}, out).scores
    assert isinstance(found, PreferenceReport)
    return found


def test_two_runs_are_ranked_and_the_folder_says_by_whom_and_of_what(runs: list[Path], tmp_path: Path) -> None:
    judge = Fake(likes_good, model="judge-1")
    found = prefer(runs, tmp_path / "out", judge)
    (part,) = found.parts
    assert (part.part, part.n_clips, part.n_compared) == ("emer-v1", N, N)
    assert part.unexplained == {"good": 0, "poor": 0} and list(found.runs) == ["good", "poor"]
    assert part.scores.ranking == ("good", "poor") and part.scores.consistent.value == 1.0
    truth = bradley_terry([("good", "poor")] * N, prior=0.5).strengths
    assert part.scores.strengths["good"].value == pytest.approx(truth["good"])
    assert judge.sent == 2 * N
    card = json.loads((tmp_path / "out" / "card.json").read_text())
    assert card["models"] == {"judge": {"model": "judge-1", "revision": ""}}
    prompts = card["stages"]["preference"]["prompts"]
    assert set(prompts) == {"emer.preference.en", "explanations of good", "explanations of poor"}
    assert all(len(each) == 64 for each in prompts.values())
    steps = HeldSteps(tmp_path / "out" / "preference.jsonl")
    assert steps["emer-v1/00000000 | good | poor"].value == "first" and len(steps) == 2 * N
    assert json.loads((tmp_path / "out" / "scores.json").read_text()) == found.model_dump(mode="json")


def test_stopped_in_the_middle_it_goes_on_and_asks_nothing_twice(runs: list[Path], tmp_path: Path) -> None:
    out, asked = tmp_path / "out", Counter[str]()

    def noted(sent: Sequence[Message]) -> str:
        asked[words(sent)] += 1
        return likes_good(sent)

    # Two answers, a passing fault, two answers, and then the key is refused: the run ends.
    faults = [None, None, "server_error", None, None, "wrong_key"]
    with pytest.raises(KeyRejected):
        prefer(runs, out, Fake(noted, faults=faults))
    assert Counter(step.outcome for step in HeldSteps(out / "preference.jsonl").values()) == {
        "answered": 4,
        "failed": 1,
    }
    with (out / "preference.jsonl").open("ab") as file:  # as a kill in the middle of a line leaves it
        file.write(b'{"id":"emer-v1/0000')
    found = prefer(runs, out, Fake(noted))
    assert found == prefer(runs, tmp_path / "undisturbed", Fake(likes_good))
    assert len(asked) == 2 * N and set(asked.values()) == {1}
    prefer(runs, out, Fake(noted))
    assert sum(asked.values()) == 2 * N


def test_a_failed_order_leaves_its_pair_out_and_it_is_counted(runs: list[Path], tmp_path: Path) -> None:
    replies = ["A", "B", Reply("", refusal="no"), "B", *["neither"] * (2 * N - 4)]
    (part,) = prefer(runs, tmp_path / "out", Fake(replies)).parts  # type: ignore[arg-type]
    assert (part.scores.n_pairs, part.scores.n_failed, part.scores.n_ties) == (N - 1, 1, N - 2)
    assert HeldSteps(tmp_path / "out" / "preference.jsonl")["emer-v1/00000001 | good | poor"].outcome == "refused"


def test_clips_that_one_model_did_not_explain_are_counted_against_nobody(runs: list[Path], tmp_path: Path) -> None:
    def says(sent: Sequence[Message]) -> str | Reply:
        return Reply("", refusal="no") if clip_in(sent, N) == names(N)[0] else "shy says sad"

    shy = emer_run(tmp_path / "data", tmp_path / "shy", model="shy", says=says)
    (part,) = prefer([runs[0], shy], tmp_path / "out", Fake(likes_good)).parts
    assert (part.n_clips, part.n_compared, part.unexplained) == (N, N - 1, {"good": 0, "shy": 1})
    (three,) = prefer([*runs, shy], tmp_path / "three", Fake(likes_good)).parts
    assert (three.n_compared, three.scores.n_pairs) == (N, 1 + 3 * (N - 1))
    assert three.scores.ranking[0] == "good" and set(three.scores.ranking) == {"good", "poor", "shy"}


def test_a_limit_is_of_clips_and_may_grow(runs: list[Path], tmp_path: Path) -> None:
    (part,) = prefer(runs, tmp_path / "out", Fake(likes_good), limit=2).parts
    assert (part.n_clips, part.scores.n_pairs) == (2, 2)
    judge = Fake(likes_good)
    (part,) = prefer(runs, tmp_path / "out", judge).parts
    assert (part.scores.n_pairs, judge.sent) == (N, 2 * (N - 2))


def test_the_judge_sees_the_clip_the_words_and_the_language_that_is_asked_for(
    runs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Sequence[Message]] = []

    def judge(sent: Sequence[Message]) -> str:
        seen.append(sent)
        return "A"

    def parts(item: object, source: object) -> list[Part]:
        return [Picture(b"frame")]

    monkeypatch.setattr("openaffect.bench.clips.parts", parts)
    prefer(runs, tmp_path / "out", Fake(judge), limit=1, language="zh")
    assert all(isinstance(sent[0].parts[0], Picture) for sent in seen)
    assert all("At last, 00000000!" in words(sent) and "解释" in words(sent) for sent in seen)
    assert "good says happy" in words(seen[0])


def test_without_evidence_nothing_is_asked(tmp_path: Path) -> None:
    data = write_emer(tmp_path / "data", 2)
    made = [emer_run(data, tmp_path / name, model=name) for name in ("a", "b")]
    path = data / "gt-eng.csv"
    path.write_text(path.read_text().replace("At last, 00000001!", ""))
    judge = Fake("A")
    (part,) = prefer(made, tmp_path / "out", judge).parts
    assert (judge.sent, part.scores.n_pairs, part.scores.n_failed) == (2, 1, 1)
    steps = HeldSteps(tmp_path / "out" / "preference.jsonl")
    assert steps["emer-v1/00000001 | a | b"].cause == "there is no evidence to judge by"


def test_two_runs_of_one_model_are_told_apart_by_their_folders(runs: list[Path], tmp_path: Path) -> None:
    again = emer_run(tmp_path / "data", tmp_path / "again", model="good", says="good says happy, again")
    found = prefer([runs[0], again], tmp_path / "out", Fake("neither"))
    assert list(found.runs) == [f"good ({runs[0]})", f"good ({again})"]


def test_texts_that_have_changed_are_another_comparison(runs: list[Path], tmp_path: Path) -> None:
    prefer(runs, tmp_path / "out", Fake(likes_good))
    path = runs[0] / "explain.jsonl"
    path.write_text(path.read_text().replace("good says happy", "good says glad"))
    with pytest.raises(UsageError, match="other stages"):
        prefer(runs, tmp_path / "out", Fake(likes_good))


def test_what_cannot_be_compared(runs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two runs or more, 1 came"):
        prefer(runs[:1], tmp_path / "out", Fake("A"))
    with pytest.raises(UsageError, match="named twice"):
        prefer([runs[0], runs[0]], tmp_path / "out", Fake("A"))
    card = json.loads((runs[1] / "card.json").read_text())
    for task, why in (("mme-emotion", "explains nothing"), ("emer-zh", "are of emer and emer-zh")):
        (runs[1] / "card.json").write_text(json.dumps(card | {"task": task}))
        with pytest.raises(UsageError, match=why):
            prefer(runs, tmp_path / "out", Fake("A"))
    (runs[1] / "card.json").write_text(json.dumps(card))
    (runs[1] / "explain.jsonl").write_text("")
    with pytest.raises(DataError, match="holds no explanation"):
        prefer(runs, tmp_path / "out", Fake("A"))
