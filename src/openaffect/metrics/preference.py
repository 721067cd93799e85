"""A ranking from pairwise preferences: the Bradley-Terry model."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.metrics.columns import Floats, finite, in_order, labels_of

_TOLERANCE, _LIMIT = 1e-10, 200_000
# Wins that the model expects must equal those observed to this share of them, within this many steps.


@dataclass(frozen=True)
class BradleyTerry:
    """Strengths of everything that was compared."""

    strengths: dict[Hashable, float]
    """They sum to 1; i is preferred to j with probability s_i / (s_i + s_j)."""
    ranking: tuple[Hashable, ...]
    """The strongest first; of equals, the one that stands first in `strengths`."""
    n: float
    """Comparisons."""
    prior: float
    iterations: int


def bradley_terry(
    wins: NDArray[np.floating | np.integer] | Iterable[tuple[Hashable, Hashable]], *, prior: float = 0.0
) -> BradleyTerry:
    r"""Return the strengths under which the observed preferences are most likely, and the ranking.

    .. math:: P(i \succ j) = \frac{s_i}{s_i + s_j}, \quad
              s_i \leftarrow \frac{w_i}{\sum_{j \ne i} n_{ij} / (s_i + s_j)}, \quad \sum_i s_i = 1

    with :math:`w_i` the wins of i and :math:`n_{ij}` the comparisons of i with j; the step (MM algorithm) is repeated
    until the wins that the model expects are those observed.  *wins* is a numpy array of shape (k, k) that holds how
    often the row was preferred to the column (halves for ties are fine), or an iterable of (winner, loser) tuples.

    The estimate exists only if the comparisons are strongly connected: however the k are split in two, each part won at
    least once against the other.  *prior* > 0 adds that many wins to every ordered pair, so that it always exists, and
    draws the strengths together.

    Raises `DataError` where the estimate does not exist, naming who never won against the rest, and for negative counts
    or comparisons with oneself; `UsageError` for another shape or a negative prior; `NothingToScore` for less than two.
    Source: D. R. Hunter, "MM algorithms for generalized Bradley-Terry models", Annals of Statistics 32, 2004.

    >>> found = bradley_terry([("A", "B"), ("A", "B"), ("B", "A"), ("B", "C"), ("C", "B")])
    >>> found.ranking, round(found.strengths["A"], 3)
    (('A', 'B', 'C'), 0.5)
    """
    if not (np.isfinite(prior) and prior >= 0):
        raise UsageError(f"prior must be a number from 0 on, but {prior} came.")
    names, table = _table(wins)
    n = float(table.sum())
    table = table + prior * (1 - np.eye(len(names)))
    _check_connected(names, table)
    strengths, iterations = _climb(table)
    # Equal strengths differ in the last digits; they must not decide the ranking.
    order = sorted(range(len(names)), key=lambda i: -round(float(strengths[i]), 9))
    by_name = dict(zip(names, strengths.tolist(), strict=True))
    return BradleyTerry(by_name, tuple(names[i] for i in order), n, float(prior), iterations)


def _table(
    wins: NDArray[np.floating | np.integer] | Iterable[tuple[Hashable, Hashable]],
) -> tuple[list[Hashable], Floats]:
    if isinstance(wins, np.ndarray):
        table = finite(wins, "wins", axes=2)
        names: list[Hashable] = list(range(len(table)))
        if table.shape[0] != table.shape[1]:
            raise UsageError(f"wins must be square, a row and a column for each, but shape {table.shape} came.")
    else:
        names, table = _count(list(wins))
    if len(names) < 2:
        raise NothingToScore("a ranking needs at least two that were compared.")
    if (table < 0).any() or np.diag(table).any():
        raise DataError("wins must be counts from 0 on, and nothing can win against itself; correct these rows.")
    return names, table


def _count(pairs: list[tuple[Hashable, Hashable]]) -> tuple[list[Hashable], Floats]:
    for pair in pairs:
        # A list of lists could also be meant as a matrix, and of shape (2, 2) nothing would tell.
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise UsageError(f"wins must be (winner, loser) tuples or a numpy array of counts, but {pair!r} came.")
    names = list(in_order(labels_of(chain.from_iterable(pairs), "wins")))
    row = {name: i for i, name in enumerate(names)}
    table = np.zeros((len(names), len(names)))
    for winner, loser in pairs:
        table[row[winner], row[loser]] += 1
    return names, table


def _check_connected(names: list[Hashable], table: Floats) -> None:
    beaten = (table > 0) | np.eye(len(names), dtype=bool)
    for _ in range(len(names).bit_length()):  # whom one beats directly, then over 2, 4, 8, ... steps
        beaten = beaten @ beaten
    if not beaten.all():
        weakest = min(beaten, key=lambda row: int(row.sum()))
        losers = [name for name, inside in zip(names, weakest, strict=True) if inside]
        raise DataError(
            f"no Bradley-Terry estimate exists: {losers} never won against any other; "
            "collect more comparisons, leave them out, or give prior=0.5."
        )


def _climb(table: Floats) -> tuple[Floats, int]:
    wins, met = table.sum(axis=1), table + table.T
    strengths = np.full(len(table), 1 / len(table))
    for iteration in range(1, _LIMIT + 1):
        better = wins / (met / np.add.outer(strengths, strengths)).sum(axis=1)
        better /= better.sum()
        change = float(np.abs(better / strengths - 1).max())
        strengths = better
        if change < _TOLERANCE:
            return strengths, iteration
    raise DataError(f"the strengths still move after {_LIMIT} steps; give a prior such as 0.5.")
