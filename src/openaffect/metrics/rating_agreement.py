"""Agreement of raters on a scale: Krippendorff's alpha (gaps allowed) and the intraclass correlations (no gaps).

Both take one table: **a row a rater, a column a unit** (clip).  Transpose a table with a row a clip.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.lookup import suggest
from openaffect.metrics.columns import Floats, finite, in_order, labels_of, missing

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Kind = Literal["ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"]


def krippendorff_alpha(ratings: Sequence[Sequence[Any]] | NDArray[Any], *, level: Level = "nominal") -> float:
    r"""Return Krippendorff's alpha: 1 is full agreement, 0 what chance gives, below 0 less than that.

    .. math:: \alpha = 1 - \frac{D_o}{D_e}, \quad
              D_o = \frac{1}{n} \sum_u \frac{1}{m_u - 1} \sum_{i \ne j} \delta(v_{ui}, v_{uj}), \quad
              D_e = \frac{1}{n (n - 1)} \sum_{c, k} n_c n_k \delta(c, k)

    *ratings* has shape (raters, units); None or NaN is a missing rating, and units with fewer than two ratings do not
    count.  :math:`m_u` are the ratings of unit u, n all of them, :math:`n_c` those of value c.  The difference
    :math:`\delta` is, by *level*: ``nominal`` 0 or 1 (any labels); ``interval`` :math:`(a - b)^2`; ``ratio``
    :math:`((a - b) / (a + b))^2`, from 0 on; ``ordinal`` :math:`(r_a - r_b)^2` with r the mean rank of a value among
    all ratings that count.

    NaN where all ratings are one value (0/0).  Raises `UsageError` for fewer than two raters or an unknown level,
    `DataError` for words on a numeric level or negative ratios, `NothingToScore` when no unit has two ratings.
    Source: K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011.

    >>> round(krippendorff_alpha([[1, 2, 3, None], [1, 2, 4, 4]], level="interval"), 4)
    0.878
    """
    if level not in ("nominal", "ordinal", "interval", "ratio"):
        raise UsageError(
            f"unknown level '{level}'{suggest(level, _DIFFERENCES) or '.'} Known: {', '.join(_DIFFERENCES)}."
        )
    units = _units(ratings, level)
    values, places = np.unique(np.concatenate(units), return_inverse=True)
    counts = np.bincount(places)
    if counts.size == 1:
        return math.nan
    if level == "ordinal":
        values = np.cumsum(counts) - counts / 2
    ends = np.cumsum([len(unit) for unit in units])[:-1]
    seen = sum(_within(values[unit], _DIFFERENCES[level]) for unit in np.split(places, ends))
    expected = _among_all(values, counts, level)
    return float(1 - (counts.sum() - 1) * seen / expected)


def icc(ratings: ArrayLike, kind: Kind = "ICC(2,1)") -> float:
    r"""Return an intraclass correlation of k raters on n units.

    At most 1 where the raters agree at all; below zero it may lie anywhere, and the forms of k raters have a pole
    there, so that a value above 1 means disagreement, not agreement.

    With the mean squares between units B, within units W, between raters J, and the residual E:

    - ``ICC(1,1)`` = (B - W) / (B + (k-1) W): each unit has raters of its own
    - ``ICC(2,1)`` = (B - E) / (B + (k-1) E + k (J - E) / n): the same raters, a sample of all; their offsets count
    - ``ICC(3,1)`` = (B - E) / (B + (k-1) E): the same raters, the only ones; their offsets do not count
    - ``ICC(1,k)`` = (B - W) / B, ``ICC(2,k)`` = (B - E) / (B + (J - E) / n), ``ICC(3,k)`` = (B - E) / B: the same for
      the **mean** of the k raters

    *ratings* has shape (k, n), **raters by units**, without gaps (`krippendorff_alpha` allows them).  NaN where the
    denominator is 0, for instance when all ratings are equal.

    Raises `UsageError` for an unknown *kind* or fewer than two raters or units, `DataError` for NaN.
    Source: P. E. Shrout and J. L. Fleiss, "Intraclass correlations", Psychological Bulletin 86, 1979.

    >>> round(icc([[9, 6, 8], [2, 1, 4], [5, 3, 6]]), 4)
    0.1856
    """
    if kind not in _ICC:
        raise UsageError(f"unknown kind '{kind}'{suggest(kind, _ICC) or '.'} Known: {', '.join(_ICC)}.")
    table = finite(ratings, "ratings", axes=2)
    k, n = table.shape
    if k < 2 or n < 2:
        raise UsageError(f"icc needs two or more raters (rows) and units (columns), but shape {table.shape} came.")
    table = table - table[0, 0]  # equal ratings become exact zeros
    total = float(((table - table.mean()) ** 2).sum())
    units = k * float(((table.mean(axis=0) - table.mean()) ** 2).sum())
    raters = n * float(((table.mean(axis=1) - table.mean()) ** 2).sum())
    rest = max(0.0, total - units - raters)
    between, judges, error = units / (n - 1), raters / (k - 1), rest / ((n - 1) * (k - 1))
    above, below = _ICC[kind](between, (total - units) / (n * (k - 1)), judges, error, k, n)
    return above / below if abs(below) > 1e-12 * total else math.nan


_DIFFERENCES: dict[str, Callable[[Any, Any], Floats]] = {
    "nominal": lambda a, b: (a != b) * 1.0,
    "ordinal": lambda a, b: (a - b) ** 2,
    "interval": lambda a, b: (a - b) ** 2,
    "ratio": lambda a, b: ((a - b) / np.where(a + b == 0, 1, a + b)) ** 2,
}

_ICC: dict[str, Callable[[float, float, float, float, int, int], tuple[float, float]]] = {
    "ICC(1,1)": lambda b, w, j, e, k, n: (b - w, b + (k - 1) * w),
    "ICC(2,1)": lambda b, w, j, e, k, n: (b - e, b + (k - 1) * e + k * (j - e) / n),
    "ICC(3,1)": lambda b, w, j, e, k, n: (b - e, b + (k - 1) * e),
    "ICC(1,k)": lambda b, w, j, e, k, n: (b - w, b),
    "ICC(2,k)": lambda b, w, j, e, k, n: (b - e, b + (j - e) / n),
    "ICC(3,k)": lambda b, w, j, e, k, n: (b - e, b),
}


def _within(values: Floats, difference: Callable[[Any, Any], Floats]) -> float:
    return float(difference(values[:, None], values[None, :]).sum() / (len(values) - 1))


def _among_all(values: Floats, counts: NDArray[np.int64], level: Level) -> float:
    """Return the sum of the differences of all ordered pairs of ratings; no (k, k) matrix, for k may be large."""
    n = float(counts.sum())
    if level == "nominal":
        return n * n - float(counts @ counts)
    if level == "ratio":
        apart = (counts @ _DIFFERENCES[level](value, values) for value in values)
        return float(sum(count * one for count, one in zip(counts, apart, strict=True)))
    return 2 * n * float(counts @ (values - counts @ values / n) ** 2)


def _units(ratings: Sequence[Sequence[Any]] | NDArray[Any], level: Level) -> list[Floats]:
    """Return the ratings of each unit that has two or more, labels as their places in the order of all labels."""
    rows = _rows(ratings)
    units = [[value for value in column if not missing(value)] for column in zip(*rows, strict=True)]
    paired = [unit for unit in units if len(unit) > 1]
    if not paired:
        raise NothingToScore("no unit has ratings from two raters; rows are raters and columns are units.")
    if level == "nominal":
        labels = in_order(labels_of([value for unit in paired for value in unit], "ratings"))
        place = {label: float(i) for i, label in enumerate(labels)}
        return [np.array([place[value] for value in unit]) for unit in paired]
    numbers = [finite(unit, "ratings") for unit in paired]
    if level == "ratio" and min(unit.min() for unit in numbers) < 0:
        raise DataError("ratings on a ratio scale must not be negative; use level='interval'.")
    return numbers


def _rows(ratings: Sequence[Sequence[Any]] | NDArray[Any]) -> list[list[Any]]:
    table = ratings.tolist() if isinstance(ratings, np.ndarray) else list(ratings)
    if not all(isinstance(row, Sequence | np.ndarray) and not isinstance(row, str) for row in table):
        raise UsageError("ratings must be a table, a list of ratings for each rater.")
    if len(table) < 2 or len({len(row) for row in table}) > 1:
        raise UsageError(f"ratings must be two or more rows (raters) of one length, but {len(table)} rows came.")
    return [list(row) for row in table]
