"""Two systems compared: against scipy's permutation test, all flips counted by hand, and made systems."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.metrics.interval import bootstrap_interval, corpus_comparison, paired_comparison
from openaffect.metrics.regression import ccc

SCORES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9)


def columns(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(pairs, dtype=float) / 9
    return table[:, 0], table[:, 1]


@given(pairs=SCORES)
def test_p_is_the_share_of_all_flips(pairs: list[tuple[int, int]]) -> None:
    apart = [a - b for a, b in pairs]
    sums = [abs(sum(s * d for s, d in zip(signs, apart, strict=True))) for signs in product((1, -1), repeat=len(apart))]
    found = paired_comparison(*columns(pairs), n=20)
    assert found.p == pytest.approx(np.mean([one >= abs(sum(apart)) for one in sums]))
    assert found.test == "exact sign flip"
    assert found.difference == pytest.approx(np.mean(apart) / 9)
    turned = paired_comparison(*columns(pairs)[::-1], n=20)
    assert turned.p == found.p
    assert (turned.difference, turned.low, turned.high) == pytest.approx((-found.difference, -found.high, -found.low))
    assert min(apart) / 9 - 1e-12 <= found.low <= found.high <= max(apart) / 9 + 1e-12


def test_exact_p_is_scipys() -> None:
    rng = np.random.default_rng(1)
    for size in (4, 8, 11):
        first, second = rng.normal(0.3, 1, size), rng.normal(0, 1, size)
        theirs = stats.permutation_test(
            (first - second,), np.mean, permutation_type="samples", n_resamples=np.inf
        ).pvalue
        assert paired_comparison(first, second, n=20).p == pytest.approx(theirs)


def test_random_flips_come_near_the_exact_p() -> None:
    rng = np.random.default_rng(7)
    first = rng.normal(0.45, 1, 16)
    exact = paired_comparison(first, np.zeros(16), n=20)
    # One more sample that hardly differs: too many units to count, and nearly the same p.
    drawn = paired_comparison([*first, 1e-9], np.zeros(17), n=20_000)
    assert (exact.test, drawn.test) == ("exact sign flip", "sign flip")
    assert drawn.p == pytest.approx(exact.p, abs=4 * (exact.p * (1 - exact.p) / 20_000) ** 0.5 + 1e-4)


def test_the_least_p_of_random_flips_is_not_zero() -> None:
    found = paired_comparison(np.ones(100), np.zeros(100), n=199)
    assert (found.p, found.test, found.n) == (1 / 200, "sign flip", 199)
    assert (found.difference, found.low, found.high) == (1, 1, 1)


def test_equal_systems() -> None:
    found = paired_comparison([0.5] * 30, [0.5] * 30)
    assert (found.difference, found.p, found.test) == (0, 1, "exact sign flip")


def test_the_interval_is_the_bootstrap_of_the_differences() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=40), rng.normal(size=40)
    found = paired_comparison(first, second, n=500, level=0.9, seed=5)
    assert (found.low, found.high) == pytest.approx(bootstrap_interval(first - second, n=500, level=0.9, seed=5))


def test_groups_flip_together() -> None:
    first, second = [0.9, 0.8, 0.7, 0.9, 0.5, 0.6], [0.7, 0.7, 0.6, 0.6, 0.6, 0.3]
    speakers = ["Ann", "Ann", "Bo", "Bo", "Cy", "Cy"]
    sums = np.add.reduceat(np.subtract(first, second), [0, 2, 4])
    assert sums == pytest.approx([0.3, 0.4, 0.2])
    by_speaker, by_sample = paired_comparison(first, second, groups=speakers), paired_comparison(first, second)
    # All three speakers differ alike: of 8 flips only two give as large a sum.
    assert by_speaker.p == 2 / 8
    assert by_sample.p < by_speaker.p
    assert by_speaker.difference == by_sample.difference
    assert (by_speaker.n_groups, by_speaker.n_samples, by_sample.n_groups) == (3, 6, None)
    reordered = paired_comparison(first[::-1], second[::-1], groups=speakers[::-1])
    assert reordered.p == by_speaker.p


def test_p_is_even_where_the_systems_are_equal() -> None:
    rng = np.random.default_rng(11)
    ps = [paired_comparison(rng.normal(size=10), rng.normal(size=10), n=1).p for _ in range(400)]
    assert np.mean(np.array(ps) <= 0.05) == pytest.approx(0.05, abs=0.03)
    assert stats.kstest(ps, "uniform").pvalue > 0.01


@pytest.mark.parametrize(
    ("first", "second", "options", "error", "message"),
    [
        ([], [], {}, NothingToScore, "first is empty"),
        ([1], [1, 2], {}, UsageError, "first and second must be equally long"),
        ([1, np.nan], [1, 2], {}, DataError, "first holds nan"),
        ([1, 2], [1, 2], {"groups": ["a"]}, UsageError, "1 came for 2 samples"),
        ([1, 2], [1, 2], {"n": 0}, UsageError, "n >= 1"),
        ([1, 2], [1, 2], {"level": 0}, UsageError, "0 < level < 1"),
    ],
)
def test_refuses(
    first: object, second: object, options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        paired_comparison(first, second, **options)  # type: ignore[arg-type]


def test_corpus_comparison_counts_draws_on_the_other_side() -> None:
    rng = np.random.default_rng(4)
    truth = rng.normal(size=50)
    good, poor = truth + rng.normal(0, 0.8, 50), truth + rng.normal(0, 1.0, 50)
    found = corpus_comparison(lambda i: ccc(truth[i], good[i]), lambda i: ccc(truth[i], poor[i]), 50, n=400, seed=2)
    again = np.random.default_rng(2)
    drawn = [again.integers(0, 50, 50) for _ in range(400)]
    apart = np.array([ccc(truth[i], good[i]) - ccc(truth[i], poor[i]) for i in drawn])
    side = min((apart <= 0).sum(), (apart >= 0).sum())
    assert found.p == pytest.approx(min(1, 2 * (side + 1) / 401))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(apart, [0.025, 0.975])))
    assert found.difference == pytest.approx(ccc(truth, good) - ccc(truth, poor))
    assert (found.test, found.n, found.n_undefined) == ("bootstrap", 400, 0)


def test_corpus_comparison_of_means_agrees_with_the_paired_one() -> None:
    rng = np.random.default_rng(8)
    first, second = rng.normal(0.25, 1, 80), rng.normal(0, 1, 80)
    by_draw = corpus_comparison(lambda i: first[i].mean(), lambda i: second[i].mean(), 80, n=2000, seed=1)
    by_flip = paired_comparison(first, second, n=2000, seed=1)
    assert (by_draw.difference, by_draw.low, by_draw.high) == pytest.approx(
        (by_flip.difference, by_flip.low, by_flip.high)
    )
    assert by_draw.p == pytest.approx(by_flip.p, abs=0.03)


def test_corpus_comparison_by_weights_and_groups() -> None:
    first, second = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 1.0, 1.0, 1.0])

    def mean(values: np.ndarray, weights: np.ndarray) -> float:
        return float(weights @ values / weights.sum())

    options = {"groups": ["a", "a", "b", "b"], "n": 50}
    by_weight = corpus_comparison(lambda w: mean(first, w), lambda w: mean(second, w), 4, takes="weights", **options)
    by_index = corpus_comparison(lambda i: first[i].mean(), lambda i: second[i].mean(), 4, **options)
    assert by_weight.difference == by_index.difference == 1.5
    assert (by_weight.low, by_weight.high, by_weight.p) == pytest.approx((by_index.low, by_index.high, by_index.p))
    assert by_weight.n_groups == 2


def test_draws_without_a_figure_do_not_count() -> None:
    truth = np.array([0.0, 0.0, 1.0])
    found = corpus_comparison(lambda i: ccc(truth[i], truth[i]), lambda i: 0.5, 3, n=300)
    assert 0 < found.n_undefined < 300
    assert found.p == pytest.approx(2 / (300 - found.n_undefined + 1))
    assert found.low == found.high == 0.5
