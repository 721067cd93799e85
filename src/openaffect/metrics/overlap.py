"""How many clusters two label lists share, for many samples and mappings at once.

A set of clusters is a row of bits, so that a set operation on all samples is one numpy call.  Labels are looked up
once each, however often they occur.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from openaffect.emotion.parse import normalise, parse_labels
from openaffect.errors import DataError, MissingPrediction, UsageError

Labels = Sequence[str] | str
"""What stands for the labels of one sample: a list, or a string such as ``"[happy, sad]"``."""
MappingTo = Callable[[str], str | None]
"""A label, lower-case and stripped, to its cluster; None where it has none."""
Missing = Literal["raise", "count"]
Counts = NDArray[np.int64]
Bits = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Set sizes of n samples (rows) under k mappings (columns), each an array of shape (n, k)."""

    names: tuple[str, ...]
    shared: Counts
    """|G ∩ P|: clusters that truth and prediction share."""
    predicted: Counts
    """|P|: clusters of the prediction."""
    labelled: Counts
    """|G|: clusters of the truth."""
    missing: tuple[str, ...] = ()
    """Samples without a prediction, counted as empty."""

    def take(self, columns: slice) -> Overlaps:
        """Return the same samples under some of the mappings."""
        shared, predicted, labelled = (part[:, columns] for part in (self.shared, self.predicted, self.labelled))
        return Overlaps(self.names, shared, predicted, labelled, self.missing)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Where the truth has a cluster; the other samples count in no average."""
        return self.labelled > 0

    def tally(self) -> tuple[int, int, int]:
        """Return how many samples count on some mapping, on none, and count without an answer where they do."""
        counted = self.kept.any(axis=1)
        answered = (self.kept & (self.predicted > 0)).any(axis=1)
        return int(counted.sum()), int((~counted).sum()), int((counted & ~answered).sum())

    @property
    def precision(self) -> NDArray[np.float64]:
        """|G ∩ P| / |P|, 0 where nothing is predicted."""
        return self.shared / np.maximum(self.predicted, 1)

    @property
    def recall(self) -> NDArray[np.float64]:
        """|G ∩ P| / |G|, 0 where nothing is predicted."""
        return self.shared / np.maximum(self.labelled, 1)


class LabelIndex(dict[str, int]):
    """Label as written → row of its normalised form; a new label gets a row when it is first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, int] = {}

    def __missing__(self, label: str) -> int:
        (normal,) = normalise([label])
        row = self.known.setdefault(normal, len(self.known))
        self[label] = row
        return row


@dataclass(frozen=True, eq=False)
class Flat:
    """The labels of all samples in one row, and how many each sample has."""

    rows: NDArray[np.intp]
    lengths: NDArray[np.intp]

    def union(self, table: Bits) -> Bits:
        """Return for each sample the union of the rows of *table* that its labels stand for, (n, words)."""
        out = np.zeros((self.lengths.size, table.shape[1]), dtype=np.uint64)
        filled = self.lengths > 0
        if filled.any():
            starts = np.cumsum(self.lengths) - self.lengths
            out[filled] = np.bitwise_or.reduceat(table[self.rows], starts[filled], axis=0)
        return out


def read_lists(values: Mapping[str, Labels], names: Sequence[str], what: str) -> list[list[str]]:
    """Return the parsed labels of *names*; an unreadable value raises its error with the sample's name."""
    lists = []
    for name in names:
        try:
            lists.append(parse_labels(values[name]))
        except DataError as error:
            raise type(error)(f"{what} of {name!r}: {error}") from error
    return lists


def flatten(lists: Sequence[Sequence[str]], index: LabelIndex) -> Flat:
    """Return *lists* as rows of *index*."""
    try:
        rows = np.array([index[label] for labels in lists for label in labels], dtype=np.intp)
    except TypeError:  # a list among the labels cannot be looked up; say which
        for labels in lists:
            normalise(labels)
        raise
    return Flat(rows, np.fromiter(map(len, lists), dtype=np.intp, count=len(lists)))


def bit_table(index: LabelIndex, mapping: MappingTo) -> Bits:
    """Return a row of bits for each label of *index*: the one bit of its cluster, or none; shape (labels, words)."""
    clusters: dict[str, int] = {}
    found = [(row, clusters.setdefault(c, len(clusters))) for x, row in index.known.items() if (c := mapping(x))]
    table = np.zeros((max(len(index.known), 1), (len(clusters) + 63) // 64 or 1), dtype=np.uint64)
    for row, bit in found:
        table[row, bit // 64] = np.uint64(1 << bit % 64)
    return table


def sizes(bits: Bits) -> Counts:
    """Return how many bits are set in each row."""
    counts: Counts = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return counts


def select(truth: Mapping[str, Any], predictions: Mapping[str, Any], missing: Missing) -> tuple[str, ...]:
    """Return the names of *truth* that have no prediction, or raise `MissingPrediction` (a ``KeyError``) for them."""
    if missing not in ("raise", "count"):
        raise UsageError(f"missing must be 'raise' or 'count', not {missing!r}.")
    absent = tuple(name for name in truth if name not in predictions)
    if absent and missing == "raise":
        shown = ", ".join(map(repr, absent[:3])) + (", ..." if len(absent) > 3 else "")
        raise MissingPrediction(
            f"{len(absent)} of {len(truth)} labelled samples have no prediction ({shown}); "
            "add them, or count them as empty with missing='count'."
        )
    return absent


def overlaps(
    truth: Mapping[str, Labels],
    predictions: Mapping[str, Labels],
    mappings: Sequence[MappingTo],
    *,
    missing: Missing = "raise",
) -> Overlaps:
    """Return the set sizes of each sample of *truth* under each of *mappings*, in the order of *truth*.

    Predictions for other samples are ignored.  Raises `MissingPrediction` (a ``KeyError``) for a sample without a
    prediction unless ``missing="count"``, `DataError` for labels that cannot be read.

    >>> found = overlaps({"a": "happy, sad"}, {"a": ["Happy", "happy"]}, [str])
    >>> found.shared.item(), found.predicted.item(), found.labelled.item()
    (1, 1, 2)
    """
    absent = select(truth, predictions, missing)
    if absent:
        predictions = {**dict.fromkeys(absent, ""), **predictions}
    names, index = tuple(truth), LabelIndex()
    wanted = flatten(read_lists(truth, names, "the labels"), index)
    given = flatten(read_lists(predictions, names, "the prediction"), index)
    cubes = np.zeros((3, len(names), len(mappings)), dtype=np.int64)
    for column, mapping in enumerate(mappings):
        table = bit_table(index, mapping)
        g, p = wanted.union(table), given.union(table)
        cubes[:, :, column] = sizes(g & p), sizes(p), sizes(g)
    return Overlaps(names, cubes[0], cubes[1], cubes[2], absent)
