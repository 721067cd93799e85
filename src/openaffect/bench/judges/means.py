"""Means of ratings: a rating that failed stays in the count and in the mean, as the lowest mark; beside it, without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from openaffect.metrics.interval import bootstrap_interval
from openaffect.records import Score

Values = Sequence[float | None]


def mean_score(name: str, values: Values, *, low: float, causes: Sequence[str] = ()) -> Score:
    """Return the mean of *values* with its bootstrap interval; None (failed) counts as *low* and in ``n_failed``.

    The note gives the causes and the mean of those that were rated.

    >>> score = mean_score("support", [5, 3, None], low=1, causes=["refused"])
    >>> score.value, score.n, score.n_failed, score.note
    (3.0, 3, 1, 'mean of the 2 rated: 4; failed: 1 refused')
    """
    rated = [value for value in values if value is not None]
    failed = len(values) - len(rated)
    if not rated:
        why = _causes(causes) or "nothing was rated"
        return Score(name=name, value=None, n=len(values), n_failed=failed, note=why)
    filled = np.array([low if value is None else value for value in values], dtype=np.float64)
    start, end = bootstrap_interval(filled, n=1000)
    notes = [f"mean of the {len(rated)} rated: {float(np.mean(rated)):.4g}", _causes(causes)] if failed else []
    return Score(
        name=name,
        value=float(filled.mean()),
        low=start,
        high=end,
        n=len(values),
        n_failed=failed,
        note="; ".join(filter(None, notes)),
    )


def _causes(causes: Sequence[str]) -> str:
    counted = Counter(causes).most_common()
    return f"failed: {', '.join(f'{count} {cause}' for cause, count in counted)}" if counted else ""
