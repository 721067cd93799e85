"""The official reading of MME-Emotion: the sample of the public scripts, and the odd cases one by one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.references import mme_emotion as reference

from openaffect.bench.tasks.mme_emotion import (
    TASKS,
    Score,
    overall,
    parse_ratings,
    printed_fields,
    score_entries,
)
from openaffect.emotion.label_sets import LABEL_SETS
from openaffect.errors import DataError, OpenAffectError, UsageError

SAMPLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golden" / "mme_sample.json").read_text(encoding="utf-8")
)
PARSERS = SAMPLE["parser_of_task"]
TOLERANCE = 1e-9
BINARY, FRACTION = "ER-Lab", "FG-ER"


def named(entries: list[dict[str, Any]], key: str) -> Any:
    return pytest.mark.parametrize("case", entries, ids=[str(entry[key]) for entry in entries])


def close(value: float) -> Any:
    return pytest.approx(value, abs=TOLERANCE, rel=0)


def figures(score: Score) -> dict[str, float]:
    return {
        "count": score.count,
        "rec": score.recognition,
        "rea": score.reasoning,
        "cot": score.cot,
        "avg_step": score.steps,
    }


def agrees(score: Score, exact: dict[str, Any], printed: dict[str, Any], task: str, alpha: float) -> None:
    assert figures(score) == {key: close(value) for key, value in exact["total"].items()}
    assert list(score.categories) == list(exact["categories"])
    for label, wanted in exact["categories"].items():
        assert figures(score.categories[label]) == {key: close(value) for key, value in wanted.items()}
    assert printed_fields(score, task, alpha=alpha, model="synthetic") == printed


# ---------------------------------------------------------------- the sample


def test_the_sample_is_whole() -> None:
    assert {part: len(SAMPLE[part]) for part in ("strings", "files", "errors")} == {
        "strings": 21,
        "files": 4,
        "errors": 3,
    }


def test_the_tables_of_the_sample_are_ours() -> None:
    assert set(PARSERS) == {*TASKS, "Overall"}
    assert {key for key, parser in PARSERS.items() if parser == "fraction"} == {"FG-ER", "ML-ER", "Overall"}
    assert {key: task.categories for key, task in TASKS.items()} == {
        key: reported for key, reported in SAMPLE["reports_categories"].items() if key != "Overall"
    }
    assert list(reference.ORDER_OF_OVERALL) == SAMPLE["overall_file_order"]


@named(SAMPLE["strings"], "id")
def test_one_score_field(case: dict[str, Any]) -> None:
    for task, parser in PARSERS.items():
        wanted = case[parser]
        ratings = parse_ratings(case["score"], task)
        assert ratings == wanted["scores"], task
        assert (not ratings) is wanted["skipped"]
        entry = {"score": case["score"], "ground_truth": "neutral"}
        score = score_entries([entry], task)
        assert score.count == (not wanted["skipped"]) and score.n_failed == wanted["skipped"]
        if not wanted["skipped"]:
            assert score.recognition == close(100 * wanted["rec"])
            assert score.reasoning == close(100 * wanted["rea"])
            assert score.steps == wanted["steps"]


@named(SAMPLE["files"], "name")
def test_one_judged_file(case: dict[str, Any]) -> None:
    assert case["runs"]
    for run in case["runs"]:
        assert run["exit_ok"]
        score = score_entries(case["entries"], case["task"], run["alpha"])
        agrees(score, run["exact"], run["printed"], case["task"], run["alpha"])


@named(SAMPLE["errors"], "name")
def test_one_error(case: dict[str, Any]) -> None:
    if case["exit_ok"]:
        score = score_entries(case["entries"], case["task"], case["alpha"])
        agrees(score, case["exact"], case["printed"], case["task"], case["alpha"])
    else:
        theirs = {"ValueError": ValueError, "KeyError": KeyError}[case["error"].partition(":")[0]]
        with pytest.raises(theirs) as caught:
            score_entries(case["entries"], case["task"], case["alpha"])
        assert isinstance(caught.value, OpenAffectError)


def test_the_reference_agrees_with_every_entry() -> None:
    for case in SAMPLE["strings"]:
        for parser in ("binary", "fraction"):
            assert reference.parse(case["score"], parser) == case[parser]["scores"], case["id"]
    runs = [(case, run) for case in SAMPLE["files"] for run in case["runs"]]
    runs += [(case, case) for case in SAMPLE["errors"] if case["exit_ok"]]
    for case, run in runs:
        found = reference.score(case["entries"], case["task"], run["alpha"])
        assert reference.printed(found, case["task"], run["alpha"]) == run["printed"], case["name"]
        categories = found.pop("categories")
        assert {"total": found, "categories": categories} == run["exact"], case["name"]
    for case in SAMPLE["errors"]:
        if not case["exit_ok"]:
            with pytest.raises((ValueError, KeyError)) as caught:
                reference.score(case["entries"], case["task"], case["alpha"])
            assert f"{type(caught.value).__name__}: {caught.value}" == case["error"]


# ---------------------------------------------------------------- the parser, case by case (section 3.1)

INSIDE = [
    ("Step 1: 1/1, Step 2: 0/1", [1, 0], [1, 0]),
    ("1:1/1", [], [1]),
    ("1:  1/1", [], [1]),
    ("1:\t1/1", [], [1]),
    ("1:\r1/1", [], [1]),
    ("1: 1 / 1", [], []),
    ("1: 1/1, 2: 1/2", [1], [1, 0.5]),
    ("1: 1/1, 2: 2/3", [1], [1, 2 / 3]),
    ("1: 1/1, 2: 0/2", [1], [1, 0]),
    ("1: 0/2", [], [0]),
    ("1: 3/3", [], [1]),
    ("1: 7/10", [7], [0.7]),
    ("1: 0/12", [0], [0]),
    ("1: 12/1", [], [12]),
    ("1: 2/1", [2], [2]),
    ("1: 5/3", [], [5 / 3]),
    ("1: 1/0", [], [0]),
    ("1: 0/0", [], [0]),
    ("1: 1/00", [], [0]),
    ("1: 0.5/1", [], []),
    ("1: 1/1.5", [1], [1]),
    ("1: -1/1", [], []),
    ("1: N/A", [], []),
    ("1: 1", [], []),
    ("1 = 1/1", [], []),
    ("1：1/1", [], []),
    ("**Step 1:** 1/1", [], []),
    ("1: １/1", [1], [1]),
    ("1: ١/1", [1], [1]),
    ("1: １/２", [], [0.5]),
    ("1: ٠/٠", [], [0]),
    ("1: 1/1 (tone: 1/1)", [1, 1], [1, 1]),
    (": 1/1: 0/1", [1, 0], [1, 0]),
    (": : 1/1", [1], [1]),
    ("", [], []),
    ("nothing", [], []),
]


@pytest.mark.parametrize(("inside", "binary", "fraction"), INSIDE)
def test_what_is_seen_inside_a_block(inside: str, binary: list[float], fraction: list[float]) -> None:
    reply = f"<score>{inside}</score>"
    assert parse_ratings(reply, BINARY) == binary
    assert parse_ratings(reply, FRACTION) == fraction
    assert reference.parse(reply, "binary") == binary and reference.parse(reply, "fraction") == fraction


RATED = "Step 1: 1/1"
WITHOUT_BLOCK = [
    f"<score>{RATED}\n</score>",
    f"<score>\n{RATED}</score>",
    f"<score>{RATED}",
    f"{RATED}</score>",
    RATED,
    f"<Score>{RATED}</Score>",
    f"<SCORE>{RATED}</score>",
    f"< score>{RATED}</score>",
    f"<score >{RATED}</score>",
    f"<score>{RATED}</ score>",
    f"&lt;score&gt;{RATED}&lt;/score&gt;",
    f"</score>{RATED}<score>",
    "",
    None,
    1,
    3.5,
    True,
    [],
    {},
]


@pytest.mark.parametrize("reply", WITHOUT_BLOCK, ids=repr)
def test_no_block_gives_none(reply: Any) -> None:
    for task in PARSERS:
        assert parse_ratings(reply, task) is None


BLOCKS = [
    (f"\n\n<score>{RATED}</score>\n", [1]),
    (f"<score></score><score>{RATED}</score>", []),
    (f"<score>{RATED}</score> no: <score>Step 1: 0/1</score>", [1]),
    (f"<score>{RATED}, Step 2: 0/1<score></score>", [1, 0]),
    (f"<score><score>{RATED}</score></score>", [1]),
    # a tag without an end on its line is passed over for the next one
    (f"<score>Step 1: 0/1\n<score>{RATED}</score>", [1]),
    # only the line feed ends a line
    (f"<score>{RATED},\r Step 2: 0/1</score>", [1, 0]),
    (f"<score>{RATED},\u2028 Step 2: 0/1</score>", [1, 0]),
    (f"<score>{RATED},\x0b Step 2: 0/1</score>", [1, 0]),
    ([f"<score>{RATED}</score>"], [1]),
    ({"text": f"<score>{RATED}</score>"}, [1]),
    # in the printed form of a list a line feed is two characters, so the block stays on one line
    ([f"<score>{RATED},\nStep 2: 0/1</score>"], [1, 0]),
]


@pytest.mark.parametrize(("reply", "ratings"), BLOCKS, ids=repr)
def test_which_block_is_read(reply: Any, ratings: list[float]) -> None:
    for task in PARSERS:
        assert parse_ratings(reply, task) == ratings


def test_ratings_are_floats() -> None:
    reply = f"<score>{RATED}</score>"
    assert [type(rating) for task in PARSERS for rating in parse_ratings(reply, task) or ()] == [float] * len(PARSERS)


def test_a_long_reply_of_open_tags_is_read_in_one_pass() -> None:
    # A backtracking search would take 10^11 steps; the time limit of the suite would end it.
    assert parse_ratings("<score>" * 200_000, BINARY) is None


# ---------------------------------------------------------------- entries (sections 3.2 to 3.7)


def entry(score: Any, truth: Any = "neutral") -> dict[str, Any]:
    return {"video_id": "X/video/1.mp4", "score": score, "ground_truth": truth}


def block(*ratings: str) -> str:
    return f"<score>{', '.join(f'Step {i}: {rating}' for i, rating in enumerate(ratings, 1))}</score>"


def test_recognition_is_the_last_and_reasoning_the_mean_of_the_others() -> None:
    score = score_entries([entry(block("1/1", "0/1", "1/1", "0/1"))], "SA")
    assert (score.recognition, score.reasoning, score.steps) == (0, close(200 / 3), 4)


def test_a_direct_answer_has_no_reasoning() -> None:
    score = score_entries([entry(block("1/1"))], "SA")
    assert (score.recognition, score.reasoning, score.cot) == (100, 0, 50)


def test_in_tasks_of_several_labels_a_fraction_enters_the_reasoning() -> None:
    score = score_entries([entry(block("1/2", "2/3"))], "ML-ER")
    assert (score.recognition, score.reasoning) == (close(200 / 3), 50)


def test_a_fraction_in_a_task_of_one_label_makes_the_step_before_it_the_answer() -> None:
    score = score_entries([entry(block("1/1", "1/2"))], "ER-Lab")
    assert (score.recognition, score.steps) == (100, 1)


def test_what_cannot_be_read_vanishes_from_both_parts_of_the_mean() -> None:
    entries = [entry(block("1/1")), entry(None), entry("no block"), entry("<score>nothing</score>")]
    score = score_entries(entries, "SA")
    assert (score.recognition, score.count, score.n_failed) == (100, 1, 3)
    assert score.causes == {"no block": 2, "no rating": 1}
    assert [failure.position for failure in score.failures] == [1, 2, 3]
    assert score.failures[0].id == "X/video/1.mp4" and score.failures[0].task == "SA"


def test_nothing_to_count_gives_zeros_and_no_error() -> None:
    for entries in ([], [entry(None)], {}, ""):
        assert figures(score_entries(entries, "IR")) == {"count": 0, "rec": 0, "rea": 0, "cot": 0, "avg_step": 0}


def test_the_script_may_pass_a_hundred() -> None:
    assert score_entries([entry(block("5/3"))], "FG-ER").recognition == close(500 / 3)
    assert score_entries([entry(block("7/10"))], "SA").recognition == 700


@pytest.mark.parametrize(("alpha", "cot"), [(0, 100), (0.25, 75), (0.5, 50), (1, 0), (True, 0)])
def test_alpha_weighs_recognition(alpha: float, cot: float) -> None:
    assert score_entries([entry(block("1/1", "0/1"))], "SA", alpha).cot == cot


@pytest.mark.parametrize("alpha", [-0.1, 1.0001, float("nan"), float("inf"), "0.5", None])
@pytest.mark.parametrize("mode", ["official", "strict"])
def test_alpha_outside_its_bounds(alpha: Any, mode: Any) -> None:
    with pytest.raises(ValueError, match="alpha must lie between 0 and 1") as caught:
        score_entries([], "SA", alpha, mode)
    assert isinstance(caught.value, UsageError)
    with pytest.raises(ValueError, match="alpha"):
        overall({}, alpha=alpha, mode=mode)


def test_labels_of_er_wild_are_merged_and_some_are_not() -> None:
    labels = ["angry", "anger", "disgusted", "happy", "happiness", "joy", "sad", "surprised", "scared", "Happy", "fear"]
    entries = [entry(block("1/1"), label) for label in labels]
    found = {label: score.count for label, score in score_entries(entries, "ER-Wild").categories.items()}
    assert found == {
        "Happy": 1,
        "anger": 2,
        "disgust": 1,
        "fear": 1,
        "happiness": 2,
        "joy": 1,
        "sadness": 1,
        "scared": 1,
        "surprise": 1,
    }
    assert list(found) == sorted(found)
    assert set(score_entries(entries, "Noise-ER").categories) == set(labels)


def test_categories_use_the_same_alpha_and_only_readable_entries() -> None:
    entries = [entry(block("1/1", "0/1"), "sad"), entry(None, "sad"), entry(None, "worried")]
    categories = score_entries(entries, "Noise-ER", 0.25).categories
    assert list(categories) == ["sad"]
    assert (categories["sad"].count, categories["sad"].cot) == (1, 75)


@pytest.mark.parametrize("task", ["FG-ER", "ML-ER", "Overall"])
def test_tasks_without_categories(task: str) -> None:
    score = score_entries([entry(block("1/1"))], task)
    assert score.categories == {}
    assert printed_fields(score, task)["categories"] == {}


def test_a_missing_score_is_a_key_error_at_once() -> None:
    for task in PARSERS:
        with pytest.raises(KeyError, match="has no 'score'") as caught:
            score_entries([{"ground_truth": "happy"}], task)
        assert isinstance(caught.value, DataError)


def test_a_missing_label_is_a_key_error_only_where_the_score_can_be_read() -> None:
    for task in PARSERS:
        assert score_entries([{"score": "no block"}, {"score": None}], task).count == 0
        with pytest.raises(KeyError, match="has no 'ground_truth'"):
            score_entries([{"score": "no block"}, {"score": block("1/1")}], task)


@pytest.mark.parametrize("truth", [["happy"], {"a": 1}], ids=repr)
def test_a_list_as_label_is_a_type_error_except_for_all_tasks_together(truth: Any) -> None:
    for task in TASKS:
        with pytest.raises(TypeError) as caught:
            score_entries([entry(block("1/1"), truth)], task)
        assert isinstance(caught.value, DataError)
        assert score_entries([entry("no block", truth)], task).count == 0
    assert score_entries([entry(block("1/1"), truth)], "Overall").count == 1
    assert overall({task: [entry(block("1/1"), truth)] for task in TASKS}).count == 8


@pytest.mark.parametrize("other", ["happy", 3])
def test_labels_that_cannot_be_sorted(other: Any) -> None:
    entries = [entry(block("1/1"), None), entry(block("0/1"), other)]
    for task in TASKS:
        if task in reference.BINARY_TASKS:
            with pytest.raises(TypeError, match="cannot be sorted"):
                score_entries(entries, task)
        else:
            assert score_entries(entries, task).recognition == 50
    assert score_entries(entries, "Overall").recognition == 50


def test_only_no_labels_at_all_are_a_category_called_none() -> None:
    score = score_entries([entry(block("1/1"), None)] * 2, "IR")
    assert {label: each.count for label, each in score.categories.items()} == {"None": 2}


@pytest.mark.parametrize("bad", ["text", 1, None, ["score"]], ids=repr)
def test_an_entry_that_is_no_object(bad: Any) -> None:
    with pytest.raises(TypeError, match="must be an object"):
        score_entries([bad], "SA")


@pytest.mark.parametrize("entries", [None, 3, "text", {"score": "x"}], ids=repr)
@pytest.mark.parametrize("mode", ["official", "strict"])
def test_entries_that_are_no_list(entries: Any, mode: Any) -> None:
    with pytest.raises(TypeError, match="must be a list of objects"):
        score_entries(entries, "SA", mode=mode)


def test_numbers_beyond_bounds() -> None:
    many = "1" * (sys.get_int_max_str_digits() + 1)
    with pytest.raises(ValueError, match="too many digits") as caught:
        parse_ratings(f"<score>1: {many}/1</score>", "FG-ER")
    assert isinstance(caught.value, DataError)
    with pytest.raises(OverflowError, match="too large") as overflow:
        parse_ratings(f"<score>1: {'9' * 400}/1</score>", "FG-ER")
    assert isinstance(overflow.value, DataError)
    assert parse_ratings(f"<score>1: {'9' * 400}/{'9' * 400}</score>", "FG-ER") == [1.0]
    assert parse_ratings(f"<score>1: {many}/1</score>", "ER-Lab") == []
    with pytest.raises(ValueError, match="cannot be printed"):
        parse_ratings(10**5000, "ER-Lab")


def test_an_unknown_task_or_mode() -> None:
    for call in (
        lambda key: parse_ratings("", key),
        lambda key: score_entries([], key),
        lambda key: overall({key: []}),
    ):
        with pytest.raises(UsageError, match="did you mean 'FG-SA'"):
            call("fg-sa")
        with pytest.raises(UsageError, match=r"unknown task 'emotion'\. Known: ER-Lab"):
            call("emotion")
    for mode_call in (
        lambda: parse_ratings("", "SA", "lenient"),  # type: ignore[arg-type]
        lambda: score_entries([], "SA", mode="lenient"),  # type: ignore[arg-type]
        lambda: overall({}, mode="lenient"),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError, match="'official' or 'strict'"):
            mode_call()
    with pytest.raises(UsageError, match="unknown task None"):
        parse_ratings("", None)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="unknown task 'Overall'"):
        overall({"Overall": []})


def test_entries_may_come_from_a_generator() -> None:
    assert score_entries((entry(block("1/1")) for _ in range(3)), "SA").count == 3


# ---------------------------------------------------------------- all tasks together (section 3.6)


def test_overall_is_a_mean_of_entries_not_of_tasks() -> None:
    right, wrong = entry(block("1/1")), entry(block("0/1"))
    score = overall({"SA": [right] * 3, "IR": [wrong]})
    assert (score.recognition, score.count) == (75, 4)
    assert score.tasks == ("IR", "SA")


@pytest.mark.parametrize(
    ("inside", "binary", "fraction"), [("1:1/1", None, 100), ("1: 7/10", 700, 70), ("1: 1/2", None, 50)]
)
def test_overall_reads_every_task_with_the_fraction_parser(inside: str, binary: float | None, fraction: float) -> None:
    entries = [entry(f"<score>{inside}</score>")]
    alone = score_entries(entries, "SA")
    assert alone.recognition == (binary or 0) and alone.count == (binary is not None)
    assert overall({"SA": entries}).recognition == close(fraction)


def test_overall_of_nothing() -> None:
    assert figures(overall({})) == {"count": 0, "rec": 0, "rea": 0, "cot": 0, "avg_step": 0}
    with pytest.raises(TypeError, match="task → list"):
        overall([[]])  # type: ignore[arg-type]


# ---------------------------------------------------------------- what is printed (sections 3.3 and 3.4)


@pytest.mark.parametrize(
    ("ones", "n", "shown"), [(1, 16, "6.2"), (3, 16, "18.8"), (1, 3, "33.3"), (2, 3, "66.7"), (1, 2000, "0.1")]
)
def test_printed_figures_round_the_binary_number(ones: int, n: int, shown: str) -> None:
    score = score_entries([entry(block("1/1"))] * ones + [entry(block("0/1"))] * (n - ones), "SA")
    printed = printed_fields(score, "SA", alpha=0.25, model="mine")
    assert printed["overall"]["Recognition Score"] == shown  # type: ignore[index]
    assert printed["overall"]["Total Count"] == str(n)  # type: ignore[index]
    assert (printed["alpha_printed"], printed["model"]) == ("0.2", "mine")


@pytest.mark.parametrize("task", [*TASKS, "Overall"])
def test_the_name_of_the_steps_differs_by_script(task: str) -> None:
    printed = printed_fields(score_entries([entry(block("1/1", "0/1"))], task), task)
    word = "Avg Step" if PARSERS[task] == "binary" else "Avg Steps"
    assert list(printed["overall"]) == [  # type: ignore[call-overload]
        "Total Count",
        "Recognition Score",
        "Reasoning Score",
        "CoT Score",
        word,
    ]
    assert printed["overall"][word] == "2.0"  # type: ignore[index]


# ---------------------------------------------------------------- the tasks

CLASSES = {
    "ER-Lab": {"Frustration", "Neutral", "Excited", "Sadness", "Anger", "Happiness", "Fear", "Surprise", "Other"},
    "Noise-ER": {"sad", "angry", "neutral", "happy", "worried", "surprise"},
    "SA": {"negative", "positive", "neutral"},
    "IR": {
        "neutral",
        "questioning",
        "suggesting",
        "consoling",
        "agreeing",
        "wishing",
        "encouraging",
        "acknowledging",
    },
}


def test_the_label_sets_of_the_tasks() -> None:
    for key, names in CLASSES.items():
        assert [set(LABEL_SETS[each].names) for each in TASKS[key].label_sets] == [names]
    sizes = {key: [len(LABEL_SETS[each].names) for each in task.label_sets] for key, task in TASKS.items()}
    assert sizes == {
        "ER-Lab": [9],
        "ER-Wild": [7, 7, 8, 7, 7, 11],
        "Noise-ER": [6],
        "FG-ER": [26],
        "ML-ER": [10, 6],
        "SA": [3],
        "FG-SA": [9],
        "IR": [8],
    }
    wild = {name for each in TASKS["ER-Wild"].label_sets for name in LABEL_SETS[each].names}
    assert len(wild) == 20  # raw strings, as counted in the files
    assert len({TASKS["ER-Wild"].merged.get(name, name) for name in wild}) == 15
    for task in TASKS.values():
        assert {LABEL_SETS[each].separator for each in task.label_sets} == {task.separator}
