"""Bytes of a file that somebody named, or an error that says which file it was and what to do."""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path

from openaffect.errors import AbsentData, DataError
from openaffect.media.names import path_text

LARGEST = 512 << 20
"""A file of labels or predictions of more bytes than this is refused."""


@lru_cache(maxsize=64)
def quoted(path: str | os.PathLike[str]) -> str:
    r"""Return *path* in quotes, on one line, for a message.

    >>> print(quoted("labels/two\nlines.csv"))
    'labels/two\nlines.csv'
    """
    return f"'{shown(path)}'"


def shown(path: str | os.PathLike[str]) -> str:
    """Return *path* as `quoted` does, without the quotes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in path_text(path))


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


def is_there(path: Path) -> bool:
    """Whether anything is called *path*, a dangling link too; raises `DataError` where that cannot be seen."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise _cannot_read(path, error) from error
    return True


def no_folder(path: Path, advice: str) -> DataError:
    """Return the error for *path*, which is neither a file nor a folder: absent, or what it is, and what to do."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            return DataError(f"{quoted(path)} is a link that leads nowhere; {advice}")
        return AbsentData(f"there is no folder {quoted(path)}; {advice}")
    except (OSError, ValueError) as error:
        return _cannot_read(path, error)
    kind = "pipe" if stat.S_ISFIFO(mode) else "device or a socket"
    return DataError(f"{quoted(path)} is a {kind}, a file or a folder was expected; {advice}")


def resolved(path: Path) -> Path:
    """Return *path* in full, links followed; raises `DataError` where the working folder is gone or links go round."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"cannot tell where {quoted(path)} lies ({cause.lower()}); if the working folder was deleted, "
            "change into one that is there, or name the whole path."
        ) from error


def entries(folder: Path) -> list[Path]:
    """Return what lies in *folder*, ordered by name; raises `DataError` when it cannot be listed."""
    try:
        return sorted(folder.iterdir())
    except (OSError, ValueError) as error:
        raise _cannot_read(folder, error) from error


def _cannot_read(path: Path, error: Exception) -> DataError:
    cause = getattr(error, "strerror", None) or str(error)
    return DataError(f"cannot read {quoted(path)}: {cause.lower()}; check the path and its permissions.")
