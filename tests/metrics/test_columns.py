"""Columns of data: what is taken and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from openaffect.errors import DataError, UsageError
from openaffect.metrics.columns import cross_table, finite, finite_pair, in_order, labels_of


@pytest.mark.parametrize("values", [[1, 2], (1.0, 2.0), np.array([1, 2], np.int8), np.array([1, 2], np.float32)])
def test_numbers_of_any_kind_become_float64(values: object) -> None:
    numbers = finite(values, "truth")  # type: ignore[arg-type]
    assert numbers.dtype == np.float64 and numbers.tolist() == [1.0, 2.0]


def test_the_data_of_the_caller_is_not_touched() -> None:
    values = np.array([1.0, 2.0])
    finite(values, "truth")[0] = 9
    assert values.tolist() == [1.0, 2.0]


def test_the_names_of_the_caller_stand_in_errors() -> None:
    with pytest.raises(UsageError, match="ours and theirs must be equally long"):
        finite_pair([1], [1, 2], ("ours", "theirs"))
    with pytest.raises(DataError, match="theirs holds nan at 0"):
        finite_pair([1], [np.nan], ("ours", "theirs"))


@pytest.mark.parametrize("values", [[1j], ["a"], [None], np.array(["2020"], "datetime64")])
def test_what_is_no_number_is_refused(values: object) -> None:
    with pytest.raises(DataError, match="numbers only"):
        finite(values, "truth")  # type: ignore[arg-type]


def test_true_and_one_are_one_label() -> None:
    assert in_order([True, 1, 0]) == (0, True)


def test_labels_of_numpy_are_those_of_python() -> None:
    assert [type(label) for label in labels_of(np.array([1, 2]), "truth")] == [int, int]


def test_given_labels_give_the_order_of_a_table() -> None:
    labels, counts = cross_table(["a", "b"], ["b", "b"], ["b", "c", "a"])
    assert labels == ("b", "c", "a")
    assert counts.tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]
