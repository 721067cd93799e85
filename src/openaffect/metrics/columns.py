"""Columns and tables of data, checked before a figure is taken of them: as long as each other, not empty, finite."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openaffect.errors import DataError, NothingToScore, UsageError

Floats = NDArray[np.float64]
Names = tuple[str, str]

TRUTH: Names = ("truth", "prediction")


def finite(values: ArrayLike, name: str, *, axes: int = 1) -> Floats:
    """Return *values* as float64 with *axes* axes; *name* is the word for them in an error.

    Raises `UsageError` for another shape, `DataError` for what is no number, NaN or infinite, and `NothingToScore`
    when nothing came.

    >>> finite([1, 2], "truth").tolist()
    [1.0, 2.0]
    """
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different length
        raise DataError(f"{name} must be a table with rows of one length; fill or drop the gaps.") from error
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} must hold numbers only, but {array.dtype} came; drop or convert the rest.")
    if array.ndim != axes:
        raise UsageError(f"{name} must have {axes} axis or axes, but its shape is {array.shape}; reshape it.")
    if array.size == 0:
        raise NothingToScore(f"{name} is empty; give at least one value.")
    numbers = array.astype(np.float64)
    if not (known := np.isfinite(numbers)).all():
        where = tuple(int(i) for i in np.argwhere(~known)[0])
        raise DataError(f"{name} holds {numbers[where]} at {where[0] if axes == 1 else where}; drop or fill it first.")
    return numbers


def finite_pair(first: ArrayLike, second: ArrayLike, names: Names = TRUTH) -> tuple[Floats, Floats]:
    """Return two columns as by `finite`; raises `UsageError` when one is longer."""
    one, two = finite(first, names[0]), finite(second, names[1])
    same_length(one, two, names)
    return one, two


def same_length(first: Sequence[Any] | Floats, second: Sequence[Any] | Floats, names: Names = TRUTH) -> None:
    """Raise `UsageError` unless *first* and *second* are equally long."""
    if len(first) != len(second):
        raise UsageError(
            f"{names[0]} and {names[1]} must be equally long, but {len(first)} and {len(second)} came; "
            "give one value of each for every sample."
        )


def labels_of(values: Iterable[Hashable], name: str) -> list[Hashable]:
    """Return a column of labels as a list of Python objects.

    Raises `UsageError` for a bare string and `DataError` for a label that cannot be told apart from others: None, NaN,
    or a list.

    >>> labels_of(np.array(["sad", "glad"]), "truth")
    ['sad', 'glad']
    """
    if isinstance(values, str | bytes):
        raise UsageError(f"{name} must be a list of labels, but the one text {values!r} came; put it in a list.")
    listed: list[Hashable] = values.tolist() if isinstance(values, np.ndarray) else list(values)
    for position, label in enumerate(listed):
        if not isinstance(label, Hashable):
            raise DataError(f"{name} holds {label!r} at {position}, which is not one label; give one a sample.")
        if missing(label):
            raise DataError(f"{name} holds {label} at {position}; drop the sample, or write a label such as 'none'.")
    return listed


def missing(value: object) -> bool:
    """Return whether *value* is None or NaN."""
    return value is None or value != value


def in_order(labels: Iterable[Hashable]) -> tuple[Hashable, ...]:
    """Return the distinct *labels*, sorted; in order of appearance where they cannot be compared.

    >>> in_order(["sad", "glad", "sad"]), in_order(["sad", 1])
    (('glad', 'sad'), ('sad', 1))
    """
    distinct = dict.fromkeys(labels)
    try:
        return tuple(sorted(distinct))  # type: ignore[type-var]
    except TypeError:
        return tuple(distinct)


def distinct(labels: Iterable[Hashable], name: str = "labels") -> tuple[Hashable, ...]:
    """Return *labels* as a tuple; raises `UsageError` for none, or for one that stands twice."""
    listed = labels_of(labels, name)
    if not listed or len(set(listed)) < len(listed):
        raise UsageError(f"{name} must be one or more labels, each once, but {listed} came.")
    return tuple(listed)


def cross_table(
    first: Iterable[Hashable],
    second: Iterable[Hashable],
    labels: Iterable[Hashable] | None = None,
    names: Names = TRUTH,
) -> tuple[tuple[Hashable, ...], NDArray[np.int64]]:
    """Return the labels and how often each stands in *first* (rows) beside each in *second* (columns).

    >>> cross_table("aab", "abb")
    Traceback (most recent call last):
    openaffect.errors.UsageError: truth must be a list of labels, but the one text 'aab' came; put it in a list.
    >>> cross_table(list("aab"), list("abb"))[1].tolist()
    [[1, 1], [0, 1]]
    """
    one, two = labels_of(first, names[0]), labels_of(second, names[1])
    same_length(one, two, names)
    if not one:
        raise NothingToScore(f"{names[0]} and {names[1]} are empty; give at least one sample.")
    known = in_order(chain(one, two)) if labels is None else distinct(labels)
    row = {label: number for number, label in enumerate(known)}
    for label in chain(one, two):
        if label not in row:
            raise DataError(f"the label {label!r} is not among the labels {list(known)}; add it or drop its samples.")
    cells = [row[a] * len(known) + row[b] for a, b in zip(one, two, strict=True)]
    counts = np.bincount(cells, minlength=len(known) ** 2).reshape(len(known), len(known))
    return known, counts.astype(np.int64)
