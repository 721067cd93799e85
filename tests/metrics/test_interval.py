"""The bootstrap interval against scipy's, and its cover on made data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from openaffect.errors import DataError, UsageError
from openaffect.metrics.interval import bootstrap, bootstrap_interval, bootstrap_weights
from openaffect.metrics.regression import ccc

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


def test_a_figure_that_is_nan_has_a_nan_interval() -> None:
    low, high = bootstrap_interval([1.0, 2.0], lambda values: float("nan"), n=5)
    assert np.isnan(low) and np.isnan(high)


@given(values=st.lists(st.integers(-50, 50), min_size=1, max_size=15), seed=st.integers(0, 5))
def test_bootstrap_by_indices_is_the_interval_of_the_values(values: list[int], seed: int) -> None:
    data = np.array(values, dtype=float)
    found = bootstrap(lambda drawn: float(np.median(data[drawn])), len(data), n=60, level=0.9, seed=seed)
    assert (found.low, found.high) == bootstrap_interval(data, np.median, n=60, level=0.9, seed=seed)  # type: ignore[arg-type]
    assert found.value == np.median(data)
    assert (found.n_samples, found.n_groups, found.n, found.n_undefined, found.level) == (len(data), None, 60, 0, 0.9)


@pytest.mark.parametrize("groups", [None, ["a", "a", "b", "c", "c", "c", "d", "e", "e", "f"]])
def test_indices_and_weights_are_the_same_bootstrap_samples(groups: list[str] | None) -> None:
    by_index = bootstrap(lambda drawn: float(VALUES[drawn].mean()), 10, groups=groups, n=200, seed=1)
    by_weight = bootstrap(lambda w: float(w @ VALUES / w.sum()), 10, takes="weights", groups=groups, n=200, seed=1)
    assert (by_index.low, by_index.high) == pytest.approx((by_weight.low, by_weight.high))
    assert by_index.value == pytest.approx(by_weight.value) and by_index.value == pytest.approx(VALUES.mean())


def test_a_statistic_of_pairs() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(size=60)
    prediction = truth + rng.normal(size=60)
    found = bootstrap(lambda drawn: ccc(truth[drawn], prediction[drawn]), 60, n=4000)
    theirs = stats.bootstrap(
        (truth, prediction), ccc, paired=True, vectorized=False, n_resamples=4000, method="percentile", rng=1
    ).confidence_interval
    spread = theirs.high - theirs.low
    assert found.value == pytest.approx(ccc(truth, prediction))
    assert abs(found.low - theirs.low) < 0.05 * spread and abs(found.high - theirs.high) < 0.05 * spread


def test_groups_are_drawn_as_wholes() -> None:
    # Within a speaker all values are equal, so the bootstrap over samples sees four times the data there is.
    values = np.repeat(np.random.default_rng(0).normal(size=50), 4)
    speakers = np.repeat(np.arange(50), 4)

    def mean(weights: np.ndarray) -> float:
        return float(weights @ values / weights.sum())

    by_sample = bootstrap(mean, 200, takes="weights", n=3000)
    by_speaker = bootstrap(mean, 200, takes="weights", groups=speakers, n=3000)
    assert (by_speaker.high - by_speaker.low) / (by_sample.high - by_sample.low) == pytest.approx(2, rel=0.1)
    assert by_speaker.n_groups == 50
    of_means = bootstrap_interval(values[::4], n=3000)
    assert (by_speaker.low, by_speaker.high) == pytest.approx(of_means)


def test_draws_without_a_figure_are_counted_and_left_out() -> None:
    truth, prediction = np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0])
    found = bootstrap(lambda drawn: ccc(truth[drawn], prediction[drawn]), 3, n=500)
    # NaN where all three draws are of the equal pairs (8/27) or of the third (1/27)
    assert found.n_undefined / 500 == pytest.approx(9 / 27, abs=0.06)
    assert (found.low, found.high) == (1.0, 1.0)
    nothing = bootstrap(lambda drawn: float("nan"), 3, n=5)
    assert np.isnan(nothing.low) and nothing.n_undefined == 5


@given(
    groups=st.lists(st.sampled_from("abcd"), min_size=1, max_size=12),
    grouped=st.booleans(),
    seed=st.integers(0, 20),
)
def test_weights_are_counts_of_what_was_drawn(groups: list[str], grouped: bool, seed: int) -> None:
    n_samples = len(groups)
    drawn = list(bootstrap_weights(n_samples, groups=groups if grouped else None, n=5, seed=seed))
    assert len(drawn) == 5
    for weights in drawn:
        assert weights.dtype == np.float64 and weights.shape == (n_samples,)
        assert (weights >= 0).all() and (weights == np.round(weights)).all()
        if grouped:
            by_group = {group: {weights[i] for i in range(n_samples) if groups[i] == group} for group in set(groups)}
            assert all(len(counts) == 1 for counts in by_group.values())
            assert sum(counts.pop() for counts in by_group.values()) == len(by_group)
        else:
            assert weights.sum() == n_samples
    again = list(bootstrap_weights(n_samples, groups=groups if grouped else None, n=5, seed=seed))
    assert np.array_equal(drawn, again)
    assert len({tuple(one) for one in bootstrap_weights(50, n=5, seed=seed)}) == 5


def test_groups_of_one_are_samples() -> None:
    names = [f"speaker {i}" for i in range(9)]
    with_groups, without = list(bootstrap_weights(9, groups=names, n=4)), list(bootstrap_weights(9, n=4))
    assert np.array_equal(with_groups, without)


def test_weights_have_the_moments_of_drawing_with_replacement() -> None:
    drawn = np.array(list(bootstrap_weights(20, n=20_000, seed=3)))
    assert drawn.mean(axis=0) == pytest.approx(np.ones(20), abs=0.03)
    assert drawn.var(axis=0) == pytest.approx(np.full(20, 19 / 20), abs=0.05)  # multinomial: n p (1 - p)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_samples": 0}, UsageError, "n_samples >= 1"),
        ({"n": 0}, UsageError, "n >= 1"),
        ({"level": 1.0}, UsageError, "0 < level < 1"),
        ({"takes": "names"}, UsageError, "'names' came"),
        ({"groups": ["a"]}, UsageError, "1 came for 3 samples"),
        ({"groups": ["a", None, "b"]}, DataError, "groups holds None at 1"),
        ({"groups": "abc"}, UsageError, "one text 'abc'"),
    ],
)
def test_bootstrap_refuses(options: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        bootstrap(**({"statistic": lambda drawn: 1.0, "n_samples": 3} | options))  # type: ignore[arg-type]


def test_bootstrap_weights_refuses_before_the_first_is_drawn() -> None:
    with pytest.raises(UsageError, match="n_samples >= 1"):
        bootstrap_weights(0)
