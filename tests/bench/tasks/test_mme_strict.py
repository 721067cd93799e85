"""The strict reading of MME-Emotion: what is read, what fails and why, and what holds for every input."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openaffect.bench.tasks.mme_emotion import (
    TASKS,
    count_steps,
    overall,
    parse_ratings,
    read_ratings,
    reasoning_by_recognition,
    score_entries,
)

# ---------------------------------------------------------------- what is read

READ = {
    "as asked for": "<score>Step 1: 1/1, Step 2: 0/1</score>",
    "several lines": "<score>\nStep 1: 1/1,\nStep 2: 0/1\n</score>",
    "capital tag": "<SCORE>Step 1: 1/1, Step 2: 0/1</SCORE>",
    "spaced tag": "< score > Step 1: 1/1, Step 2: 0/1 </ score >",
    "escaped tag": "&lt;score&gt;Step 1: 1/1, Step 2: 0/1&lt;/score&gt;",
    "no tag": "Here are the ratings.\nStep 1: 1/1\nStep 2: 0/1",
    "nested tag": "<score><score>Step 1: 1/1, Step 2: 0/1</score></score>",
    "corrected": "<score>Step 1: 0/1, Step 2: 1/1</score> No: <score>Step 1: 1/1, Step 2: 0/1</score>",
    "empty block last": "<score>Step 1: 1/1, Step 2: 0/1</score> <score> </score>",
    "no blank": "<score>Step 1:1/1,Step 2:0/1</score>",
    "blanks round the slash": "<score>Step 1: 1 / 1, Step 2: 0 / 1</score>",
    "bold names": "**Step 1:** 1/1\n**Step 2:** 0/1",
    "bold numbers": "Step 1: **1/1**, Step 2: **0/1**",
    "headings": "### Step 1\n**Score: 1/1**\nThe smile is there.\n\n### Step 2\nScore: 0/1",
    "bullets": "- Step 1: 1/1\n- Step 2: 0/1",
    "numbered lines": "1. 1/1\n2. 0/1",
    "numbered in a row": "<score>1: 1/1, 2: 0/1</score>",
    "table": "| Step | Rating |\n|------|--------|\n| 1 | 1/1 |\n| 2 | 0/1 |",
    "table with a total": "| # | Why | Rated |\n|-|-|-|\n| 1 | 2 smile | 1/1 |\n| 2 | no | **0/1** |\n| All | | 1/2 |",
    "table of names": "|Step 1|1/1|\n|Step 2|0/1|",
    "bare numbers": "<score>Step 1: 1, Step 2: 0</score>",
    "bare list": "<score>1/1, 0/1</score>",
    "equals sign": "Step 1 = 1/1; Step 2 = 0/1",
    "dash": "Step 1 - 1/1\nStep 2 - 0/1",
    "arrow": "Step 1 → 1/1\nStep 2 → 0/1",
    "the reason first": "Step 1: the brows are raised, correct (1/1)\nStep 2: should be sad → 0/1",
    "comment with a ratio": "Step 1: 1/1 (tone: 1/1), Step 2: 0/1 (contradicts Step 1)",
    "out of": "Step 1: 1 out of 1, Step 2: 0 out of 1",
    "other order": "Step 2: 0/1, Step 1: 1/1",
    "decimal": "Step 1: 1.0/1, Step 2: 0.0/1",
    "another denominator": "Step 1: 3/3, Step 2: 0/4",
    "Chinese": "<score>步骤1：1/1，步骤2：0/1</score>",
    "Chinese ordinal": "第1步：1/1\n第2步：0/1",
    "German": "Schritt 1: 1/1, Schritt 2: 0/1",
    "full width": "Step １：１／１， Step ２：０／１",
    "escaped twice": "<score>Step 1: 1/1,\\nStep 2: 0/1</score>",
    "JSON list": "[1, 0]",
    "JSON of scores": '{"scores": ["1/1", "0/1"]}',
    "JSON of steps": '```json\n{"Step 1": "1/1", "Step 2": "0/1"}\n```',
    "JSON rows": '<score>[{"step": 1, "score": 1}, {"step": 2, "score": 0}]</score>',
    "JSON rows in another order": '{"steps": [{"step": 2, "rating": 0}, {"step": 1, "rating": 1}]}',
    "JSON booleans": "[true, false]",
}


@pytest.mark.parametrize("reply", READ.values(), ids=READ)
def test_what_is_read(reply: str) -> None:
    assert parse_ratings(reply, "ER-Wild", "strict") == [1.0, 0.0]
    found = read_ratings(reply, "ER-Wild", steps=2)
    assert (found.ratings, found.cause, found.detail) == ((1.0, 0.0), None, "")
    assert read_ratings(reply, "ER-Wild", steps=3).cause == "step count"


@pytest.mark.parametrize(
    "reply",
    [
        ["<score>Step 1: 1/1, Step 2: 0/1</score>"],
        b"Step 1: 1/1, Step 2: 0/1",
        [1, 0],
        ("1/1", "0/1"),
        {"Step 1": 1, "Step 2": 0},
        {"score": "<score>Step 1: 1/1, Step 2: 0/1</score>"},
        [{"step": "Step 1", "score": "1/1"}, {"step": "Step 2", "score": "0/1"}],
        [{"score": 1}, {"score": 0}],
    ],
    ids=repr,
)
def test_replies_that_are_no_text(reply: Any) -> None:
    assert parse_ratings(reply, "SA", "strict") == [1.0, 0.0]


@pytest.mark.parametrize(
    ("last", "rating"), [("0/2", 0), ("1/2", 0.5), ("2/3", 2 / 3), ("3/3", 1), ("0", 0), ("0.25", 0.25), ("1.0", 1)]
)
@pytest.mark.parametrize("task", ["FG-ER", "ML-ER"])
def test_the_last_step_of_several_labels_is_a_share(task: str, last: str, rating: float) -> None:
    first = "1/1" if "/" in last else "1"
    assert parse_ratings(f"Step 1: {first}, Step 2: {last}", task, "strict") == [1.0, rating]
    assert parse_ratings(f"Step 1: {last}", task, "strict") == [rating]


# ---------------------------------------------------------------- what fails, and why

FAILS = {
    "nothing": (None, "no reply", "nothing came"),
    "a number": (3, "no reply", "int came"),
    "an empty text": ("  \n", "no reply", "empty"),
    "a refusal": ("I'm sorry, I can't help with that.", "no rating", "I'm sorry"),
    "a refusal in Chinese": ("抱歉，我无法评分。", "no rating", "抱歉"),
    "a refusal in the block": ("<score>I cannot rate this.</score>", "no rating", "cannot rate"),
    "another language without numbers": ("<score>Все шаги верны.</score>", "no rating", "Все"),
    "an empty block": ("<score></score>", "no rating", "<score>"),
    "the names without ratings": ("Step 1: the man smiles. Step 2: happy.", "no rating", "Step 1"),
    "not applicable": ("Step 1: 1/1, Step 2: N/A", "no rating", "step 2"),
    "half a block": ("<score>Step 1: 1/1, Step 2", "cut off", "Step 2"),
    "half a correction": ("<score>Step 1: 1/1</score> No: <score>Step 1", "cut off", "Step 1"),
    "half a text": ("Step 1: 1/1, Step 2:", "no rating", "step 2"),
    "half a rating": ("Step 1: 1/1, Step 2: 1", "ambiguous", "denominator"),
    "half a JSON": ('{"Step 1": "1/1", "Step 2": "0', "cut off", "JSON"),
    "half a JSON list": ('[{"step": 1, "score": "1/1"}, {"ste', "cut off", "JSON"),
    "a range of ratings": ("Step 1: 0/1 - 1/1, Step 2: 1/1", "ambiguous", "range"),
    "a choice of ratings": ("Step 1: 0/1 or 1/1", "ambiguous", "choice"),
    "a range of numbers": ("Step 1: 0-1/1", "no rating", "Step 1"),
    "a range of steps": ("Step 1-3: 1/1", "ambiguous", "range of steps"),
    "some steps at once": ("Step 1 and 2: 1/1", "ambiguous", "range of steps"),
    "a stray rating": ("Step 1: 1/1, 0/1, 1/1", "ambiguous", "without the number"),
    "two ratings in one": ("Step 1: smile 1/1 but tone 0/1", "ambiguous", "more than one"),
    "a step twice": ("Step 1: 1/1, Step 1: 1/1", "ambiguous", "step 1 is rated more than once"),
    "a step twice, otherwise": ("Step 1: 1/1, Step 2: 0/1, Step 2: 1/1", "ambiguous", "step 2"),
    "a JSON key twice": ('{"Step 1": 1, "Step 1": 0}', "ambiguous", "twice"),
    "a gap": ("Step 1: 1/1, Step 3: 1/1", "step count", "1, 3"),
    "from zero on": ("Step 0: 1/1, Step 1: 1/1", "step count", "0, 1"),
    "above one": ("Step 1: 2/1", "out of range", "2/1"),
    "a large number": ("Step 1: 12/1", "out of range", "12/1"),
    "over zero": ("Step 1: 1/0", "out of range", "over zero"),
    "a half": ("Step 1: 0.5/1", "out of range", "0.5/1"),
    "a fraction": ("Step 1: 1/1, Step 2: 1/2", "out of range", "either 0 or 1"),
    "negative": ("Step 1: -1/1", "no rating", "Step 1"),
    "negative in JSON": ("[1, -1]", "out of range", "between 0 and 1"),
    "not a number in JSON": ("[1, NaN]", "no rating", "NaN"),
    "a decimal denominator": ("Step 1: 1/1.5", "no rating", "Step 1"),
    "a date": ("Step 1: 1/1/1", "no rating", "Step 1"),
    "an object of something else": ({"a": {"b": 1}}, "no rating", "dict"),
    "a runaway": ("happy " * 20_000, "too long", "120,000 characters"),
}


@pytest.mark.parametrize(("reply", "cause", "said"), FAILS.values(), ids=FAILS)
def test_what_fails_and_why(reply: Any, cause: str, said: str) -> None:
    assert parse_ratings(reply, "ER-Lab", "strict") is None
    found = read_ratings(reply, "ER-Lab")
    assert found.ratings is None and found.cause == cause
    assert said in found.detail and found.detail.endswith(".")
    assert len(found.detail) < 200


@pytest.mark.parametrize("task", ["FG-ER", "ML-ER"])
def test_what_fails_with_several_labels(task: str) -> None:
    for reply, cause in [
        ("Step 1: 1/2, Step 2: 1/2", "out of range"),
        ("Step 1: 1/1, Step 2: 4/3", "out of range"),
        ("Step 1: 1, Step 2: 1", "ambiguous"),
        ("Step 1: 1, Step 2: 2", "out of range"),
    ]:
        assert read_ratings(reply, task).cause == cause, reply


# ---------------------------------------------------------------- steps


@pytest.mark.parametrize(
    ("step", "count"),
    [
        ("<step>Step 1: a smile, Step 2: happy</step>", 2),
        ("Step 1: a smile\nStep 2: as in step 1, joyful\nStep 3: happy", 3),
        ("**Step 1**: a\n**Step 2**: b", 2),
        ("步骤1：微笑，步骤2：开心", 2),
        ("<step>Step 1: happy</step>", 1),
        ("<step>None</step>", None),
        ("None", None),
        ("", None),
        (None, None),
        (3, None),
        ("Step 2: only the second", None),
        ("Step 1: a, Step 3: c", None),
        (["a", "b"], 2),
        ([], None),
    ],
)
def test_steps_are_counted(step: Any, count: int | None) -> None:
    assert count_steps(step) == count


def judged(score: Any, step: Any = None, truth: Any = "neutral") -> dict[str, Any]:
    entry = {"video_id": "X/video/1.mp4", "score": score, "ground_truth": truth}
    return entry if step is None else {**entry, "step": step}


GOOD = "<score>Step 1: 1/1, Step 2: 1/1</score>"


def test_ratings_are_held_against_the_steps() -> None:
    steps = ["Step 1: a, Step 2: b", "Step 1: a, Step 2: b, Step 3: c", "Step 1: a", "<step>None</step>", None]
    score = score_entries([judged(GOOD, step) for step in steps], "SA", mode="strict")
    assert (score.count, score.n_failed, score.causes) == (5, 2, {"step count": 2})
    assert [failure.position for failure in score.failures] == [1, 2]
    assert score.failures[0].detail == "2 ratings came for 3 steps."
    assert score.recognition == pytest.approx(60) and score.steps == 2


def test_an_error_of_the_extractor_is_no_prediction() -> None:
    score = score_entries([judged(GOOD, "Error: timeout"), judged(GOOD)], "SA", mode="strict")
    assert (score.causes, score.recognition) == ({"no steps": 1}, 50)
    assert "timeout" in score.failures[0].detail


def test_failures_count_as_zero_and_have_their_cause() -> None:
    entries = [judged(GOOD), judged(None), judged("sorry"), {"ground_truth": "happy"}, "no object", None]
    score = score_entries(entries, "Noise-ER", mode="strict")
    assert (score.count, score.n_failed) == (6, 5)
    assert score.recognition == score.reasoning == score.cot == pytest.approx(100 / 6)
    assert score.steps == 2  # of the one entry that could be read
    assert score.causes == {"no reply": 2, "not an entry": 2, "no rating": 1}
    assert {label: each.count for label, each in score.categories.items()} == {
        "(no label)": 2,
        "happy": 1,
        "neutral": 3,
    }
    assert list(score.categories) == sorted(score.categories)


@pytest.mark.parametrize("truth", [None, 3, ["happy"], {"a": 1}, " "], ids=repr)
def test_labels_that_the_scripts_stop_at(truth: Any) -> None:
    score = score_entries([judged(GOOD, truth=truth), judged(GOOD)], "ER-Lab", mode="strict")
    assert set(score.categories) == {"(no label)", "neutral"} and score.recognition == 100


def test_labels_of_er_wild_are_all_merged() -> None:
    labels = ["joy", "Happy", "happiness", "scared", "fear", "angry", "Anger"]
    score = score_entries([judged(GOOD, truth=label) for label in labels], "ER-Wild", mode="strict")
    assert {label: each.count for label, each in score.categories.items()} == {"anger": 2, "fear": 2, "happiness": 3}
    lab = score_entries([judged(GOOD, truth="Anger ")], "ER-Lab", mode="strict")
    assert list(lab.categories) == ["Anger"]


def test_overall_reads_each_task_by_its_own_rules() -> None:
    half = judged("Step 1: 1/1, Step 2: 1/2")
    score = overall({"SA": [half], "ML-ER": [half]}, mode="strict")
    assert (score.recognition, score.count, score.n_failed) == (25, 2, 1)
    assert [(failure.task, failure.cause) for failure in score.failures] == [("SA", "out of range")]


def test_both_readings_of_one_file() -> None:
    entries = [judged(GOOD), judged(GOOD.replace(", ", ",\n")), judged(GOOD.replace(": ", ":"))]
    official, strict = score_entries(entries, "SA"), score_entries(entries, "SA", mode="strict")
    assert (official.count, official.causes) == (1, {"no block": 1, "no rating": 1})
    assert (strict.count, strict.n_failed) == (3, 0)


# ---------------------------------------------------------------- reasoning beside recognition


def test_reasoning_given_right_and_wrong_answers() -> None:
    replies = ["Step 1: 1/1, Step 2: 0/1, Step 3: 1/1", "Step 1: 1/1, Step 2: 1/1", "Step 1: 0/1, Step 2: 0/1"]
    entries = [judged(reply) for reply in [*replies, "Step 1: 1/1", "sorry"]]
    found = reasoning_by_recognition(entries, "SA")
    assert found.right is not None and found.wrong is not None and found.difference is not None
    assert (found.right.value, found.right.n, found.wrong.value, found.wrong.n) == (75, 2, 0, 1)
    assert found.difference.value == 75 and found.partly is None
    assert (found.n_direct, found.n_failed) == (1, 1)
    shares = reasoning_by_recognition([judged("Step 1: 1/1, Step 2: 1/2")], "ML-ER")
    assert shares.partly is not None and shares.partly.value == 100
    assert shares.right is shares.wrong is shares.difference is None
    nothing = reasoning_by_recognition([], "SA")
    assert nothing.right is nothing.wrong is nothing.partly is nothing.difference is None


# ---------------------------------------------------------------- what holds for every input

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(
    [
        *("<score>", "</score>", "Step 1", "Step 2", "step", ":", ": ", " - ", "|", "\n", "1", "0", "/", "1/1", "0/1"),
        *(
            "1/2",
            "**",
            "{",
            "}",
            "[",
            "]",
            '"',
            ",",
            "or",
            "to",
            "-",
            "第",
            "步骤",
            "½",
            "&lt;",
            "out of",
            ".",
            "(",
            ")",
        ),
    ]
)
TALK = st.one_of(st.lists(WORDS, max_size=20).map("".join), st.text(max_size=40))


@settings(max_examples=500)
@given(TALK | JSON, st.sampled_from(list(TASKS)), st.none() | st.integers(0, 4))
def test_nothing_that_a_judge_says_raises(reply: Any, task: str, steps: int | None) -> None:
    found = read_ratings(reply, task, steps)
    assert (found.ratings is None) == (found.cause is not None) == (found.detail != "")
    if found.ratings is not None:
        assert found.ratings and all(0 <= rating <= 1 for rating in found.ratings)
        assert all(rating in (0, 1) for rating in found.ratings[:-1])
        assert steps is None or len(found.ratings) == steps


ENTRIES = st.lists(
    st.one_of(
        st.fixed_dictionaries({}, optional={"score": TALK | JSON, "ground_truth": JSON, "step": TALK | JSON}),
        st.builds(judged, st.sampled_from([GOOD, "Step 1: 0/1", "Step 1: 1/1, Step 2: 0/1", None]), st.none()),
        JSON,
    ),
    max_size=6,
)


@settings(max_examples=200)
@given(ENTRIES, st.sampled_from(list(TASKS)), st.floats(0, 1))
def test_scores_are_bounded_and_count_everything(entries: list[Any], task: str, alpha: float) -> None:
    score = score_entries(entries, task, alpha, "strict")
    assert score.count == len(entries) and score.n_failed == len(score.failures) <= score.count
    assert 0 <= score.recognition <= 100 and 0 <= score.reasoning <= 100
    low, high = sorted((score.recognition, score.reasoning))
    assert low - 1e-9 <= score.cot <= high + 1e-9
    assert sum(score.causes.values()) == score.n_failed
    assert sum(each.count for each in score.categories.values()) == (score.count if TASKS[task].categories else 0)


@settings(max_examples=100)
@given(ENTRIES, st.sampled_from(list(TASKS)), st.randoms())
def test_the_order_of_the_entries_does_not_matter(entries: list[Any], task: str, draw: random.Random) -> None:
    shuffled = draw.sample(entries, len(entries))
    one, two = (score_entries(each, task, mode="strict") for each in (entries, shuffled))
    for name in ("recognition", "reasoning", "cot", "steps", "count", "n_failed"):
        assert getattr(one, name) == pytest.approx(getattr(two, name))
    assert one.causes.keys() == two.causes.keys() and list(one.categories) == list(two.categories)


@settings(max_examples=100)
@given(ENTRIES, st.sampled_from(list(TASKS)))
def test_alpha_is_recognition_at_one_and_reasoning_at_zero(entries: list[Any], task: str) -> None:
    whole, none = (score_entries(entries, task, alpha, "strict") for alpha in (1, 0))
    assert whole.cot == pytest.approx(whole.recognition) and none.cot == pytest.approx(none.reasoning)


@settings(max_examples=200)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=8), st.sampled_from(list(TASKS)))
def test_ratings_come_back_from_every_layout(ratings: list[int], task: str) -> None:
    rows = [f"| {k} | {rating}/1 |" for k, rating in enumerate(ratings, 1)]
    lines = [f"Step {k}: {rating}/1" for k, rating in enumerate(ratings, 1)]
    layouts: list[Any] = [
        f"<score>{', '.join(lines)}</score>",
        "\n".join(lines),
        "; ".join(f"**{line}**" for line in lines),
        "\n".join(["| Step | Rating |", "|---|---|", *rows]),
        json.dumps({"scores": [f"{rating}/1" for rating in ratings]}),
        json.dumps([{"step": k, "score": float(rating)} for k, rating in enumerate(ratings, 1)]),
        [f"{rating}/1" for rating in ratings],
    ]
    for layout in layouts:
        assert parse_ratings(layout, task, "strict") == ratings, layout
    assert parse_ratings(layouts[0], task) == ratings
    assert read_ratings(layouts[0], task, steps=len(ratings)).ratings == tuple(ratings)
    assert read_ratings(layouts[0], task, steps=len(ratings) + 1).cause == "step count"


@pytest.mark.parametrize(
    "reply",
    [
        "<score>" * 7_000,
        "Step 1:" + " " * 49_000,
        "Step 1" + "-" * 49_000,
        "Step 1: 1" + "1" * 49_000,
        "Step " * 9_999,
        ", " * 24_999,
        "1: 1/1," * 7_000,
        "|" * 49_999,
        "[" * 49_999,
        '{"scores": ' * 4_000,
        "-> " * 16_000,
        "1/1, " * 9_999,
        " \n" * 24_999,
    ],
    ids=lambda reply: repr(reply[:12]),
)
def test_a_reply_made_to_be_slow_is_read_in_time(reply: str) -> None:
    # The time limit of the suite ends what backtracks; the outcome is checked so that this is no empty test.
    assert read_ratings(reply, "SA", steps=2).cause is not None
