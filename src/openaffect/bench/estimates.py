"""A figure of some rows with its interval, and how it is shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openaffect.metrics.interval import bootstrap
from openaffect.records import Finite, Record

Figure = Callable[[NDArray[np.int64]], float]
"""A figure from the numbers of the rows that were drawn, NaN where it does not exist."""


class Draw(Protocol):
    """`estimate` with its settings."""

    def __call__(self, figure: Figure, n: int, /) -> Estimate:
        """Return *figure* of *n* rows with its interval."""
        ...


class Estimate(Record):
    """A figure of some rows and its percentile bootstrap interval over them."""

    value: Finite | None
    """None where it does not exist: nothing varies."""
    low: Finite | None = None
    high: Finite | None = None
    """None where there is nothing to draw from: one row, or no value."""
    n: int
    """Rows."""


def estimate(figure: Figure, n: int, *, resamples: int = 1000, level: float = 0.95, seed: int = 0) -> Estimate:
    """Return *figure* of *n* rows with its interval.

    Raises `UsageError` for fewer than one row or resample, or a level outside (0, 1).

    >>> values = np.array([1.0, 2.0, 3.0, 4.0])
    >>> found = estimate(lambda drawn: float(values[drawn].mean()), 4)
    >>> found.value, found.low, found.high
    (2.5, 1.5, 3.5)
    """
    found = bootstrap(figure, n, n=resamples, level=level, seed=seed)
    exists = math.isfinite(found.value)
    spread = exists and n > 1 and math.isfinite(found.low)
    return Estimate(
        value=found.value if exists else None,
        low=found.low if spread else None,
        high=found.high if spread else None,
        n=n,
    )


def rounded(value: float | None, digits: int = 2) -> str:
    """Return *value* rounded half up, as people round; a dash for None.

    Means of printed figures fall on halves: 29.415 is stored a little lower, and ``format`` would print 29.41.

    >>> rounded(29.415), f"{29.415:.2f}", rounded(None)
    ('29.42', '29.41', '–')
    """
    if value is None:
        return "–"
    return str(Decimal(repr(round(value, 9))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
