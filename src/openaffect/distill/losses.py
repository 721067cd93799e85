"""What a student is trained to make small."""

from __future__ import annotations

import torch
from torch import Tensor

from openaffect.errors import UsageError


def ccc_loss(prediction: Tensor, target: Tensor, *, mse: float = 0.1, epsilon: float = 1e-8) -> Tensor:
    r"""Return the mean over the dimensions of ``1 - CCC`` over the batch, plus *mse* times the mean squared error.

    .. math:: \frac{1}{D} \sum_d \left(1 - \frac{2 s_{tp}}{s_t^2 + s_p^2 + (\bar t - \bar p)^2 + \epsilon}\right)
        + w \frac{1}{D} \sum_d \overline{(t - p)^2}

    *prediction* and *target* have shape (B, D).  Moments divide by n, as in `openaffect.metrics.regression.ccc`.  A
    target that is NaN does not count; a dimension with fewer than two targets does not either, for it has no CCC.  The
    CCC of a batch is noisier and mostly smaller than that of a data set: a loss, not a result.

    The result is a scalar.  Raises `UsageError` for shapes that do not fit and for a batch without any dimension left.

    >>> round(ccc_loss(torch.tensor([[0.0], [1.0], [1.0]]), torch.tensor([[0.0], [1.0], [2.0]]), mse=0.0).item(), 4)
    0.3333
    """
    if prediction.shape != target.shape or prediction.ndim != 2:
        raise UsageError(
            f"predictions and targets need one shape (batch, dimensions), but {tuple(prediction.shape)} and "
            f"{tuple(target.shape)} came."
        )
    known = ~target.isnan()
    count = known.sum(0)
    present = count >= 2
    if not bool(present.any()):
        raise UsageError("no dimension has two targets in the batch; give labels, or a larger batch.")
    # Masked before any arithmetic: the gradient of NaN times 0 is NaN.
    truth = torch.where(known, target, 0.0)[:, present]
    guess = torch.where(known, prediction, 0.0)[:, present]
    known, n = known[:, present], count[present]
    mean_t, mean_p = truth.sum(0) / n, guess.sum(0) / n
    away_t, away_p = (truth - mean_t) * known, (guess - mean_p) * known
    both = (away_t * away_p).sum(0) / n
    spread = (away_t.square().sum(0) + away_p.square().sum(0)) / n
    ccc = 2 * both / (spread + (mean_t - mean_p).square() + epsilon)
    error = (truth - guess).square().sum(0) / n
    return (1 - ccc + mse * error).mean()
