"""Who goes with whom at the lowest total cost: the assignment problem for a few dozen rows and columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def assign(cost: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the pairs (row, column), ordered by row, that match as many as allowed at the lowest total cost.

    *cost* (n, m); infinite cells are forbidden and never paired.  Shortest augmenting paths with potentials
    (Jonker and Volgenant 1987), O(n² m).

    >>> assign(np.array([[1.0, 2.0], [1.0, 9.0]]))
    [(0, 1), (1, 0)]
    """
    if not cost.size:
        return []
    if cost.shape[0] > cost.shape[1]:
        return sorted((row, column) for column, row in assign(cost.T))
    allowed = np.isfinite(cost)
    # A forbidden cell costs more than any set of allowed ones, so it is taken only where nothing else is left.
    ceiling = 1.0 + 2 * cost.shape[0] * float(np.abs(cost[allowed]).max(initial=0.0))
    owners = _owners(np.where(allowed, cost, ceiling))
    return sorted((row, column) for column, row in enumerate(owners) if row >= 0 and allowed[row, column])


def _owners(cost: npt.NDArray[np.float64]) -> list[int]:
    """Return for each column the row that it is given to, or -1; every row gets one (n <= m, all finite)."""
    rows, columns = cost.shape
    owner = np.full(columns + 1, -1)
    of_row, of_column = np.zeros(rows), np.zeros(columns + 1)
    for row in range(rows):
        # The last, imaginary column holds the row that looks for a place; the path grows until a free column is met.
        owner[columns], here = row, columns
        slack, back, done = np.full(columns, np.inf), np.full(columns, columns), np.zeros(columns + 1, bool)
        while owner[here] >= 0:
            done[here] = True
            reduced = cost[owner[here]] - of_row[owner[here]] - of_column[:columns]
            better = (reduced < slack) & ~done[:columns]
            slack[better], back[better] = reduced[better], here
            open_columns = np.where(done[:columns], np.inf, slack)
            following = int(open_columns.argmin())
            step = open_columns[following]
            of_row[owner[done]] += step
            of_column[done] -= step
            slack[~done[:columns]] -= step
            here = following
        while here != columns:
            owner[here], here = owner[back[here]], int(back[here])
        owner[columns] = -1
    return [int(row) for row in owner[:columns]]
