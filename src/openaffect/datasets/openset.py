"""Reader of open-vocabulary label files: a table with the columns ``name`` and ``openset``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from openaffect.datasets.descriptions import described, language_of
from openaffect.datasets.label_values import labels_of
from openaffect.datasets.tables import NAME, Row, named, read_table
from openaffect.records import Sample

if TYPE_CHECKING:
    from openaffect.datasets.dataset import Dataset
    from openaffect.datasets.places import Place

OPENSET = {**NAME, "openset": ("openset",)}
"""The columns of such a file."""
_REASON = {**NAME, "reason": ("reason",)}


def openset_reader(*, empty: tuple[str, ...] = (), reasons: str = "") -> Callable[[Dataset, Place], list[Sample]]:
    """Return a reader of the first of a data set's files, whose labels the official scorers' parser takes apart.

    *empty* is what a sample without labels gets, as the official reader of that data set gives it; it is noted.
    *reasons* is the name of the file with the descriptions (``name, reason``), read where it lies beside the labels.
    The reader raises `openaffect.errors.DataError` with file and line for a name that comes twice and for labels that
    are no text.
    """

    def read(dataset: Dataset, place: Place) -> list[Sample]:
        path, reasons_path = place.file(dataset.files[0]), place.file(reasons)
        rows = read_table(path, OPENSET).by_name() if path else {}
        texts = read_table(reasons_path, _REASON).by_name() if reasons_path else {}
        return [_sample(dataset, rows.get(name), texts.get(name), empty) for name in dict.fromkeys([*rows, *texts])]

    return read


def _sample(dataset: Dataset, row: Row | None, text: Row | None, empty: tuple[str, ...]) -> Sample:
    labels = labels_of(row.values["openset"], row) if row else ()
    notes: tuple[str, ...] = ()
    if row and not labels and empty:
        labels, notes = empty, (f"the file gives no label; the official reader takes {', '.join(empty)}",)
    elif not row:
        notes = (f"it has a description and no row in {dataset.files[0]}",)
    raw = text.text("reason") if text else ""
    return Sample(
        id=named(_first(row, text)),
        dataset=dataset.key,
        labels=labels,
        descriptions=(described(raw, language_of(raw)),) if raw else (),
        origin=_first(row, text).origin,
        notes=notes,
    )


def _first(row: Row | None, text: Row | None) -> Row:
    found = row or text
    assert found is not None  # noqa: S101  every name comes from one of the two
    return found
