"""The table of MSP-Podcast with a row for each file and worker, in the two layouts of its releases.

::

    FileName, EmoDetail                          "WORKER00000001; Neutral; Amused; A:4.0; V:3.0; D:5.0;"
    FileName, Workers, EmoClass_Major, EmoClass_Second, EmoAct, EmoVal, EmoDom

Secondary emotions are not read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openaffect.datasets.files import quoted, read_bytes
from openaffect.datasets.text_lines import csv_lines, decoded
from openaffect.errors import DataError
from openaffect.records import Annotation

SCALE = (1.0, 7.0)
COLUMNS = {"arousal": "EmoAct", "dominance": "EmoDom", "valence": "EmoVal"}
_LETTERS = {"arousal": "A", "dominance": "D", "valence": "V"}
_WORKER = ("Workers", "Worker", "WorkerID", "Annotator")
_TWICE = "a worker has two rows; the first counts"
_OUTSIDE = "a worker's rating outside 1 to 7 does not count"
_NUMBER = re.compile(r"[0-9]{1,4}(\.[0-9]*)?")
_LETTER = re.compile(r"(?:^|[;\s])([AVD]):\s*([^;]*)")


@dataclass
class Views:
    """What the workers gave for one file, and what was odd about it."""

    by_worker: dict[str, Annotation] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _View:
    """One row of a worker."""

    worker: str
    label: str
    ratings: Mapping[str, str]
    """Dimension → what is written."""


def read_views(path: Path, known: Collection[str], classes: Collection[str]) -> dict[str, Views]:
    """Return what the workers in the table *path* gave for each of the *known* files.

    A label that is one of *classes* in other letters is written as there; every other one is kept.
    Raises `DataError` with file and line for a table of neither layout, and for a row that names no worker.
    """
    found: dict[str, Views] = {}
    # A release has a million of these rows, so they are not kept as a table.
    for line, name, view in _rows(path):
        if name not in known:
            continue
        if not view.worker:
            raise DataError(f"{quoted(path)} line {line} names no worker; repair or remove it.")
        views = found.setdefault(name, Views())
        ratings, odd = _numbers(view.ratings)
        views.notes += [_OUTSIDE] if odd else []
        if view.worker in views.by_worker:
            views.notes.append(_TWICE)
            continue
        label = view.label.strip()
        label = label.lower() if label.lower() in classes else label
        views.by_worker[view.worker] = Annotation(
            annotator=view.worker, labels=(label,) if label else (), ratings=ratings
        )
    return found


def _numbers(written: Mapping[str, str]) -> tuple[dict[str, float], bool]:
    """Return the ratings that are numbers on the scale, and whether there was one outside it."""
    numbers = {name: float(text) for name, text in written.items() if _NUMBER.fullmatch(text.strip())}
    good = {name: value for name, value in numbers.items() if SCALE[0] <= value <= SCALE[1]}
    return good, len(good) < len(numbers)


def _rows(path: Path) -> Iterator[tuple[int, str, _View]]:
    """Yield the line, the file and the view of each row of either layout."""
    lines = csv_lines(decoded(read_bytes(path), path), path)
    start, header = next(lines, (1, []))
    header = [name.strip() for name in header]
    worker = next((name for name in _WORKER if name in header), "")
    in_text = "EmoDetail" in header
    needed = ["EmoDetail"] if in_text else [worker or _WORKER[0], "EmoClass_Major", *COLUMNS.values()]
    if lacking := [name for name in ("FileName", *needed) if name not in header]:
        raise DataError(
            f"{quoted(path)} line {start} lacks the columns {', '.join(lacking)}; it has {', '.join(header)[:120]}."
        )
    for line, fields in lines:
        if len(fields) != len(header):
            raise DataError(f"{quoted(path)} line {line} has {len(fields)} fields, the header has {len(header)}.")
        values = dict(zip(header, fields, strict=True))
        view = _in_text(values["EmoDetail"]) if in_text else _in_columns(values, worker)
        yield line, values["FileName"].strip(), view


def _in_text(written: str) -> _View:
    parts: Sequence[str] = [part.strip() for part in written.split(";")]
    letters = dict(_LETTER.findall(written))
    label = parts[1] if len(parts) > 1 and not _LETTER.match(parts[1]) else ""
    return _View(parts[0], label, {name: letters.get(letter, "") for name, letter in _LETTERS.items()})


def _in_columns(values: Mapping[str, str], worker: str) -> _View:
    ratings = {dimension: values[column] for dimension, column in COLUMNS.items()}
    return _View(values[worker].strip(), values["EmoClass_Major"], ratings)
