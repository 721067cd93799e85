"""Run folders and human ratings compared: which ratings meet, which are left out and why, what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from tests.emer_files import emer_run, names, write_emer

from openaffect.bench.agreement import Agreement, LeftOut, MeasureAgreement, PairAgreement, agree
from openaffect.bench.agreement.measure import shared_places
from openaffect.bench.prefer import preference_source, preference_task
from openaffect.bench.river import run
from openaffect.bench.task import Item, Stage, Step, Task, read_text
from openaffect.bench.view.folder import read_folder
from openaffect.errors import DataError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.fake import Fake
from openaffect.records import Record
from openaffect.store import RecordFile, write_card

N = 8
Steps = Mapping[str, Mapping[str, Step]]


def written(folder: Path, task: str, judge: str, steps: Steps, **stages: Any) -> Path:
    for stage, by_id in steps.items():
        with RecordFile(folder / f"{stage}.jsonl") as file:
            for step in by_id.values():
                file.append(asdict(step))
    asked = {stage: {"options": {"seed": 0}, "prompts": {stage: "0" * 64}} for stage in steps}
    models = {"model": {"model": "mine", "revision": ""}, "judge": {"model": judge, "revision": ""}}
    write_card(folder / "card.json", {"task": task, "models": models, "stages": {**asked, **stages}})
    return folder


def mme(
    folder: Path, judge: str, ratings: Mapping[str, list[float] | str], texts: Mapping[str, list[str]] = {}
) -> Path:
    """A run of MME-Emotion: id → ratings, or the outcome of the judge's stage."""
    steps: dict[str, dict[str, Step]] = {"answer": {}, "steps": {}, "judge": {}, "judge-again": {}}
    for name, each in ratings.items():
        said = texts.get(name) or [f"sign {n}" for n in range(1, 3)]
        steps["answer"][name] = Step(name, "x", "x")
        steps["steps"][name] = Step(name, "", said)
        failed = isinstance(each, str)
        steps["judge"][name] = Step(name, "", None, each, "x") if failed else Step(name, "", each)  # type: ignore[arg-type]
    return written(folder, "mme-emotion", judge, steps)


def measure(found: Agreement, name: str) -> MeasureAgreement:
    return next(each for each in found.measures if each.measure == name)


def left_out(pair: PairAgreement) -> dict[tuple[str, str], int]:
    return {(each.cause, each.rater): each.n for each in pair.left_out}


def estimates(found: MeasureAgreement) -> tuple[float | None, ...]:
    (pair,) = found.pairs
    return pair.equal.value, None if pair.kappa is None else pair.kappa.value, pair.bias.value


def test_two_judges_of_mme_emotion(tmp_path: Path) -> None:
    one = {"SA/a": [1, 1], "SA/b": [1, 0], "IR/a": [0, 1], "IR/c": [0, 0], "IR/d": [1, 1]}
    two = {"SA/a": [1, 1], "SA/b": [0, 0], "IR/a": [0, 1], "IR/c": [0, 1], "IR/d": [1, 1]}
    found = agree([mme(tmp_path / "a", "J1", one), mme(tmp_path / "b", "J2", two)], resamples=100)  # type: ignore[arg-type]
    assert [(rater.name, rater.kind) for rater in found.raters] == [("J1", "judge"), ("J2", "judge")]
    recognition = measure(found, "recognition")
    kappa = cohen_kappa_score([1, 0, 1, 0, 1], [1, 0, 1, 1, 1])
    assert recognition.scale == "binary" and recognition.together is None
    assert estimates(recognition) == pytest.approx((0.8, kappa, -0.2))
    assert recognition.pairs[0].means == pytest.approx((0.6, 0.8))
    # a stands in two tasks and is one clip.
    assert (recognition.pairs[0].n, recognition.pairs[0].equal.n) == (5, 4)
    assert estimates(measure(found, "reasoning"))[0] == 0.8
    assert (measure(found, "step").pairs[0].n, estimates(measure(found, "step"))[0]) == (10, 0.8)
    assert not found.notes


def test_fractions_have_no_kappa_and_single_steps_no_reasoning(tmp_path: Path) -> None:
    texts = {"ML-ER/c": ["happy"]}
    one = {"ML-ER/a": [1, 0.5], "ML-ER/b": [0, 1], "ML-ER/c": [1]}
    two = {"ML-ER/a": [1, 1.0], "ML-ER/b": [1, 1], "ML-ER/c": [0]}
    runs = [mme(tmp_path / name, name, each, texts) for name, each in (("a", one), ("b", two))]  # type: ignore[arg-type]
    found = agree(runs, resamples=50)
    assert measure(found, "recognition").scale == "interval"
    assert estimates(measure(found, "recognition")) == pytest.approx((1 / 3, None, (0.5 + 1 + 1) / 3 - 2 / 3))
    reasoning = measure(found, "reasoning").pairs[0]
    assert (reasoning.n, left_out(reasoning)) == (2, {("no step before the last", "a"): 1})


def test_what_is_left_out_is_counted_by_cause(tmp_path: Path) -> None:
    one = {"SA/a": [1, 1], "SA/b": "failed", "SA/c": [1, 1], "SA/d": "unreadable", "SA/e": [0, 1], "SA/f": "skipped"}
    two = {"SA/a": [1, 1], "SA/b": [1, 1], "SA/c": [1, 1], "SA/d": "unasked", "SA/g": [1, 0], "SA/f": "skipped"}
    first = mme(tmp_path / "a", "J1", one)  # type: ignore[arg-type]
    second = mme(tmp_path / "b", "J2", two, {"SA/c": ["another sign", "sign 2"]})  # type: ignore[arg-type]
    found = agree([first, second], resamples=50)
    assert left_out(measure(found, "recognition").pairs[0]) == {
        ("failed", "J1"): 1,
        ("other text", "J2"): 1,
        ("unreadable", "J1"): 1,
        ("absent", "J2"): 1,
        ("skipped", "J1"): 1,
        ("absent", "J1"): 1,
    }
    # The steps of an item that the other judge rated are left out one by one.
    step = measure(found, "step").pairs[0]
    why = left_out(step)
    assert (step.n, why["failed", "J1"], why["other text", "J2"]) == (2, 2, 2)
    assert any("1 items that J2 rated have another text" in note for note in found.notes)


def test_causes_and_raters_stay_apart_whatever_they_are_called(tmp_path: Path) -> None:
    one = {"SA/a": [1, 1], "SA/b": "failed"}
    two = {"SA/a": [1, 1], "SA/b": [1, 1]}
    found = agree([mme(tmp_path / "a", "J (1)", one), mme(tmp_path / "b", "J2", two)], resamples=9)  # type: ignore[arg-type]
    assert left_out(measure(found, "recognition").pairs[0]) == {("failed", "J (1)"): 1}
    _, lost = shared_places({"J (1)": {("a", 0): "failed (twice) (J2)"}, "J2": {("a", 0): 1.0}})
    assert lost == (LeftOut(cause="failed (twice) (J2)", rater="J (1)", n=1),)


@pytest.mark.parametrize("huge", [10**400, -(10**400), 1e200], ids=["long", "negative", "float"])
def test_numbers_that_are_too_large_are_none(huge: float, tmp_path: Path) -> None:
    one = {"SA/a": [1, 1], "SA/b": [1, huge], "SA/c": [0, 1]}
    two = {"SA/a": [1, 1], "SA/b": [1, 1], "SA/c": [1, 1]}
    found = agree([mme(tmp_path / "a", "J1", one), mme(tmp_path / "b", "J2", two)], resamples=9)  # type: ignore[arg-type]
    (pair,) = measure(found, "recognition").pairs
    assert (pair.n, left_out(pair)) == (2, {("no number", "J1"): 1})


def test_large_numbers_have_figures(tmp_path: Path) -> None:
    runs = [
        mme(tmp_path / name, name, {f"SA/{at}": [at % 2, sign * 1e150] for at in range(4)})
        for name, sign in zip("abc", (1, 1, -1), strict=True)
    ]
    found = measure(agree(runs, resamples=9), "recognition")
    assert found.pairs[0].bias.value == 0 and found.together is not None and found.together.alpha.value is not None


def test_a_reply_that_was_asked_for_again_counts(tmp_path: Path) -> None:
    first = mme(tmp_path / "a", "J1", {"SA/a": "unreadable", "SA/b": [0, 0]})
    with RecordFile(first / "judge-again.jsonl") as file:
        file.append(asdict(Step("SA/a", "", [1, 1])))
        file.append(asdict(Step("SA/b", "", None, "skipped", "the first reply stands")))
    second = mme(tmp_path / "b", "J2", {"SA/a": [1, 1], "SA/b": [0, 0]})
    found = agree([first, second], resamples=20)
    assert measure(found, "recognition").pairs[0].n == 2 and estimates(measure(found, "recognition"))[0] == 1.0


def test_three_judges_have_pairs_and_figures_together(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    runs = []
    for name in "abc":
        ratings = {f"SA/{at}": [float(x) for x in draw.integers(0, 2, 2)] for at in range(30)}
        runs.append(mme(tmp_path / name, name, ratings))  # type: ignore[arg-type]
    found = measure(agree(runs, resamples=50), "recognition")
    assert [(pair.first, pair.second) for pair in found.pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found.together is not None and found.together.n == found.together.n_complete == 30
    assert found.together.alpha.value is not None and abs(found.together.alpha.value) < 0.4


def marks(support: list[int], grounded: int = 1) -> dict[str, tuple[int, int] | None]:
    return {name: (each, grounded) for name, each in zip(names(N), support, strict=True)}


def test_judges_of_emer_from_real_runs(tmp_path: Path) -> None:
    data = write_emer(tmp_path / "data", N)
    one, two = [5, 4, 4, 3, 2, 1, 5, 5], [5, 3, 4, 4, 2, 1, 5, 5]
    runs = [
        emer_run(data, tmp_path / name, judge=name, marks=marks(each), n=N) for name, each in (("J1", one), ("J2", two))
    ]
    found = agree(runs, resamples=100)
    assert [each.measure for each in found.measures] == [
        f"plausibility.{name}" for name in ("support", "grounded", "alternative", "passing")
    ]
    support = measure(found, "plausibility.support")
    kappa = cohen_kappa_score(one, two, weights="quadratic", labels=[1, 2, 3, 4, 5])
    assert support.scale == "ordinal" and estimates(support) == pytest.approx((0.75, kappa, 0.0))
    passing = measure(found, "plausibility.passing")
    kappa = cohen_kappa_score([each >= 4 for each in one], [each >= 4 for each in two])
    assert estimates(passing) == pytest.approx((0.75, kappa, 0.0))
    # Nobody doubts the grounds: nothing varies, and there is no kappa.
    assert estimates(measure(found, "plausibility.grounded")) == (1.0, None, 0.0)
    assert agree(runs, measures=["plausibility.passing"], resamples=100).measures == (passing,)
    assert agree(runs, parts=["emer-v1"], resamples=100).measures == found.measures


def test_explanations_that_differ_are_not_compared(tmp_path: Path) -> None:
    data = write_emer(tmp_path / "data", N)
    runs = [
        emer_run(data, tmp_path / name, judge=name, says=f"{name} says happy", marks=marks([5] * N), n=N)
        for name in ("J1", "J2")
    ]
    found = agree(runs, resamples=20)
    assert measure(found, "plausibility.support").pairs[0].left_out == (LeftOut(cause="other text", rater="J2", n=N),)
    assert measure(found, "plausibility.support").pairs[0].equal.value is None
    assert any("8 items that J2 rated" in note for note in found.notes)


def test_a_judge_beside_itself(tmp_path: Path) -> None:
    data = write_emer(tmp_path / "data", N)
    runs = [emer_run(data, tmp_path / name, judge="J", marks=marks([5, 4] * 4), n=N) for name in ("a", "b")]
    found = agree(runs, resamples=20)
    assert [rater.name for rater in found.raters] == [f"J ({path})" for path in runs]
    assert found.notes == ("J judged 2 of the runs: between these, agreement is its consistency with itself.",)
    assert estimates(measure(found, "plausibility.support")) == (1.0, 1.0, 0.0)


class Nothing(Record):
    """No score."""


def test_a_task_of_ones_own(tmp_path: Path) -> None:
    def read(item: Item, earlier: object, call: Any) -> Step:
        return Step(item.id, "", json.loads(call.reply.text))

    ask = Stage(
        "say", "model", lambda item, earlier: "nothing is asked", lambda item, earlier, call: read_text(item, call)
    )
    stages = (ask, *(Stage(name, "judge", lambda item, earlier: "no", read) for name in ("rate", "mark", "list")))
    mine = Task("mine", "Mine", "", lambda source: [], lambda source: stages, lambda *_: Nothing())
    runs = []
    for judge, rate, mark, listed in (("J1", 0.5, True, [1, 2]), ("J2", 1.5, False, [1, 3])):
        steps = {
            "say": {"x": Step("x", "hello", "hello")},
            "rate": {"x": Step("x", "", rate)},
            "mark": {"x": Step("x", "", {"good": mark, "why": "so"})},
            "list": {"x": Step("x", "", listed)},
        }
        runs.append(written(tmp_path / judge, "mine", judge, steps))
    found = agree(runs, task=mine, resamples=20)
    assert {each.measure: (each.scale, each.pairs[0].n) for each in found.measures} == {
        "rate": ("interval", 1),
        "mark.good": ("binary", 1),
        "list.mean": ("interval", 1),
        "list.step": ("ordinal", 2),
    }
    assert measure(found, "rate").pairs[0].bias.value == -1.0
    with pytest.raises(UsageError, match="not one of openaffect's own"):
        agree(runs)


# ---------------------------------------------------------------- people


def test_people_stand_beside_judges(tmp_path: Path) -> None:
    data = write_emer(tmp_path / "data", N)
    judge = emer_run(data, tmp_path / "run", judge="J", marks=marks([5, 4, 3, 2, 1, 5, 4, 3]), n=N)
    rows = ["id,rater,measure,rating"]
    for at, (ann, bo) in enumerate([(5, 5), (5, 4), (3, 2), (1, 1)]):
        rows += [f"emer-v1/{names(N)[at]},{who},plausibility.support,{each}" for who, each in (("Ann", ann), ("J", bo))]
    (tmp_path / "human.csv").write_text("\n".join(rows) + "\nemer-v1/nowhere,Ann,plausibility.support,3\n")
    found = agree([judge], human=tmp_path / "human.csv", measures=["plausibility.support"], resamples=50)
    assert [(rater.name, rater.kind) for rater in found.raters] == [
        ("J", "judge"),
        ("Ann", "human"),
        ("J (human)", "human"),
    ]
    support = measure(found, "plausibility.support")
    pairs = {(pair.first, pair.second): pair for pair in support.pairs}
    kappa = cohen_kappa_score([5, 4, 3, 2], [5, 5, 3, 1], weights="quadratic", labels=[1, 2, 3, 4, 5])
    assert pairs["J", "Ann"].kappa is not None and pairs["J", "Ann"].kappa.value == pytest.approx(kappa)
    assert left_out(pairs["J", "Ann"]) == {("absent", "Ann"): 4, ("absent", "J"): 1}
    assert pairs["Ann", "J (human)"].n == 4 and pairs["Ann", "J (human)"].equal.value == 0.5
    assert support.together is not None and (support.together.n, support.together.n_complete) == (4, 4)
    assert found.notes == ("1 items that people rated are not in the runs, such as 'emer-v1/nowhere'.",)


def test_people_rate_steps_and_say_yes_and_no(tmp_path: Path) -> None:
    judge = mme(tmp_path / "a", "J", {"SA/a": [1, 0], "SA/b": [1, 1]})
    lines = [
        {"id": "SA/a", "measure": "step", "step": 1, "rating": True},
        {"id": "SA/a", "measure": "step", "step": 2, "rating": True},
        {"id": "SA/b", "measure": "recognition", "rating": "yes"},
    ]
    (tmp_path / "human.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = agree([judge], human=tmp_path / "human.jsonl", resamples=20)
    (step,) = measure(found, "step").pairs
    assert (step.second, step.n, step.equal.value) == ("human", 2, 0.5)
    assert left_out(step) == {("absent", "human"): 2}
    (recognition,) = measure(found, "recognition").pairs
    assert (recognition.n, recognition.equal.value) == (1, 1.0)
    assert measure(found, "reasoning").pairs == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id,rating\nSA/a,1\n", "line 2: it names no measure and there are several"),
        ("id,rating,measure\nSA/a,1,recogniton\n", "did you mean 'recognition'"),
        ("id,rating,measure\nSA/a,good,recognition\n", "'rating' must be a finite number"),
        ("id,rating,measure\nSA/a,nan,recognition\n", "'rating' must be a finite number"),
        ("id,rating,measure\nSA/a,1e200,recognition\n", "too large to compare"),
        ("id,rating,measure\n,1,recognition\n", "there is no id"),
        ("id,rating,measure\nSA/a,1,recognition\nSA/a,0,recognition\n", "rated 'SA/a' in line 2 already"),
        ("id,rating,measure\nSA/a,1,step\n", "rates steps; say which one"),
        ("id,rating,measure,step\nSA/a,1,step,0\n", "whole number from 1 on"),
        ("id,rating,measure,step\nSA/a,1,step,1.5\n", "whole number from 1 on"),
        ("id,rating,measure,step\nSA/a,1,recognition,1\n", "leave 'step' empty"),
        ("name,rating\nSA/a,1\n", "lacks the column 'id'"),
        ("", "is empty"),
    ],
)
def test_files_of_people_that_cannot_be_used(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "human.csv").write_text(text)
    with pytest.raises(DataError, match=why):
        agree([mme(tmp_path / "a", "J", {"SA/a": [1, 0]})], human=tmp_path / "human.csv")


def test_a_file_without_measures_is_of_the_one_that_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "human.csv").write_text("id,rating\nSA/a,1\n")
    found = agree(
        [mme(tmp_path / "a", "J", {"SA/a": [1, 0]})],
        human=tmp_path / "human.csv",
        measures=["recognition"],
        resamples=9,
    )
    assert measure(found, "recognition").pairs[0].bias.value == -1.0


# ---------------------------------------------------------------- preference


@pytest.fixture
def explained(tmp_path: Path) -> list[Path]:
    data = write_emer(tmp_path / "data", N)
    return [emer_run(data, tmp_path / name, model=name, says=f"{name} says happy") for name in ("m", "n")]


def preferred(explained: list[Path], out: Path, judge: str, says: Any) -> Path:
    folders = [read_folder(path) for path in explained]
    caller = Caller(Fake(says, model=judge), concurrency=1)
    run(preference_task(folders), preference_source(folders, out), {"judge": caller}, out)
    return out


def test_a_preference_run_alone_gives_its_swap_consistency(explained: list[Path], tmp_path: Path) -> None:
    # Six clips with one verdict in both orders, two in which the first place wins twice.
    found = agree([preferred(explained, tmp_path / "p", "J", ["A", "B"] * 6 + ["A", "A"] * 2)], resamples=50)
    (swap,) = found.swaps
    assert (swap.run, swap.part, swap.n_pairs, swap.n_inconsistent, swap.n_failed) == ("J", "emer-v1", 8, 2, 0)
    assert (swap.consistent.value, swap.first_place.value) == (0.75, 10 / 16)
    assert swap.consistent.low is not None and swap.consistent.low < 0.75 and found.measures == ()


def test_two_preference_judges_are_compared_by_question(explained: list[Path], tmp_path: Path) -> None:
    one = preferred(explained, tmp_path / "p", "J1", ["A", "B"] * 8)
    two = preferred(explained, tmp_path / "q", "J2", ["A", "B"] * 6 + ["B", "A"] + ["neither"] * 2)
    found = agree([one, two], resamples=50)
    (each,) = found.measures
    kappa = cohen_kappa_score([1, -1] * 8, [1, -1] * 6 + [-1, 1, 0, 0], weights="quadratic", labels=[-1, 0, 1])
    assert (each.measure, each.pairs[0].n, each.pairs[0].equal.n) == ("preference", 16, 8)
    assert estimates(each) == pytest.approx((12 / 16, kappa, 0.0))
    assert [swap.run for swap in found.swaps] == ["J1", "J2"]


def test_preferences_for_other_texts_are_not_compared(explained: list[Path], tmp_path: Path) -> None:
    one = preferred(explained, tmp_path / "p", "J1", "A")
    other = emer_run(tmp_path / "data", tmp_path / "other", model="n", says="n says sad")
    two = preferred([explained[0], other], tmp_path / "q", "J2", "A")
    with pytest.raises(UsageError, match="compare other explanations"):
        agree([one, two])
    (one / "scores.json").write_text("{}")
    with pytest.raises(DataError, match="has no scores of a preference run"):
        agree([one])


# ---------------------------------------------------------------- what is refused


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    one = mme(tmp_path / "a", "J", {"SA/a": [1, 0]})
    with pytest.raises(UsageError, match="is one run; name another"):
        agree([one])
    with pytest.raises(UsageError, match="name the folders"):
        agree([])
    with pytest.raises(UsageError, match="named twice"):
        agree([one, tmp_path / "b" / ".." / "a"] if (tmp_path / "b").mkdir() is None else [])
    with pytest.raises(UsageError, match="judges are compared on one task"):
        agree([one, written(tmp_path / "c", "emer", "J", {})])
    with pytest.raises(UsageError, match="did you mean 'recognition'"):
        agree([one, mme(tmp_path / "d", "K", {"SA/a": [1, 1]})], measures=["recognitio"])
    with pytest.raises(UsageError, match="no judge rated anything"):
        agree([one, mme(tmp_path / "e", "K", {"SA/a": [1, 1]})], parts=["IR"])
    with pytest.raises(UsageError, match="no judge rated anything"):
        agree([mme(tmp_path / name, name, {"SA/a": "failed"}) for name in ("f", "g")])
    with pytest.raises(DataError, match="holds no run"):
        agree([one, tmp_path])


def test_other_prompts_are_said(tmp_path: Path) -> None:
    one, two = (mme(tmp_path / name, name, {"SA/a": [1, 0]}) for name in "ab")
    card = json.loads((two / "card.json").read_text())
    card["stages"]["judge"]["prompts"] = {"judge": "f" * 64}
    (two / "card.json").write_text(json.dumps(card))
    assert agree([one, two], resamples=9).notes == (
        "The stage judge was asked with other prompts or options in some of the runs.",
    )
