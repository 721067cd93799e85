"""A folder of pseudo-labels: what a teacher said about pieces of sound, and the card that says which teacher it was.

::

    LABELS/labels.jsonl   one `openaffect.records.PseudoLabel` a line; a piece without a label says why in `error`
    LABELS/card.json      the teacher, its licence, the sound and its licences: carried into everything distilled

Sound files are named by an absolute path, or by one that is relative to the folder and stays inside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, cast

from pydantic import Field, ValidationError

from openaffect.distill.differences import differences
from openaffect.distill.label_rows import RATE, SHORTEST, problem_of, samples_of, targets_of
from openaffect.errors import DataError, InputError, UsageError
from openaffect.records import AudioPart, PseudoLabel, Record
from openaffect.runtime.facts import DIMENSIONS
from openaffect.store import RecordFile, read_records, write_card

__all__ = [
    "RATE",
    "SHORTEST",
    "LabelCard",
    "LabelWriter",
    "Labels",
    "read_card",
    "read_labels",
    "samples_of",
    "split_named",
    "targets_of",
]

LABELS, CARD = "labels.jsonl", "card.json"
Split = Literal["train", "dev", "test"]


class LabelCard(Record):
    """Where the labels of a folder come from, and what may be done with what is learnt from them."""

    teacher: str
    """Name of the teacher."""
    identity: str = ""
    """sha256 of its weights or its code."""
    licence: str = ""
    """Licence of the teacher."""
    permissive: bool = False
    """Whether teacher and sound both leave a student free for commercial use."""
    present: tuple[str, ...] = DIMENSIONS
    """The dimensions that the teacher speaks of."""
    audio: tuple[str, ...] = ()
    """What was labelled, one "name (licence)" an entry."""
    versions: dict[str, str] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    """How the pieces were cut and mixed, for the reader; a folder is never gone on with under other settings."""


@dataclass(frozen=True)
class Labels:
    """The content of a LABELS folder."""

    folder: Path
    card: LabelCard
    rows: tuple[PseudoLabel, ...]
    """Pieces that have a label, in the order of the file."""
    failed: tuple[PseudoLabel, ...]
    """Pieces that have none; `error` says why."""
    digest: str
    """sha256 of both files."""

    def split(self, name: Split) -> tuple[PseudoLabel, ...]:
        """Return the labelled pieces of the split *name*."""
        return tuple(row for row in self.rows if row.split == name)

    def path(self, part: AudioPart) -> Path:
        """Return where the sound file of *part* is."""
        return self.folder / part.file


def read_labels(folder: str | Path) -> Labels:
    """Return the labels in *folder*.

    Raises `DataError` for a folder without labels or card, and, with the number of the line, for a row that is no
    label: unknown or missing fields, an id used twice, a path that leaves the folder, a piece of less than 64 samples,
    a value for a dimension that the card does not name, or neither a value nor an error.
    """
    folder = Path(folder)
    card = read_card(folder)
    path = folder / LABELS
    seen: dict[str, int] = {}
    rows = []
    for number, row in _rows(path):
        if problem := problem_of(row, card.present):
            raise DataError(f"{str(path)!r} line {number}: {problem}")
        if row.id in seen:
            raise DataError(f"{str(path)!r} line {number}: the id {row.id!r} stands in line {seen[row.id]} too.")
        seen[row.id] = number
        rows.append(row)
    if not rows:
        raise DataError(f"{str(path)!r} holds no label; run 'openaffect distill label' first.")
    with_label = tuple(row for row in rows if not row.error)
    return Labels(folder, card, with_label, tuple(row for row in rows if row.error), digest_of(folder))


def read_card(folder: Path) -> LabelCard:
    """Return the card of *folder*; raises `DataError` where there is none or it is no card."""
    path = folder / CARD
    try:
        card = LabelCard.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DataError(
            f"{str(folder)!r} holds no labels (there is no {CARD}); give what --out named in 'distill label'."
        ) from error
    except ValidationError as error:
        raise DataError(f"{str(path)!r} is no card of labels: {_first(error)}.") from error
    if strange := [name for name in card.present if name not in DIMENSIONS] or (not card.present and ["none"]):
        raise DataError(f"{str(path)!r}: 'present' names {strange}; known are {', '.join(DIMENSIONS)}.")
    return card


def digest_of(folder: Path) -> str:
    """Return the sha256 of labels and card of *folder* together."""
    digest = hashlib.sha256()
    for name in (CARD, LABELS):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


class LabelWriter:
    """Writes a LABELS folder, row by row; use it in ``with``.  What the folder holds already is in ``done``.

    A folder with another card is refused with `UsageError` naming the difference; `versions` may differ.
    """

    def __init__(self, folder: str | Path, card: LabelCard) -> None:
        self.folder, self.card = Path(folder), card
        path = self.folder / CARD
        if path.exists():
            _same(read_card(self.folder), card, self.folder)
        self._file = RecordFile(self.folder / LABELS)
        write_card(path, card.model_dump(mode="json"))

    @property
    def done(self) -> set[str]:
        """The ids of the rows that the folder holds."""
        return self._file.done

    def append(self, row: PseudoLabel) -> None:
        """Write *row*; raises `DataError` for a row that `read_labels` would refuse."""
        if row.id in self.done:
            raise DataError(f"the id {row.id!r} is in {str(self.folder / LABELS)!r} already; every row needs its own.")
        if problem := problem_of(row, self.card.present):
            raise DataError(f"the row {row.id!r} is no label: {problem}")
        self._file.append(row.model_dump(mode="json", exclude_defaults=True))

    def __enter__(self) -> LabelWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()


def _same(there: LabelCard, wanted: LabelCard, folder: Path) -> None:
    one, other = (card.model_dump(mode="json", exclude={"versions"}) for card in (there, wanted))
    different = list(differences(one, other).values())
    if different:
        raise UsageError(
            f"{str(folder)!r} holds labels with other {', '.join(different)}; choose another --out, or go on with the "
            "same settings."
        )


def _rows(path: Path) -> Iterator[tuple[int, PseudoLabel]]:
    try:
        for number, record in enumerate(read_records(path), start=1):
            try:
                yield number, PseudoLabel.model_validate(record)
            except ValidationError as error:
                raise DataError(f"{str(path)!r} line {number} is no label: {_first(error)}.") from error
    except DataError:
        raise
    except InputError as error:
        raise DataError(str(error)) from error


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(step) for step in found["loc"])
    return f"{where!r}: {found['msg'].lower()}" if where else found["msg"].lower()


def split_named(name: str) -> Split:
    """Return *name* if it is a split; raises `UsageError` otherwise.

    >>> split_named("dev")
    'dev'
    """
    if name not in ("train", "dev", "test"):
        raise UsageError(f"unknown split {name!r}; known are train, dev, test.")
    return cast(Split, name)
