"""Our official reading against the scripts derived again: random files, every task, every error."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.references import mme_emotion as reference

from openaffect.bench.tasks.mme_emotion import overall, parse_ratings, printed_fields, score_entries
from openaffect.errors import OpenAffectError

TASKS = [*reference.ALL_TASKS, "Overall"]
ERRORS = (KeyError, TypeError, ValueError, OverflowError)

PIECES = st.sampled_from(
    [
        *("<score>", "</score>", "<score>", "</score>", "<SCORE>", "<scor", "score>", "\n", "\r", "\u2028", "\\n"),
        *(":", ": ", ":  ", ":\t", "：", "Step 1: ", "Step 12: ", " ", ",", "*", "-", ".", "="),
        *("0", "1", "2", "7", "12", "00", "1", "0/1", "1/1", "1/1", "2/3", "0/2", "1/0", "7/10", "12/1", "1/1.5"),
        *("/", "/1", " / 1", "１", "٣", "۰", "²", "½", "N/A", "tone: 1/1"),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)
RATING = st.sampled_from(["0/1", "1/1", "1/1", "0/2", "1/2", "2/3", "3/3", "7/10", "1/0", "5/3", "2/1", "12/1"])
COLON = st.sampled_from([": ", ": ", ": ", ":", ":  ", ":\n"])


@st.composite
def replies(draw: st.DrawFn) -> str:
    """A judge's reply as they mostly are, with some of what goes wrong."""
    steps = draw(st.lists(st.tuples(COLON, RATING), max_size=7))
    inside = ", ".join(f"Step {number}{colon}{rating}" for number, (colon, rating) in enumerate(steps, 1))
    return f"{draw(st.sampled_from(['', 'Well. ', chr(10)]))}<score>{inside}</score>"


SCORES = st.one_of(
    replies(),
    replies(),
    TEXTS,
    TEXTS.map(lambda text: f"<score>{text}</score>"),
    st.none(),
    st.integers(-5, 5),
    st.lists(replies(), max_size=2),
    replies().map(lambda text: {"text": text}),
)
LABELS = st.sampled_from(
    ["happy", "happiness", "angry", "anger", "sad", "joy", "scared", "Happy", "surprised", "Fear;Pain"]
)
ALPHAS = st.one_of(st.sampled_from([0, 0.0, 0.25, 0.5, 1.0, 1]), st.floats(0, 1))


def entries_of(labels: st.SearchStrategy[Any], *, whole: bool = True) -> st.SearchStrategy[list[Any]]:
    fields: dict[str, Any] = {"score": SCORES, "ground_truth": labels}
    return st.lists(st.fixed_dictionaries(fields) if whole else st.fixed_dictionaries({}, optional=fields), max_size=8)


GOOD = entries_of(LABELS)
# Labels that cannot be hashed or sorted, and entries without a key, too.
BAD = entries_of(st.one_of(LABELS, st.none(), st.integers(0, 2), st.just(["happy"])), whole=False)


def ours(entries: Any, task: str, alpha: float) -> dict[str, Any]:
    score = score_entries(entries, task, alpha)
    return {**figures(score), "categories": {label: figures(each) for label, each in score.categories.items()}}


def figures(score: Any) -> dict[str, float]:
    names = {"count": "count", "rec": "recognition", "rea": "reasoning", "cot": "cot", "avg_step": "steps"}
    return {theirs: getattr(score, name) for theirs, name in names.items()}


def same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    categories, expected = found.pop("categories"), wanted.pop("categories")
    assert found == pytest.approx(wanted, abs=1e-9, rel=0)
    assert list(categories) == list(expected)
    for label in expected:
        assert categories[label] == pytest.approx(expected[label], abs=1e-9, rel=0)


@settings(max_examples=600)
@given(SCORES)
def test_every_reply_is_parsed_alike(value: Any) -> None:
    for task in TASKS:
        assert parse_ratings(value, task) == reference.parse(value, reference.parser_of(task))


@settings(max_examples=200)
@given(st.text(st.sampled_from("<score>/: 01１٣\n\r\t12"), max_size=60))
def test_every_text_is_parsed_alike(text: str) -> None:
    for value in (text, f"<score>{text}</score>"):
        for task in ("SA", "ML-ER"):
            assert parse_ratings(value, task) == reference.parse(value, reference.parser_of(task))


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=60)
@given(GOOD, ALPHAS)
def test_every_file_is_scored_alike(task: str, entries: list[Any], alpha: float) -> None:
    wanted = reference.score(entries, task, alpha)
    assert printed_fields(score_entries(entries, task, alpha), task, alpha=alpha, model="m") == reference.printed(
        wanted, task, alpha, "m"
    )
    same(ours(entries, task, alpha), wanted)


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=80)
@given(BAD, st.sampled_from([0.5, 0.5, 0.5, -0.5, 1.5]))
def test_every_error_is_one_of_theirs_and_ours(task: str, entries: list[Any], alpha: float) -> None:
    try:
        wanted = reference.score(entries, task, alpha)
    except ERRORS as error:
        with pytest.raises(type(error)) as caught:
            score_entries(entries, task, alpha)
        assert isinstance(caught.value, OpenAffectError)
    else:
        same(ours(entries, task, alpha), wanted)


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(reference.ALL_TASKS), GOOD), ALPHAS)
def test_overall_is_counted_alike(files: dict[str, list[Any]], alpha: float) -> None:
    wanted = reference.overall(files, alpha)
    wanted.pop("categories")
    score = overall(files, alpha=alpha)
    assert figures(score) == pytest.approx(wanted, abs=1e-9, rel=0)
    assert score.categories == {}
    assert score.count + score.n_failed == sum(map(len, files.values()))


def large_file(seed: int, n: int) -> list[dict[str, Any]]:
    """Entries as a run of the benchmark has them: mostly well-formed, some lost."""
    draw = random.Random(seed)
    entries = []
    for number in range(n):
        steps = [f"Step {k}: {draw.choice(['0/1', '1/1'])}" for k in range(1, draw.randint(1, 6))]
        steps.append(f"Step {len(steps) + 1}: {draw.choice(['0/1', '1/1', '1/2', '2/3', '0/2'])}")
        reply = f"<score>{', '.join(steps)}</score>"
        if draw.random() < 0.1:
            reply = draw.choice([None, reply.replace(", ", ",\n"), reply.upper(), reply.replace(": ", ":")])
        truth = draw.choice(["happy", "happiness", "sad", "angry", "neutral"])
        entries.append({"video_id": f"X/video/{number}.mp4", "score": reply, "ground_truth": truth})
    return entries


@pytest.mark.parametrize("seed", range(4))
def test_files_of_the_size_of_the_benchmark(seed: int) -> None:
    sizes = dict(zip(reference.ALL_TASKS, (500, 1800, 500, 1600, 500, 500, 500, 600), strict=True))
    files = {task: large_file(100 * seed + place, n) for place, (task, n) in enumerate(sizes.items())}
    for task, entries in files.items():
        wanted = reference.score(entries, task, 0.5)
        assert 0 < wanted["count"] < len(entries)
        assert printed_fields(score_entries(entries, task), task, model="m") == reference.printed(
            wanted, task, 0.5, "m"
        )
        same(ours(entries, task, 0.5), wanted)
    together = reference.overall(files)
    together.pop("categories")
    assert figures(overall(files)) == pytest.approx(together, abs=1e-9, rel=0)
