"""Accuracy, F1, UAR and the confusion matrix against scikit-learn, audmetric and a table worked by hand."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Hashable

import audmetric
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.metrics.classification import accuracy, confusion, macro_f1, scores_by_class, uar, weighted_f1

FIGURES = [accuracy, weighted_f1, macro_f1, uar]
WORDS = st.sampled_from(["anger", "joy", "neutral", "sad"])
NUMBERS = st.integers(-2, 3)
TRUTHS = st.booleans()
PAIRS = st.one_of(*(st.lists(st.tuples(label, label), min_size=1, max_size=40) for label in (WORDS, NUMBERS, TRUTHS)))
Pairs = list[tuple[Hashable, Hashable]]


def columns(pairs: Pairs) -> tuple[list[Hashable], list[Hashable]]:
    return [a for a, _ in pairs], [b for _, b in pairs]


@given(pairs=PAIRS)
def test_is_scikit_learns(pairs: Pairs) -> None:
    truth, prediction = columns(pairs)
    assert accuracy(truth, prediction) == pytest.approx(sklearn.accuracy_score(truth, prediction))
    for figure, average in ((weighted_f1, "weighted"), (macro_f1, "macro")):
        theirs = sklearn.f1_score(truth, prediction, average=average, zero_division=0)
        assert figure(truth, prediction) == pytest.approx(theirs)
    with warnings.catch_warnings():  # scikit-learn warns of single classes, true or in all
        warnings.simplefilter("ignore")
        assert uar(truth, prediction) == pytest.approx(sklearn.balanced_accuracy_score(truth, prediction))
        assert confusion(truth, prediction).counts.tolist() == sklearn.confusion_matrix(truth, prediction).tolist()


@given(pairs=PAIRS)
def test_with_labels_is_scikit_learns_and_audmetrics(pairs: Pairs) -> None:
    truth, prediction = columns(pairs)
    every = sorted({*truth, *prediction}, key=str)
    options = {"labels": every, "average": "macro", "zero_division": 0}
    assert macro_f1(truth, prediction, labels=every) == pytest.approx(sklearn.f1_score(truth, prediction, **options))
    assert uar(truth, prediction, labels=every) == pytest.approx(sklearn.recall_score(truth, prediction, **options))
    assert uar(truth, prediction, labels=every) == pytest.approx(audmetric.unweighted_average_recall(truth, prediction))
    assert macro_f1(truth, prediction) == pytest.approx(audmetric.unweighted_average_fscore(truth, prediction))


@given(pairs=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=40))
def test_the_classes_of_a_task_may_be_fewer_or_more_than_those_in_use(pairs: Pairs) -> None:
    truth, prediction = columns(pairs)
    for labels in (["joy", "anger"], ["fear", "joy", "sad", "anger", "neutral"]):
        options = {"labels": labels, "average": None, "zero_division": 0}
        theirs = sklearn.precision_recall_fscore_support(truth, prediction, **options)
        ours = scores_by_class(truth, prediction, labels)
        assert list(ours) == labels
        for column, name in zip(theirs, ("precision", "recall", "f1", "support"), strict=True):
            assert [getattr(score, name) for score in ours.values()] == pytest.approx(column.tolist())


def test_by_hand() -> None:
    #            predicted: joy sad none
    # joy (3):                2   1   0
    # sad (2):                0   1   1
    truth = ["joy", "joy", "joy", "sad", "sad"]
    prediction = ["joy", "joy", "sad", "sad", "none"]
    f_joy, f_sad = 2 * 2 / (3 + 2), 2 * 1 / (2 + 2)
    assert accuracy(truth, prediction) == pytest.approx(3 / 5)
    assert weighted_f1(truth, prediction) == pytest.approx((3 * f_joy + 2 * f_sad) / 5)
    assert macro_f1(truth, prediction) == pytest.approx((f_joy + f_sad + 0) / 3)
    assert macro_f1(truth, prediction, labels=["joy", "sad"]) == pytest.approx((f_joy + f_sad) / 2)
    assert uar(truth, prediction) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert uar(truth, prediction, labels=["joy", "sad", "none"]) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    table = confusion(truth, prediction, ["sad", "joy", "none"])
    assert table.labels == ("sad", "joy", "none")
    assert table.counts.tolist() == [[1, 0, 1], [1, 2, 0], [0, 0, 0]]


def test_a_class_only_predicted_in_each_way_that_the_field_counts_it() -> None:
    truth, prediction = [0, 0], [0, 1]
    assert uar(truth, prediction) == 0.5
    assert uar(truth, prediction, labels=[0, 1]) == audmetric.unweighted_average_recall(truth, prediction) == 0.25


@given(pairs=PAIRS, seed=st.integers(0, 5))
def test_what_holds_for_any_data(pairs: Pairs, seed: int) -> None:
    truth, prediction = columns(pairs)
    order = np.random.default_rng(seed).permutation(len(pairs))
    mixed = [truth[i] for i in order], [prediction[i] for i in order]
    names = {label: f"class {label}" for label in {*truth, *prediction}}
    renamed = [names[label] for label in truth], [names[label] for label in prediction]
    for figure in FIGURES:
        value = figure(truth, prediction)
        assert 0 <= value <= 1
        assert figure(*mixed) == pytest.approx(value)
        assert figure(truth * 2, prediction * 2) == pytest.approx(value)
        assert figure(*renamed) == pytest.approx(value)
        assert figure(truth, truth) == 1
    table = confusion(truth, prediction)
    assert table.counts.sum() == len(pairs)
    assert (confusion(prediction, truth).counts == table.counts.T).all()


def test_labels_of_several_kinds_keep_the_order_in_which_they_came() -> None:
    table = confusion(["sad", 1, ("a", 2)], [("a", 2), 1, "sad"])
    assert table.labels == ("sad", 1, ("a", 2))
    assert table.counts.tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_numpy_columns() -> None:
    truth, prediction = np.array([2, 0, 2]), np.array([2, 2, 0])
    table = confusion(truth, prediction)
    assert table.labels == (0, 2) and table.counts.tolist() == [[0, 1], [1, 1]]
    assert uar(np.array(["a", "b"]), np.array(["a", "a"])) == 0.5


@pytest.mark.parametrize("figure", [*FIGURES, confusion, scores_by_class])
@pytest.mark.parametrize(
    ("truth", "prediction", "error", "message"),
    [
        ([], [], NothingToScore, "are empty"),
        (["a"], [], UsageError, "equally long, but 1 and 0 came"),
        (["a", None], ["a", "b"], DataError, "truth holds None at 1"),
        (["a", "b"], ["a", math.nan], DataError, "prediction holds nan at 1"),
        ([["a"]], ["a"], DataError, "not one label"),
        (np.array([["a"]]), ["a"], DataError, "not one label"),
        ("ab", ["a", "b"], UsageError, "one text 'ab'"),
    ],
)
def test_refuses(
    figure: Callable[..., object], truth: object, prediction: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        figure(truth, prediction)


@pytest.mark.parametrize("labels", [[], ["a", "a"]])
@pytest.mark.parametrize("figure", [macro_f1, uar])
def test_refuses_impossible_labels(figure: Callable[..., float], labels: list[str]) -> None:
    with pytest.raises(UsageError, match="each once"):
        figure(["a"], ["a"], labels=labels)


def test_a_confusion_matrix_drops_nothing() -> None:
    with pytest.raises(DataError, match="'b' is not among the labels"):
        confusion(["a"], ["b"], ["a"])
