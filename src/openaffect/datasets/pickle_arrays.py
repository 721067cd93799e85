"""Our own stand-ins for the few functions that a pickle of NumPy's data calls.

NumPy's functions behind these names trust their arguments.  Ours check that the bytes which are there are as many as
shape and type say, and then only look at them (``numpy.frombuffer``).  Arrays of objects come from lists alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from openaffect.brief import brief
from openaffect.datasets.pickle_machine import Machine, Pending, halt

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]
"""Called with the machine and the arguments that the pickle gives."""

_PLAIN = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248]|[SU][0-9]{1,7}|O[48]?)")
_MOST_DIMENSIONS = 8
_LAST_CHARACTER, _SURROGATES = 0x10FFFF, (0xD800, 0xDFFF)


def plain_dtype(code: Any) -> np.dtype[Any]:
    """Return the type that *code* (``<f4``, ``U12``, ``O`` ...) names: numbers, text, bytes, objects, nothing else."""
    if not isinstance(code, str) or not _PLAIN.fullmatch(code):
        halt(f"it holds an array of the type {brief(code, 40)}, and only numbers and text are read")
    return np.dtype(code)


def shaped(flat: Array, shape: Any, *, fortran: bool) -> Array:
    """Return *flat* in *shape*, which must be a few whole numbers whose product is its length."""
    if type(shape) is not tuple or len(shape) > _MOST_DIMENSIONS or any(type(n) is not int or n < 0 for n in shape):
        halt(f"it holds an array of the impossible shape {brief(shape)}")
    if math.prod(shape) != flat.size:
        halt(f"it holds {flat.size} values for an array of the shape {shape}")
    return flat.reshape(shape, order="F" if fortran else "C")


def flat_values(raw: bytes, dtype: np.dtype[Any]) -> Array:
    """Return the values of *dtype* in *raw*, which must hold a whole number of them, and text that is text."""
    if dtype.hasobject or not dtype.itemsize or len(raw) % dtype.itemsize:
        halt(f"it holds {len(raw)} bytes, which are no whole number of values of the type {dtype}")
    if dtype.kind == "U":
        _check_text(np.frombuffer(raw, np.dtype("u4").newbyteorder(dtype.byteorder)))
    return np.frombuffer(raw, dtype)


def _check_text(points: Array) -> None:
    # NumPy looks at the numbers of characters only when it makes text of them, and then fails inside the interpreter.
    if (points > _LAST_CHARACTER).any() or ((points >= _SURROGATES[0]) & (points <= _SURROGATES[1])).any():
        halt("it holds characters that there are not")


def _bytes(value: Any) -> bytes:
    """Bytes as they are, or the text that Python 2 had for them."""
    if type(value) is bytes:
        return value
    return value.encode("latin-1") if type(value) is str else halt("it holds an array whose values are no bytes")


def _dtype(machine: Machine, code: Any, align: Any = False, copy: Any = True) -> Pending:
    plain_dtype(code)
    return Pending(code)


def _scalar(machine: Machine, dtype: Any, raw: Any) -> Any:
    if not isinstance(dtype, np.dtype):
        halt("it holds a number without a type")
    raw = _bytes(raw)
    machine.spend(len(raw))
    if not dtype.itemsize and not raw:
        return "" if dtype.kind == "U" else b""
    return shaped(flat_values(raw, dtype), (), fortran=False).item()


def _reconstruct(machine: Machine, kind: Any, shape: Any, code: Any) -> Pending:
    return Pending(None) if kind is _ndarray else halt("it makes an array of an unknown kind")


def _ndarray(machine: Machine, *arguments: Any) -> Any:
    halt("it calls numpy.ndarray")


def _frombuffer(machine: Machine, raw: Any, dtype: Any, shape: Any, order: Any) -> Array:
    if not isinstance(dtype, np.dtype):
        halt("it holds an array without a type")
    return shaped(flat_values(_bytes(raw), dtype), shape, fortran=order == "F")


def _encode(machine: Machine, text: Any, encoding: Any) -> bytes:
    if type(text) is not str or encoding not in ("latin1", "latin-1"):
        halt("it encodes something else than bytes")
    machine.spend(len(text))
    return text.encode("latin-1")


def _no_bytes(machine: Machine) -> bytes:
    return b""  # which protocols 0 to 2 write as a call


def _ordered(machine: Machine) -> dict[Any, Any]:
    return {}


NAMES: dict[tuple[str, str], Function] = {
    ("numpy", "ndarray"): _ndarray,
    ("numpy", "dtype"): _dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,
    ("numpy.core.numeric", "_frombuffer"): _frombuffer,
    ("numpy._core.numeric", "_frombuffer"): _frombuffer,
    ("_codecs", "encode"): _encode,
    ("__builtin__", "bytes"): _no_bytes,
    ("builtins", "bytes"): _no_bytes,
    ("collections", "OrderedDict"): _ordered,
}
"""Names that a pickle may ask for, of NumPy 1 and 2, and what they mean here."""


def build(machine: Machine, begun: Pending, state: tuple[Any, ...]) -> Any:
    """Return the dtype or the array that *begun* becomes with *state*."""
    if begun.code is not None:
        # (version, byte order, subarray, names, fields, size, alignment, flags, ...): only the order is of use.
        return plain_dtype(state[1] + begun.code if type(state[1]) is str else state[1])
    _, shape, dtype, fortran, values = state
    if not isinstance(dtype, np.dtype):
        halt("it holds an array without a type")
    if not dtype.hasobject:
        return shaped(flat_values(_bytes(values), dtype), shape, fortran=bool(fortran))
    if type(values) is not list:
        halt("it holds an array of objects that do not come as a list")
    machine.spend(8 * len(values))
    return shaped(np.fromiter(values, dtype=object, count=len(values)), shape, fortran=bool(fortran))
