"""Figures of agreement between two raters, and between several, with intervals over clips."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from openaffect.bench.agreement.records import NONE, GroupAgreement, Scale
from openaffect.bench.estimates import Draw, Estimate
from openaffect.metrics.agreement import icc
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
    return GroupAgreement(
        n=len(rated),
        n_complete=len(complete),
        alpha=on_some(alpha_of(some, scale)) if some.size else NONE,
        fleiss=None if scale == "interval" else on_whole(fleiss_of(whole)),
        icc=on_whole(lambda rows: _icc(whole[:, rows])),
    )


def alpha_of(ratings: Floats, scale: Scale) -> Callable[[Rows], float]:
    r"""Return Krippendorff's alpha as a figure of the units that are drawn; *ratings* has shape (raters, units).

    The same as `openaffect.metrics.agreement.krippendorff_alpha`, for a thousand draws: the squared differences of all
    pairs are those from the mean, so that no table of values by values is built.

    .. math:: \alpha = 1 - \frac{n - 1}{n} \cdot
              \frac{\sum_u \frac{m_u}{m_u - 1} \sum_i (v_{ui} - \bar v_u)^2}{\sum_u \sum_i (v_{ui} - \bar v)^2}

    :math:`m_u` are the ratings of unit u, n all of them.  Values are the ratings, on an ordinal scale their mean ranks
    among those that are drawn.  Of 0 and 1 the squared differences are the nominal ones.

    >>> ratings = np.array([[1, 2, 3, np.nan], [1, 2, 4, 4]])
    >>> round(alpha_of(ratings, "interval")(np.arange(4)), 4)
    0.878
    """
    known = ~np.isnan(ratings)
    values, code = _coded(ratings, known)
    values = values / (np.abs(values).max() or 1)
    in_unit = known.sum(axis=0)
    # A unit with one rating has no pair, and its rating does not count.
    known, share = known & (in_unit > 1), in_unit / np.maximum(in_unit - 1, 1)

    def figure(rows: Rows) -> float:
        times = np.bincount(rows, minlength=ratings.shape[1]) * known
        counts = np.bincount(code.ravel(), weights=times.ravel(), minlength=len(values))
        if np.count_nonzero(counts) < _LEAST:
            return np.nan
        at = np.where(known, ((np.cumsum(counts) - counts / 2) if scale == "ordinal" else values)[code], 0)
        apart = (at - at.sum(axis=0) / np.maximum(in_unit, 1)) ** 2
        n = float(times.sum())
        expected = float((times * (at - float((times * at).sum()) / n) ** 2).sum())
        # Values that lie too close to one another for their squares do not vary either.
        return 1 - (n - 1) / n * float((times * apart * share).sum()) / expected if expected > 0 else np.nan

    return figure


def fleiss_of(ratings: Floats) -> Callable[[Rows], float]:
    """Return Fleiss' kappa as a figure of the units that are drawn; *ratings* has shape (raters, units), no gaps.

    The same as `openaffect.metrics.agreement.fleiss_kappa`, without its table of units by values.

    >>> fleiss_of(np.array([[1.0, 1, 0, 0], [1, 1, 0, 1], [1, 1, 0, 0]]))(np.arange(4)).__round__(4)
    0.6571
    """
    values, code = _coded(ratings, np.ones(ratings.shape, dtype=bool))
    pairs = [code[one] == code[two] for one, two in combinations(range(len(code)), 2)]
    alike = np.mean(pairs, axis=0)

    def figure(rows: Rows) -> float:
        shares = np.bincount(code[:, rows].ravel(), minlength=len(values)) / (len(code) * len(rows))
        expected = 1 - float(shares @ shares)
        return 1 - (1 - float(alike[rows].mean())) / expected if shares.max() < 1 else np.nan

    return figure


def _coded(ratings: Floats, known: NDArray[np.bool_]) -> tuple[Floats, Rows]:
    """Return the values in *ratings*, and the place of each rating among them; 0 where it is not *known*."""
    values, places = np.unique(ratings[known], return_inverse=True)
    code = np.zeros(ratings.shape, dtype=np.int64)
    code[known] = places
    return values, code


def _icc(ratings: Floats) -> float:
    return icc(ratings) if ratings.shape[1] >= _LEAST else np.nan
