"""Whether replies of more steps have better scores, over rows of a leaderboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from openaffect.bench.estimates import Draw, Estimate, Figure
from openaffect.metrics.regression import pcc
from openaffect.records import Record

Method = Literal["spearman", "pearson"]
Floats = NDArray[np.float64]
_FEWEST = 3
# Two points always lie on a line.


class StepRelation(Record):
    """How the mean number of steps goes together with a score, over rows."""

    score: str
    method: Method
    estimate: Estimate
    """The coefficient, -1 to 1."""
    left_out: tuple[str, ...] = ()
    """Rows that answer in a single step and were left out: their reasoning is 0 by definition, and so part of the
    relation over all rows is built in."""


def step_relations(
    points: Sequence[tuple[str, float, float]], score: str, single_step: float, draw: Draw
) -> tuple[StepRelation, ...]:
    """Return rank and linear correlation of *points* (name, steps, score), over all and over those of several steps.

    Points of at most *single_step* steps are left out of the second pair.  Fewer than three points have no relation.
    """
    several = [point for point in points if point[1] > single_step]
    single = tuple(dict.fromkeys(name for name, steps, _ in points if steps <= single_step))
    found = []
    for chosen, left_out in ((points, ()), (several, single)):
        if len(chosen) < _FEWEST:
            continue
        steps, scores = (np.array([point[column] for point in chosen], dtype=np.float64) for column in (1, 2))
        for method in get_args(Method):
            estimate = draw(_correlation(steps, scores, method), len(chosen))
            found.append(StepRelation(score=score, method=method, estimate=estimate, left_out=left_out))
    return tuple(found)


def _correlation(steps: Floats, scores: Floats, method: Method) -> Figure:
    turned = _ranks if method == "spearman" else np.asarray
    # Ranks are taken anew in each draw: those of all rows are not the ranks of the drawn ones.
    return lambda drawn: pcc(turned(steps[drawn]), turned(scores[drawn]))


def _ranks(values: Floats) -> Floats:
    """Return the ranks from 1 on; equal values share their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])
