"""Weights from a ``.safetensors`` file with numpy alone, by a reader that expects malice.

The format: eight bytes that say how long the header is (little-endian), the header (JSON: name → dtype, shape, first
and last byte), the numbers.  No code can hide in it; sizes can lie, so each is checked against the file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from openaffect.errors import DataError

Array = npt.NDArray[Any]

LARGEST = 64 * 2**20
"""Bytes; the networks that numpy runs have 0.3 MB."""
_LARGEST_HEADER = 2**20
_DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "I64": np.dtype("<i8")}
_MOST_AXES = 8


def read_safetensors(path: Path) -> dict[str, Array]:
    """Return the arrays of *path* by name, float32 or int64; raises `DataError` for any other file."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise DataError(f"cannot read the weights '{path}' ({error.strerror}); export the student again.") from error
    if size > LARGEST:
        raise DataError(f"'{path}' has {size >> 20} MiB, more than any student that numpy runs; it is not opened.")
    try:
        return _parsed(data)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"'{path}' is no safetensors file of a student ({error}); export it again.") from error


def _parsed(data: bytes) -> dict[str, Array]:
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 2 <= length <= min(_LARGEST_HEADER, len(data) - 8):
        raise ValueError("its header is longer than the file")
    header = json.loads(data[8 : 8 + length], object_pairs_hook=_once)
    if not isinstance(header, dict):
        raise ValueError("its header is no table")
    body = memoryview(data)[8 + length :]
    return {name: _array(name, entry, body) for name, entry in header.items() if name != "__metadata__"}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name stands twice")
    return table


def _array(name: str, entry: Mapping[str, Any], body: memoryview) -> Array:
    kind, shape, (first, last) = entry["dtype"], entry["shape"], entry["data_offsets"]
    if kind not in _DTYPES:
        raise ValueError(f"{name[:60]!r} holds {str(kind)[:20]}, not F32 or I64")
    numbers = [first, last, *shape]
    if not all(type(each) is int and each >= 0 for each in numbers) or len(shape) > _MOST_AXES:
        raise ValueError(f"{name[:60]!r} has an odd shape or place")
    if not first <= last <= len(body) or last - first != math.prod(shape) * _DTYPES[kind].itemsize:
        raise ValueError(f"{name[:60]!r} lies outside the file or has another size than its shape")
    array: Array = np.frombuffer(body[first:last], _DTYPES[kind]).reshape(shape)
    return array
