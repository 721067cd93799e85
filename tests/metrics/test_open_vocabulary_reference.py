"""The scores with the official tables against the scorer derived again from its description, over everything.

`tests.references.mer_unibench` is that scorer: naive loops that share no line with ours.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.references import mer_unibench as reference

from openaffect.emotion.wheel import Wheels, cluster_map, load_wheels
from openaffect.metrics.open_vocabulary import (
    hit_rate,
    mapping_scores,
    same_family,
    set_scores,
    wheel_scores,
)

EDITIONS = ("2025", "2026")
NAMES = dict(
    zip(
        reference.KEYS,
        ("M1", "M2", *(f"M3-W{wheel}-L{level}" for wheel in range(1, 6) for level in (1, 2))),
        strict=True,
    )
)
TOLERANCE = 1e-9

pytestmark = [
    pytest.mark.needs_reference_data,
    pytest.mark.skipif(reference.REFERENCE is None, reason="OPENAFFECT_REFERENCE_DIR is not set"),
]


class Editions(dict[str, Wheels]):
    """Edition -> tables; hypothesis prints the arguments of a failing test, and the tables are long."""

    def __repr__(self) -> str:
        return "the official tables"


@pytest.fixture(scope="module")
def cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty cache, so that the mappings come from the code of today."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAFFECT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def wheels(cache_of_this_run: Path) -> dict[str, Wheels]:
    """The official tables through the library's own reader."""
    return Editions({edition: load_wheels(reference.folder_of(edition)) for edition in EDITIONS})


def close(ours: Any, theirs: Any) -> bool:
    return list(ours) == pytest.approx(list(theirs), abs=TOLERANCE, rel=0, nan_ok=True)


# ---------------------------------------------------------------- the mappings, complete


@pytest.mark.parametrize("key", reference.KEYS)
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_form_maps_as_in_the_reference(edition: str, key: str, wheels: dict[str, Wheels]) -> None:
    tables, mapping = reference.official(edition), wheels[edition].mapping(NAMES[key])
    forms = sorted(reference.official("2025").form2word.keys() | reference.official("2026").form2word.keys())
    expected = {form: tables.map_label(key, form) for form in forms}
    assert {form: mapping(form) or "" for form in forms} == expected
    assert len(set(expected.values())) > 5


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_tables_know_the_same_labels_and_no_other(edition: str, wheels: dict[str, Wheels]) -> None:
    assert wheels[edition].entries.keys() == reference.official(edition).form2word.keys()
    for word in ("neutral", "", " happy", "Happy", "HAPPY", "happy ", "happy.", "[happy]", "qwertyword", "开心"):
        assert [wheels[edition].mapping(name)(word) for name in NAMES.values()] == [None] * 12, word


@pytest.mark.parametrize("edition", EDITIONS)
def test_named_ways_to_a_mapping_agree(edition: str, wheels: dict[str, Wheels]) -> None:
    one = wheels[edition]
    assert one.names == tuple(NAMES.values()) and one.count == 5
    for form in one.entries:
        by_name = [one.mapping(name)(form) for name in one.names]
        by_method = [one.form(form), one.synonym(form)]
        by_method += [one.cluster(form, wheel, level) for wheel in range(1, 6) for level in (1, 2)]
        assert by_name == by_method, form


@pytest.mark.parametrize("edition", EDITIONS)
def test_tables_read_again_from_the_cache_map_alike(
    edition: str, wheels: dict[str, Wheels], cache_of_this_run: Path
) -> None:
    assert any(path.is_file() for path in cache_of_this_run.rglob("*"))
    again = load_wheels(reference.folder_of(edition))
    assert (again.edition, again.sha256, again.count) == (
        wheels[edition].edition,
        wheels[edition].sha256,
        wheels[edition].count,
    )
    assert again.entries.keys() == wheels[edition].entries.keys()
    for form, entry in wheels[edition].entries.items():
        assert list(again.entries[form]) == list(entry), form


@pytest.mark.parametrize("edition", EDITIONS)
def test_building_from_the_raw_tables_gives_the_same(edition: str, wheels: dict[str, Wheels]) -> None:
    tables = reference.official(edition)
    made = Wheels.build(
        edition=edition, sha256="", forms=tables.form2word, words=tables.word2wheel, wheels=tables.wheels
    )
    assert {form: list(entry) for form, entry in made.entries.items()} == {
        form: list(entry) for form, entry in wheels[edition].entries.items()
    }


# ---------------------------------------------------------------- facts that the description states


def clusters(wheels: Wheels, wheel: int, level: int) -> set[str]:
    found = {wheels.cluster(form, wheel, level) for form in wheels.entries}
    return {cluster for cluster in found if cluster is not None}


@pytest.mark.parametrize(("edition", "forms", "ambiguous"), [("2025", 7386, 887), ("2026", 7356, None)])
def test_sizes_of_the_tables(edition: str, forms: int, ambiguous: int | None, wheels: dict[str, Wheels]) -> None:
    tables = reference.official(edition)
    assert len(wheels[edition].entries) == forms
    words = {word for found in tables.form2word.values() for word in found}
    assert len(words) == len(tables.word2wheel) == 1255
    assert words == tables.word2wheel.keys() and words <= wheels[edition].entries.keys()
    on_wheels = {word for rows in tables.wheels for row in rows for word in row}
    assert len(on_wheels) == 253
    assert {word for found in tables.word2wheel.values() for word in found} == on_wheels
    assert sum(len(found) > 1 for found in tables.word2wheel.values()) == 431
    if ambiguous is not None:
        assert sum(len(found) > 1 for found in tables.form2word.values()) == ambiguous


@pytest.mark.parametrize("edition", EDITIONS)
def test_names_and_sizes_of_the_wheels(edition: str, wheels: dict[str, Wheels]) -> None:
    level1 = [
        {"mad", "disgusted", "sad", "happy", "surprised", "scared"},
        {"fearful", "angry", "disgusted", "sad", "surprised", "happy", "bad"},
        {"mad", "scared", "joyful", "powerful", "peaceful", "sad"},
        {"joy", "genius", "anger", "sad", "fear", "disgust"},
        {"mad", "scared", "sad", "peaceful", "powerful", "joyful"},
    ]
    assert [clusters(wheels[edition], wheel, 1) for wheel in range(1, 6)] == level1
    tables = reference.official(edition)
    assert [len(rows) for rows in tables.wheels] == [72, 82, 36, 48, 36]
    assert [sum(map(len, reference.wheel_tree(rows).values())) for rows in tables.wheels] == [36, 41, 36, 48, 36]
    for level in (1, 2):
        assert [len(tables.maps[wheel, level]) for wheel in range(1, 6)] == [114, 126, 78, 102, 77]
    # words that stand twice on a wheel: the later place wins
    for (wheel, level), expected in tables.maps.items():
        assert cluster_map(tables.wheels[wheel - 1], level) == expected
    assert tables.maps[2, 1]["embarrassed"] == "sad" and tables.maps[2, 1]["overwhelmed"] == "bad"
    assert tables.maps[2, 2]["disappointed"] == "hurt" and tables.maps[2, 2]["inferior"] == "depressed"


def test_the_editions_differ_in_64_forms(wheels: dict[str, Wheels]) -> None:
    first, second = (reference.official(edition).form2word for edition in EDITIONS)
    differing = {form for form in first.keys() | second.keys() if first.get(form) != second.get(form)}
    assert len(differing) == 64 and {"fear", "fears", "feared", "fearing", "help", "rest", "use"} <= differing
    ours_first, ours_second = (wheels[edition].entries for edition in EDITIONS)
    changed = {
        form
        for form in ours_first.keys() | ours_second.keys()
        if list(ours_first.get(form, ())) != list(ours_second.get(form, ()))
    }
    assert changed <= differing and {"fear", "use", "rest", "list"} <= changed
    assert len(ours_first.keys() - ours_second.keys()) == 30 and not ours_second.keys() - ours_first.keys()


@pytest.mark.parametrize(
    ("label", "edition", "expected"),
    [
        ("fear", "2025", ["scared", "happy", "joyful", "genius", "joyful"]),
        ("fear", "2026", ["scared", "fearful", "scared", "fear", "scared"]),
        ("negative", "2025", [None, "bad", None, None, None]),
        ("negative", "2026", [None, "bad", None, None, None]),
        ("neutral", "2025", [None] * 5),
        ("neutral", "2026", [None] * 5),
    ],
)
def test_odd_places_are_kept(label: str, edition: str, expected: list[str | None], wheels: dict[str, Wheels]) -> None:
    assert [wheels[edition].cluster(label, wheel) for wheel in range(1, 6)] == expected


@pytest.mark.parametrize("edition", EDITIONS)
def test_m3_does_not_go_through_m2(edition: str, wheels: dict[str, Wheels]) -> None:
    """Labels whose M2 word lies on the wheel in another cluster than their M3, or in none."""
    one, other = wheels[edition], 0
    for form in one.entries:
        wheel_word = one.synonym(form)
        through = reference.official(edition).maps[1, 1].get(wheel_word or "")
        other += one.cluster(form) != through
    assert other > 500


# ---------------------------------------------------------------- made corpora

ODD_LETTERS = "[]'\", .;，、\n\tab’İßÉ"
UNKNOWN = ("qwertyword", "zzz", "开心", "happy.", "no such word", "none", "nan", "self conscious", "don't care")


@cache
def pool(edition: str) -> list[str]:
    """Forms that meet often: the words of the wheels, forms of several words, forms that the editions treat apart."""
    tables = reference.official(edition)
    other = reference.official("2026" if edition == "2025" else "2025")
    found = {word for rows in tables.wheels for row in rows for word in row}
    found |= {form for form, words in tables.form2word.items() if len(words) > 3}
    found |= {form for form in tables.form2word if tables.form2word[form] != other.form2word.get(form)}
    return sorted(found)


@cache
def common(edition: str) -> list[str]:
    """A few labels, so that truth and prediction share something."""
    words = "happy joyful sad lonely angry mad fear scared surprised bored tired disgusted proud calm negative bad"
    return words.split()


def some_label(rng: random.Random, edition: str) -> str:
    kind = rng.random()
    if kind < 0.45:
        label = rng.choice(common(edition))
    elif kind < 0.75:
        label = rng.choice(pool(edition))
    elif kind < 0.85:
        label = rng.choice(sorted(reference.official(edition).form2word))
    elif kind < 0.95:
        label = rng.choice(UNKNOWN)
    else:
        label = rng.choice(("neutral", "Neutral", "NEUTRAL"))
    if rng.random() < 0.15:
        label = rng.choice((label.upper(), label.title(), f"  {label}\n", f"\t{label.capitalize()} "))
    return label


def written(rng: random.Random, labels: list[str]) -> Any:
    """The same labels in one of the ways in which files hold them."""
    kind = rng.randrange(9)
    if kind < 2:
        return labels
    if kind == 2:
        return np.array(labels, dtype=object) if labels else np.array([], dtype=object)
    if kind == 3:
        return np.array(labels) if labels else np.array([], dtype=str)
    if kind == 4:
        return str(labels)
    if kind == 5:
        return f"[{', '.join(labels)}]"
    if kind == 6:
        return ",".join(labels)
    if kind == 7:
        return ", ,".join(f'"{label}"' for label in labels)
    return (
        rng.choice(("", None, float("nan"), "[]", "[ ]", "]", ",", "'", '""', ", , ,"))
        if not labels
        else "; ".join(labels)
    )


def corpus(rng: random.Random, edition: str, size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    truth: dict[str, Any] = {}
    predictions: dict[str, Any] = {}
    for number in range(size):
        truth[f"s{number}"] = written(rng, [some_label(rng, edition) for _ in range(rng.randrange(5))])
        predictions[f"s{number}"] = written(rng, [some_label(rng, edition) for _ in range(rng.randrange(6))])
    for number in range(rng.randrange(3)):
        predictions[f"extra{number}"] = "happy"
    return truth, predictions


def assert_sets_agree(tables: reference.Tables, wheels: Wheels, truth: Any, predictions: Any, zero: Any) -> None:
    together = mapping_scores(truth, predictions, wheels, zero=zero)
    assert list(together) == list(NAMES.values())
    for key, name in NAMES.items():
        expected = reference.set_overlap(tables, key, truth, predictions, zero)
        one = set_scores(truth, predictions, wheels.mapping(name), zero=zero)
        assert close((one.f, one.precision, one.recall), expected), name
        assert close((together[name].f, together[name].precision, together[name].recall), expected), name
    for level in (1, 2):
        scores = wheel_scores(truth, predictions, wheels, level=level, zero=zero)  # type: ignore[arg-type]
        expected = reference.wheel_metric(tables, level, truth, predictions, zero)
        assert close((scores.f, scores.precision, scores.recall), expected), level
        for number, one in enumerate(scores.per_wheel, 1):
            key = f"case3_wheel{number}_level{level}"
            expected = reference.set_overlap(tables, key, truth, predictions, zero)
            assert close((one.f, one.precision, one.recall), expected), key
            kept = [name for name in truth if tables.map_labels(key, reference.string_to_list(truth[name]))]
            empty = [n for n in kept if not tables.map_labels(key, reference.string_to_list(predictions[n]))]
            assert (one.n, one.n_skipped, one.n_empty) == (len(kept), len(truth) - len(kept), len(empty)), key


@pytest.mark.parametrize("zero", EDITIONS)
@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("seed", range(6))
def test_set_and_wheel_scores_of_made_corpora(seed: int, edition: str, zero: str, wheels: dict[str, Wheels]) -> None:
    rng = random.Random(f"sets {seed}")
    truth, predictions = corpus(rng, edition, (1, 2, 5, 30, 120, 400)[seed])
    assert_sets_agree(reference.official(edition), wheels[edition], truth, predictions, zero)


@pytest.mark.parametrize("edition", EDITIONS)
def test_by_default_the_edition_says_what_zero_by_zero_is(edition: str, wheels: dict[str, Wheels]) -> None:
    tables = reference.official(edition)
    for truth, given_labels in (("happy", "sad"), ("neutral", "happy"), ("zzz", ""), ("sad", "sad")):
        scores = wheel_scores({"a": truth}, {"a": given_labels}, wheels[edition])
        expected = reference.wheel_metric(tables, 1, {"a": truth}, {"a": given_labels}, edition)
        assert close((scores.f, scores.precision, scores.recall), expected)
        rates = hit_rate({"a": truth}, {"a": given_labels}, wheels[edition])
        _, expected_rates = reference.hit_rates(tables, {"a": truth}, {"a": given_labels}, zero=edition)
        assert close((rates.hit, rates.mscore), expected_rates)
        every = mapping_scores({"a": truth}, {"a": given_labels}, wheels[edition])
        for key, name in NAMES.items():
            one = reference.set_overlap(tables, key, {"a": truth}, {"a": given_labels}, edition)
            assert close((every[name].f, every[name].precision, every[name].recall), one), name


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_prediction_of_the_whole_vocabulary(edition: str, wheels: dict[str, Wheels]) -> None:
    """More clusters than any machine word has bits, under M1 and M2."""
    tables = reference.official(edition)
    everything = list(tables.form2word)
    truth = {"all": everything, "few": everything[:70], "one": "fearless", "none": "neutral"}
    assert_sets_agree(tables, wheels[edition], truth, dict.fromkeys(truth, everything), "2025")
    assert_sets_agree(tables, wheels[edition], truth, dict.fromkeys(truth, everything[5:200]), "2025")
    found = mapping_scores(truth, dict.fromkeys(truth, everything), wheels[edition])
    assert found["M1"].recall == found["M2"].recall == 1.0 and found["M1"].precision < 0.4


def written_labels() -> st.SearchStrategy[str]:
    """One written label: known, unknown, neutral, in capitals, or odd."""
    known = st.deferred(lambda: st.sampled_from(pool("2025")) | st.sampled_from(common("2025")))
    odd = st.sampled_from((*UNKNOWN, "neutral", "Neutral", "", " "))
    plain = st.one_of(known, known, known, odd)
    return st.one_of(plain, plain, plain, plain.map(str.upper), plain.map(lambda label: f" {label.title()}\t"))


def values() -> st.SearchStrategy[Any]:
    """The labels of one sample as files hold them, odd strings included."""
    lists = st.lists(written_labels(), max_size=4)
    raw = st.text(ODD_LETTERS, max_size=8).filter(lambda text: text != "[")
    return st.one_of(
        lists,
        lists,
        lists.map(str),
        lists.map(", ".join).filter(lambda text: text != "["),
        lists.map(lambda labels: np.array(labels, dtype=object)),
        raw,
        st.sampled_from(("", None, float("nan"), "[]")),
    )


@settings(max_examples=300)
@given(
    rows=st.lists(st.tuples(values(), values()), max_size=5),
    edition=st.sampled_from(EDITIONS),
    zero=st.sampled_from(EDITIONS),
)
def test_set_and_wheel_scores_of_anything(rows: Any, edition: str, zero: str, wheels: dict[str, Wheels]) -> None:
    truth = {f"s{number}": row[0] for number, row in enumerate(rows)}
    predictions = {f"s{number}": row[1] for number, row in enumerate(rows)}
    assert_sets_agree(reference.official(edition), wheels[edition], truth, predictions, zero)


# ---------------------------------------------------------------- hit rate


def assert_hits_agree(
    tables: reference.Tables, wheels: Wheels, truth: Any, given_: Any, classes: Any, zero: Any
) -> None:
    rates = hit_rate(truth, given_, wheels, classes, zero=zero)
    per_wheel, means = reference.hit_rates(tables, truth, given_, classes, zero)
    assert close([rate.hit for rate in rates.per_wheel], [pair[0] for pair in per_wheel])
    assert close([rate.mscore for rate in rates.per_wheel], [pair[1] for pair in per_wheel])
    assert close((rates.hit, rates.mscore), means)
    for number, rate in enumerate(rates.per_wheel, 1):
        kept = [
            name
            for name, label in truth.items()
            if tables.map_labels(f"case3_wheel{number}_level1", reference.string_to_list(label))
        ]
        assert (rate.n, rate.n_skipped) == (len(kept), len(truth) - len(kept))


CLASSES = {
    "mer2023": ["neutral", "angry", "happy", "sad", "worried", "surprise"],
    "meld": ["anger", "joy", "sadness", "neutral", "disgust", "fear", "surprise"],
    "iemocap": ["happy", "sad", "neutral", "anger"],
}


@pytest.mark.parametrize("explicit", [False, True], ids=["classes of the truth", "classes given"])
@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("classes", CLASSES)
def test_hit_rate_of_made_corpora(classes: str, edition: str, explicit: bool, wheels: dict[str, Wheels]) -> None:
    rng = random.Random(f"hits {classes}")
    names = [f"s{number}" for number in range(150)]
    truth = {name: rng.choice(CLASSES[classes]) for name in names}
    given_ = {name: written(rng, [some_label(rng, edition) for _ in range(rng.randrange(5))]) for name in names}
    candidates = CLASSES[classes] if explicit else None
    for zero in EDITIONS:
        assert_hits_agree(reference.official(edition), wheels[edition], truth, given_, candidates, zero)


@pytest.mark.parametrize(
    "candidates",
    [
        ["happy", "sad"],  # the classes of some samples are not among them
        ["Happy", "SAD", "Angry"],  # in capitals: unknown, as in the official scorer
        ["Happy", "sad", " angry"],
        ["neutral"],
        ["zzz"],
        [],
        ["happy", "happy", "joyful"],
    ],
)
@pytest.mark.parametrize("edition", EDITIONS)
def test_mscore_looks_at_the_candidates_as_written(
    candidates: list[str], edition: str, wheels: dict[str, Wheels]
) -> None:
    truth = {"a": "happy", "b": "sad", "c": "angry", "d": "neutral", "e": "Happy", "f": "[sad]"}
    given_ = {"a": "happy, sad, angry", "b": "sad", "c": "mad, joyful", "d": "happy", "e": "proud, sad", "f": "zzz"}
    assert_hits_agree(reference.official(edition), wheels[edition], truth, given_, candidates, "2025")


def test_capital_truth_without_candidates_leaves_mscore_nothing(wheels: dict[str, Wheels]) -> None:
    """The truth is lower-cased for the hit, not as a candidate, so that the denominator is empty: 0."""
    truth, given_ = {"a": "Happy"}, {"a": "joyful, sad"}
    rates = hit_rate(truth, given_, wheels["2025"])
    assert rates.hit == 1.0 and rates.mscore == 0.0
    assert_hits_agree(reference.official("2025"), wheels["2025"], truth, given_, None, "2025")


single = st.deferred(
    lambda: st.one_of(
        st.sampled_from(common("2025")),
        st.sampled_from(pool("2025")),
        st.sampled_from(("neutral", "zzz", "surprise", "worried")),
    )
)


@settings(max_examples=300)
@given(
    rows=st.lists(st.tuples(single, values()), max_size=5),
    candidates=st.none() | st.lists(written_labels(), max_size=5),
    edition=st.sampled_from(EDITIONS),
    zero=st.sampled_from(EDITIONS),
)
def test_hit_rate_of_anything(rows: Any, candidates: Any, edition: str, zero: str, wheels: dict[str, Wheels]) -> None:
    truth = {f"s{number}": row[0] for number, row in enumerate(rows)}
    given_ = {f"s{number}": row[1] for number, row in enumerate(rows)}
    assert_hits_agree(reference.official(edition), wheels[edition], truth, given_, candidates, zero)


# ---------------------------------------------------------------- the same family


@given(one=values(), other=values(), edition=st.sampled_from(EDITIONS))
def test_same_family_of_anything(one: Any, other: Any, edition: str, wheels: dict[str, Wheels]) -> None:
    tables = reference.official(edition)
    assert same_family(one, other, wheels[edition]) is reference.hit_or_not(tables, one, other)
    assert same_family(other, one, wheels[edition]) is reference.hit_or_not(tables, other, one)


@pytest.mark.parametrize("edition", EDITIONS)
def test_same_family_of_many_pairs(edition: str, wheels: dict[str, Wheels]) -> None:
    rng, answers = random.Random("families"), set()
    for _ in range(1500):
        one, other = (written(rng, [some_label(rng, edition) for _ in range(rng.randrange(3))]) for _ in range(2))
        expected = reference.hit_or_not(reference.official(edition), one, other)
        assert same_family(one, other, wheels[edition]) is expected, (one, other)
        answers.add(expected)
    assert answers == {True, False}
