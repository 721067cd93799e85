"""How well predicted ratings (arousal, dominance, valence, sentiment) follow the true ones.

All figures are taken over one column of truth and one of predictions, for one dimension.  For a data set, pool all its
samples first: the mean of the CCC of batches or of speakers is another number.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from openaffect.metrics.columns import finite_pair


class _Moments(NamedTuple):
    truth: float
    """Sum of squared deviations of the truth from its mean."""
    prediction: float
    both: float
    """Sum of products of the deviations."""
    gap: float
    """Mean of the truth minus mean of the prediction."""
    n: int


def ccc(truth: ArrayLike, prediction: ArrayLike, *, unbiased: bool = False) -> float:
    r"""Return the concordance correlation coefficient, from -1 to 1.

    .. math:: \rho_c = \frac{2 s_{tp}}{s_t^2 + s_p^2 + (\bar t - \bar p)^2}

    It is 1 only where every prediction equals its truth; unlike `pcc` it falls with a wrong scale or offset.  Variances
    and covariance divide by n, as in Lin's paper and audmetric; with ``unbiased=True`` by n - 1, as in torchmetrics,
    which differs for few samples.  *truth* and *prediction* have shape (n,) and one scale.

    A constant column beside another column gives 0, for it follows nothing.  Two equal constants (0/0) and fewer than
    two samples give NaN, as in audmetric: without variation there is nothing to agree on.

    Raises `UsageError` for shapes that do not fit and `DataError` for NaN, infinities and empty columns.
    Source: L. I. Lin, "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45, 1989.

    >>> round(ccc([0, 1, 2], [0, 1, 1]), 4)
    0.6667
    """
    moments = _moments(truth, prediction)
    weight = moments.n - 1 if unbiased else moments.n
    spread = moments.truth + moments.prediction + weight * moments.gap**2
    return 2 * moments.both / spread if moments.n > 1 and spread > 0 else math.nan


def pcc(truth: ArrayLike, prediction: ArrayLike) -> float:
    r"""Return Pearson's correlation coefficient, from -1 to 1.

    .. math:: \rho = s_{tp} / (s_t s_p)

    It ignores scale and offset, so it says whether ratings move together, not whether they are right.  It is NaN where
    a column is constant.  Shapes (n,); raises as `ccc` does.
    Source: K. Pearson, "Notes on regression and inheritance in the case of two parents", Proc. Royal Society 58, 1895.

    >>> round(pcc([0, 1, 2], [0, 1, 1]), 4)
    0.866
    """
    moments = _moments(truth, prediction)
    spread = math.sqrt(moments.truth) * math.sqrt(moments.prediction)
    # Rounding can lift a perfect correlation above 1.
    return min(1.0, max(-1.0, moments.both / spread)) if spread > 0 else math.nan


def rmse(truth: ArrayLike, prediction: ArrayLike) -> float:
    r"""Return the root of the mean squared error, on the scale of the ratings.

    .. math:: \sqrt{\operatorname{mean}_i (t_i - p_i)^2}

    Shapes (n,); raises as `ccc` does.

    >>> rmse([0, 1, 2], [0, 1, 5])
    1.7320508075688772
    """
    first, second = finite_pair(truth, prediction)
    return math.sqrt(np.mean((first - second) ** 2))


def mae(truth: ArrayLike, prediction: ArrayLike) -> float:
    r"""Return the mean absolute error, on the scale of the ratings.

    .. math:: \operatorname{mean}_i |t_i - p_i|

    Shapes (n,); raises as `ccc` does.

    >>> mae([0, 1, 2], [0, 1, 5])
    1.0
    """
    first, second = finite_pair(truth, prediction)
    return float(np.mean(np.abs(first - second)))


def _moments(truth: ArrayLike, prediction: ArrayLike) -> _Moments:
    first, second = finite_pair(truth, prediction)
    # Taken from the first value on, a constant column deviates by exactly 0, whatever its mean rounds to.
    one, two = first - first[0], second - second[0]
    gap = first[0] - second[0] + one.mean() - two.mean()
    one, two = one - one.mean(), two - two.mean()
    return _Moments(float(one @ one), float(two @ two), float(one @ two), float(gap), first.size)
