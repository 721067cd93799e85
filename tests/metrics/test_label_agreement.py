"""Cohen's and Fleiss' kappa against scikit-learn, the table of Fleiss 1971, and tables worked by hand."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.metrics.agreement import cohen_kappa, fleiss_kappa

# Fleiss 1971, table 1: six psychiatrists put 30 patients into five classes.
FLEISS_1971 = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
SCALE = [1, 2, 3, 4]
RATED = st.lists(st.tuples(st.sampled_from(SCALE), st.sampled_from(SCALE)), min_size=1, max_size=40)
WEIGHTS = [None, "linear", "quadratic"]


@pytest.mark.parametrize("weights", WEIGHTS)
@given(pairs=RATED)
def test_is_scikit_learns(pairs: list[tuple[int, int]], weights: str | None) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    assume(len({*first, *second}) > 1)  # scikit-learn warns of 0/0
    for labels in (None, SCALE):
        theirs = cohen_kappa_score(first, second, weights=weights, labels=labels)
        ours = cohen_kappa(first, second, weights=weights, labels=labels)  # type: ignore[arg-type]
        assert ours == pytest.approx(theirs)
        assert cohen_kappa(second, first, weights=weights, labels=labels) == pytest.approx(ours)  # type: ignore[arg-type]
        assert cohen_kappa(first * 3, second * 3, weights=weights, labels=labels) == pytest.approx(ours)  # type: ignore[arg-type]
        assert ours <= 1


def test_cohen_by_hand() -> None:
    # yes/yes 20, yes/no 5, no/yes 10, no/no 15: observed 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen_kappa(first, second) == pytest.approx((0.7 - 0.5) / (1 - 0.5))


def test_the_order_of_words_must_be_said() -> None:
    first, second = ["low", "mid", "high", "mid"], ["low", "high", "high", "low"]
    with pytest.raises(UsageError, match="needs the order"):
        cohen_kappa(first, second, weights="linear")
    order = ["low", "mid", "high"]
    as_numbers = [[order.index(label) for label in column] for column in (first, second)]
    assert cohen_kappa(first, second, weights="linear", labels=order) == pytest.approx(
        cohen_kappa_score(*as_numbers, weights="linear")
    )


def test_a_step_that_nobody_used_counts_once_it_is_named() -> None:
    # Costs by chance, a third of: 1 beside 2, 2, 4; 2 beside 2, 2, 4; 4 beside 2, 2, 4.  Observed: 1 beside 2.
    places_apart = (1 + 1 + 2) + (0 + 0 + 1) + (1 + 1 + 0)
    steps_apart = (1 + 1 + 3) + (0 + 0 + 2) + (2 + 2 + 0)
    assert cohen_kappa([1, 2, 4], [2, 2, 4], weights="linear") == pytest.approx(1 - 1 / (places_apart / 3))
    assert cohen_kappa([1, 2, 4], [2, 2, 4], weights="linear", labels=SCALE) == pytest.approx(1 - 1 / (steps_apart / 3))


def test_one_label_throughout_is_nan() -> None:
    assert math.isnan(cohen_kappa(["a", "a"], ["a", "a"]))
    assert math.isnan(fleiss_kappa([[3, 0], [3, 0]]))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"first": [], "second": []}, NothingToScore, "first and second are empty"),
        ({"first": [1], "second": [1, 2]}, UsageError, "equally long"),
        ({"first": [1, None], "second": [1, 2]}, DataError, "first holds None at 1"),
        ({"first": [1], "second": [2], "weights": "cubic"}, UsageError, "'cubic'"),
        ({"first": [1], "second": [2], "labels": [1]}, DataError, "2 is not among"),
    ],
)
def test_cohen_refuses(arguments: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        cohen_kappa(**arguments)  # type: ignore[arg-type]


def test_the_published_kappa_of_fleiss() -> None:
    counts = np.array([[int(digit) for digit in row] for row in FLEISS_1971.split()])
    assert counts.shape == (30, 5)
    # The shares of the classes, as printed there, show that the table was typed rightly.
    assert np.round(counts.sum(axis=0) / 180, 3).tolist() == [0.144, 0.144, 0.167, 0.306, 0.239]
    assert round(fleiss_kappa(counts), 3) == 0.430


@given(table=st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=2, max_size=12))
def test_fleiss_from_every_pair_of_raters(table: list[list[int]]) -> None:
    assume(len({label for row in table for label in row}) > 1)
    counts = [[row.count(label) for label in range(4)] for row in table]
    pairs = [a == b for row in table for a, b in combinations(row, 2)]
    flat = [label for row in table for label in row]
    chance = sum((flat.count(label) / len(flat)) ** 2 for label in range(4))
    expected = (sum(pairs) / len(pairs) - chance) / (1 - chance)
    assert fleiss_kappa(counts) == pytest.approx(expected)
    assert fleiss_kappa(list(reversed(counts)) * 2) == pytest.approx(expected)
    assert fleiss_kappa([list(reversed(row)) for row in counts]) == pytest.approx(expected)
    assert -1 <= fleiss_kappa(counts) <= 1


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ([[3, 0], [2, 0]], DataError, r"\[2, 3\] came"),
        ([[1, 0], [0, 1]], DataError, r"at least 2"),
        ([[1.5, 1.5]], DataError, "whole numbers"),
        ([[4, -1]], DataError, "whole numbers"),
        ([[3, math.nan]], DataError, r"nan at \(0, 1\)"),
        ([3, 0], UsageError, "2 axis or axes"),
        ([[]], NothingToScore, "counts is empty"),
    ],
)
def test_fleiss_refuses(counts: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        fleiss_kappa(counts)  # type: ignore[arg-type]
