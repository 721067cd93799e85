"""Is one system better than another?  Two systems on the same samples, compared in pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openaffect.metrics.columns import Floats, finite_pair
from openaffect.metrics.resampling import Groups, Redrawn, Statistic, Takes, group_codes, percentiles, redraw

Test = Literal["exact sign flip", "sign flip", "bootstrap"]

_EXACT_UP_TO = 16
# Units (samples or groups that differ) up to which all 2 ** units sign flips are counted.


@dataclass(frozen=True)
class Comparison:
    """The figure of the first system minus that of the second."""

    difference: float
    low: float
    """The percentile bootstrap interval of the difference."""
    high: float
    level: float
    p: float
    """Two-sided: how often chance alone gives a difference as large, if the systems are equally good."""
    test: Test
    """How `p` was found."""
    n_samples: int
    n_groups: int | None
    """Groups that were drawn or flipped instead of samples; None without groups."""
    n: int
    """Draws of the interval, and of the test unless it is exact."""
    n_undefined: int
    """Draws on which the difference was NaN; they do not count."""


def paired_comparison(
    first: ArrayLike,
    second: ArrayLike,
    *,
    groups: Groups | None = None,
    n: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    r"""Return the mean difference of two systems' scores by sample, its interval, and a permutation test of it.

    .. math:: \bar d = \operatorname{mean}_i d_i, \quad d_i = a_i - b_i, \quad
              p = P\left(\left|\sum_u s_u d_u\right| \ge \left|\sum_u d_u\right|\right), \quad s_u = \pm 1

    *first* and *second* have shape (n_samples,); higher may be better or worse.  If the systems are equally good, it is
    chance which of the two scores of a sample belongs to which: p is the share of sign flips that give a difference as
    large, counted over all flips where at most 16 units differ (``exact sign flip``), else over *n* random ones as
    (hits + 1) / (n + 1) (``sign flip``).  A unit is a sample or, with *groups*, a group, whose samples flip together
    and are drawn together for the interval.  With 5 units that differ p cannot fall below 1/16.

    A small p is no large difference: read `difference` and its interval first.  Raises `UsageError` for shapes that do
    not fit or impossible options, `DataError` for NaN and empty columns.
    Source: R. A. Fisher, "The Design of Experiments", 1935, section 21.

    >>> found = paired_comparison([0.9, 0.8, 0.7, 0.9, 0.6], [0.8, 0.7, 0.6, 0.8, 0.4])
    >>> round(found.difference, 3), found.p, found.test
    (0.12, 0.0625, 'exact sign flip')
    """
    one, two = finite_pair(first, second, ("first", "second"))
    apart = one - two
    names = None if groups is None else group_codes(groups, apart.size)
    found = redraw(partial(_mean, apart), apart.size, "weights", names, n=n, level=level, seed=seed)
    units = apart if names is None else np.bincount(names, weights=apart)
    p, test = _sign_flips(units[units != 0], n, seed)
    return _comparison(found, p, test, apart.size, n, level)


def corpus_comparison(
    first: Statistic,
    second: Statistic,
    n_samples: int,
    *,
    takes: Takes = "indices",
    groups: Groups | None = None,
    n: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    r"""Return the difference of two systems' figures of a data set (CCC, UAR, ...), its interval, and a bootstrap p.

    *first* and *second* each return the figure of one system for the same samples, from indices or weights as in
    `bootstrap`; both are taken on the same *n* bootstrap samples, of samples or of *groups*.

    .. math:: p = \min\left(1, 2 \frac{\min(\#(d^* \le 0), \#(d^* \ge 0)) + 1}{n + 1}\right)

    over the differences d* of the bootstrap samples.  This p goes with the interval (below 1 - level about where that
    leaves out 0) and is less exact than the permutation test of `paired_comparison`; use that one where the figure is a
    mean over samples.

    Raises as `bootstrap` does.
    Source: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, section 15.4.

    >>> from openaffect.metrics.regression import ccc
    >>> truth, good, poor = np.array([[0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 6], [3, 1, 5, 0, 2, 4]])
    >>> found = corpus_comparison(lambda i: ccc(truth[i], good[i]), lambda i: ccc(truth[i], poor[i]), 6)
    >>> round(found.difference, 2), found.p < 0.1
    (0.89, True)
    """
    found = redraw(lambda x: first(x) - second(x), n_samples, takes, groups, n=n, level=level, seed=seed)
    rarer = min((found.drawn <= 0).sum(), (found.drawn >= 0).sum())
    p = min(1.0, float(2 * (rarer + 1) / (found.drawn.size + 1)))
    return _comparison(found, p, "bootstrap", n_samples, n, level)


def _comparison(found: Redrawn, p: float, test: Test, n_samples: int, n: int, level: float) -> Comparison:
    low, high = percentiles(found.drawn, level)
    return Comparison(found.value, low, high, level, p, test, n_samples, found.n_groups, n, found.n_undefined)


def _mean(values: Floats, weights: NDArray[Any]) -> float:
    return float(weights @ values / weights.sum())


def _sign_flips(apart: Floats, n: int, seed: int) -> tuple[float, Test]:
    """Return the share of sign flips of *apart* whose sum is as far from 0 as it is unflipped, and the kind of test."""
    # Sums in another order differ in the last digits and would miss a tie.
    bound = abs(apart.sum()) - 1e-12 * np.abs(apart).sum()
    if apart.size <= _EXACT_UP_TO:
        sums = np.zeros(1)
        for one in apart:
            sums = np.concatenate([sums + one, sums - one])
        return float(np.mean(np.abs(sums) >= bound)), "exact sign flip"
    rng = np.random.default_rng(seed)
    # With half of the signs kept as 1 and the others as 0, the flipped sum is twice the kept part less the whole.
    kept = np.array([rng.integers(0, 2, apart.size, dtype=np.int8) @ apart for _ in range(n)])
    hits = int((np.abs(2 * kept - apart.sum()) >= bound).sum())
    return (hits + 1) / (n + 1), "sign flip"
