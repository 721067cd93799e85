"""NumPy's archives (``.npz``), read so that nothing in them can act or exhaust the machine.

The label and prediction files of the field are such archives, and most of them hold pickles.  They come from strangers:
sizes are bounded before anything is unpacked, headers are matched against the one form that NumPy writes, and pickles
are read as data only (`openaffect.datasets.plain_pickle`).  ``numpy.load`` is not used.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from openaffect.datasets.files import LARGEST, quoted, read_bytes
from openaffect.datasets.pickle_arrays import flat_values, plain_dtype, shaped
from openaffect.datasets.pickle_machine import Halt, halt
from openaffect.datasets.plain_pickle import read_plain
from openaffect.errors import DataError
from openaffect.lookup import suggest

_MOST_MEMBERS = 1000
_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    r"\{'descr': '(?P<type>[^']{1,12})', 'fortran_order': (?P<fortran>True|False), "
    r"'shape': \((?P<shape>[0-9L, ]{0,99})\),? *\} *\n"
)
_LONGEST_HEADER = 10_000
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError, RuntimeError, KeyError)
"""What `zipfile` raises for damaged, encrypted and unknown archives (NotImplementedError is a RuntimeError)."""


def read_npz(path: str | Path, keys: Collection[str] = (), *, raw: bytes | None = None) -> dict[str, Any]:
    """Return what the archive at *path* holds, by key: NumPy arrays, and plain objects for the zero-dimensional ones.

    With *keys* only those are read, and all of them must be there.  Objects are dicts, lists, tuples, str, bytes, bool,
    int, float and None; NumPy's scalars have become Python's.
    *raw* are the bytes of the file where they have been read already.

    Raises `DataError` with file and key for anything that is no such archive: a broken or oversized zip, a header that
    NumPy does not write, a pickle that wants more than data, a key that is not there.
    """
    path = Path(path)
    raw = read_bytes(path) if raw is None else raw
    _check_magic(raw, path)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _members(archive, path, frozenset(keys))
    except _BROKEN_ZIP as error:
        cause = str(error)[:100] or type(error).__name__
        raise DataError(f"{quoted(path)} is a damaged archive ({cause}); fetch it again.") from error


def _check_magic(raw: bytes, path: Path) -> None:
    if raw.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return
    if raw.startswith(_MAGIC):
        what = "a single array (.npy)"
    elif raw.startswith(b"\x80") or path.suffix in (".pkl", ".pickle"):
        what = "a bare pickle"
    else:
        what = f"something else (it begins {raw[:8]!r})"
    raise DataError(f"{quoted(path)} is {what}, an archive of NumPy (.npz) was expected; save it with numpy.savez.")


def _members(archive: zipfile.ZipFile, path: Path, keys: frozenset[str]) -> dict[str, Any]:
    members = _named(archive.infolist(), path)
    for key in sorted(keys - set(members)):
        raise DataError(
            f"{quoted(path)} has no key '{key}'{suggest(key, members) or '.'} It has {', '.join([*members][:9])}."
        )
    found: dict[str, Any] = {}
    for key in keys or members:
        try:
            # Asked for its size, zipfile unpacks no more than that, whatever the compressed bytes would give.
            with archive.open(members[key]) as file:
                found[key] = _array(file.read(members[key].file_size + 1))
        except Halt as error:
            raise DataError(
                f"{quoted(path)}, key '{key}': cannot be read as plain data: {error}; nothing in it was run. "
                "Get the file from its owners, or save it again from plain dicts, lists, text and numbers."
            ) from error
    return found


def _named(members: Sequence[zipfile.ZipInfo], path: Path) -> dict[str, zipfile.ZipInfo]:
    if not members:
        raise DataError(f"{quoted(path)} is an archive without content; fetch it again.")
    if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST:
        raise DataError(
            f"{quoted(path)} unpacks to more than {_MOST_MEMBERS} members or {LARGEST >> 20} MB, "
            "which no file of labels or predictions does; check where it comes from."
        )
    found: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        key = _key(member, path)
        if key in found:
            raise DataError(f"{quoted(path)} holds the key '{key}' twice; save it again.")
        found[key] = member
    return found


def _key(member: zipfile.ZipInfo, path: Path) -> str:
    name = member.filename
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or "" in parts or not name.isprintable() or not name.endswith(".npy"):
        raise DataError(
            f"{quoted(path)} has a member named {name[:80]!r}, which numpy.savez does not write; save it again."
        )
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{quoted(path)}, {name!r}: compressed in a way that numpy.savez does not use; save it again.")
    return name.removesuffix(".npy")


def _array(raw: bytes) -> Any:
    """Return the array in the bytes of one ``.npy`` member, or the object of a zero-dimensional array of objects."""
    header, body = _header(raw)
    dtype, fortran = plain_dtype(header["type"]), header["fortran"] == "True"
    shape = tuple(int(n) for n in re.findall("[0-9]+", header["shape"]))
    if dtype.hasobject:
        found = read_plain(raw, body)
        flat = found.reshape(-1) if hasattr(found, "reshape") else halt("its pickle is no array")
    else:
        flat = flat_values(raw[body:], dtype)
    array = shaped(flat, shape, fortran=fortran)
    return array.item() if dtype.hasobject and shape == () else array


def _header(raw: bytes) -> tuple[re.Match[str], int]:
    """Return the matched header and where the values begin."""
    if not raw.startswith((_MAGIC + b"\x01\x00", _MAGIC + b"\x02\x00")):
        halt("it does not begin as NumPy's arrays do")
    form = "<H" if raw[6] == 1 else "<I"
    start = 8 + struct.calcsize(form)
    (length,) = struct.unpack_from(form, raw, 8) if len(raw) >= start else (0,)
    text = raw[start : start + min(length, _LONGEST_HEADER)].decode("latin-1")
    match = _HEADER.fullmatch(text) if len(text) == length else None
    if match is None:
        halt(f"its header is none that NumPy writes for numbers, text or objects ({text[:60]!r})")
    return match, start + length
