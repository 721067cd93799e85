"""Who speaks in a file, and into which split the speaker falls: a voice is never on both sides of a split."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openaffect.datasets.tables import Row, read_table
from openaffect.distill.labels import Split, split_named
from openaffect.errors import DataError, UsageError

_GROUPS = ("language", "sex", "age", "accent")
"""Further columns of a table of speakers, for tables by group."""


@dataclass(frozen=True)
class Voice:
    """Who speaks in a file, and where it belongs."""

    speaker: str
    split: Split
    groups: Mapping[str, str] = field(default_factory=dict)


def voices_of(
    files: Sequence[Path], speakers: str, *, dev: float = 0.1, test: float = 0.1, seed: int = 0
) -> dict[Path, Voice]:
    """Return the voice of each of *files*.

    *speakers* is ``folder`` (the folder that a file lies in is a speaker), ``file`` (each file is one), or a table
    (CSV or JSONL) with the columns ``file`` and ``speaker`` and, where known, ``split``, ``language``, ``sex``,
    ``age``, ``accent``; a file is named by its path or by the end of it.  Without a ``split`` a speaker falls into
    ``dev`` and ``test`` with these chances, by a hash of name and *seed*: files that are added later move nobody.

    Raises `UsageError` for another word and impossible shares, `DataError` for a file that the table does not name,
    and for a speaker in two splits.
    """
    if min(dev, test) < 0 or dev + test >= 1:
        raise UsageError(f"the shares of dev and test must leave some for train; {dev} and {test} came.")
    if speakers in ("folder", "file"):
        names = {file: str(file.parent if speakers == "folder" else file) for file in files}
        return {file: Voice(_short(name), _drawn(name, dev, test, seed)) for file, name in names.items()}
    if not Path(speakers).is_file():
        raise UsageError(f"--speakers must be folder, file, or a table of speakers; there is no file {speakers!r}.")
    return _from_table(files, Path(speakers), dev, test, seed)


def _short(name: str) -> str:
    """Return the last two steps of a path: enough to tell speakers apart by eye, and no home folder in it."""
    return "/".join(Path(name).parts[-2:])


def _drawn(speaker: str, dev: float, test: float, seed: int) -> Split:
    """Return the split of *speaker*, by a hash that is even over 0–1.

    >>> [_drawn(name, 0.3, 0.3, 0) for name in ("ann", "bo", "cy")]
    ['dev', 'dev', 'train']
    """
    place = int.from_bytes(hashlib.sha256(f"{seed}:{_short(speaker)}".encode()).digest()[:8], "big") / 2**64
    return "test" if place < test else "dev" if place < test + dev else "train"


def _from_table(files: Sequence[Path], path: Path, dev: float, test: float, seed: int) -> dict[Path, Voice]:
    may = {"split": ("split", "set"), **{name: (name,) for name in _GROUPS}}
    table = read_table(path, {"file": ("file", "path", "filename"), "speaker": ("speaker", "spkr", "voice")}, may)
    known: dict[str, Voice] = {}
    homes: dict[str, tuple[str, Row]] = {}
    for row in table.rows:
        voice = _voice(row, dev, test, seed)
        home, first = homes.setdefault(voice.speaker, (voice.split, row))
        if home != voice.split:
            row.fail(f"the speaker {voice.speaker!r} is in {voice.split} here and in {home} in line {first.line}.")
        known[row.text("file")] = voice
    found = {file: _named(file, known) for file in files}
    if lacking := [file for file, each in found.items() if each is None]:
        raise DataError(f"{str(path)!r} names no speaker of {len(lacking)} files, {str(lacking[0])!r} among them.")
    return {file: each for file, each in found.items() if each is not None}


def _voice(row: Row, dev: float, test: float, seed: int) -> Voice:
    speaker, split = row.text("speaker"), row.text("split")
    if not speaker:
        row.fail("there is no speaker; every file needs one.")
    try:
        home = split_named(split) if split else _drawn(speaker, dev, test, seed)
    except UsageError as error:
        row.fail(str(error))
    return Voice(speaker, home, {name: row.text(name) for name in _GROUPS if row.text(name)})


def _named(file: Path, known: Mapping[str, Voice]) -> Voice | None:
    """Return the voice under the longest end of the path of *file* that the table names."""
    parts = file.parts
    ends = ("/".join(parts[at:]).replace("//", "/") for at in range(len(parts)))
    return next((known[end] for end in ends if end in known), None)
