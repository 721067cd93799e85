"""Comparison of leaderboard rows: the published ones, and small ones by hand against scipy."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from openaffect.bench.compare import NOT_STATED, Estimate, RowComparison, compare, rounded
from openaffect.bench.published import Row, published_rows
from openaffect.bench.tasks.mme_emotion import clip_rows, score_entries
from openaffect.errors import DataError, NothingToScore, UsageError

MME = published_rows("mme-emotion")


def made(name: str, cot: float, **fields: Any) -> Row:
    return Row(name=name, benchmark="mine", scores={"cot": cot}, **fields)


def value(estimate: Estimate) -> float:
    assert estimate.value is not None
    return estimate.value


def means(found: RowComparison) -> dict[str, dict[str, float]]:
    return {group.name: {key: value(each) for key, each in group.scores.items()} for group in found.groups}


# ---------------------------------------------------------------- the published rows


def test_what_the_authors_state() -> None:
    found = compare(MME)
    assert found.best["recognition"].value == 39.3 and found.best["cot"].value == 56.0
    assert found.best["recognition"].names == found.best["cot"].names == ("Gemini-2.5-Pro",)
    shown = {key: rounded(each.value) for key, each in found.means.items()}
    assert shown == {"recognition": "29.42", "reasoning": "49.49", "cot": "39.45"}
    assert all(each.n == found.n == 20 for each in found.means.values())


@pytest.mark.parametrize(
    ("by", "sizes"),
    [
        ("kind", {"generalist": 16, "specialist": 4}),
        ("inputs", {"AT": 2, "AVT": 7, "VT": 11}),
        ("size", {"0.5B": 1, "7B": 11, "72B": 3, NOT_STATED: 5}),
        ("source", {NOT_STATED: 20}),
        ("scenario", {NOT_STATED: 20}),
    ],
)
def test_group_means_are_plain_means(by: Any, sizes: dict[str, int]) -> None:
    found = compare(MME, by)
    assert {group.name: group.n for group in found.groups} == sizes
    assert [group.name for group in found.groups] == list(sizes)  # the order too
    for group in found.groups:
        members = [each for each in MME if (getattr(each, by) or NOT_STATED) == group.name]
        assert group.members == tuple(each.name for each in members)
        for key, estimate in group.scores.items():
            scores = [each.scores[key] for each in members]
            assert estimate.value == pytest.approx(np.mean(scores)) and estimate.n == len(scores)
            if len(scores) == 1:
                assert estimate.low is estimate.high is None
            else:
                assert estimate.low is not None and estimate.high is not None
                assert min(scores) <= estimate.low <= estimate.value <= estimate.high <= max(scores)


def test_the_means_of_the_groups_make_the_mean_of_all() -> None:
    found = compare(MME, "inputs")
    for key in found.means:
        weighted = sum(group.n * value(group.scores[key]) for group in found.groups) / found.n
        assert weighted == pytest.approx(value(found.means[key]))


def test_steps_and_chain_of_thought() -> None:
    relations = compare(MME).relations
    assert [(each.method, each.estimate.n) for each in relations] == [
        ("spearman", 20),
        ("pearson", 20),
        ("spearman", 18),
        ("pearson", 18),
    ]
    assert [each.left_out for each in relations] == [(), (), *[("Emotion-LLaMA", "HumanOmni")] * 2]
    for rows, pair in ((MME, relations[:2]), ([each for each in MME if (each.steps or 0) > 1], relations[2:])):
        steps, cot = [each.steps for each in rows], [each.scores["cot"] for each in rows]
        wanted = scipy.stats.spearmanr(steps, cot).statistic, scipy.stats.pearsonr(steps, cot).statistic
        assert [each.estimate.value for each in pair] == pytest.approx(wanted)
        for each in pair:
            low, high = each.estimate.low, each.estimate.high
            assert low is not None and high is not None and -1 <= low <= value(each.estimate) <= high <= 1
    # part of the relation is built in: it is weaker among models that reason at all
    assert value(relations[2].estimate) < value(relations[0].estimate)


def test_one_task() -> None:
    found = compare(MME, "inputs", task="SA")
    assert found.task == "SA" and set(found.means) == {"recognition", "reasoning", "cot"}
    assert found.means["recognition"].value == pytest.approx(np.mean([each.tasks["SA"]["recognition"] for each in MME]))
    steps, cot = ([each.tasks["SA"][key] for each in MME] for key in ("steps", "cot"))
    assert found.relations[0].estimate.value == pytest.approx(scipy.stats.spearmanr(steps, cot).statistic)
    with pytest.raises(DataError, match="no row has scores of the task 'SB'"):
        compare(MME, task="SB")


def test_tables_without_steps_have_no_relation() -> None:
    found = compare(published_rows("mer-unibench"), "inputs")
    assert found.relations == ()
    assert found.best["mean"].value == 74.77
    assert {group.name: group.n for group in found.groups} == {"AT": 6, "AVT": 3, "VT": 10}
    none = compare(published_rows("emer-fine"))
    assert {group.name: group.n for group in none.groups} == {"generalist": 2, "specialist": 3, NOT_STATED: 1}


# ---------------------------------------------------------------- rows of one's own


def test_intervals_are_those_of_the_mean_and_repeat() -> None:
    rows = [made(str(n), cot) for n, cot in enumerate([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])]
    found = compare(rows, resamples=4000)
    drawn = np.random.default_rng(7).choice([10, 20, 30, 40, 50, 60], (20_000, 6)).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert found.means["cot"].low == pytest.approx(low, abs=2) and found.means["cot"].high == pytest.approx(high, abs=2)
    assert compare(rows, resamples=4000) == found
    narrow = compare(rows, resamples=4000, level=0.5).means["cot"]
    assert narrow.low is not None and narrow.high is not None and found.means["cot"].low is not None
    assert found.means["cot"].low < narrow.low < narrow.high


def test_scores_that_some_rows_lack() -> None:
    rows = [made("a", 10.0), Row(name="b", benchmark="mine", scores={"cot": 30.0, "extra": 1.0})]
    found = compare(rows)
    assert (found.means["cot"].value, found.means["cot"].n) == (20, 2)
    assert (found.means["extra"].value, found.means["extra"].n, found.means["extra"].low) == (1, 1, None)


def test_ties_share_the_best_place() -> None:
    assert compare([made("a", 5.0), made("b", 5.0), made("c", 1.0)]).best["cot"].names == ("a", "b")


def test_sizes_stand_in_their_order_and_not_in_that_of_their_letters() -> None:
    rows = [made(size, 1.0, size=size) for size in ("72B", "7B", "unknown", "0.5B", "")]
    assert [group.name for group in compare(rows, "size").groups] == ["0.5B", "7B", "72B", "unknown", NOT_STATED]


def test_relations_need_three_rows_and_something_that_varies() -> None:
    assert compare([made(str(n), float(n), steps=2.0 + n) for n in range(2)]).relations == ()
    flat = compare([made(str(n), float(n), steps=2.0) for n in range(4)]).relations
    assert [(each.estimate.value, each.estimate.low) for each in flat] == [(None, None)] * 4
    perfect = compare([made(str(n), float(n) ** 3, steps=2.0 + n) for n in range(4)]).relations
    assert value(perfect[0].estimate) == pytest.approx(1) and value(perfect[1].estimate) < 1
    some = compare([made("a", 1.0), *(made(str(n), float(n), steps=2.0 + n) for n in range(3))]).relations
    assert some[0].estimate.n == 3  # one row has no steps


def test_what_single_step_means_can_be_told() -> None:
    rows = [made(str(n), float(n), steps=1.0 + n / 10) for n in range(6)]
    assert compare(rows, single_step=1.25).relations[2].left_out == ("0", "1", "2")
    assert compare(rows, relate="reasoning").relations == ()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=12), st.randoms())
def test_ranks_are_those_of_scipy_and_order_does_not_matter(points: list[tuple[int, int]], draw: random.Random) -> None:
    rows = [made(str(n), float(cot), steps=2.0 + steps) for n, (steps, cot) in enumerate(points)]
    found = compare(rows, resamples=2)
    steps, cot = zip(*points, strict=True)
    if len(set(steps)) > 1 and len(set(cot)) > 1:
        assert found.relations[0].estimate.value == pytest.approx(scipy.stats.spearmanr(steps, cot).statistic)
        assert found.relations[1].estimate.value == pytest.approx(scipy.stats.pearsonr(steps, cot).statistic)
    else:
        assert [each.estimate.value for each in found.relations] == [None] * 4
    shuffled = compare(draw.sample(rows, len(rows)), resamples=2)
    assert means(shuffled).keys() == means(found).keys()
    assert value(shuffled.means["cot"]) == pytest.approx(value(found.means["cot"]))


def test_what_cannot_be_compared() -> None:
    with pytest.raises(NothingToScore, match="no rows"):
        compare([])
    with pytest.raises(UsageError, match="did you mean 'inputs'"):
        compare(MME, "input")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="several benchmarks cannot be compared: mine, mme-emotion"):
        compare([*MME, made("a", 1.0)])
    with pytest.raises(DataError, match="no row has scores"):
        compare([Row(name="a", benchmark="mine", scores={})])
    with pytest.raises(UsageError, match="level"):
        compare(MME, level=1.5)
    with pytest.raises(UsageError, match="n >= 1"):
        compare(MME, resamples=0)


@pytest.mark.parametrize(
    ("number", "digits", "shown"),
    [
        (29.415, 2, "29.42"),
        (39.45, 1, "39.5"),
        (0.5, 0, "1"),
        (-0.125, 2, "-0.13"),
        (49.49, 2, "49.49"),
        (7.0, 2, "7.00"),
    ],
)
def test_halves_are_rounded_up(number: float, digits: int, shown: str) -> None:
    assert rounded(number, digits) == shown


# ---------------------------------------------------------------- clips as rows


def clip(corpus: str, reply: Any, **more: str) -> dict[str, Any]:
    return {"video_id": f"{corpus}/video/{len(str(reply))}.mp4", "score": reply, "ground_truth": "neutral", **more}


RIGHT, WRONG = "<score>Step 1: 1/1, Step 2: 1/1</score>", "<score>Step 1: 1/1, Step 2: 0/1</score>"
ENTRIES = [clip("MELD", RIGHT), clip("MELD", WRONG), clip("CAER", RIGHT), clip("CAER", None), "no object"]


def test_clips_by_corpus() -> None:
    rows = clip_rows(ENTRIES, "ER-Wild", name="mine")
    found = means(compare(rows, "source"))
    assert {name: scores["recognition"] for name, scores in found.items()} == {"CAER": 50, "MELD": 50, NOT_STATED: 0}
    assert found["CAER"]["reasoning"] == 50 and found["MELD"]["reasoning"] == 100
    official = clip_rows(ENTRIES[:4], "ER-Wild", name="mine", mode="official")
    assert means(compare(official, "source"))["CAER"]["recognition"] == 100
    assert {each.name for each in rows} == {"mine"}


def test_clips_by_scenario() -> None:
    entries = [clip("MELD", RIGHT), clip("CAER", WRONG), clip("CAER", RIGHT, scenario="movie")]
    rows = clip_rows(entries, "ER-Wild", name="mine", scenarios={"MELD": "TV series"})
    assert [each.scenario for each in rows] == ["TV series", "", "movie"]
    assert list(means(compare(rows, "scenario"))) == ["TV series", "movie", NOT_STATED]


@pytest.mark.parametrize("mode", ["official", "strict"])
@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_the_mean_of_the_clips_is_the_score_of_the_task(mode: Any, alpha: float) -> None:
    score = score_entries(ENTRIES[:4], "ER-Wild", alpha, mode)
    found = compare(clip_rows(ENTRIES[:4], "ER-Wild", name="mine", alpha=alpha, mode=mode)).means
    wanted = {"recognition": score.recognition, "reasoning": score.reasoning, "cot": score.cot}
    assert {key: value(each) for key, each in found.items()} == pytest.approx(wanted)
    assert found["cot"].n == score.count
