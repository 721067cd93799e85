"""Figures of agreement between two raters, and between several, with intervals over clips."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from openaffect.bench.agreement.records import NONE, GroupAgreement, Scale
from openaffect.bench.estimates import Draw, Estimate
from openaffect.metrics.agreement import fleiss_kappa, icc
from openaffect.metrics.regression import ccc, pcc

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_LEAST = 2
# Units that an intraclass correlation needs.


def scale_of(values: Floats) -> Scale:
    """Return what scale *values* are on, as far as they show; of ratings that are all 1 it makes no difference.

    >>> scale_of(np.array([0, 1])), scale_of(np.array([1, 5])), scale_of(np.array([0, 0.5]))
    ('binary', 'ordinal', 'interval')
    """
    if (values != np.round(values)).any():
        return "interval"
    return "binary" if np.isin(values, (0, 1)).all() else "ordinal"


def over_clips(clips: Sequence[Hashable], draw: Draw) -> Callable[[Callable[[Rows], float]], Estimate]:
    """Return what takes a figure of rows with its interval: clips are drawn, each with all its rows.

    The steps of one answer, and one clip in several tasks, are no independent observations.
    """
    numbers: dict[Hashable, int] = {}
    clip = np.array([numbers.setdefault(each, len(numbers)) for each in clips])
    everything = np.arange(len(clips))

    def taken(figure: Callable[[Rows], float]) -> Estimate:
        if not len(clips):
            return NONE
        if len(numbers) == len(clips):
            return draw(figure, len(clips))
        return draw(
            lambda drawn: figure(np.repeat(everything, np.bincount(drawn, minlength=len(numbers))[clip])), len(numbers)
        )

    return taken


def pair_figures(
    first: Floats, second: Floats, clips: Sequence[Hashable], scale: Scale, draw: Draw
) -> dict[str, object]:
    """Return the figures of two raters by the name of their field; *first* and *second* have shape (n,)."""
    taken = over_clips(clips, draw)
    return {
        "means": (float(first.mean()), float(second.mean())) if first.size else None,
        "equal": taken(lambda rows: float((first[rows] == second[rows]).mean())),
        # With quadratic weights Cohen's kappa is the concordance correlation, and for two values it is so without.
        "kappa": None if scale == "interval" else taken(lambda rows: ccc(first[rows], second[rows])),
        "icc": taken(lambda rows: _icc(np.stack([first[rows], second[rows]]))),
        "pearson": taken(lambda rows: pcc(first[rows], second[rows])),
        "bias": taken(lambda rows: float((first[rows] - second[rows]).mean())),
    }


def group_figures(ratings: Floats, clips: Sequence[Hashable], scale: Scale, draw: Draw) -> GroupAgreement:
    """Return the figures of several raters; *ratings* has shape (raters, n), NaN where there is none."""
    count = (~np.isnan(ratings)).sum(axis=0)
    rated, complete = np.flatnonzero(count > 1), np.flatnonzero(count == len(ratings))
    some, whole = ratings[:, rated], ratings[:, complete]
    on_some = over_clips([clips[place] for place in rated.tolist()], draw)
    on_whole = over_clips([clips[place] for place in complete.tolist()], draw)
    counts = (whole[:, :, None] == np.unique(whole)).sum(axis=0)
    return GroupAgreement(
        n=len(rated),
        n_complete=len(complete),
        alpha=on_some(alpha_of(some, scale)) if some.size else NONE,
        fleiss=None if scale == "interval" else on_whole(lambda rows: fleiss_kappa(counts[rows])),
        icc=on_whole(lambda rows: _icc(whole[:, rows])),
    )


def alpha_of(ratings: Floats, scale: Scale) -> Callable[[Rows], float]:
    """Return Krippendorff's alpha as a figure of the units that are drawn; *ratings* has shape (raters, units).

    The same as `openaffect.metrics.agreement.krippendorff_alpha`, from a table of coincidences that is counted anew for
    each draw in one go, since a thousand draws are taken.

    >>> ratings = np.array([[1, 2, 3, np.nan], [1, 2, 4, 4]])
    >>> round(alpha_of(ratings, "interval")(np.arange(4)), 4)
    0.878
    """
    known = ~np.isnan(ratings)
    values, places = np.unique(ratings[known], return_inverse=True)
    code = np.zeros(ratings.shape, dtype=np.int64)
    code[known] = places
    k, others = len(values), np.maximum(known.sum(axis=0) - 1, 1)
    pairs = [(one, two, np.flatnonzero(known[one] & known[two])) for one, two in permutations(range(len(ratings)), 2)]
    cells = np.concatenate([code[one, units] * k + code[two, units] for one, two, units in pairs])
    unit = np.concatenate([units for *_, units in pairs])

    def figure(rows: Rows) -> float:
        drawn = np.bincount(rows, minlength=ratings.shape[1]) / others
        table = np.bincount(cells, weights=drawn[unit], minlength=k * k).reshape(k, k)
        counts = table.sum(axis=1)
        at = np.cumsum(counts) - counts / 2 if scale == "ordinal" else values
        apart = np.subtract.outer(at, at) ** 2
        expected = float(counts @ apart @ counts)
        return 1 - (float(counts.sum()) - 1) * float((table * apart).sum()) / expected if expected > 0 else np.nan

    return figure


def _icc(ratings: Floats) -> float:
    return icc(ratings) if ratings.shape[1] >= _LEAST else np.nan
