"""Intervals for a figure: the percentile bootstrap, and the comparison of two systems on the same samples.

- one number a sample and a function of them: `bootstrap_interval`
- any figure of a data set (CCC, UAR, a wheel score): `bootstrap`, by sample or by speaker
- two systems: `paired_comparison` of scores by sample, `corpus_comparison` of figures of the data set
- figures that can be taken for many weightings at once: `bootstrap_weights`

An interval covers the chance of having drawn these samples (or speakers).  It does not cover another corpus, another
annotator, another seed of the training, or that the best of several systems was picked on the same samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaffect.errors import UsageError
from openaffect.metrics.comparison import Comparison, corpus_comparison, paired_comparison
from openaffect.metrics.resampling import (
    Groups,
    Statistic,
    Takes,
    bootstrap_weights,
    check,
    index_draws,
    percentiles,
    redraw,
)

__all__ = [
    "Comparison",
    "Interval",
    "bootstrap",
    "bootstrap_interval",
    "bootstrap_weights",
    "corpus_comparison",
    "paired_comparison",
]


@dataclass(frozen=True)
class Interval:
    """A figure and its percentile bootstrap interval."""

    value: float
    """The figure of the data set itself."""
    low: float
    high: float
    level: float
    n_samples: int
    n_groups: int | None
    """Groups that were drawn instead of samples; None without groups."""
    n: int
    """Bootstrap samples that were drawn."""
    n_undefined: int
    """Those of them on which the figure was NaN; the interval is that of the others."""


def bootstrap(
    statistic: Statistic,
    n_samples: int,
    *,
    takes: Takes = "indices",
    groups: Groups | None = None,
    n: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return a figure of a data set of *n_samples* samples with its percentile bootstrap interval.

    *statistic* gets an array of indices into the samples, some twice and some absent (shape (m,)), or with
    ``takes="weights"`` a weight for each sample (shape (n_samples,), float64), which is faster where a figure can be
    taken with weights; it returns the figure.  The interval runs between the quantiles ``(1 - level) / 2`` and
    ``(1 + level) / 2`` of the figure over *n* bootstrap samples; the same *seed* gives the same interval.  With
    *groups*, one label a sample, whole groups are drawn (`bootstrap_weights`): do so where speakers repeat, else the
    interval is too narrow.  With few groups (below about 20) it is too narrow anyway.

    Raises `UsageError` for ``n < 1``, a level outside (0, 1), or groups of another length.
    Source: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 8 and 13.

    >>> import numpy as np
    >>> values = np.array([1.0, 2.0, 3.0, 4.0])
    >>> found = bootstrap(lambda drawn: values[drawn].mean(), 4)
    >>> found.value, found.low, found.high
    (2.5, 1.5, 3.5)
    """
    found = redraw(statistic, n_samples, takes, groups, n=n, level=level, seed=seed)
    low, high = percentiles(found.drawn, level)
    return Interval(found.value, low, high, level, n_samples, found.n_groups, n, found.n_undefined)


def bootstrap_interval(
    values: Sequence[float] | NDArray[np.floating],
    statistic: Callable[[NDArray[np.float64]], float] = np.mean,
    *,
    n: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval ``(low, high)`` of ``statistic(values)``.

    *values* are independent observations, shape ``(m,)`` (for clips: one number a clip, not one a segment).  *n* times,
    m of them are drawn with replacement and *statistic* is taken; the interval runs between the quantiles
    ``(1 - level) / 2`` and ``(1 + level) / 2``.  The same *seed* gives the same interval.  With few observations the
    interval is too narrow (about 0.85 true cover for a mean of five), and one observation gives an empty one.

    Raises `UsageError` for no values, values that are not finite, ``n < 1``, or a level outside (0, 1).
    Source: B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.

    >>> low, high = bootstrap_interval([1.0, 2.0, 3.0, 4.0])
    >>> 1.0 <= low < 2.5 < high <= 4.0
    True
    """
    sample = np.asarray(values, dtype=np.float64).ravel()
    if sample.size == 0 or not np.isfinite(sample).all():
        raise UsageError(f"an interval needs finite values, {sample.size} came; leave out what is missing.")
    check(n, level)
    draws = [statistic(sample[drawn]) for drawn in index_draws(sample.size, n=n, seed=seed)]
    return percentiles(np.array(draws, dtype=np.float64), level)
