"""CCC, PCC, RMSE and MAE against audmetric, numpy, scipy, scikit-learn, published numbers and tables worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import audmetric
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sklearn

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.metrics.regression import ccc, mae, pcc, rmse

FIGURES = [ccc, pcc, rmse, mae]
PAIRS = st.lists(st.tuples(st.integers(-100, 100), st.integers(-100, 100)), min_size=2, max_size=30)


def columns(pairs: list[tuple[int, int]]) -> tuple[list[float], list[float]]:
    return [a / 8 for a, _ in pairs], [b / 8 for _, b in pairs]


@pytest.mark.parametrize("n", [2, 3, 50, 1000])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_ccc_is_audmetrics(n: int, scale: float) -> None:
    rng = np.random.default_rng(n)
    truth = rng.normal(3, 1, n) * scale
    prediction = truth * 0.7 + rng.normal(0.2, 0.5, n) * scale
    assert ccc(truth, prediction) == pytest.approx(audmetric.concordance_cc(truth, prediction), rel=1e-9)


def test_ccc_by_hand() -> None:
    # truth 1 2 3: mean 2, variance 2/3; prediction 2 2 5: mean 3, variance 2; covariance (-1*-1 + 0 + 1*2)/3 = 1
    assert ccc([1, 2, 3], [2, 2, 5]) == pytest.approx(2 * 1 / (2 / 3 + 2 + 1))
    # with n - 1: variances 1 and 3, covariance 3/2
    assert ccc([1, 2, 3], [2, 2, 5], unbiased=True) == pytest.approx(3 / (1 + 3 + 1))


def test_unbiased_ccc_is_the_published_example_of_torchmetrics() -> None:
    truth, prediction = [3, -0.5, 2, 7], [2.5, 0.0, 2, 8]
    assert round(ccc(truth, prediction, unbiased=True), 4) == 0.9777
    assert round(ccc(truth, prediction), 4) == 0.9768


def test_ccc_is_no_mix_of_biased_and_unbiased_moments() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=8)
    prediction = truth + rng.normal(0.3, 0.5, 8)
    for ddof, unbiased in ((0, False), (1, True)):
        covariance = np.cov(truth, prediction, ddof=ddof)
        gap = truth.mean() - prediction.mean()
        by_hand = 2 * covariance[0, 1] / (covariance[0, 0] + covariance[1, 1] + gap**2)
        assert ccc(truth, prediction, unbiased=unbiased) == pytest.approx(by_hand)


@pytest.mark.parametrize("unbiased", [False, True])
@pytest.mark.parametrize(
    ("truth", "prediction", "expected"),
    [
        ([1, 2], [3, 3], 0.0),
        ([3, 3], [1, 2], 0.0),
        ([3, 3], [4, 4], 0.0),
        ([3, 3], [3, 3], math.nan),
        ([0.1] * 3, [0.1] * 3, math.nan),  # whose mean is not 0.1 in floating point
        ([0.1] * 3, [0.3] * 3, 0.0),
        ([1], [2], math.nan),
        ([1], [1], math.nan),
    ],
)
def test_ccc_without_variation(truth: list[float], prediction: list[float], expected: float, unbiased: bool) -> None:
    assert ccc(truth, prediction, unbiased=unbiased) == pytest.approx(expected, nan_ok=True)
    if 0.1 not in truth:
        assert audmetric.concordance_cc(truth, prediction) == pytest.approx(expected, nan_ok=True)


@given(pairs=PAIRS)
def test_pcc_is_scipys_and_bounds_ccc(pairs: list[tuple[int, int]]) -> None:
    truth, prediction = columns(pairs)
    assume(len(set(truth)) > 1 and len(set(prediction)) > 1)
    assert pcc(truth, prediction) == pytest.approx(stats.pearsonr(truth, prediction).statistic, abs=1e-9)
    assert abs(ccc(truth, prediction)) <= abs(pcc(truth, prediction)) + 1e-12


@pytest.mark.parametrize(("truth", "prediction"), [([1, 2, 3], [5, 5, 5]), ([0.1] * 3, [1, 2, 3]), ([1], [2])])
def test_pcc_of_a_constant_is_nan(truth: list[float], prediction: list[float]) -> None:
    assert math.isnan(pcc(truth, prediction))


@given(pairs=PAIRS)
def test_errors_are_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    truth, prediction = columns(pairs)
    assert rmse(truth, prediction) == pytest.approx(sklearn.root_mean_squared_error(truth, prediction))
    assert mae(truth, prediction) == pytest.approx(sklearn.mean_absolute_error(truth, prediction))
    assert mae(truth, prediction) <= rmse(truth, prediction) + 1e-12


@given(pairs=PAIRS)
def test_what_holds_for_any_data(pairs: list[tuple[int, int]]) -> None:
    truth, prediction = columns(pairs)
    turned = list(reversed(truth)), list(reversed(prediction))
    for figure in FIGURES:
        value = figure(truth, prediction)
        assert figure(prediction, truth) == pytest.approx(value, nan_ok=True)
        assert figure(*turned) == pytest.approx(value, nan_ok=True)
        assert figure(truth * 3, prediction * 3) == pytest.approx(value, nan_ok=True)
        assert math.isnan(value) or figure in (rmse, mae) or -1 - 1e-12 <= value <= 1 + 1e-12
    if len(set(truth)) > 1:
        assert (ccc(truth, truth), pcc(truth, truth)) == (1.0, pytest.approx(1.0))
        shifted = [value + 1 for value in truth]
        assert pcc(truth, shifted) == pytest.approx(1.0) and ccc(truth, shifted) < 1
        assert ccc(truth, [-value for value in truth]) >= -1 - 1e-12


def test_unbiased_ccc_depends_on_n_as_it_says() -> None:
    truth, prediction = [1.0, 2.0, 3.0], [2.0, 2.0, 5.0]
    # The gap weighs n to n - 1 against the spread: repeated often, the two figures meet.
    assert ccc(truth, prediction, unbiased=True) > ccc(truth, prediction)
    assert ccc(truth * 5000, prediction * 5000, unbiased=True) == pytest.approx(ccc(truth, prediction), abs=1e-4)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize(
    ("truth", "prediction", "error", "message"),
    [
        ([], [], NothingToScore, "truth is empty"),
        ([1, 2], [1], UsageError, "equally long, but 2 and 1 came"),
        ([1, math.nan], [1, 2], DataError, "truth holds nan at 1"),
        ([1, 2], [math.inf, 2], DataError, "prediction holds inf at 0"),
        ([1, None], [1, 2], DataError, "truth must hold numbers only"),
        (["1", "2"], [1, 2], DataError, "truth must hold numbers only"),
        ([[1, 2]], [1, 2], UsageError, r"its shape is \(1, 2\)"),
        ([1, 2], [[1], [2]], UsageError, r"its shape is \(2, 1\)"),
        ([[1, 2], [3]], [1, 2], DataError, "rows of one length"),
        (3, 4, UsageError, r"its shape is \(\)"),
    ],
)
def test_refuses(
    figure: Callable[..., float], truth: object, prediction: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        figure(truth, prediction)
