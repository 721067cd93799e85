"""Kappa, ICC, alpha against scikit-learn, krippendorff, scipy and formulas derived again; intervals over clips."""

from __future__ import annotations

import math
import tracemalloc
from functools import partial

import krippendorff
import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import cohen_kappa_score

from openaffect.bench.agreement.figures import (
    Scale,
    alpha_of,
    fleiss_of,
    group_figures,
    over_clips,
    pair_figures,
    scale_of,
)
from openaffect.bench.agreement.records import NONE
from openaffect.bench.estimates import Estimate, estimate
from openaffect.metrics.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha

DRAW = partial(estimate, resamples=200)
LEVELS: dict[Scale, str] = {"binary": "nominal", "ordinal": "ordinal", "interval": "interval"}


def made(scale: Scale, raters: int, n: int, seed: int, gaps: float = 0.0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    truth = draw.random(n)
    noisy = np.clip(truth + 0.25 * draw.standard_normal((raters, n)) + 0.1 * np.arange(raters)[:, None], 0, 1)
    table = {"binary": np.round(noisy), "ordinal": 1 + np.round(4 * noisy), "interval": noisy}[scale]
    table[draw.random(table.shape) < gaps] = np.nan
    return table


def icc_again(table: np.ndarray) -> float:
    """ICC(2,1) by the variance components of two-way random effects, with one rating a cell."""
    k, n = table.shape
    items, raters, grand = table.mean(axis=0), table.mean(axis=1), table.mean()
    error = ((table - items[None, :] - raters[:, None] + grand) ** 2).sum() / ((n - 1) * (k - 1))
    of_items = (k * ((items - grand) ** 2).sum() / (n - 1) - error) / k
    of_raters = (n * ((raters - grand) ** 2).sum() / (k - 1) - error) / n
    return float(of_items / (of_items + of_raters + error))


@pytest.mark.parametrize("scale", ["binary", "ordinal", "interval"])
@pytest.mark.parametrize("seed", range(3))
def test_two_raters(scale: Scale, seed: int) -> None:
    one, two = table = made(scale, 2, 80, seed)
    found = pair_figures(one, two, range(80), scale, DRAW)
    if scale == "interval":
        assert found["kappa"] is None
    else:
        weights = None if scale == "binary" else "quadratic"
        kappa = cohen_kappa_score(one.astype(int), two.astype(int), weights=weights, labels=[*range(6)])
        assert value(found["kappa"]) == pytest.approx(kappa, abs=1e-12)
        assert cohen_kappa(one.tolist(), two.tolist(), weights=weights, labels=[*map(float, range(6))]) == (
            pytest.approx(kappa)
        )
    assert value(found["icc"]) == pytest.approx(icc_again(table), abs=1e-12)
    assert value(found["pearson"]) == pytest.approx(pearsonr(one, two).statistic, abs=1e-12)
    assert value(found["bias"]) == pytest.approx(one.mean() - two.mean())
    assert value(found["equal"]) == pytest.approx(np.mean(one == two))
    assert found["means"] == pytest.approx((one.mean(), two.mean()))
    for name in ("icc", "pearson", "bias", "equal"):
        each = found[name]
        assert isinstance(each, Estimate) and each.low is not None and each.high is not None and each.value is not None
        assert each.low < each.value < each.high and each.n == 80


def value(found: object) -> float:
    assert isinstance(found, Estimate) and found.value is not None
    return found.value


def test_the_table_of_shrout_and_fleiss() -> None:
    """Six targets, four judges; the paper prints ICC(2,1) = .29."""
    judges = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]
    found = group_figures(np.array(judges, dtype=float), range(6), "ordinal", DRAW)
    assert round(value(found.icc), 2) == 0.29 and (found.n, found.n_complete) == (6, 6)


@pytest.mark.parametrize("scale", ["binary", "ordinal", "interval"])
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_several_raters(scale: Scale, gaps: float) -> None:
    table = made(scale, 4, 60, 7, gaps)
    found = group_figures(table, range(60), scale, DRAW)
    alpha = krippendorff.alpha(reliability_data=table, level_of_measurement=LEVELS[scale])
    assert value(found.alpha) == pytest.approx(alpha, abs=1e-9)
    assert value(found.alpha) == pytest.approx(krippendorff_alpha(table, level=LEVELS[scale]), abs=1e-9)  # type: ignore[arg-type]
    whole = table[:, ~np.isnan(table).any(axis=0)]
    assert (found.n, found.n_complete) == (int(((~np.isnan(table)).sum(axis=0) > 1).sum()), whole.shape[1])
    assert value(found.icc) == pytest.approx(icc_again(whole), abs=1e-12)
    if scale == "interval":
        assert found.fleiss is None
    else:
        assert found.fleiss is not None and value(found.fleiss) == pytest.approx(fleiss_again(whole), abs=1e-12)


def fleiss_again(table: np.ndarray) -> float:
    """Share of agreeing pairs of raters, beyond that of two ratings drawn from all."""
    k, n = table.shape
    agree = np.mean([table[i, u] == table[j, u] for u in range(n) for i in range(k) for j in range(k) if i != j])
    chance = sum(np.mean(table == each) ** 2 for each in np.unique(table))
    return float((agree - chance) / (1 - chance))


@pytest.mark.parametrize("scale", ["binary", "ordinal", "interval"])
def test_alpha_of_drawn_units_is_that_of_a_table_of_them(scale: Scale) -> None:
    table = made(scale, 3, 25, 1, 0.2)
    table = table[:, (~np.isnan(table)).sum(axis=0) > 1]
    figure, draw = alpha_of(table, scale), np.random.default_rng(0)
    for _ in range(20):
        rows = draw.integers(0, table.shape[1], table.shape[1])
        again = krippendorff.alpha(reliability_data=table[:, rows], level_of_measurement=LEVELS[scale])
        assert figure(rows) == pytest.approx(again, abs=1e-9)


@pytest.mark.parametrize("scale", ["binary", "ordinal", "interval"])
@pytest.mark.parametrize("seed", range(20))
def test_alpha_of_random_tables_with_gaps(scale: Scale, seed: int) -> None:
    draw = np.random.default_rng(seed)
    raters, n = (int(each) for each in draw.integers([2, 15], [7, 60]))
    table = made(scale, raters, n, seed, 0.4)
    if scale != "binary":
        table = table * 10.0 ** draw.integers(0, 7) - (0 if scale == "interval" else 2)
    # Units with one rating or none are in the table here, and must not count.
    rows = np.concatenate([np.flatnonzero((~np.isnan(table)).sum(axis=0) > 1)[:1], draw.integers(0, n, n)])
    again = krippendorff.alpha(reliability_data=table[:, rows], level_of_measurement=LEVELS[scale])
    assert alpha_of(table, scale)(rows) == pytest.approx(again, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_fleiss_of_drawn_units_is_that_of_their_counts(seed: int) -> None:
    table, draw = made("ordinal", 4, 30, seed), np.random.default_rng(seed)
    rows = draw.integers(0, 30, 30)
    counts = (table[:, rows, None] == np.unique(table)).sum(axis=0)
    assert fleiss_of(table)(rows) == pytest.approx(fleiss_kappa(counts), abs=1e-12)
    assert math.isnan(fleiss_of(np.ones((3, 4)))(np.arange(4)))


@pytest.mark.parametrize("scale", ["ordinal", "interval"])
def test_the_memory_for_many_different_values_grows_with_the_ratings(scale: Scale) -> None:
    draw = np.random.default_rng(0)
    table = draw.permutation(6000).reshape(3, 2000) + (0.5 if scale == "interval" else 0)
    tracemalloc.start()
    found = group_figures(table, range(2000), scale, partial(estimate, resamples=3))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.alpha.value is not None and abs(found.alpha.value) < 0.1
    # A table of 6000 by 6000 values has 288 MB.
    assert peak < 20e6


def test_values_too_close_for_their_squares_have_no_alpha() -> None:
    table = np.array([[1e150, 0.0, 1e-30], [1e150, 0.0, 0.0]])
    assert math.isnan(alpha_of(table, "interval")(np.array([1, 2])))
    assert alpha_of(table, "interval")(np.array([0, 1, 2])) == pytest.approx(1)


def test_clips_are_drawn_with_all_their_rows() -> None:
    rows: list[list[int]] = []

    def figure(drawn: np.ndarray) -> float:
        rows.append(drawn.tolist())
        return float(len(drawn))

    found = over_clips(["a", "a", "b", "b", "b"], DRAW)(figure)
    assert found.n == 2 and found.value == 5
    assert {tuple(sorted(each)) for each in rows} == {(0, 1, 2, 3, 4), (0, 0, 1, 1), (2, 2, 3, 3, 4, 4)}


def test_an_interval_over_clips_is_wider_than_one_that_takes_their_steps_for_clips() -> None:
    draw = np.random.default_rng(5)
    right = np.repeat(draw.random(40) < 0.6, 5).astype(float)  # a judge errs in whole answers
    clips = np.repeat(np.arange(40), 5).tolist()
    by_clip = pair_figures(right, np.ones(200), clips, "binary", DRAW)["equal"]
    by_step = pair_figures(right, np.ones(200), range(200), "binary", DRAW)["equal"]
    assert isinstance(by_clip, Estimate) and isinstance(by_step, Estimate)
    assert by_clip.low is not None and by_step.low is not None and by_clip.low < by_step.low - 0.03


def test_nothing_and_what_does_not_vary() -> None:
    empty = pair_figures(np.array([]), np.array([]), [], "binary", DRAW)
    assert (empty["means"], empty["kappa"], empty["icc"]) == (None, NONE, NONE)
    alike = pair_figures(np.ones(5), np.ones(5), range(5), "binary", DRAW)
    assert [found.value for name in ("equal", "kappa", "icc") if isinstance(found := alike[name], Estimate)] == [
        1.0,
        None,
        None,
    ]
    one = pair_figures(np.ones(1), np.zeros(1), ["a"], "binary", DRAW)
    assert value(one["bias"]) == 1 and isinstance(one["icc"], Estimate) and one["icc"].value is None
    nobody = group_figures(np.full((3, 2), np.nan), ["a", "b"], "ordinal", DRAW)
    assert (nobody.n, nobody.alpha, nobody.icc) == (0, NONE, NONE)
    same = group_figures(np.ones((3, 2)), ["a", "b"], "binary", DRAW)
    assert (same.alpha.value, same.n_complete) == (None, 2)


def test_scales() -> None:
    assert [scale_of(np.array(each, dtype=float)) for each in ([], [0, 1], [2, 1], [0.5, 1])] == [
        *("binary", "binary", "ordinal", "interval"),
    ]
    # Two neighbouring whole numbers: whichever scale is told, kappa is the same.
    assert cohen_kappa([1, 0, 1, 1], [1, 0, 0, 1]) == pytest.approx(
        cohen_kappa([1, 0, 1, 1], [1, 0, 0, 1], weights="quadratic")
    )
    assert math.isnan(alpha_of(np.ones((2, 3)), "ordinal")(np.arange(3)))
