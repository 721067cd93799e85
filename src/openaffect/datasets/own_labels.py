"""Labels of the user's own in a plain file, ``<key>.csv`` or ``<key>.jsonl``, with every annotator's view.

Columns: ``name`` and, by task, ``label`` (basic), ``openset`` (open vocabulary) or ``sentiment``; where there are
several annotators also ``annotator`` and, if they do not count alike, ``weight`` (1e-9 to 1e9); ``speaker`` where it
is known.  One row a sample, or one a sample and annotator.

The consensus of several annotators is, by task: the label of the largest summed weight (of equals the first in the
official order, and the sample notes the tie); the union of the open sets in the order of the rows; the weighted mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openaffect.datasets.files import quoted
from openaffect.datasets.label_values import class_of, labels_of, rating_of
from openaffect.datasets.tables import NAME, Row, named, read_table
from openaffect.errors import DataError
from openaffect.records import Annotation, Sample

if TYPE_CHECKING:
    from openaffect.datasets.dataset import Dataset
    from openaffect.datasets.places import Place

COLUMN = {"basic": "label", "open vocabulary": "openset", "sentiment": "sentiment"}
"""Task → the column with what was labelled."""
_LIGHTEST, _HEAVIEST = 1e-9, 1e9
"""Weights between these can be summed and multiplied without a loss; people's do not come near them."""
_MAY = {column: (column,) for column in ("annotator", "weight", "speaker")}


def read_own(dataset: Dataset, path: Path) -> list[Sample]:
    """Return the samples of the plain file at *path*, in the order in which the names first come.

    Raises `DataError` with file and line for a label that *dataset* does not have, a rating outside its scale, a weight
    that is not between 1e-9 and 1e9, two rows of one annotator for one sample, and rows of one sample that name two
    speakers.
    """
    column = COLUMN[dataset.task]
    table = read_table(path, {**NAME, column: (column,)}, _MAY)
    rows: dict[str, list[Row]] = {}
    for row in table.rows:
        rows.setdefault(named(row), []).append(row)
    several = "annotator" in table.columns
    return [_sample(dataset, name, of_one, several=several) for name, of_one in rows.items()]


def attach(samples: Sequence[Sample], own: Sequence[Sample], dataset: Dataset, place: Place) -> list[Sample]:
    """Return the official *samples* with the annotators' views and the speakers of *own*.

    Which samples there are and their consensus stay official, so rows of *own* for other samples (another split) are
    passed over.  Raises `DataError` when no name agrees.
    """
    views = {sample.id: sample for sample in own}
    if not any(sample.id in views for sample in samples):
        raise DataError(
            f"{quoted(place.own or '')} names no sample of {quoted(place.official[0])} (the {dataset.split} of "
            f"{dataset.key}); correct the names, or name the file itself to use it alone."
        )
    names = {sample.id for sample in samples}
    others = [name for name in views if name not in names]
    joined = [_joined(sample, views[sample.id]) if sample.id in views else sample for sample in samples]
    if others and joined:
        shown = ", ".join(map(repr, others[:3])) + (", ..." if len(others) > 3 else "")
        note = f"{place.own.name if place.own else ''} names {len(others)} samples that are not in this split: {shown}"
        joined[0] = joined[0].model_copy(update={"notes": (*joined[0].notes, note)})
    return joined


def _joined(sample: Sample, own: Sample) -> Sample:
    return sample.model_copy(update={"annotations": own.annotations, "speaker": own.speaker or sample.speaker})


def _sample(dataset: Dataset, name: str, rows: list[Row], *, several: bool) -> Sample:
    views = _views(dataset, rows, several=several)
    consensus, notes = _CONSENSUS[dataset.task](dataset, views)
    return Sample(
        id=name,
        dataset=dataset.key,
        annotations=views if several else (),
        speaker=_speaker(rows),
        origin=rows[0].origin,
        notes=notes,
        **consensus,
    )


def _views(dataset: Dataset, rows: list[Row], *, several: bool) -> tuple[Annotation, ...]:
    lines: dict[str, int] = {}
    for row in rows:
        who = row.text("annotator").strip()
        if several and not who:
            row.fail("'annotator' is empty; name the annotator of each row.")
        if who in lines:
            whose = f"annotator '{who}'" if several else "a file without the column 'annotator'"
            row.fail(f"a second row of {whose} for '{named(row)}', the first is line {lines[who]}; keep one.")
        lines[who] = row.line
    return tuple(_view(dataset, row, who) for row, who in zip(rows, lines, strict=True))


def _view(dataset: Dataset, row: Row, who: str) -> Annotation:
    value = row.values[COLUMN[dataset.task]]
    weight = row.number("weight") if row.values.get("weight") not in (None, "") else 1.0
    if not _LIGHTEST <= weight <= _HEAVIEST:
        row.fail(
            f"'weight' must lie between {_LIGHTEST:g} and {_HEAVIEST:g}, {weight:g} came; leave out a row that does "
            "not count."
        )
    given: dict[str, Any] = {}
    if dataset.task == "basic":
        given["labels"] = (class_of(value.strip() if isinstance(value, str) else value, dataset.labels, row.where)[0],)
    elif dataset.task == "sentiment":
        given["ratings"] = {"sentiment": rating_of(row.number("sentiment"), dataset.scale or (-1e9, 1e9), row.where)[0]}
    else:
        given["labels"] = labels_of(value, row.where)
    return Annotation(annotator=who, weight=weight, **given)


def _speaker(rows: list[Row]) -> str | None:
    first: Row | None = None
    for row in rows:
        if row.text("speaker"):
            first = first or row
            if row.text("speaker") != first.text("speaker"):
                row.fail(f"the speaker is '{row.text('speaker')}' here and another in line {first.line}; correct one.")
    return first.text("speaker") if first else None


_Consensus = tuple[dict[str, Any], tuple[str, ...]]


def _majority(dataset: Dataset, views: Sequence[Annotation]) -> _Consensus:
    votes = {label: sum(view.weight for view in views if label in view.labels) for label in dataset.labels}
    most = max(votes.values())
    first, *others = [label for label, weight in votes.items() if weight == most]
    notes = (f"the annotators tie between {', '.join((first, *others))}; the first counts",) if others else ()
    return {"labels": (first,)}, notes


def _union(dataset: Dataset, views: Sequence[Annotation]) -> _Consensus:
    return {"labels": tuple(dict.fromkeys(label for view in views for label in view.labels))}, ()


def _mean(dataset: Dataset, views: Sequence[Annotation]) -> _Consensus:
    total = sum(view.ratings["sentiment"] * view.weight for view in views)
    return {"ratings": {"sentiment": total / sum(view.weight for view in views)}}, ()


_CONSENSUS = {"basic": _majority, "open vocabulary": _union, "sentiment": _mean}
