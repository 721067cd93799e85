"""Measured curves made small enough for a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openaffect.records import Track

POINTS = 3000
"""No curve on the page has more points."""
SCALE = 999


def thinned(values: Sequence[float | None], points: int = POINTS) -> tuple[list[float | None], int]:
    """Return ``(values, every)``: of each run of 2 * *every* steps the lowest and the highest value, in their order.

    A curve of at most *points* values comes back as it is with ``every == 1``.  Peaks survive, as means would not let
    them; a run without any value gives None.

    >>> thinned([0.0, 5.0, 1.0, None, 2.0, 2.0], points=4)
    ([0.0, 5.0, 2.0, 2.0], 2)
    """
    every = -(-len(values) // points) if values else 1
    if every == 1:
        return list(values), 1
    kept: list[float | None] = []
    for first in range(0, len(values), 2 * every):
        kept += _extremes(values[first : first + 2 * every])
    return kept, every


def _extremes(run: Sequence[float | None]) -> list[float | None]:
    known = [(value, index) for index, value in enumerate(run) if value is not None]
    if not known:
        return [None, None]
    low, high = min(known), max(known)
    first, second = sorted((low, high), key=lambda pair: pair[1])
    return [first[0], second[0]]


def curve(track: Track) -> dict[str, Any]:
    """Return a curve for the page: values as whole numbers 0..`SCALE` from ``low`` to ``high``, None where unknown."""
    values, every = thinned(track.values)
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if track.unit == "probability":
        low, high = min(low, 0.0), max(high, 1.0)
    width = (high - low) or 1.0
    return {
        "person": track.person,
        "name": track.name,
        "unit": track.unit,
        "start": round(track.start, 3),
        "step": round(track.step * every, 6),
        "low": round(low, 4),
        "high": round(high, 4),
        "values": [None if value is None else round((value - low) / width * SCALE) for value in values],
    }
