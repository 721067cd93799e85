"""Every rule of the open-vocabulary scores, on small made tables; and what must hold for any corpus."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score
from tests.references import mer_unibench as reference

from openaffect.emotion.wheel import Wheels, bundled_wheel, cluster_map
from openaffect.errors import DataError, MissingPrediction, NothingToScore, UndefinedScore, UsageError
from openaffect.metrics.grouped import parse_groups
from openaffect.metrics.open_vocabulary import (
    grouped_overlap,
    hit_rate,
    mapping_scores,
    same_family,
    sentiment_scores,
    set_scores,
    wheel_scores,
)

TOLERANCE = 1e-9


def close(ours: Any, theirs: Any) -> bool:
    return list(ours) == pytest.approx(list(theirs), abs=TOLERANCE, rel=0, nan_ok=True)


def simple(*wheels: Mapping[str, str], edition: str = "made") -> Wheels:
    """Tables in which every word is its own form and synonym; each wheel says only word -> cluster."""
    words = sorted({word for wheel in wheels for word in wheel})
    itself = {word: [word] for word in words}
    rows = [[(cluster, f"{cluster} {word}", word) for word, cluster in wheel.items()] for wheel in wheels]
    return Wheels.build(edition=edition, sha256="", forms=itself, words=itself, wheels=rows)


# One wheel with two names, a second on which "angry" lies nowhere.
FIRST = {"happy": "joy", "glad": "joy", "proud": "joy", "sad": "gloom", "lonely": "gloom", "angry": "rage"}
SECOND = {"happy": "up", "glad": "up", "proud": "strong", "sad": "down", "lonely": "down"}
ONE = simple(FIRST)
TWO = simple(FIRST, SECOND)
AS_2025 = simple(FIRST, SECOND, edition="2025")


# ---------------------------------------------------------------- the mappings

FORMS = {
    "gladly": ["glad"],
    "glad": ["glad"],
    "blues": ["blue", "azure"],  # a form of two words
    "blue": ["blue"],
    "azure": ["azure"],
    "seething": ["angry"],
    "angry": ["angry"],
    "lost": ["lost"],
}
WORDS = {"glad": ["merry", "proud"], "blue": ["lonely"], "azure": ["proud"], "angry": ["cross", "annoyed"]}
WHEELS = [
    [("joy", "proud", "bold"), ("joy", "merry", "gleeful"), ("gloom", "lonely", "left out"), ("rage", "cross", "mad")],
    [("dark", "annoyed", "lonely"), ("light", "merry", "merry")],
]
MADE = Wheels.build(edition="made", sha256="f00", forms=FORMS, words=WORDS, wheels=WHEELS)  # type: ignore[arg-type]


def test_m1_is_the_first_word_in_the_alphabet() -> None:
    assert [MADE.form(label) for label in ("blues", "blue", "gladly", "lost")] == ["azure", "blue", "glad", "lost"]


def test_m2_is_the_first_wheel_word_of_the_m1_word() -> None:
    assert [MADE.synonym(label) for label in ("blues", "blue", "gladly", "seething")] == [
        "proud",
        "lonely",
        "merry",
        "annoyed",
    ]
    assert MADE.synonym("lost") is None  # a word without synonyms


def test_m3_tries_all_words_and_not_only_the_m2_word() -> None:
    # M2 of seething is annoyed, which the first wheel lacks; cross decides there
    assert MADE.synonym("seething") == "annoyed"
    assert (MADE.cluster("seething", 1), MADE.cluster("seething", 2)) == ("rage", "dark")
    # M1 of blues is azure, but blue brings lonely, which stands before proud
    assert (MADE.cluster("blues", 1), MADE.cluster("blues", 1, 2)) == ("gloom", "lonely")
    assert MADE.cluster("azure", 2) is None and MADE.cluster("blues", 2) == "dark"


def test_labels_are_looked_up_as_written() -> None:
    for label in ("Gladly", " gladly", "gladly ", "", "zzz", "bold", "joy"):
        assert [MADE.mapping(name)(label) for name in MADE.names] == [None] * 6, label


def test_names_of_the_mappings() -> None:
    assert MADE.names == ("M1", "M2", "M3-W1-L1", "M3-W1-L2", "M3-W2-L1", "M3-W2-L2")
    assert MADE.mapping("M3-W2-L1")("seething") == "dark" and MADE.mapping("M1")("seething") == "angry"
    for name in ("M4", "M3-W3-L1", "M3-W0-L1", "M3-W1-L3", "m1", ""):
        with pytest.raises(UsageError, match="M3-W1-L1"):
            MADE.mapping(name)
    for wheel, level in ((0, 1), (3, 1), (-1, 1), (1, 0), (1, 3)):
        with pytest.raises(UsageError, match="wheels 1 to 2"):
            MADE.cluster("glad", wheel, level)


def test_only_the_published_tables_are_official() -> None:
    assert not MADE.official and not bundled_wheel().official
    assert AS_2025.official


def test_a_later_place_on_the_wheel_wins() -> None:
    rows = [("a", "x", "twice"), ("b", "y", "twice"), ("b", "twin", "z"), ("c", "w", "twin")]
    assert cluster_map(rows, 1)["twice"] == "b" and cluster_map(rows, 2)["twice"] == "y"
    assert cluster_map(rows, 1)["twin"] == "c" and cluster_map(rows, 2)["twin"] == "w"


def test_level_two_of_a_level_one_name_is_the_first_of_its_names() -> None:
    rows = [("sad", "lonely", "isolated"), ("glad", "proud", "bold"), ("sad", "hurt", "let down")]
    assert cluster_map(rows, 2)["sad"] == "hurt" and cluster_map(rows, 2)["lonely"] == "lonely"
    assert cluster_map(rows, 1)["sad"] == "sad"


def test_rows_of_one_name_are_walked_together() -> None:
    # "twice" stands last in the file under a, but b is walked after the whole of a
    rows = [("a", "x", "u"), ("b", "y", "twice"), ("a", "z", "twice")]
    assert cluster_map(rows, 1)["twice"] == "b" and cluster_map(rows, 2)["twice"] == "y"


letters = st.sampled_from("abcdefgh")
raw_tables = st.tuples(
    st.dictionaries(st.sampled_from("abcdefghij"), st.sets(letters, min_size=1, max_size=3)),
    st.dictionaries(letters, st.sets(letters, max_size=3)),
    st.lists(st.lists(st.tuples(letters, letters, letters), min_size=1, max_size=6), min_size=1, max_size=3),
)
label_lists = st.lists(st.sampled_from([*"abcdefghijkz", "A", " b ", "neutral", "Neutral"]), max_size=4)


def both(raw: Any) -> tuple[Wheels, reference.Tables]:
    forms, words, rows = raw
    made = Wheels.build(edition="made", sha256="", forms=forms, words=words, wheels=rows)
    return made, reference.Tables(forms, words, rows)


def key_of(name: str) -> str:
    """Our name of a mapping in the words of the official scorer."""
    if name in ("M1", "M2"):
        return {"M1": "case1", "M2": "case2"}[name]
    _, wheel, level = name.split("-")
    return f"case3_wheel{wheel[1:]}_level{level[1:]}"


@settings(max_examples=300)
@given(raw=raw_tables)
def test_any_tables_map_as_in_the_reference(raw: Any) -> None:
    made, tables = both(raw)
    for name in made.names:
        for label in "abcdefghijk":
            assert (made.mapping(name)(label) or "") == tables.map_label(key_of(name), label), (name, label)
    for number, rows in enumerate(raw[2], 1):
        for level in (1, 2):
            assert cluster_map(rows, level) == tables.maps[number, level]


@settings(max_examples=300)
@given(
    raw=raw_tables,
    rows=st.lists(st.tuples(label_lists, label_lists), max_size=5),
    zero=st.sampled_from(("2025", "2026")),
    level=st.sampled_from((1, 2)),
)
def test_any_tables_score_as_in_the_reference(raw: Any, rows: Any, zero: Any, level: Any) -> None:
    made, tables = both(raw)
    truth, given_ = ({f"s{number}": row[side] for number, row in enumerate(rows)} for side in (0, 1))
    for name, scores in mapping_scores(truth, given_, made, zero=zero).items():
        expected = reference.set_overlap(tables, key_of(name), truth, given_, zero)
        assert close((scores.f, scores.precision, scores.recall), expected), name
        assert scores == set_scores(truth, given_, made.mapping(name), zero=zero) or math.isnan(scores.f)
    wheel = wheel_scores(truth, given_, made, level=level, zero=zero)
    expected = reference.wheel_metric(tables, level, truth, given_, zero)
    assert close((wheel.f, wheel.precision, wheel.recall), expected)
    for one, other in rows:
        assert same_family(one, other, made) is reference.hit_or_not(tables, one, other)


@settings(max_examples=300)
@given(
    raw=raw_tables,
    rows=st.lists(st.tuples(st.sampled_from([*"abcdefz", "neutral"]), label_lists), max_size=5),
    candidates=st.none() | st.lists(st.sampled_from([*"abcdefz", "A", " b", "neutral"]), max_size=4),
    zero=st.sampled_from(("2025", "2026")),
)
def test_any_tables_hit_as_in_the_reference(raw: Any, rows: Any, candidates: Any, zero: Any) -> None:
    made, tables = both(raw)
    truth, given_ = ({f"s{number}": row[side] for number, row in enumerate(rows)} for side in (0, 1))
    rates = hit_rate(truth, given_, made, candidates, zero=zero)
    per_wheel, means = reference.hit_rates(tables, truth, given_, candidates, zero)
    assert close([rate.hit for rate in rates.per_wheel], [pair[0] for pair in per_wheel])
    assert close([rate.mscore for rate in rates.per_wheel], [pair[1] for pair in per_wheel])
    assert close((rates.hit, rates.mscore), means)


# ---------------------------------------------------------------- set and wheel scores, rule by rule


def fpr(scores: Any) -> tuple[float, float, float]:
    return scores.f, scores.precision, scores.recall


def test_labels_are_lowered_and_stripped_before_they_are_mapped() -> None:
    scores = wheel_scores({"a": [" HAPPY ", "Sad\n"]}, {"a": "[ Glad , lONELY ]"}, TWO)
    assert fpr(scores) == (1.0, 1.0, 1.0)


def test_unknown_words_are_dropped_on_both_sides_without_a_penalty() -> None:
    assert fpr(wheel_scores({"a": "happy, zzz"}, {"a": "glad, qqq, happy."}, TWO)) == (1.0, 1.0, 1.0)


def test_a_sample_without_known_truth_is_skipped() -> None:
    truth = {"a": "happy", "b": "zzz", "c": "neutral", "d": "", "e": "happy."}
    scores = wheel_scores(truth, {"a": "happy", "b": "sad", "c": "sad", "d": "sad", "e": "sad"}, TWO)
    assert fpr(scores) == (1.0, 1.0, 1.0)
    assert (scores.n, scores.n_skipped, scores.n_empty) == (1, 4, 0)


def test_a_sample_may_count_on_one_wheel_only() -> None:
    scores = wheel_scores({"a": "angry", "b": "happy"}, {"a": "sad", "b": "glad"}, TWO)
    assert [one.n for one in scores.per_wheel] == [2, 1]
    assert [one.n_skipped for one in scores.per_wheel] == [0, 1]
    assert [one.f for one in scores.per_wheel] == [0.5, 1.0] and scores.f == 0.75
    assert (scores.n, scores.n_skipped) == (2, 0)


def test_empty_on_the_wheels_on_which_it_counts() -> None:
    tables = simple({"x": "one"}, {"y": "two"})
    scores = wheel_scores({"a": "x"}, {"a": "y"}, tables)  # answered only where it does not count
    assert [(one.n, one.n_skipped, one.n_empty) for one in scores.per_wheel] == [(1, 0, 1), (0, 1, 0)]
    assert (scores.n, scores.n_skipped, scores.n_empty) == (1, 0, 1)


@pytest.mark.parametrize(
    "nothing", ["", "[]", None, float("nan"), [], "zzz", "neutral", ",", np.array([], dtype=object)]
)
def test_an_empty_prediction_scores_zero_and_counts(nothing: Any) -> None:
    scores = wheel_scores({"a": "happy", "b": "sad"}, {"a": nothing, "b": "sad"}, TWO)
    assert fpr(scores) == (0.5, 0.5, 0.5)
    assert (scores.n, scores.n_empty) == (2, 1)


def test_duplicates_collapse_after_the_mapping() -> None:
    scores = wheel_scores({"a": "happy, glad, sad"}, {"a": "proud, happy, glad, glad"}, ONE)
    assert (scores.precision, scores.recall) == (1.0, 0.5)


def test_f_comes_from_the_corpus_means() -> None:
    plain = {letter: letter for letter in "xyzw"}
    scores = set_scores({"a": "x", "b": "x, y"}, {"a": "x", "b": "x, z, w"}, plain)
    assert close((scores.precision, scores.recall), (2 / 3, 3 / 4))
    assert scores.f == pytest.approx(12 / 17, abs=1e-12)
    assert scores.f != pytest.approx((1 + 0.4) / 2, abs=1e-3)  # the mean of the samples' F


def test_f_over_the_wheels_is_a_mean_and_not_harmonic() -> None:
    tables = simple({"t": "1", "u": "2", "p": "1", "q": "1"}, {"t": "1", "u": "1", "p": "1", "q": "2"})
    scores = wheel_scores({"a": "t, u"}, {"a": "p, q"}, tables)
    assert [one.f for one in scores.per_wheel] == pytest.approx([2 / 3, 2 / 3])
    assert (scores.precision, scores.recall) == (0.75, 0.75)
    assert scores.f == pytest.approx(2 / 3)


def test_levels() -> None:
    assert fpr(wheel_scores({"a": "gladly"}, {"a": "azure"}, MADE, level=1)) == (0.5, 0.5, 0.5)
    assert fpr(wheel_scores({"a": "gladly"}, {"a": "azure"}, MADE, level=2)) == (0.0, 0.0, 0.0)
    with pytest.raises(UsageError):
        wheel_scores({"a": "gladly"}, {"a": "azure"}, MADE, level=3)  # type: ignore[arg-type]


def test_zero_by_zero_with_the_2025_scorer() -> None:
    nan = math.nan
    assert close(fpr(set_scores({"a": "x"}, {"a": "y"}, {"x": "x", "y": "y"}, zero="2025")), (nan, 0, 0))
    assert close(fpr(set_scores({"a": "?"}, {"a": "y"}, {"x": "x", "y": "y"}, zero="2025")), (nan, nan, nan))
    assert close(fpr(set_scores({}, {}, {"x": "x"}, zero="2025")), (nan, nan, nan))
    assert close(fpr(set_scores({"a": "x"}, {"a": "y"}, {"x": "x", "y": "y"})), (nan, 0, 0))  # the default
    # one wheel without a value leaves the mean over the wheels without one
    assert close(fpr(wheel_scores({"a": "angry"}, {"a": "angry"}, TWO, zero="2025")), (nan, nan, nan))


def test_zero_by_zero_with_the_2026_scorer() -> None:
    assert fpr(set_scores({"a": "x"}, {"a": "y"}, {"x": "x", "y": "y"}, zero="2026")) == (0, 0, 0)
    assert fpr(set_scores({"a": "?"}, {"a": "y"}, {"x": "x", "y": "y"}, zero="2026")) == (0, 0, 0)
    assert fpr(set_scores({}, {}, {"x": "x"}, zero="2026")) == (0, 0, 0)
    assert fpr(wheel_scores({"a": "angry"}, {"a": "angry"}, TWO, zero="2026")) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("edition", "nan"), [("2025", True), ("2026", False), ("made", False)])
def test_the_edition_says_what_zero_by_zero_is(edition: str, nan: bool) -> None:
    tables = simple(FIRST, edition=edition)
    values = [
        wheel_scores({"a": "happy"}, {"a": "sad"}, tables).f,
        wheel_scores({"a": "zzz"}, {"a": "sad"}, tables).precision,
        mapping_scores({"a": "zzz"}, {"a": "sad"}, tables)["M2"].recall,
        hit_rate({"a": "zzz"}, {"a": "sad"}, tables).hit,
        hit_rate({"a": "zzz"}, {"a": "sad"}, tables).mscore,
        hit_rate({"a": "zzz"}, {"a": "sad"}, tables).per_wheel[0].discounted,
    ]
    assert [math.isnan(value) for value in values] == [nan] * 6
    assert nan or values == [0.0] * 6


def test_the_edition_can_be_overruled() -> None:
    assert wheel_scores({"a": "happy"}, {"a": "sad"}, AS_2025, zero="2026").f == 0.0
    assert math.isnan(wheel_scores({"a": "happy"}, {"a": "sad"}, TWO, zero="2025").f)
    assert mapping_scores({"a": "happy"}, {"a": "sad"}, AS_2025, zero="2026")["M1"].f == 0.0
    assert hit_rate({"a": "zzz"}, {"a": "sad"}, AS_2025, zero="2026").hit == 0.0


def test_an_unknown_zero_is_refused() -> None:
    for call in (
        lambda: wheel_scores({"a": "happy"}, {"a": "happy"}, TWO, zero="2024"),  # type: ignore[arg-type]
        lambda: set_scores({"a": "happy"}, {"a": "happy"}, FIRST, zero="nan"),  # type: ignore[arg-type]
        lambda: hit_rate({"a": "happy"}, {"a": "happy"}, TWO, zero="0"),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError, match="2025"):
            call()


def test_the_mapping_may_be_a_function_or_a_dict() -> None:
    truth, given_ = {"a": "happy, sad"}, {"a": "glad"}
    by_dict = set_scores(truth, given_, FIRST)
    assert by_dict == set_scores(truth, given_, FIRST.get) == set_scores(truth, given_, ONE.mapping("M3-W1-L1"))
    assert set_scores(truth, given_, ONE.form).f != by_dict.f or math.isnan(set_scores(truth, given_, ONE.form).f)


def test_scores_carry_the_tables_they_were_taken_with() -> None:
    scores = wheel_scores({"a": "glad"}, {"a": "glad"}, MADE)
    rates = hit_rate({"a": "glad"}, {"a": "glad"}, MADE)
    assert (scores.edition, scores.sha256, scores.level) == ("made", "f00", 1)
    assert (rates.edition, rates.sha256) == ("made", "f00")


def test_every_mapping_by_its_name() -> None:
    found = mapping_scores({"a": "seething"}, {"a": "angry, blues"}, MADE)
    assert tuple(found) == MADE.names
    assert found["M1"].precision == 0.5 and found["M3-W2-L1"].precision == 1.0 and found["M3-W1-L1"].precision == 0.5


def test_many_clusters_in_one_set() -> None:
    """More clusters than a machine word has bits."""
    many = {f"w{number}": f"c{number}" for number in range(200)}
    words = list(many)
    scores = set_scores({"a": words[:150]}, {"a": words[50:]}, many)
    assert (scores.precision, scores.recall) == pytest.approx((100 / 150, 100 / 150))
    assert set_scores({"a": words}, {"a": words[63:65]}, many).recall == 2 / 200


# ---------------------------------------------------------------- missing, extra and unreadable

Scorer = Callable[..., Any]
SCORERS: dict[str, Scorer] = {
    "wheel_scores": lambda truth, given_, **more: wheel_scores(truth, given_, TWO, **more),
    "set_scores": lambda truth, given_, **more: set_scores(truth, given_, FIRST, **more),
    "mapping_scores": lambda truth, given_, **more: mapping_scores(truth, given_, TWO, **more)["M3-W1-L1"],
    "hit_rate": lambda truth, given_, **more: hit_rate(truth, given_, TWO, **more),
    "grouped_overlap": lambda truth, given_, **more: grouped_overlap(truth, given_, dict.fromkeys(truth, ""), **more),
}
every_scorer = pytest.mark.parametrize("scorer", SCORERS.values(), ids=SCORERS)


@every_scorer
def test_a_missing_prediction_is_a_key_error_that_names_the_samples(scorer: Scorer) -> None:
    truth = {"clip one": "happy", "clip two": "sad", "clip three": "happy"}
    with pytest.raises(KeyError) as caught:
        scorer(truth, {"clip two": "sad", "clip four": "sad"})
    assert isinstance(caught.value, MissingPrediction)
    message = str(caught.value)
    assert "'clip one'" in message and "'clip three'" in message and "'clip two'" not in message
    assert message.startswith("2 of 3") and message.endswith(".") and "missing='count'" in message


@every_scorer
def test_a_missing_prediction_of_a_skipped_sample_is_missing_too(scorer: Scorer) -> None:
    with pytest.raises(KeyError, match="'b'"):
        scorer({"a": "happy", "b": "neutral"}, {"a": "happy"})


def test_many_missing_predictions_are_counted_and_some_named() -> None:
    with pytest.raises(MissingPrediction, match=r"^40 of 40 .*'s0'.*\.\.\.") as caught:
        wheel_scores({f"s{number}": "happy" for number in range(40)}, {}, TWO)
    assert len(str(caught.value)) < 250


@every_scorer
def test_missing_predictions_may_count_as_empty(scorer: Scorer) -> None:
    truth = {"c": "happy", "a": "sad", "b": "happy"}
    counted = scorer(truth, {"a": "sad"}, missing="count")
    assert counted.missing == ("c", "b")
    spelt_out = scorer(truth, {"a": "sad", "b": "", "c": []})
    assert spelt_out.missing == ()
    for name in ("f", "precision", "recall", "hit", "mscore", "discounted", "accuracy", "average", "n", "n_empty"):
        assert getattr(counted, name, None) == getattr(spelt_out, name, None), name


@every_scorer
def test_another_way_with_the_missing_is_refused(scorer: Scorer) -> None:
    with pytest.raises(UsageError, match="'skip'"):
        scorer({"a": "happy"}, {"a": "happy"}, missing="skip")


@every_scorer
def test_predictions_for_other_samples_are_ignored(scorer: Scorer) -> None:
    truth, given_ = {"a": "happy", "b": "sad"}, {"a": "glad", "b": "angry"}
    assert scorer(truth, {**given_, "x": "sad", "y": "["}) == scorer(truth, given_)


@every_scorer
def test_the_order_of_the_predictions_does_not_matter(scorer: Scorer) -> None:
    truth, given_ = {"a": "happy", "b": "sad"}, {"b": "angry", "a": "glad"}
    assert scorer(truth, given_) == scorer(truth, {"a": "glad", "b": "angry"})


@every_scorer
@pytest.mark.parametrize("side", [0, 1], ids=["truth", "prediction"])
def test_an_unreadable_string_names_its_sample(scorer: Scorer, side: int) -> None:
    sides: list[dict[str, Any]] = [{"good": "happy", "bad clip": "sad"}, {"good": "happy", "bad clip": "sad"}]
    sides[side]["bad clip"] = "["
    with pytest.raises(IndexError, match="'bad clip'") as caught:
        scorer(*sides)
    assert isinstance(caught.value, DataError)


@every_scorer
@pytest.mark.parametrize("labels", [[None], [3], [math.nan], [["happy"]], [{"happy": 1}]], ids=str)
def test_labels_that_are_no_text_are_refused(scorer: Scorer, labels: Any) -> None:
    with pytest.raises(DataError):
        scorer({"a": "happy"}, {"a": labels})
    with pytest.raises(DataError):
        scorer({"a": labels}, {"a": "happy"})


@every_scorer
@pytest.mark.parametrize("labels", [3, {"happy": 1}, {"happy"}, b"happy"], ids=str)
def test_values_that_hold_no_labels_are_refused(scorer: Scorer, labels: Any) -> None:
    with pytest.raises(DataError, match="'a'"):
        scorer({"a": "happy"}, {"a": labels})
    with pytest.raises(DataError, match="'a'"):
        scorer({"a": labels}, {"a": "happy"})


# ---------------------------------------------------------------- hit rate


def test_the_wheels_count_different_samples() -> None:
    truth = {"a": "angry", "b": "happy", "c": "sad"}
    rates = hit_rate(truth, {"a": "angry", "b": "glad", "c": "happy"}, TWO)
    assert [rate.n for rate in rates.per_wheel] == [3, 2] and [rate.n_skipped for rate in rates.per_wheel] == [0, 1]
    assert [rate.hit for rate in rates.per_wheel] == pytest.approx([2 / 3, 1 / 2])
    assert rates.hit == pytest.approx((2 / 3 + 1 / 2) / 2)  # the plain mean, not weighted by n
    assert (rates.n, rates.n_skipped) == (3, 0)


def test_neutral_never_counts() -> None:
    truth = {"a": "happy", "b": "neutral", "c": "Neutral"}
    rates = hit_rate(truth, {"a": "glad", "b": "neutral", "c": "sad"}, TWO)
    assert (rates.hit, rates.n, rates.n_skipped) == (1.0, 1, 2)
    assert [rate.n for rate in rates.per_wheel] == [1, 1]


def test_naming_everything_costs_nothing_but_the_discounted_rate_falls() -> None:
    truth = {"a": "happy", "b": "sad"}
    honest = hit_rate(truth, {"a": "happy", "b": "sad"}, ONE)
    shotgun = hit_rate(truth, dict.fromkeys(truth, "happy, sad, angry"), ONE)
    assert (honest.hit, honest.discounted) == (1.0, 1.0)
    assert shotgun.hit == 1.0 and shotgun.discounted == pytest.approx(1 / 3)
    assert shotgun.mscore == pytest.approx(1 / 2)  # rage is no class of this truth


def test_an_empty_prediction_is_a_miss() -> None:
    rates = hit_rate({"a": "happy", "b": "sad"}, {"a": "", "b": "lonely"}, TWO)
    assert (rates.hit, rates.mscore, rates.discounted, rates.n_empty) == (0.5, 0.5, 0.5, 1)
    assert [rate.n_empty for rate in rates.per_wheel] == [1, 1]


@pytest.mark.parametrize("label", ["happy", "[happy]", "['happy']", " Happy ", ["HAPPY"], np.array(["happy"])])
def test_the_truth_goes_through_the_list_parser(label: Any) -> None:
    assert hit_rate({"a": label}, {"a": "glad"}, TWO).hit == 1.0


@pytest.mark.parametrize("label", ["happy, sad", ["happy", "sad"], "['happy', 'zzz']", "don't care"])
def test_a_truth_of_several_labels_is_refused(label: Any) -> None:
    with pytest.raises(DataError, match="'clip 7'"):
        hit_rate({"clip 7": label}, {"clip 7": "happy"}, TWO)


@pytest.mark.parametrize("label", ["", None, [], "zzz", "happy."])
def test_a_truth_without_a_cluster_is_skipped(label: Any) -> None:
    rates = hit_rate({"a": label, "b": "sad"}, {"a": "happy", "b": "sad"}, TWO)
    assert (rates.hit, rates.n, rates.n_skipped) == (1.0, 1, 1)


@pytest.mark.parametrize(
    ("candidates", "mscore"),
    [
        (["happy", "sad", "angry"], 1 / 3),
        (["happy", "sad"], 1 / 2),
        (["happy"], 1.0),
        (["glad", "happy"], 1.0),  # one cluster
        (["happy", "zzz", "neutral"], 1.0),
        (["Happy", "sad", "angry"], 1 / 2),  # as written, so Happy is unknown
        ([" happy", "sad", "angry"], 1 / 2),
        (["sad", "angry"], 1 / 2),  # the true class is not among them: |P ∩ G| / |P ∩ C| all the same
    ],
)
def test_candidates_of_mscore(candidates: list[str], mscore: float) -> None:
    rates = hit_rate({"a": "happy"}, {"a": "glad, lonely, angry"}, ONE, candidates)
    assert rates.mscore == pytest.approx(mscore)
    assert (rates.hit, rates.discounted) == (1.0, pytest.approx(1 / 3))


@pytest.mark.parametrize("candidates", [[], ["Happy", "SAD"], ["zzz"], ["angry"]])
def test_mscore_is_zero_where_the_denominator_is_empty(candidates: list[str]) -> None:
    rates = hit_rate({"a": "happy"}, {"a": "glad, lonely"}, ONE, candidates)
    assert (rates.hit, rates.mscore, rates.per_wheel[0].mscore) == (1.0, 0.0, 0.0)


def test_without_candidates_the_classes_of_the_truth_are_they() -> None:
    truth = {"a": "happy", "b": "sad", "c": "neutral"}
    given_ = {"a": "happy, sad, angry", "b": "sad, angry", "c": "happy"}
    rates = hit_rate(truth, given_, ONE)
    assert rates.mscore == pytest.approx((1 / 2 + 1) / 2)
    assert rates == hit_rate(truth, given_, ONE, ["happy", "sad", "neutral"])


# ---------------------------------------------------------------- the same family


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("happy", "glad", True),
        ("happy", "sad", False),
        ("happy, sad", "angry, lonely", True),
        ("HAPPY ", ["Glad"], True),
        ("proud", "happy", True),  # on the first wheel only
        ("[]", "", True),
        ([], [], True),
        (None, float("nan"), True),
        ("", "neutral", True),
        ([], ["neutral"], True),
        ("neutral", "neutral", True),
        (["neutral"], "['neutral', 'angry']", True),
        ("neutral, happy", "neutral, sad", True),
        ("neutral", "Neutral", False),  # checked before lower-casing
        ("NEUTRAL", "NEUTRAL", False),
        ([" neutral "], ["neutral"], False),
        ("[ neutral ]", "neutral", True),  # the parser has stripped it
        ("zzz", "zzz", False),
        ("zzz", "", False),  # a list of unknown words is not an empty list
        ("zzz", "neutral", False),
        ("happy", "", False),
        (["happy", "neutral"], [], True),
    ],
)
def test_the_same_family(one: Any, other: Any, same: bool) -> None:
    assert same_family(one, other, TWO) is same
    assert same_family(other, one, TWO) is same


def test_one_wheel_of_many_is_enough() -> None:
    tables = simple({"x": "1", "y": "2"}, {"x": "1", "y": "2"}, {"x": "3", "y": "3"})
    assert same_family("x", "y", tables)
    # a cluster of one wheel does not meet the same name on another wheel
    assert not same_family("x", "y", simple({"x": "1", "y": "2"}, {"x": "2", "y": "1"}))


@pytest.mark.parametrize("labels", [[None], [3], [["happy"]]], ids=str)
def test_the_same_family_of_no_text_is_refused(labels: Any) -> None:
    with pytest.raises(DataError):
        same_family(labels, "happy", TWO)


# ---------------------------------------------------------------- sentiment


def sentiments(pairs: Sequence[tuple[float, str]], **more: Any) -> Any:
    return sentiment_scores(
        {f"s{number}": gold for number, (gold, _) in enumerate(pairs)},
        {f"s{number}": word for number, (_, word) in enumerate(pairs)},
        **more,
    )


@pytest.mark.parametrize("word", ["Positive", "POSITIVE", "positive.", " positive", "positive\n", "mixed", "", "posit"])
def test_words_are_compared_exactly_and_unknown_ones_are_negative(word: str) -> None:
    scores = sentiments([(1.0, word), (-1.0, word)])
    assert (scores.accuracy, scores.waf) == (0.5, pytest.approx(1 / 3))
    assert scores.n_unknown == 2
    same = sentiments([(1.0, "neutral"), (-1.0, "neutral")])
    assert (same.accuracy, same.waf, same.n_unknown) == (scores.accuracy, scores.waf, 0)


def test_neutral_counts_as_negative() -> None:
    assert sentiments([(-0.5, "neutral"), (0.5, "positive"), (-0.1, "negative")]).accuracy == 1.0
    assert sentiments([(0.5, "neutral")]).accuracy == 0.0


def test_zero_gold_is_dropped_whatever_was_predicted() -> None:
    kept = [(1.0, "positive"), (-2.0, "positive"), (0.5, "negative")]
    scores = sentiments(kept)
    for word in ("positive", "negative", "neutral", "?"):
        more = sentiments([*kept, (0.0, word), (-0.0, word), (0, word)])
        assert (more.waf, more.accuracy, more.n, more.n_unknown) == (scores.waf, scores.accuracy, 3, 0)
        assert more.n_skipped == 3


def test_nothing_but_zeros_is_an_index_error() -> None:
    for pairs in ([(0.0, "positive"), (0.0, "negative")], []):
        with pytest.raises(IndexError, match="zero") as caught:
            sentiments(pairs)
        assert isinstance(caught.value, NothingToScore)


@pytest.mark.parametrize("gold", [math.nan, np.float32("nan"), "1.0", "positive", None, b"1", [1.0]], ids=repr)
def test_gold_values_that_are_no_numbers_are_refused(gold: Any) -> None:
    with pytest.raises(DataError, match="'clip 9'"):
        sentiment_scores({"a": 1.0, "clip 9": gold}, {"a": "positive", "clip 9": "positive"})


@pytest.mark.parametrize("gold", [1, np.float32(0.4), np.int64(2), np.float64(1e-9)])
def test_numbers_of_any_kind_are_gold(gold: Any) -> None:
    assert sentiments([(gold, "positive"), (-gold, "negative")]).waf == 1.0


@pytest.mark.parametrize("word", [None, math.nan, 1, ["positive"]], ids=str)
def test_a_prediction_that_is_no_word_is_unknown(word: Any) -> None:
    scores = sentiments([(1.0, word), (-1.0, "negative")])
    assert (scores.accuracy, scores.n_unknown) == (0.5, 1)


def test_missing_sentiment_is_a_key_error_or_counts_as_wrong() -> None:
    truth, given_ = {"a": 1.0, "b": -1.0, "c": 0.0}, {"a": "positive", "extra": "negative"}
    with pytest.raises(KeyError, match="'b', 'c'") as caught:
        sentiment_scores(truth, given_)
    assert isinstance(caught.value, MissingPrediction)
    scores = sentiment_scores(truth, given_, missing="count")
    assert scores.missing == ("b", "c")
    assert (scores.accuracy, scores.n, scores.n_skipped, scores.n_unknown) == (0.5, 2, 1, 0)
    # Nothing but missing predictions: no credit, not even on the negative sample or on the neutral one.
    assert sentiment_scores(truth, {}, missing="count").waf == 0.0
    assert sentiment_scores(truth, {}, missing="count").three_way_f1 == 0.0


def test_three_way_f1_takes_the_zeros_in() -> None:
    pairs = [(1.0, "positive"), (0.0, "neutral"), (0.0, "positive"), (-1.0, "mixed"), (-0.5, "negative")]
    # negative: 2/3, neutral: 2·1/(2+2) = 1/2, positive: 2·1/(1+2) = 2/3
    assert sentiments(pairs).three_way_f1 == pytest.approx((2 / 3 + 1 / 2 + 2 / 3) / 3)
    assert sentiments([(1.0, "positive"), (-2.0, "negative"), (0.0, "neutral")]).three_way_f1 == 1.0


@pytest.mark.parametrize("seed", range(12))
def test_sentiment_agrees_with_scikit_learn(seed: int) -> None:
    rng = random.Random(f"sentiment {seed}")
    size = (1, 2, 3, 8, 20, 60, 150, 400)[seed % 8]
    words = [["positive", "negative", "neutral", "mixed", "Positive"], ["negative"], ["positive", "neutral"]][seed % 3]
    pairs = [(rng.choice((-2.4, -0.2, 0.0, 0.2, 3.0)), rng.choice(words)) for _ in range(size)] + [(0.6, words[0])]
    scores = sentiments(pairs)
    gold = [value > 0 for value, _ in pairs if value != 0]
    found = [word == "positive" for value, word in pairs if value != 0]
    assert scores.waf == pytest.approx(f1_score(gold, found, average="weighted", zero_division=0), abs=TOLERANCE)
    assert scores.accuracy == pytest.approx(accuracy_score(gold, found), abs=TOLERANCE)
    signs = [int(np.sign(value)) for value, _ in pairs]
    given_ = [{"positive": 1, "negative": -1}.get(word, 0) for _, word in pairs]
    macro = f1_score(signs, given_, average="macro", zero_division=0)
    assert scores.three_way_f1 == pytest.approx(macro, abs=TOLERANCE)


@settings(max_examples=300)
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from((-3.0, -0.2, 0.0, -0.0, 1e-9, 0.4, 1, -1, 0)),
            st.sampled_from(("positive", "negative", "neutral", "mixed", "Positive", "negative.", "", " positive")),
        ),
        min_size=1,
    )
)
def test_any_sentiment_is_scored_as_by_the_reference(pairs: Any) -> None:
    assume(any(gold != 0 for gold, _ in pairs))
    truth = {f"s{number}": gold for number, (gold, _) in enumerate(pairs)}
    given_ = {f"s{number}": word for number, (_, word) in enumerate(pairs)}
    scores = sentiment_scores(truth, given_)
    assert close((scores.waf, scores.accuracy), reference.sentiment(truth, given_))
    assert 0 <= scores.waf <= 1 and 0 <= scores.accuracy <= 1 and 0 <= scores.three_way_f1 <= 1
    assert scores.n + scores.n_skipped == len(pairs)


# ---------------------------------------------------------------- grouped overlap


def grouped_one(truth: Any, given_: Any, groups: Any) -> tuple[float, float, float]:
    scores = grouped_overlap({"a": truth}, {"a": given_}, {"a": groups})
    return scores.accuracy, scores.recall, scores.average


def test_a_label_stands_for_the_first_of_its_group() -> None:
    assert grouped_one("happy, calm", "joyful", [["happy", "joyful"], ["calm"]]) == (1.0, 0.5, 0.75)
    assert grouped_one("joyful, happy", "glad", [["glad", "happy", "joyful"]]) == (1.0, 1.0, 1.0)


def test_a_label_in_no_group_stays_itself() -> None:
    assert grouped_one("happy", "happy", []) == (1.0, 1.0, 1.0)
    assert grouped_one("happy", "joyful, calm", []) == (0.0, 0.0, 0.0)
    scores = grouped_overlap({"a": "happy, calm"}, {"a": "happy, odd"}, {"a": [["calm"]]})
    assert scores.n_ungrouped == 2 and scores.accuracy == 0.5


def test_a_label_in_two_groups_follows_the_later_one() -> None:
    assert grouped_one("proud", "glad", [["glad", "joy"], ["proud", "joy"]]) == (0.0, 0.0, 0.0)
    assert grouped_one("proud", "joy", [["glad", "joy"], ["proud", "joy"]]) == (1.0, 1.0, 1.0)
    assert grouped_one("glad", "joy", [["glad", "joy"], ["proud", "joy"]]) == (0.0, 0.0, 0.0)
    assert grouped_one("glad", "joy", [["proud", "joy"], ["glad", "joy"]]) == (1.0, 1.0, 1.0)


def test_the_first_label_of_a_group_is_not_followed_further() -> None:
    # b -> a and a -> c: b does not become c
    assert grouped_one("b", "a", [["a", "b"], ["c", "a"]]) == (0.0, 0.0, 0.0)


def test_grouped_labels_are_lowered_and_collapse() -> None:
    assert grouped_one("Happy, JOYFUL", [" happy ", "calm"], [["happy", "joyful"]]) == (0.5, 1.0, 0.75)


def test_an_empty_grouped_prediction_scores_zero() -> None:
    for nothing in ("", "[]", None, []):
        assert grouped_one("happy", nothing, []) == (0.0, 0.0, 0.0)
    scores = grouped_overlap({"a": "x", "b": "x"}, {"a": "", "b": "x"}, {"a": [], "b": []})
    assert (scores.n, scores.n_empty, scores.accuracy, scores.recall) == (2, 1, 0.5, 0.5)


def test_a_clip_without_truth_divides_by_zero() -> None:
    for nothing in ("", [], "[]", None):
        with pytest.raises(ZeroDivisionError, match="'clip 3'") as caught:
            grouped_overlap({"clip 3": nothing}, {"clip 3": "happy"}, {"clip 3": []})
        assert isinstance(caught.value, UndefinedScore)


def test_a_clip_without_groups_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="'clip 3'") as caught:
        grouped_overlap({"a": "x", "clip 3": "x"}, {"a": "x", "clip 3": "x"}, {"a": []})
    assert isinstance(caught.value, MissingPrediction)
    assert not str(caught.value).startswith('"')


def test_the_average_is_no_f1() -> None:
    accuracy, recall, average = grouped_one("a, b, c, d", "a", [])
    assert (accuracy, recall, average) == (1.0, 0.25, 0.625)
    assert average != pytest.approx(2 * accuracy * recall / (accuracy + recall))


def test_unknown_words_count_here() -> None:
    assert grouped_one("zzz", "zzz, qqq", []) == (0.5, 1.0, 0.75)


def test_groups_may_come_as_the_reply_of_the_model() -> None:
    reply = "Output: [['happy', 'joyful'],\n ['calm']]"
    assert grouped_one("happy, calm", "joyful", reply) == (1.0, 0.5, 0.75)


@pytest.mark.parametrize(
    ("reply", "groups"),
    [
        ("[['happy', 'joyful'], ['sad']]", [["happy", "joyful"], ["sad"]]),
        ('[["happy","joyful"],["sad"]]', [["happy", "joyful"], ["sad"]]),
        ("输出：[['happy'],\n['sad', 'blue']]", [["happy"], ["sad", "blue"]]),
        ("Input: Output: ['a']", [["Output:"], ["a"]]),  # the clean-up drops one prefix, the rest is text
        ("['happy', 'joyful']", [["happy", "joyful"]]),
        ("[['don't care'], ['sad']]", [["don", "t care"], ["sad"]]),  # an apostrophe breaks the label
        ("[[happy, joyful], [sad]]", [["happy, joyful"], ["sad"]]),  # no quotation marks: one label
        ("[['very happy'], [' calm ']]", [["very happy"], ["calm"]]),
        ("[['a', ''], []]", [["a"]]),
        ("[]", []),
        ("", []),
        ("[[], [,]]", []),
    ],
)
def test_replies_with_groups(reply: str, groups: list[list[str]]) -> None:
    assert parse_groups(reply) == groups
    assert reference.reply_to_groups(reply) == groups


few = st.sampled_from("abcdefgh")
capitals = few | few.map(str.upper) | few.map(lambda letter: f" {letter} ")


@settings(max_examples=300)
@given(
    rows=st.lists(
        st.tuples(
            st.lists(capitals, min_size=1, max_size=5),
            st.lists(capitals, max_size=5),
            st.lists(st.lists(few, min_size=1, max_size=4), max_size=4),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_groups_overlap_as_in_the_reference(rows: Any) -> None:
    truth, given_, groups = ({f"s{number}": row[part] for number, row in enumerate(rows)} for part in range(3))
    scores = grouped_overlap(truth, given_, groups)
    assert close((scores.accuracy, scores.recall, scores.average), reference.grouped(truth, given_, groups))
    as_replies = {name: str(found) for name, found in groups.items()}
    assert grouped_overlap(truth, given_, as_replies) == scores


# ---------------------------------------------------------------- what holds for any corpus

some_labels = st.lists(st.sampled_from([*FIRST, "zzz", "neutral", "Happy", " SAD"]), max_size=5)
known_labels = st.lists(st.sampled_from(sorted(FIRST)), min_size=1, max_size=4)
corpora = st.lists(st.tuples(some_labels, some_labels), max_size=6).map(
    lambda rows: tuple({f"s{number}": row[side] for number, row in enumerate(rows)} for side in (0, 1))
)
zeros = st.sampled_from(("2025", "2026"))


def all_scores(truth: Any, given_: Any, zero: Any) -> list[float]:
    """Every number of the wheel and set scores, in one list."""
    found = [wheel_scores(truth, given_, TWO, level=level, zero=zero) for level in (1, 2)]  # type: ignore[arg-type]
    parts = [*found, *found[0].per_wheel, *mapping_scores(truth, given_, TWO, zero=zero).values()]
    return [value for part in parts for value in fpr(part)]


@given(corpus=corpora, zero=zeros)
def test_scores_lie_between_zero_and_one(corpus: Any, zero: Any) -> None:
    truth, given_ = corpus
    scores = wheel_scores(truth, given_, TWO, zero=zero)
    for one in (scores, *scores.per_wheel, *mapping_scores(truth, given_, TWO, zero=zero).values()):
        assert all(math.isnan(value) or 0 <= value <= 1 for value in fpr(one))
        assert one.n + one.n_skipped == len(truth) and 0 <= one.n_empty <= one.n
    for one in scores.per_wheel:
        if not math.isnan(one.f) and one.f:
            assert min(one.precision, one.recall) - 1e-12 <= one.f <= max(one.precision, one.recall) + 1e-12
    assert zero == "2025" or not any(map(math.isnan, all_scores(truth, given_, zero)))


@given(corpus=corpora, zero=zeros, seed=st.integers(0, 99))
def test_the_order_of_samples_and_labels_does_not_matter(corpus: Any, zero: Any, seed: int) -> None:
    truth, given_ = corpus
    rng = random.Random(seed)
    names = rng.sample(list(truth), len(truth))
    mixed = ({name: rng.sample(side[name], len(side[name])) for name in names} for side in (truth, given_))
    assert close(all_scores(*mixed, zero), all_scores(truth, given_, zero))  # type: ignore[call-arg]


@given(corpus=corpora, zero=zeros, times=st.integers(2, 4))
def test_repeating_the_corpus_leaves_the_scores(corpus: Any, zero: Any, times: int) -> None:
    truth, given_ = corpus
    longer = ({f"{name} {i}": side[name] for i in range(times) for name in side} for side in (truth, given_))
    assert close(all_scores(*longer, zero), all_scores(truth, given_, zero))  # type: ignore[call-arg]


@given(corpus=corpora, zero=zeros, other=some_labels)
def test_predictions_for_others_change_nothing(corpus: Any, zero: Any, other: list[str]) -> None:
    truth, given_ = corpus
    assert close(all_scores(truth, {**given_, "other": other}, zero), all_scores(truth, given_, zero))


@given(corpus=corpora, zero=zeros, other=some_labels)
def test_skipped_samples_change_nothing(corpus: Any, zero: Any, other: list[str]) -> None:
    truth, given_ = corpus
    more = {**truth, "other": ["zzz", "neutral"]}, {**given_, "other": other}
    assert close(all_scores(*more, zero), all_scores(truth, given_, zero))


@given(rows=st.lists(st.tuples(known_labels, known_labels), min_size=1, max_size=6), zero=zeros)
def test_truth_and_prediction_swapped_swap_precision_and_recall(rows: Any, zero: Any) -> None:
    truth, given_ = ({f"s{number}": row[side] for number, row in enumerate(rows)} for side in (0, 1))
    for mapping in (FIRST.get, TWO.form, TWO.synonym, TWO.mapping("M3-W1-L2")):
        one = set_scores(truth, given_, mapping, zero=zero)
        other = set_scores(given_, truth, mapping, zero=zero)
        assert close((one.f, one.precision, one.recall), (other.f, other.recall, other.precision))


@given(rows=st.lists(known_labels, min_size=1, max_size=6))
def test_the_truth_itself_scores_one(rows: Any) -> None:
    truth = {f"s{number}": labels for number, labels in enumerate(rows)}
    assert fpr(set_scores(truth, truth, FIRST)) == (1.0, 1.0, 1.0)
    assert fpr(wheel_scores(truth, truth, ONE)) == (1.0, 1.0, 1.0)


singles = st.sampled_from([*FIRST, "neutral", "zzz"])


@given(rows=st.lists(st.tuples(singles, some_labels, some_labels), max_size=6), zero=zeros)
def test_more_labels_never_lower_the_hit_rate(rows: Any, zero: Any) -> None:
    truth, given_, more = ({f"s{number}": row[part] for number, row in enumerate(rows)} for part in range(3))
    wider = {name: given_[name] + more[name] for name in truth}
    one, other = hit_rate(truth, given_, TWO, zero=zero), hit_rate(truth, wider, TWO, zero=zero)
    for before, after in zip((one, *one.per_wheel), (other, *other.per_wheel), strict=True):
        if math.isnan(before.hit):
            assert math.isnan(after.hit)
            continue
        assert 0 <= before.hit <= after.hit + 1e-12 <= 1 + 2e-12
        assert before.discounted - 1e-12 <= before.mscore <= before.hit + 1e-12


@given(one=some_labels, other=some_labels)
def test_the_same_family_is_a_symmetric_relation(one: list[str], other: list[str]) -> None:
    assert same_family(one, other, TWO) is same_family(other, one, TWO)
    assert same_family(one, one, TWO) is (not one or "neutral" in one or any(x.lower().strip() in FIRST for x in one))
    if same_family(one, other, TWO) and one and other:
        assert same_family([*one, "zzz", "sad"], other, TWO)


def test_the_bundled_wheel_scores_too() -> None:
    bundled = bundled_wheel()
    scores = wheel_scores({"a": "happy, sad", "b": "furious"}, {"a": "[joyful]", "b": "annoyed"}, bundled)
    assert close(fpr(scores), (6 / 7, 1.0, 0.75)) and scores.edition == bundled.edition
    assert len(scores.per_wheel) == bundled.count == 1
