"""ONNX files from elsewhere: read whole, and refused when they point at other files.

An ONNX graph may keep its numbers in files beside it, named by path.  A student never does, and a file that tries is
not opened.  The reader below knows just enough of the wire format of protocol buffers to find such names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from openaffect.errors import DataError

LARGEST = 512 * 2**20
"""Bytes; the largest student has 130 MB."""

_DEEPEST = 24
_INSIDE: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
"""Message → number of a field → the message in it, as far as tensors can hide there (ONNX's ``onnx.proto``)."""
_EXTERNAL = (13, 14)
"""Fields of a tensor: the name of another file, and where its numbers are (0: here)."""


def read_graph(path: Path) -> bytes:
    """Return the bytes of the ONNX file *path*; raises `DataError` for what is too large, broken or elsewhere."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise DataError(f"cannot read the network '{path}' ({error.strerror}); export the student again.") from error
    if size > LARGEST:
        raise DataError(f"'{path}' has {size >> 20} MiB; a student has at most {LARGEST >> 20}, so it is not opened.")
    try:
        outside = _points_outside(memoryview(data), "model", 0)
    except (ValueError, IndexError) as error:
        raise DataError(f"'{path}' is not an ONNX file ({error}); export the student again.") from error
    if outside:
        raise DataError(f"'{path}' keeps numbers in other files, which a student never does; it is not opened.")
    return data


def _points_outside(data: memoryview, message: str, depth: int) -> bool:
    if depth > _DEEPEST:
        raise ValueError("graphs in graphs without end")
    inside = _INSIDE.get(message, {})
    for number, value in _fields(data):
        if message == "tensor" and number in _EXTERNAL and value:
            return True
        if number in inside and isinstance(value, memoryview) and _points_outside(value, inside[number], depth + 1):
            return True
    return False


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Yield number and value of every field: bytes, or a whole number (fixed widths, which we never ask for, as 0)."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        size, at = (8, at) if kind == 1 else (4, at) if kind == 5 else _varint(data, at)
        if kind not in (1, 2, 5) or at + size > len(data):
            raise ValueError("a field is broken or longer than the file")
        yield number, data[at : at + size] if kind == 2 else 0
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        value, at = value | (byte & 127) << shift, at + 1
        if byte < 128:
            return value, at
    raise ValueError("a number has no end")
