"""What a caller may hand in: samples of any usual kind and rate, to mono float32 at 16 kHz, never in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from openaffect.errors import UsageError
from openaffect.runtime.frontend import RATE
from openaffect.runtime.resample import Resampler

Floats = npt.NDArray[np.float32]
Samples = npt.NDArray[Any]

_SLOWEST, _FASTEST = 1000, 1_536_000
_KINDS = ("float32", "float64", "int16", "int32")
_HALF = {"int16": 2.0**15, "int32": 2.0**31}
_PIECE_S = 2


def checked(signal: npt.ArrayLike) -> Samples:
    """Return *signal* as an array (n,) of float32, float64, int16 or int32; raises `UsageError` for anything else."""
    try:
        array = np.asarray(signal)
    except ValueError as error:
        raise UsageError(f"a signal is one row of numbers, shape (n,); what came is ragged ({error}).") from error
    if array.ndim != 1:
        hint = "mix the channels down first, for example signal.mean(axis)" if array.ndim == 2 else "hand in one row"
        raise UsageError(f"a signal is mono, shape (n,); {array.shape} came: {hint}.")
    if array.size and array.dtype.newbyteorder("=").name not in _KINDS:
        raise UsageError(f"samples are {', '.join(_KINDS)}; {array.dtype} came: convert it with signal.astype.")
    return array


def checked_rate(rate: float) -> int:
    """Return *rate* in hertz as a whole number; raises `UsageError` unless it is one of 1000 to 1,536,000."""
    if isinstance(rate, bool) or not _SLOWEST <= rate <= _FASTEST or rate != int(rate):
        raise UsageError(f"a sampling rate is a whole number of hertz, {_SLOWEST} to {_FASTEST}; {rate} came.")
    return int(rate)


def as_float(array: Samples) -> Floats:
    """Return *array* as float32; integers are divided by full scale.  Float32 comes back as it is, not a copy.

    >>> as_float(np.array([-32768, 16384], np.int16)).tolist()
    [-1.0, 0.5]
    """
    kind = array.dtype.newbyteorder("=").name
    if kind in _HALF:
        array = array / _HALF[kind]
    return array.astype(np.float32, copy=False)


def pieces(array: Samples, rate: int) -> Iterator[Samples]:
    """Yield *array* in views of two seconds."""
    size = _PIECE_S * rate
    for first in range(0, len(array), size):
        yield array[first : first + size]


def at_16k(parts: Iterable[npt.ArrayLike], rate: int) -> Iterator[Floats]:
    """Yield float32 at 16 kHz of *parts* (each as `checked` wants it) at *rate*; the filter runs on between them."""
    resampler = Resampler(rate) if rate != RATE else None
    for part in parts:
        samples = as_float(checked(part))
        yield samples if resampler is None else resampler.push(samples)
    if resampler is not None:
        yield resampler.flush()
