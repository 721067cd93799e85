"""The pooling over time as a running state: a softmax taken online, which parts can be added to in any order.

Per feature: the largest score so far, the sum of ``exp(score - maximum)``, and that sum weighted by the values.
(M. Milakov, N. Gimelshein, "Online normalizer calculation for softmax", arXiv 1805.02867.)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FLOOR = np.float32(-1e30)
"""The maximum of no scores at all; finite, so that it can be subtracted from itself."""


class Pooled(NamedTuple):
    """What some tokens come to; three arrays of one shape, (1, features)."""

    maximum: Floats
    total: Floats
    weighted: Floats


def nothing(size: int) -> Pooled:
    """Return the state before the first token."""
    return Pooled(np.full((1, size), FLOOR), np.zeros((1, size), np.float32), np.zeros((1, size), np.float32))


def merged(parts: Iterable[Pooled]) -> Pooled:
    """Return the state of the tokens of all *parts* (one at least) together.

    >>> one = Pooled(*(np.array([[x]], np.float32) for x in (0.0, 1.0, 3.0)))
    >>> two = Pooled(*(np.array([[x]], np.float32) for x in (1.0, 1.0, 5.0)))
    >>> both = merged([one, two])
    >>> round(float(both.weighted[0, 0] / both.total[0, 0]), 4)  # (3 + 5e) / (1 + e)
    4.4621
    """
    maxima, totals, sums = (np.stack(rows).astype(np.float64) for rows in zip(*parts, strict=True))
    maximum = maxima.max(0)
    fade = np.exp(maxima - maximum)
    found = maximum, (totals * fade).sum(0), (sums * fade).sum(0)
    return Pooled(*(row.astype(np.float32) for row in found))
