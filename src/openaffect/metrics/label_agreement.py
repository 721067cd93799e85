"""Agreement of raters who each choose one class: Cohen's kappa for two, Fleiss' kappa for several."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from numbers import Real
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from openaffect.errors import DataError, UsageError
from openaffect.metrics.columns import Floats, cross_table, finite

Weights = Literal["linear", "quadratic"]


def cohen_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    weights: Weights | None = None,
    labels: Iterable[Hashable] | None = None,
) -> float:
    r"""Return Cohen's kappa of two raters: 1 is full agreement, 0 what chance gives, below 0 less than that.

    .. math:: \kappa = 1 - \frac{\sum_{ij} w_{ij} O_{ij}}{\sum_{ij} w_{ij} E_{ij}}

    O is the table of both raters' labels and E the one that their own frequencies give by chance; w is 0 on the
    diagonal and elsewhere 1, :math:`|i - j|` (``"linear"``) or :math:`(i - j)^2` (``"quadratic"``), where i and j are
    **places in the order of the labels**.  *labels* gives that order and must hold all labels; by default those in use,
    sorted.  With *weights*, labels that are no numbers have no order of their own, so *labels* is needed; with numbers,
    give the whole scale, because steps that nobody used are not counted as steps otherwise.

    NaN where both raters gave one and the same label throughout (0/0).  Raises `UsageError` for columns of different
    length or an impossible argument, `DataError` for None, NaN, no sample or a label outside *labels*.
    Source: J. Cohen, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20, 1960; weighted:
    J. Cohen, Psychological Bulletin 70, 1968.

    >>> round(cohen_kappa(["sad", "sad", "glad", "glad"], ["sad", "sad", "glad", "sad"]), 4)
    0.5
    """
    if weights not in (None, "linear", "quadratic"):
        raise UsageError(f"weights must be None, 'linear' or 'quadratic', but {weights!r} came.")
    known, counts = cross_table(first, second, labels, ("first", "second"))
    if weights and labels is None and not all(isinstance(label, Real) for label in known):
        raise UsageError(f"weighted kappa needs the order of {list(known)}; give it as labels=[...].")
    apart = np.abs(np.subtract.outer(np.arange(len(known)), np.arange(len(known)))).astype(np.float64)
    cost = {None: np.sign(apart), "linear": apart, "quadratic": apart**2}[weights]
    by_chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return _beyond_chance(float((cost * counts).sum()), float((cost * by_chance).sum()))


def fleiss_kappa(counts: ArrayLike) -> float:
    r"""Return Fleiss' kappa of several raters, from a table of counts.

    .. math:: \kappa = \frac{\bar P - P_e}{1 - P_e}, \quad
              \bar P = \operatorname{mean}_i \frac{\sum_j c_{ij} (c_{ij} - 1)}{m (m - 1)}, \quad P_e = \sum_j p_j^2

    *counts* has shape (N, k): how many of the m raters put subject i into class j; :math:`p_j` is the share of all
    ratings in class j.  The raters need not be the same for each subject, their number m must; where it differs, use
    `krippendorff_alpha`.  NaN where all ratings are in one class (0/0).

    Raises `UsageError` for another shape, `DataError` for counts that are not whole or not equal in sum or below 2.
    Source: J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76, 1971.

    >>> round(fleiss_kappa([[3, 0], [3, 0], [0, 3], [1, 2]]), 4)
    0.6571
    """
    table = _counts(counts)
    raters = table[0].sum()
    agreement = np.mean((table * (table - 1)).sum(axis=1) / (raters * (raters - 1)))
    shares = table.sum(axis=0) / table.sum()
    return _beyond_chance(float(1 - agreement), float(1 - shares @ shares))


def _counts(counts: ArrayLike) -> Floats:
    table = finite(counts, "counts", axes=2)
    if (table < 0).any() or (table != np.round(table)).any():
        raise DataError("counts must be whole numbers from 0 on; give the number of raters for each class.")
    sums = np.unique(table.sum(axis=1))
    if sums.size > 1 or sums[0] < 2:
        raise DataError(
            f"each subject needs the same number of ratings, at least 2, but {sums.astype(int).tolist()} came; "
            "use krippendorff_alpha where the number differs."
        )
    return table


def _beyond_chance(disagreement: float, expected: float) -> float:
    return 1 - disagreement / expected if expected > 0 else math.nan
