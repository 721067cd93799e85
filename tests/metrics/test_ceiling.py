"""The human ceiling against leave-one-out loops written again with scikit-learn, audmetric and plain sets."""

from __future__ import annotations

import warnings
from collections import defaultdict

import audmetric
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from openaffect.emotion.wheel import Wheels, bundled_wheel
from openaffect.errors import DataError, UsageError
from openaffect.metrics.agreement import human_ceiling
from openaffect.metrics.open_vocabulary import wheel_scores
from openaffect.records import Annotation, Sample


def sample(name: str, dataset: str = "made", **views: object) -> Sample:
    """Return a sample: ``ann="sad"`` or ``ann=("sad", "glad")`` for labels, ``ann={"valence": 1}`` for ratings."""
    made = []
    for annotator, view in views.items():
        if isinstance(view, dict):
            made.append(Annotation(annotator=annotator, ratings=view))
        else:
            made.append(Annotation(annotator=annotator, labels=(view,) if isinstance(view, str) else view))  # type: ignore[arg-type]
    return Sample(id=name, dataset=dataset, annotations=tuple(made))


VOTES = st.lists(
    st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["joy", "sad", "fear"])), min_size=1, max_size=12
)
RATINGS = st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 7)), min_size=1, max_size=12)


@given(votes=VOTES)
def test_uar_is_that_of_a_loop_with_scikit_learn(votes: list[dict[str, str]]) -> None:
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    ties = 0
    for row in votes:
        for person, own in row.items():
            others = [label for other, label in row.items() if other != person]
            if not others:
                continue
            counts = sorted(((others.count(label), label) for label in set(others)), reverse=True)
            if len(counts) > 1 and counts[0][0] == counts[1][0]:
                ties += 1
            else:
                rows[person].append((counts[0][1], own))
    found = human_ceiling([sample(str(i), **row) for i, row in enumerate(votes)], kind="uar")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = {person: balanced_accuracy_score(*zip(*pairs, strict=True)) for person, pairs in rows.items()}
    assert found.by_annotator == pytest.approx(scores)
    assert (found.n_annotators, found.n_ties) == (len(rows), ties)
    assert found.n_skipped == sum(len(row) < 2 for row in votes)
    if rows:
        weights = [len(rows[person]) for person in scores]
        assert found.value == pytest.approx(np.average(list(scores.values()), weights=weights))
    else:
        assert found.value is None and found.n_samples == 0


@given(ratings=RATINGS)
def test_ccc_is_that_of_a_loop_with_audmetric(ratings: list[dict[str, int]]) -> None:
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in ratings:
        for person, own in row.items():
            others = [rating for other, rating in row.items() if other != person]
            if others:
                rows[person].append((sum(others) / len(others), own))
    scores = {person: audmetric.concordance_cc(*zip(*pairs, strict=True)) for person, pairs in rows.items()}
    known = {person: score for person, score in scores.items() if not np.isnan(score)}
    assume(known)
    found = human_ceiling(
        [sample(str(i), **{p: {"valence": r} for p, r in row.items()}) for i, row in enumerate(ratings)]
    )
    assert found.kind == "ccc"
    assert found.by_annotator == pytest.approx(known, abs=1e-9)
    expected = np.average(list(known.values()), weights=[len(rows[person]) for person in known])
    assert found.value == pytest.approx(expected) and found.by_dimension == pytest.approx({"valence": expected})
    assert set(found.reason.rpartition("no score exists for ")[2].split(", ")) >= set(scores) - set(known)


def test_dimensions_are_scored_apart_and_then_averaged() -> None:
    table = {"a": [(1, 9), (2, 9), (4, 8)], "b": [(1, 7), (3, 9), (4, 7)], "c": [(2, 9), (2, 6), (5, 8)]}
    samples = [
        sample(
            str(i),
            **{person: dict(zip(("arousal", "valence"), rows[i], strict=True)) for person, rows in table.items()},
        )
        for i in range(3)
    ]
    expected = {}
    for place, name in enumerate(("arousal", "valence")):
        scores = []
        for person, rows in table.items():
            others = [np.mean([r[i][place] for p, r in table.items() if p != person]) for i in range(3)]
            scores.append(audmetric.concordance_cc(others, [row[place] for row in rows]))
        expected[name] = float(np.mean(scores))
    found = human_ceiling(samples)
    assert found.by_dimension == pytest.approx(expected)
    assert found.value == pytest.approx(np.mean(list(expected.values())))
    assert (found.n_annotators, found.n_samples, found.n_skipped, found.reason) == (3, 3, 0, "")


def test_a_rating_of_one_dimension_does_not_count_for_another() -> None:
    samples = [
        sample("1", a={"valence": 1}, b={"valence": 1, "arousal": 3}),
        sample("2", a={"valence": 4}, b={"valence": 5}),
        sample("3", a={"valence": 4}, b={"arousal": 5}),
    ]
    found = human_ceiling(samples)
    assert list(found.by_dimension) == ["valence"]
    assert (found.n_samples, found.n_skipped) == (2, 1)


def test_ratings_weigh_as_their_annotators() -> None:
    def row(a: float, b: float, c: float) -> Sample:
        views = [
            Annotation(annotator=n, ratings={"valence": r}, weight=w)
            for n, r, w in zip("abc", (a, b, c), (1, 3, 1), strict=True)
        ]
        return Sample(id=str(a), dataset="made", annotations=tuple(views))

    found = human_ceiling([row(1, 1, 5), row(2, 4, 2), row(6, 3, 1)])
    assert found.by_annotator["a"] == pytest.approx(
        audmetric.concordance_cc([(3 + 5) / 4, (12 + 2) / 4, (9 + 1) / 4], [1, 2, 6])
    )


def test_the_heavier_label_wins() -> None:
    views = [
        Annotation(annotator=n, labels=(x,), weight=w)
        for n, x, w in [("a", "joy", 1), ("b", "joy", 1.1), ("c", "sad", 1)]
    ]
    found = human_ceiling([Sample(id="1", dataset="made", annotations=tuple(views))])
    # a is met by joy (1.1 to 1), b by a tie, c by joy
    assert found.by_annotator == {"a": 1.0, "c": 0.0}
    assert (found.n_ties, found.value) == (1, 0.5)


def test_weights_that_sum_alike_are_a_tie() -> None:
    views = [("a", "joy", 0.1), ("b", "joy", 0.2), ("c", "sad", 0.3), ("d", "sad", 5)]
    made = [Annotation(annotator=name, labels=(label,), weight=weight) for name, label, weight in views]
    found = human_ceiling([Sample(id="1", dataset="made", annotations=tuple(made))])
    # Only d is met by a tie: 0.1 + 0.2 is not 0.3 in floating point.
    assert found.n_ties == 1 and set(found.by_annotator) == {"a", "b", "c"}


def families() -> Wheels:
    rows = [("up", "joy", "glad"), ("up", "joy", "merry"), ("down", "sad", "blue"), ("down", "fear", "scared")]
    words = ["up", "down", "joy", "glad", "merry", "sad", "blue", "fear", "scared"]
    every = {word: [word] for word in words}
    return Wheels.build(edition="mine", sha256="", forms=every, words=every, wheels=[rows])


@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from("abc"),
            st.lists(st.sampled_from(["glad", "merry", "blue", "scared", "unheard"]), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_wheel_is_that_of_a_loop_over_sets(rows: list[dict[str, list[str]]]) -> None:
    cluster = {"glad": "up", "merry": "up", "blue": "down", "scared": "down"}
    parts: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        for person, labels in row.items():
            others = [label for other, given_ in row.items() if other != person for label in given_]
            truth, said = ({cluster[label] for label in some if label in cluster} for some in (others, labels))
            if truth:
                parts[person].append((len(truth & said) / len(said) if said else 0.0, len(truth & said) / len(truth)))
    scores = {}
    for person, pairs in parts.items():
        precision, recall = np.mean(pairs, axis=0)
        scores[person] = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    samples = [sample(str(i), **{p: tuple(labels) for p, labels in row.items()}) for i, row in enumerate(rows)]
    found = human_ceiling(samples, wheels=families())
    assert found.kind == "wheel"
    assert found.by_annotator == pytest.approx(scores)
    if scores:
        assert found.value == pytest.approx(np.average(list(scores.values()), weights=[len(parts[p]) for p in scores]))


def test_wheel_is_wheel_scores_of_one_against_the_others() -> None:
    rows = [{"a": ("happy", "calm"), "b": ("joyful",), "c": ("sad",)}, {"a": ("angry",), "b": ("furious", "sad")}]
    samples = [sample(str(i), **row) for i, row in enumerate(rows)]
    found = human_ceiling(samples, wheels=bundled_wheel())
    truth, own = {"0": ["joyful", "sad"], "1": ["furious", "sad"]}, {"0": ["happy", "calm"], "1": ["angry"]}
    assert found.by_annotator["a"] == pytest.approx(wheel_scores(truth, own, bundled_wheel()).f)
    assert found.value == pytest.approx(np.average([found.by_annotator[p] for p in "abc"], weights=[2, 2, 1]))


@given(votes=VOTES, seed=st.integers(0, 3))
def test_order_and_repetition_do_not_matter(votes: list[dict[str, str]], seed: int) -> None:
    samples = [sample(str(i), **row) for i, row in enumerate(votes)]
    found = human_ceiling(samples, kind="uar")
    mixed = [
        samples[i].model_copy(update={"annotations": samples[i].annotations[::-1]})
        for i in np.random.default_rng(seed).permutation(len(samples))
    ]
    assert human_ceiling(mixed, kind="uar").by_annotator == pytest.approx(dict(found.by_annotator))
    twice = human_ceiling(samples * 2, kind="uar")
    assert twice.value == pytest.approx(found.value) and twice.n_samples == 2 * found.n_samples
    assert found.value is None or 0 <= found.value <= 1


def test_people_who_always_agree_reach_one() -> None:
    rows = [sample(str(i), a=label, b=label, c=label) for i, label in enumerate(["joy", "sad", "joy"])]
    assert human_ceiling(rows).value == 1
    assert human_ceiling(rows, wheels=bundled_wheel()).value == 1
    same = [sample(str(i), a={"valence": i}, b={"valence": i}) for i in range(3)]
    assert human_ceiling(same).value == pytest.approx(1)


def test_says_what_does_not_count() -> None:
    found = human_ceiling(
        [sample("1", a="joy", b="joy"), sample("2", a="sad"), sample("3"), sample("4", a="joy", b="sad", c="fear")]
    )
    assert (found.n_samples, found.n_skipped, found.n_ties) == (1, 2, 3)
    assert (
        found.reason
        == "2 of 4 samples lack labels of two annotators; 3 views met a tie of the others; no score exists for c"
    )
    lonely = human_ceiling([sample("1", a={"valence": 1}, b={"valence": 2})])
    assert lonely.value is None and lonely.by_dimension == {} and lonely.reason == "no score exists for a, b"
    unknown = human_ceiling([sample("1", a="zzz", b="yyy")], wheels=bundled_wheel())
    assert unknown.value is None and unknown.reason == (
        "2 views met labels of the others that no wheel has; no score exists for a, b"
    )


def test_without_any_views_there_is_a_reason_and_no_number() -> None:
    found = human_ceiling([sample("1"), sample("2")])
    assert (found.kind, found.value, found.n_skipped) == (None, None, 2)
    assert "no sample holds" in found.reason
    assert human_ceiling([], kind="ccc").value is None


def test_the_kind_is_told_from_the_annotations() -> None:
    one, lists = [sample("1", a="joy", b="joy")], [sample("1", a=("joy", "calm"), b="joy")]
    assert human_ceiling(one).kind == "uar"
    assert human_ceiling(one, wheels=bundled_wheel()).kind == "wheel"
    assert human_ceiling(lists, wheels=bundled_wheel()).kind == "wheel"
    with pytest.raises(UsageError, match="needs wheels"):
        human_ceiling(lists)
    with pytest.raises(UsageError, match="labels and ratings"):
        human_ceiling([sample("1", a="joy", b={"valence": 1})])


def test_refuses() -> None:
    twice = Sample(id="s7", dataset="made", annotations=(Annotation(annotator="a", labels=("x",)),) * 2)
    with pytest.raises(DataError, match="twice in sample 's7'"):
        human_ceiling([twice])
    with pytest.raises(DataError, match="a gave several labels"):
        human_ceiling([sample("1", a=("joy", "calm"), b="joy")], kind="uar")
    with pytest.raises(UsageError, match="one data set at a time"):
        human_ceiling([sample("1", a="joy"), sample("1", "other", a="joy")])
    with pytest.raises(UsageError, match="'f1' came"):
        human_ceiling([sample("1", a="joy", b="joy")], kind="f1")  # type: ignore[arg-type]
