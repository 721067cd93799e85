"""Bootstrap samples of a data set, by sample or by group (speaker), as indices or as weights."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openaffect.errors import UsageError
from openaffect.metrics.columns import Floats, labels_of

Statistic = Callable[[NDArray[Any]], float]
"""A figure of a data set, from the indices of its samples (some twice, some absent) or from a weight for each."""
Takes = Literal["indices", "weights"]
Groups = Iterable[Hashable]
"""For each sample the group (speaker, film) that it belongs to."""


def bootstrap_weights(
    n_samples: int, *, groups: Groups | None = None, n: int = 1000, seed: int = 0
) -> Iterator[NDArray[np.float64]]:
    """Return *n* bootstrap samples of *n_samples* samples, each as how often every sample was drawn.

    Each weight vector has shape (n_samples,) and holds whole numbers as float64, so that a mean is
    ``weights @ values / weights.sum()``.  Without *groups*, samples are drawn with replacement and the weights sum to
    n_samples.  With *groups* (one label a sample), as many groups as there are are drawn with replacement, each
    with all its samples, for the samples of one speaker are no independent observations.

    Raises `UsageError` for n_samples or n below 1 or for groups of another length, `DataError` for a group that is None
    or NaN.
    Source: B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.

    >>> for weights in bootstrap_weights(4, groups=["Ann", "Ann", "Bo", "Bo"], n=2):
    ...     print(weights)
    [0. 0. 2. 2.]
    [1. 1. 1. 1.]
    """
    if n_samples < 1 or n < 1:
        raise UsageError(f"a bootstrap needs n_samples >= 1 and n >= 1, but {n_samples} and {n} came.")
    if groups is None:
        return _counts(n_samples, n, seed)
    codes = group_codes(groups, n_samples)
    return (counts[codes] for counts in _counts(int(codes.max()) + 1, n, seed))


def index_draws(n_units: int, *, n: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield *n* times the numbers of *n_units* units that are drawn with replacement, in the order drawn."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        yield rng.integers(0, n_units, n_units)


class Redrawn(NamedTuple):
    """A figure of a data set, and of its bootstrap samples."""

    value: float
    drawn: Floats
    """The figure of each bootstrap sample on which it is not NaN."""
    n_groups: int | None
    n_undefined: int
    """Bootstrap samples on which the figure is NaN."""


def redraw(
    statistic: Statistic, n_samples: int, takes: Takes, groups: Groups | None, *, n: int, level: float, seed: int
) -> Redrawn:
    """Return *statistic* of the data set and of *n* bootstrap samples, in the form that it *takes*.

    Raises `UsageError` for an impossible argument, *level* (for which this is drawn) among them.
    """
    check(n, level)
    if takes not in ("indices", "weights"):
        raise UsageError(f"takes must be 'indices' or 'weights', but {takes!r} came.")
    codes = None if groups is None else group_codes(groups, n_samples)
    samples: Iterator[NDArray[Any]] = bootstrap_weights(n_samples, groups=codes, n=n, seed=seed)
    everything: NDArray[Any] = np.ones(n_samples)
    if takes == "indices":
        everything = np.arange(n_samples)
        # Without groups the same draws as they are: to count them and write them out again would take longer.
        by_group = (np.repeat(everything, weights.astype(np.int64)) for weights in samples)
        samples = index_draws(n_samples, n=n, seed=seed) if codes is None else by_group
    drawn = np.array([statistic(sample) for sample in samples], dtype=np.float64)
    known = drawn[~np.isnan(drawn)]
    return Redrawn(float(statistic(everything)), known, None if codes is None else int(codes.max()) + 1, n - known.size)


def group_codes(groups: Groups, n_samples: int) -> NDArray[np.int64]:
    """Return for each sample the number of its group, from 0 in order of appearance.

    >>> group_codes(["Bo", "Ann", "Bo"], 3).tolist()
    [0, 1, 0]
    """
    names = labels_of(groups, "groups")
    if len(names) != n_samples:
        raise UsageError(f"groups must name one group a sample, but {len(names)} came for {n_samples} samples.")
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


def check(n: int, level: float) -> None:
    """Raise `UsageError` unless *n* draws can give an interval of *level*."""
    if n < 1 or not 0 < level < 1:
        raise UsageError(f"an interval needs n >= 1 and 0 < level < 1, but n={n} and level={level} came.")


def percentiles(drawn: Floats, level: float) -> tuple[float, float]:
    """Return the quantiles ``(1 - level) / 2`` and ``(1 + level) / 2``; NaN where nothing was drawn."""
    if drawn.size == 0:
        return np.nan, np.nan
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _counts(n_units: int, n: int, seed: int) -> Iterator[Floats]:
    for drawn in index_draws(n_units, n=n, seed=seed):
        yield np.bincount(drawn, minlength=n_units).astype(np.float64)
