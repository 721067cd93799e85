"""The checked open-vocabulary labels of EMER-V2, as MER2024 published them (``check-openset.csv``), 332 clips.

The cells are Python lists, and here they are read as such: ``["don't know"]`` is one label.  The parser of the official
scorers cuts at every quote; where it finds other labels, the sample notes them.
"""

from __future__ import annotations

import ast

from openaffect.datasets import terms
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.label_values import labels_of
from openaffect.datasets.openset import OPENSET
from openaffect.datasets.places import Place
from openaffect.datasets.tables import Row, read_table
from openaffect.records import Annotation, Sample

CHINESE_VIEW = "openset_zh"
"""Annotator under which the labels taken from the Chinese text stand, where the file has them."""
_LONGEST = 20_000


def literal_labels(text: str) -> tuple[str, ...] | None:
    """Return the strings of the Python list that *text* is, or None where it is none.

    >>> literal_labels("['sad', \\"don't know\\"]"), literal_labels("sad, angry")
    (('sad', "don't know"), None)
    """
    try:
        found = ast.literal_eval(text.strip()) if len(text) <= _LONGEST else None
        if not isinstance(found, list) or not all(isinstance(label, str) for label in found):
            return None
        "".join(found).encode("utf-8")  # an escape can write half a surrogate pair, which no file could hold
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return tuple(found)


def _read(dataset: Dataset, place: Place) -> list[Sample]:
    rows = read_table(place.official[0], OPENSET, {"chinese": ("chinese", "openset_zh")}).by_name()
    return [_sample(name, row) for name, row in rows.items()]


def _sample(name: str, row: Row) -> Sample:
    labels, notes = _labels(row, "openset")
    chinese, chinese_notes = _labels(row, "chinese") if row.values.get("chinese") is not None else ((), ())
    return Sample(
        id=name,
        dataset=EMER_OV.key,
        labels=labels,
        annotations=(Annotation(annotator=CHINESE_VIEW, labels=chinese),) if chinese else (),
        origin=row.origin,
        notes=(*notes, *chinese_notes),
    )


def _labels(row: Row, column: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    official = labels_of(row.values[column], row.where)
    literal = literal_labels(row.text(column))
    if literal is None:
        notes = (f"'{column}' is no Python list; read with the official parser",) if official else ()
        return official, notes
    labels = tuple(label.strip() for label in literal if label.strip())
    return labels, (f"the official parser reads '{column}' as {' | '.join(official)}",) if labels != official else ()


EMER_OV = Dataset(
    key="emer-ov",
    title="EMER open-vocabulary labels (MER2024 MER-OV)",
    task="open vocabulary",
    metric="grouped",
    split="all",
    languages=("zh",),
    files=("check-openset.csv",),
    reader=_read,
    published=Published(rows=332, labels=(248, 236)),
    licence=terms.MER,
    obtain="check-openset.csv lies in github.com/zeroQiaoba/MERTools (MER2024, ov_store).",
)
"""`openaffect.datasets.load` reads it as ``emer-ov``."""
