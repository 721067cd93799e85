"""The bootstrap interval against scipy's, and its cover on made data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from openaffect.errors import UsageError
from openaffect.metrics.interval import bootstrap_interval

VALUES = np.array([0.2, 0.9, 1.4, 1.5, 2.2, 3.1, 3.3, 4.8, 5.0, 9.5])


@pytest.mark.parametrize("statistic", [np.mean, np.median, np.std])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_agrees_with_scipy_within_resampling_noise(statistic: object, level: float) -> None:
    theirs = stats.bootstrap(
        (VALUES,), statistic, n_resamples=20_000, method="percentile", confidence_level=level, rng=1
    ).confidence_interval
    low, high = bootstrap_interval(VALUES, statistic, n=20_000, level=level)  # type: ignore[arg-type]
    spread = theirs.high - theirs.low
    assert abs(low - theirs.low) < 0.03 * spread and abs(high - theirs.high) < 0.03 * spread


def test_same_draws_give_scipys_numbers_exactly() -> None:
    theirs = stats.bootstrap(
        (VALUES,), np.mean, n_resamples=500, batch=1, method="percentile", rng=np.random.default_rng(3)
    ).confidence_interval
    assert bootstrap_interval(VALUES, n=500, seed=3) == pytest.approx(tuple(theirs), rel=1e-12)


def test_covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(200):
        low, high = bootstrap_interval(rng.normal(1.0, 2.0, 40), n=300)
        hits += low <= 1.0 <= high
    assert 0.88 <= hits / 200 <= 0.99


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_lies_within_the_values_and_repeats(values: list[float]) -> None:
    low, high = bootstrap_interval(values, n=50)
    assert min(values) - 1e-6 <= low <= high <= max(values) + 1e-6
    assert bootstrap_interval(values, n=50) == (low, high)


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("inf")]])
def test_refuses_what_has_no_interval(values: list[float]) -> None:
    with pytest.raises(UsageError, match="finite values"):
        bootstrap_interval(values)


@pytest.mark.parametrize("options", [{"n": 0}, {"level": 0.0}, {"level": 1.0}])
def test_refuses_impossible_options(options: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="0 < level < 1"):
        bootstrap_interval([1.0, 2.0], **options)  # type: ignore[arg-type]
