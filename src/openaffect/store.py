"""Files that survive: atomic writes, append-only record files, run cards; and where the cache is.

A record file is JSONL.  Every line begins with its id, ``{"id":"...",``, so that a resumed run learns what is
done by slicing the line instead of parsing it.  Each record is flushed when it is written; a line that a killed
process left half-written is cut off when the file is opened again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from openaffect.errors import InputError, OutputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_OPENING = '{"id":'


def sha256_of(path: Path) -> str:
    """Return the sha256 of the file at *path* as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_folder() -> Path:
    """Return the folder for what was fetched, joined or parsed once; it need not exist.

    ``OPENAFFECT_CACHE`` if set, else ``openaffect`` under ``XDG_CACHE_HOME``, else ``~/.cache/openaffect``.
    """
    if own := os.environ.get("OPENAFFECT_CACHE"):
        return Path(own)
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "openaffect"


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write *data* (text as UTF-8) to *path* so that *path* holds the old bytes or all the new ones, never a part.

    Raises `OutputError` when the folder cannot be written or the disk is full; nothing is left behind then.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    # Named before it is made, so that an interrupt at any moment finds what to remove.
    temporary = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _cannot_write(path: Path, error: OSError) -> OutputError:
    cause = error.strerror or str(error)
    return OutputError(
        f"cannot write {str(path)!r}: {cause.lower()}; free some space or choose another folder with --out."
    )


def dump(record: Mapping[str, Any]) -> str:
    """Return one line of JSON with the id first; the same record gives the same bytes.

    >>> dump({"value": 1, "id": "a"})
    '{"id":"a","value":1}'
    """
    if "id" not in record:
        raise InputError(f"a stored record needs an 'id'; this one has {sorted(record)}.")
    ordered = {"id": record["id"]} | {key: value for key, value in record.items() if key != "id"}
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def line_id(line: bytes, path: Path, number: int) -> str:
    """Return the id at the head of *line* without parsing the rest; raises `InputError` where there is none."""
    text = line[: 64 * 1024].decode("utf-8", "replace")
    if text.startswith(_OPENING):
        with contextlib.suppress(json.JSONDecodeError):
            identifier, _ = json.JSONDecoder().raw_decode(text[len(_OPENING) :].lstrip())
            if isinstance(identifier, str):
                return identifier
    raise InputError(
        f"{str(path)!r} line {number} is not a record of openaffect (it begins {text[:30]!r}); "
        "repair or remove the line, or choose another --out."
    )


class RecordFile:
    """An append-only JSONL file of records, open for writing; use it in ``with``.

    ``done`` holds the ids that the file already has.  `append` writes one record and flushes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: set[str] = set()
        self.torn = 0
        """Bytes of a half-written last line that were cut off."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: a failed write must not linger in a buffer and be tried again at close.
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise _cannot_write(path, error) from error
        try:
            self._lock()
            self._recover()
        except BaseException:
            self._file.close()
            raise

    def _lock(self) -> None:
        """Keep other processes from writing the file; a file system without locks goes without."""
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(
                f"another command is writing {str(self.path)!r}; wait until it has ended, or choose another --out."
            ) from error
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL):
                raise _cannot_write(self.path, error) from error

    def _recover(self) -> None:
        whole = 0
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    self.torn = len(line)
                    break
                whole += len(line)
                self.done.add(line_id(line, self.path, number))
        if self.torn:
            os.truncate(self.path, whole)

    def append(self, record: Mapping[str, Any]) -> None:
        """Write one record as a line and flush it; raises `OutputError` when that fails (the torn line is cut off)."""
        rest = memoryview((dump(record) + "\n").encode("utf-8", "surrogatepass"))
        end = self._file.seek(0, os.SEEK_END)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                os.truncate(self.path, end)
            raise _cannot_write(self.path, error) from error
        self.done.add(str(record["id"]))

    def close(self) -> None:
        """Force the records to the disk and close the file."""
        os.fsync(self._file.fileno())
        self._file.close()

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSONL file; a half-written last line is passed over, a broken one raises `InputError`."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {(error.strerror or str(error)).lower()}.") from error
    with file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                record = json.loads(line)
            except ValueError as error:
                raise InputError(f"{str(path)!r} line {number} is not JSON ({error}); repair or remove it.") from error
            if not isinstance(record, dict):
                raise InputError(f"{str(path)!r} line {number} holds {type(record).__name__}, not a record.")
            yield record


def write_card(path: Path, card: Mapping[str, Any]) -> None:
    """Write a run card beside a result: versions, seeds, models, prompt hashes, counts; sorted, indented JSON."""
    write_atomic(path, json.dumps(card, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n")
