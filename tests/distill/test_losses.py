"""The loss against the metric, audmetric and numbers worked by hand; what does not count; its gradient."""

from __future__ import annotations

import audmetric
import numpy as np
import pytest
import torch

from openaffect.distill.losses import ccc_loss
from openaffect.errors import UsageError
from openaffect.metrics.regression import ccc


def pair(n: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(0.5, 0.2, (n, 3))
    guess = truth * 0.7 + rng.normal(0.1, 0.1, (n, 3))
    return torch.from_numpy(guess), torch.from_numpy(truth)


@pytest.mark.parametrize("n", [2, 3, 32, 500])
def test_without_the_squared_error_it_is_one_minus_the_mean_ccc(n: int) -> None:
    guess, truth = pair(n)
    ours = [ccc(truth[:, d].numpy(), guess[:, d].numpy()) for d in range(3)]
    theirs = [audmetric.concordance_cc(truth[:, d].numpy(), guess[:, d].numpy()) for d in range(3)]
    assert ccc_loss(guess, truth, mse=0.0, epsilon=0.0).item() == pytest.approx(1 - np.mean(ours), rel=1e-9)
    assert ccc_loss(guess, truth, mse=0.0, epsilon=0.0).item() == pytest.approx(1 - np.mean(theirs), rel=1e-9)


def test_by_hand() -> None:
    # truth 1 2 3: variance 2/3; guess 2 2 5: variance 2; covariance 1, means 2 and 3; squared error (1 + 0 + 4) / 3
    guess, truth = torch.tensor([[2.0], [2.0], [5.0]]), torch.tensor([[1.0], [2.0], [3.0]])
    expected = 1 - 2 / (2 / 3 + 2 + 1) + 0.3 * 5 / 3
    assert ccc_loss(guess, truth, mse=0.3).item() == pytest.approx(expected, rel=1e-6)


def test_a_missing_target_does_not_count() -> None:
    guess, truth = pair(20)
    truth[[3, 8], 1] = torch.nan
    keep = np.delete(np.arange(20), [3, 8])
    parts = [
        1 - ccc(truth[rows, d].numpy(), guess[rows, d].numpy())
        for d, rows in enumerate((np.arange(20), keep, np.arange(20)))
    ]
    assert ccc_loss(guess, truth, mse=0.0, epsilon=0.0).item() == pytest.approx(np.mean(parts), rel=1e-9)


def test_an_absent_dimension_gets_no_gradient_and_no_nan() -> None:
    guess, truth = pair(10)
    truth[:, 1] = torch.nan
    truth[1:, 2] = torch.nan  # one target: no CCC either
    guess.requires_grad_()
    loss = ccc_loss(guess, truth)
    loss.backward()
    assert guess.grad is not None
    assert torch.isfinite(guess.grad).all()
    assert (guess.grad[:, 1:] == 0).all() and (guess.grad[:, 0] != 0).any()
    only = ccc_loss(guess[:, :1].detach(), truth[:, :1])
    assert loss.item() == pytest.approx(only.item(), rel=1e-12)


def test_its_gradient_is_that_of_the_figure() -> None:
    guess, truth = pair(8)
    truth[2, 0] = torch.nan
    assert torch.autograd.gradcheck(lambda x: ccc_loss(x, truth), guess.requires_grad_())


def test_constant_predictions_have_a_finite_gradient() -> None:
    guess = torch.full((6, 1), 0.5, requires_grad=True)
    loss = ccc_loss(guess, torch.full((6, 1), 0.5))
    loss.backward()
    assert guess.grad is not None and torch.isfinite(guess.grad).all()
    assert loss.item() == pytest.approx(1.0)


@pytest.mark.parametrize(("a", "b"), [((4, 3), (4, 2)), ((4,), (4,)), ((4, 3), (3, 3))])
def test_shapes_that_do_not_fit_are_refused(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="one shape"):
        ccc_loss(torch.zeros(a), torch.zeros(b))


def test_a_batch_without_targets_is_refused() -> None:
    with pytest.raises(UsageError, match="no dimension has two targets"):
        ccc_loss(torch.zeros(4, 3), torch.full((4, 3), torch.nan))
