"""MME-Emotion without a judge, by hand."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.bench.tasks.mme_emotion import TASKS
from openaffect.bench.tasks.mme_extras import (
    label_set_scores,
    match_label,
    match_scores,
    ordinal_scores,
    split_labels,
)
from openaffect.emotion.label_sets import LABEL_SETS
from openaffect.errors import DataError, MissingPrediction, NothingToScore, UndefinedScore, UsageError

BOLD = LABEL_SETS["bold-26"].names
NINE = LABEL_SETS["mosi-9"].names


# ---------------------------------------------------------------- labels


@pytest.mark.parametrize(
    ("text", "task", "labels"),
    [
        ("Doubt/Confusion;Fear", "FG-ER", ("Doubt/Confusion", "Fear")),
        ("Fear", "FG-ER", ("Fear",)),
        (" Fear ; Pain;;Fear ", "FG-ER", ("Fear", "Pain")),
        ("Fear,Pain", "FG-ER", ("Fear,Pain",)),
        ("happy,sad", "ML-ER", ("happy", "sad")),
        ("happy;sad", "ML-ER", ("happy;sad",)),
        (["happy", "sad"], "ML-ER", ("happy", "sad")),
        ("very strong negative", "FG-SA", ("very strong negative",)),
        ("a,b;c", "SA", ("a,b;c",)),
        ("", "ML-ER", ()),
    ],
)
def test_labels_are_split_at_the_separator_of_their_task(text: Any, task: str, labels: tuple[str, ...]) -> None:
    assert split_labels(text, task) == labels


@pytest.mark.parametrize("bad", [None, 3, [None], {"a": 1}])
def test_labels_that_are_no_text(bad: Any) -> None:
    with pytest.raises(DataError, match="text or a list of texts"):
        split_labels(bad, "ML-ER")


@pytest.mark.parametrize(
    ("label", "candidates", "found"),
    [
        ("Happy", ["happy", "sad"], "happy"),
        (" **happy**. ", ["happy", "sad"], "happy"),
        ("doubt / confusion", BOLD, "Doubt/Confusion"),
        ("Doubt", BOLD, None),
        ("very-strong_negative", NINE, "very strong negative"),
        ("ｈａｐｐｙ", ["happy"], "happy"),
        # the same label of our wheel
        ("sad", ["sadness", "fear"], "sadness"),
        ("angry", ["anger", "fear"], "anger"),
        ("Surprised", ["Surprise"], "Surprise"),
        # a candidate of its own name comes first
        ("sad", ["sad", "sadness"], "sad"),
        # two candidates with the same label: none of them
        ("sadly", ["sad", "sadness"], None),
        # wider and narrower words
        ("worried", ["fear", "sadness"], None),
        ("fear", ["worried", "sad"], None),
        ("happy and sad", ["happy", "sad"], None),
        ("", ["happy"], None),
    ],
)
def test_what_counts_as_equal(label: str, candidates: list[str], found: str | None) -> None:
    assert match_label(label, candidates) == found


def test_without_the_wheel_only_the_same_text_is_equal() -> None:
    assert match_label("sad", ["sadness"], wheel=False) is None
    assert match_label("SADNESS", ["sadness"], wheel=False) == "sadness"


# ---------------------------------------------------------------- several labels


def test_set_scores_by_hand() -> None:
    truth = {"a": "Fear;Pain", "b": "Peace", "c": "Anger;Annoyance;Sadness", "d": "Fear"}
    given_ = {"a": "fear, anger", "b": ["Peace"], "c": "", "d": "Fear, Pain, Peace"}
    found = label_set_scores(truth, given_, "FG-ER")
    # |G∩P| 1 1 0 1, |G| 2 1 3 1, |P| 2 1 0 3
    assert found.f1 == pytest.approx((2 / 4 + 1 + 0 + 2 / 4) / 4)
    assert found.jaccard == pytest.approx((1 / 3 + 1 + 0 + 1 / 3) / 4)
    assert found.precision == pytest.approx((1 / 2 + 1 + 0 + 1 / 3) / 4)
    assert found.recall == pytest.approx((1 / 2 + 1 + 0 + 1) / 4)
    assert found.micro_f1 == pytest.approx(2 * 3 / (7 + 6))
    assert (found.exact, found.n, found.n_empty, found.n_unknown, found.missing) == (0.25, 4, 1, 0, ())


def test_naming_every_label_has_full_recall_and_little_else() -> None:
    found = label_set_scores({"a": "Fear;Pain"}, {"a": list(BOLD)}, "FG-ER")
    assert found.recall == 1
    assert found.precision == found.jaccard == pytest.approx(2 / 26)
    assert found.f1 == pytest.approx(4 / 28)


def test_the_label_with_a_slash_is_one_label() -> None:
    found = label_set_scores({"a": "Doubt/Confusion;Fear"}, {"a": "Fear; Doubt/Confusion"}, "FG-ER")
    assert (found.f1, found.exact) == (1, 1)


def test_words_of_another_set_are_wrong_labels() -> None:
    found = label_set_scores({"a": "happy,sad"}, {"a": "happy, sad, helplessness, elephant"}, "ML-ER")
    assert (found.n_unknown, found.precision, found.recall) == (2, 0.5, 1)


def test_the_candidates_of_a_clip_decide_what_a_word_stands_for() -> None:
    truth, predictions = {"a": "sadness,anger"}, {"a": "sad, angry"}
    assert label_set_scores(truth, predictions, "ML-ER").f1 == 1
    # offered both words, the model chose the other one
    both = {"a": ["sadness", "sad", "anger", "angry"]}
    assert label_set_scores(truth, predictions, "ML-ER", candidates=both).f1 == 0
    with pytest.raises(KeyError, match="no labels for 'a'"):
        label_set_scores(truth, predictions, "ML-ER", candidates={"b": ["sad"]})


def test_two_words_for_one_label_are_one_prediction() -> None:
    assert label_set_scores({"a": "happy,sad"}, {"a": "happy, happiness, sad"}, "ML-ER").exact == 1


def test_what_set_scores_refuse() -> None:
    with pytest.raises(UsageError, match="match_scores"):
        label_set_scores({"a": "happy"}, {"a": "happy"}, "SA")
    with pytest.raises(ZeroDivisionError, match="'a' has no true label") as caught:
        label_set_scores({"a": ";"}, {"a": "Fear"}, "FG-ER")
    assert isinstance(caught.value, UndefinedScore)
    with pytest.raises(NothingToScore):
        label_set_scores({}, {}, "FG-ER")
    with pytest.raises(MissingPrediction):
        label_set_scores({"a": "Fear"}, {}, "FG-ER")
    found = label_set_scores({"a": "Fear", "b": "Fear"}, {"a": "Fear", "c": "Pain"}, "FG-ER", missing="count")
    assert (found.f1, found.n, found.n_empty, found.missing) == (0.5, 2, 1, ("b",))


SETS = st.dictionaries(
    st.sampled_from("abcd"),
    st.tuples(st.lists(st.sampled_from(BOLD), min_size=1, max_size=4), st.lists(st.sampled_from(BOLD), max_size=4)),
    min_size=1,
)


@given(SETS)
def test_set_scores_hold_their_bounds_and_orders(clips: dict[str, tuple[list[str], list[str]]]) -> None:
    truth = {name: ";".join(true) for name, (true, _) in clips.items()}
    found = label_set_scores(truth, {name: given_ for name, (_, given_) in clips.items()}, "FG-ER")
    assert 0 <= found.exact <= found.jaccard <= found.f1 <= 1
    assert 0 <= found.precision <= 1 and 0 <= found.recall <= 1 and 0 <= found.micro_f1 <= 1
    wanted = [len(set(t) & set(p)) / len(set(t) | set(p)) for t, p in clips.values()]
    assert found.jaccard == pytest.approx(sum(wanted) / len(wanted))
    own = label_set_scores(truth, {name: true for name, (true, _) in clips.items()}, "FG-ER")
    assert own.f1 == own.jaccard == own.exact == 1


# ---------------------------------------------------------------- ordered sentiments


def test_distances_by_hand() -> None:
    truth = {"a": "strong negative", "b": "neutral", "c": "very strong positive", "d": "positive"}
    predictions = {"a": "Negative.", "b": "strong positive", "c": "very strong positive", "d": "no idea"}
    found = ordinal_scores(truth, predictions)
    # 1, 3, 0, and the farthest end from positive (place 6) is 6 steps away
    assert found.mean_distance == pytest.approx((1 + 3 + 0 + 6) / 4)
    assert (found.within_one, found.exact, found.n, found.n_unknown) == (0.5, 0.25, 4, 1)


def test_every_pair_of_sentiments_has_the_distance_of_its_places() -> None:
    for i, true in enumerate(NINE):
        for j, predicted in enumerate(NINE):
            found = ordinal_scores({"a": true}, {"a": predicted.upper()})
            assert found.mean_distance == abs(i - j) and found.within_one == (abs(i - j) <= 1)


def test_what_distances_refuse() -> None:
    with pytest.raises(DataError, match="FG-SA has the labels"):
        ordinal_scores({"a": "meh"}, {"a": "neutral"})
    with pytest.raises(NothingToScore):
        ordinal_scores({}, {})
    with pytest.raises(MissingPrediction):
        ordinal_scores({"a": "neutral"}, {})
    found = ordinal_scores({"a": "neutral"}, {}, missing="count")
    assert (found.mean_distance, found.n_unknown, found.missing) == (4, 1, ("a",))


# ---------------------------------------------------------------- one label


def test_matches_by_hand() -> None:
    truth = {"a": "Sadness", "b": "Neutral", "c": "Sadness", "d": "Other"}
    found = match_scores(truth, {"a": "sad", "b": "NEUTRAL", "c": "fear", "d": "elephant"}, "ER-Lab")
    assert (found.accuracy, found.n, found.n_unknown) == (0.5, 4, 1)
    assert found.by_label == {"Neutral": 1.0, "Other": 0.0, "Sadness": 0.5}
    assert list(found.by_label) == ["Neutral", "Other", "Sadness"]
    assert found.uar == 0.5


def test_sentiments_and_intents_match_by_their_text_alone() -> None:
    assert match_scores({"a": "strong negative"}, {"a": "negative"}, "FG-SA").accuracy == 0
    assert match_scores({"a": "wishing"}, {"a": "wish"}, "IR").accuracy == 0
    assert match_scores({"a": "wishing"}, {"a": "Wishing!"}, "IR").accuracy == 1


def test_the_set_of_the_corpus_is_found_from_the_true_label() -> None:
    # "happiness" stands in MAFW only, where "happy" can mean nothing else; "joy" in MELD only, and is another word
    assert match_scores({"a": "happiness"}, {"a": "happy"}, "ER-Wild").accuracy == 1
    assert match_scores({"a": "joy"}, {"a": "happy"}, "ER-Wild").accuracy == 0
    assert match_scores({"a": "sadness"}, {"a": "sad"}, "ER-Wild").accuracy == 1
    assert match_scores({"a": "sad"}, {"a": "sadness"}, "ER-Wild").accuracy == 1
    assert match_scores({"a": "anger"}, {"a": "angry"}, "ER-Wild").accuracy == 1
    offered = {"a": ["anger", "angry"]}
    assert match_scores({"a": "anger"}, {"a": "angry"}, "ER-Wild", candidates=offered).accuracy == 0


def test_what_matches_refuse() -> None:
    for task in ("FG-ER", "ML-ER"):
        with pytest.raises(UsageError, match="label_set_scores"):
            match_scores({"a": "happy"}, {"a": "happy"}, task)
    with pytest.raises(NothingToScore):
        match_scores({}, {}, "SA")
    with pytest.raises(MissingPrediction):
        match_scores({"a": "neutral"}, {}, "SA")
    found = match_scores({"a": "neutral"}, {"a": None}, "SA")  # type: ignore[dict-item]
    assert (found.accuracy, found.n_unknown) == (0, 1)


@pytest.mark.parametrize("task", [key for key, task in TASKS.items() if task.separator is None])
def test_every_label_matches_itself_and_no_other(task: str) -> None:
    names = LABEL_SETS[TASKS[task].label_sets[0]].names
    offered = {"a": names}
    for true in names:
        for predicted in names:
            found = match_scores({"a": true}, {"a": predicted.lower()}, task, candidates=offered)
            assert found.accuracy == (true == predicted), (true, predicted)


def test_the_order_of_clips_does_not_matter() -> None:
    draw = random.Random(3)
    truth = {str(n): draw.choice(NINE) for n in range(50)}
    predictions = {str(n): draw.choice([*NINE, "none"]) for n in range(50)}
    turned = dict(reversed(truth.items()))
    assert ordinal_scores(truth, predictions) == ordinal_scores(turned, predictions)
    assert match_scores(truth, predictions, "FG-SA") == match_scores(turned, predictions, "FG-SA")
