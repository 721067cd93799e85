"""Bytes of a file that somebody named, or an error that says which file it was and what to do."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from openaffect.errors import DataError
from openaffect.media.names import path_text

LARGEST = 512 << 20
"""A file of labels or predictions of more bytes than this is refused."""


@lru_cache(maxsize=64)
def quoted(path: str | os.PathLike[str]) -> str:
    r"""Return *path* in quotes, on one line, for a message.

    >>> print(quoted("labels/two\nlines.csv"))
    'labels/two\nlines.csv'
    """
    return "'" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in path_text(path)) + "'"


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """Return the bytes of the regular file at *path*.

    Raises `DataError` when it is absent, a folder, a pipe or a device, cannot be read, is empty, or holds more than
    *largest* bytes.
    """
    if is_folder(path):
        raise DataError(f"{quoted(path)} is a folder, a file was expected; name the file that lies in it.")
    try:
        if path.exists() and not path.is_file():
            raise DataError(f"{quoted(path)} is not a regular file; copy its content into one.")
        with path.open("rb") as file:
            raw = file.read(largest + 1)
    except (OSError, ValueError) as error:
        raise _cannot_read(path, error) from error
    if not raw:
        raise DataError(f"{quoted(path)} is empty; fetch or export it again.")
    if len(raw) > largest:
        raise DataError(f"{quoted(path)} has more than {largest >> 20} MB, too much for labels or predictions.")
    return raw


def is_folder(path: Path) -> bool:
    """Whether *path* is a folder; False where that cannot be seen."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether *path* is a regular file; False where that cannot be seen."""
    try:
        return path.is_file()
    except OSError:
        return False


def entries(folder: Path) -> list[Path]:
    """Return what lies in *folder*, ordered by name; raises `DataError` when it cannot be listed."""
    try:
        return sorted(folder.iterdir())
    except (OSError, ValueError) as error:
        raise _cannot_read(folder, error) from error


def _cannot_read(path: Path, error: Exception) -> DataError:
    cause = getattr(error, "strerror", None) or str(error)
    return DataError(f"cannot read {quoted(path)}: {cause.lower()}; check the path and its permissions.")
