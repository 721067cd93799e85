"""Arousal, dominance and valence, always in this order, and the scales that corpora and models give them on.

Everything in openaffect is on 0..1 (MSP-Podcast's 1..7 as ``(x - 1) / 6``, IEMOCAP's 1..5 as ``(x - 1) / 4``, the
sentiment of CMU-MOSI on -3..3, of CH-SIMS on -1..1).  The maps are straight lines between the ends of the scales.  They
make numbers comparable, not people: two corpora that use one scale may use it differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, overload

from openaffect.errors import UsageError
from openaffect.lookup import suggest

SCALES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"0..1": (0.0, 1.0), "1..5": (1.0, 5.0), "1..7": (1.0, 7.0), "-1..1": (-1.0, 1.0), "-3..3": (-3.0, 3.0)}
)
"""Name of a scale → its lowest and its highest value."""


class AffectPoint(NamedTuple):
    """A place in the affect space, on any one scale; the order is that of the field's models.

    >>> AffectPoint._fields
    ('arousal', 'dominance', 'valence')
    """

    arousal: float
    dominance: float
    valence: float


@overload
def to_unit(value: float, scale: str) -> float: ...
@overload
def to_unit(value: Iterable[float], scale: str) -> list[float]: ...
def to_unit(value: float | Iterable[float], scale: str) -> float | list[float]:
    """Return *value*, which is on *scale*, on 0..1: ``(x - lowest) / (highest - lowest)``.

    A number gives a number, a sequence a list.  Nothing is clipped: a value outside its scale lies outside 0..1, and
    NaN stays NaN.  Raises `UsageError` for an unknown scale.

    >>> to_unit(4.0, "1..7"), to_unit([1, 2, 5], "1..5"), to_unit(-4.5, "-3..3")
    (0.5, [0.0, 0.25, 1.0], -0.25)
    """
    low, high = _ends(scale)
    return _each(value, lambda x: (x - low) / (high - low))


@overload
def from_unit(value: float, scale: str) -> float: ...
@overload
def from_unit(value: Iterable[float], scale: str) -> list[float]: ...
def from_unit(value: float | Iterable[float], scale: str) -> float | list[float]:
    """Return *value*, which is on 0..1, on *scale*: ``lowest + x · (highest - lowest)``; the inverse of `to_unit`.

    A number gives a number, a sequence a list.  Nothing is clipped and NaN stays NaN.  Raises `UsageError` for an
    unknown scale.

    >>> from_unit(0.5, "1..7"), from_unit([0.0, 0.75], "-1..1")
    (4.0, [-1.0, 0.5])
    """
    low, high = _ends(scale)
    return _each(value, lambda x: low + x * (high - low))


@overload
def convert(value: float, source: str, target: str) -> float: ...
@overload
def convert(value: Iterable[float], source: str, target: str) -> list[float]: ...
def convert(value: float | Iterable[float], source: str, target: str) -> float | list[float]:
    """Return *value*, which is on the scale *source*, on the scale *target*.

    A number gives a number, a sequence a list.  Nothing is clipped and NaN stays NaN.  Raises `UsageError` for an
    unknown scale.

    >>> convert(4.0, "1..7", "1..5"), convert(AffectPoint(arousal=1, dominance=3, valence=5), "1..5", "-1..1")
    (3.0, [-1.0, 0.0, 1.0])
    """
    low, high = _ends(source)
    start, end = _ends(target)
    return _each(value, lambda x: start + (x - low) / (high - low) * (end - start))


def _each(value: float | Iterable[float], line: Callable[[float], float]) -> float | list[float]:
    return [line(each) for each in value] if isinstance(value, Iterable) else line(value)


def _ends(scale: str) -> tuple[float, float]:
    if scale not in SCALES:
        raise UsageError(f"unknown scale '{scale}'{suggest(scale, SCALES) or '.'} Known: {', '.join(SCALES)}.")
    return SCALES[scale]
