"""Krippendorff's alpha and the intraclass correlations: published tables, other implementations, made raters."""

from __future__ import annotations

import math
from itertools import permutations

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.metrics.agreement import icc, krippendorff_alpha

# Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section C: four observers, twelve units.
KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
# Shrout and Fleiss 1979, table 2: six targets, four judges; table 4: the values.
SHROUT_FLEISS_1979 = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
PUBLISHED = {
    "ICC(1,1)": 0.17,
    "ICC(2,1)": 0.29,
    "ICC(3,1)": 0.71,
    "ICC(1,k)": 0.44,
    "ICC(2,k)": 0.62,
    "ICC(3,k)": 0.91,
}
LEVELS = ["nominal", "ordinal", "interval", "ratio"]
MAYBE = st.one_of(st.none(), st.integers(0, 6))
TABLES = st.integers(2, 5).flatmap(
    lambda raters: st.lists(st.lists(MAYBE, min_size=raters, max_size=raters), min_size=1, max_size=12)
)
Table = list[list[int | None]]


def has_variation(units: Table) -> bool:
    paired = [[value for value in unit if value is not None] for unit in units]
    return len({value for unit in paired if len(unit) > 1 for value in unit}) > 1


@pytest.mark.parametrize(("level", "published"), [*zip(LEVELS, [0.743, 0.815, 0.849, 0.797], strict=True)])
def test_the_published_alphas_of_krippendorff(level: str, published: float) -> None:
    assert round(krippendorff_alpha(KRIPPENDORFF_2011, level=level), 3) == published  # type: ignore[arg-type]


@pytest.mark.parametrize("level", LEVELS)
@given(units=TABLES)
def test_alpha_is_that_of_the_krippendorff_package(units: Table, level: str) -> None:
    assume(has_variation(units))
    raters = [list(row) for row in zip(*units, strict=True)]
    numbers = np.array([[np.nan if value is None else value for value in row] for row in raters], dtype=float)
    theirs = krippendorff.alpha(reliability_data=numbers, level_of_measurement=level)
    ours = krippendorff_alpha(raters, level=level)  # type: ignore[arg-type]
    assert ours == pytest.approx(theirs, abs=1e-9)
    assert krippendorff_alpha(numbers, level=level) == pytest.approx(ours)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", LEVELS)
@given(units=TABLES)
def test_alpha_from_its_definition(units: Table, level: str) -> None:
    assume(has_variation(units))
    paired = [[v for v in unit if v is not None] for unit in units]
    paired = [unit for unit in paired if len(unit) > 1]
    flat = [value for unit in paired for value in unit]

    def apart(a: int, b: int) -> float:
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return (a - b) ** 2
        if level == "ratio":
            return ((a - b) / (a + b)) ** 2 if a + b else 0.0
        low, high = min(a, b), max(a, b)
        between = sum(low <= value <= high for value in flat)
        return (between - (flat.count(a) + flat.count(b)) / 2) ** 2

    observed = sum(apart(a, b) / (len(unit) - 1) for unit in paired for a, b in permutations(unit, 2)) / len(flat)
    expected = sum(apart(a, b) for a, b in permutations(flat, 2)) / (len(flat) * (len(flat) - 1))
    raters = list(zip(*units, strict=True))
    ours = krippendorff_alpha(raters, level=level)  # type: ignore[arg-type]
    assert ours == pytest.approx(1 - observed / expected, abs=1e-9)
    assert ours <= 1
    shuffled = [list(reversed(row)) for row in reversed(raters)]
    assert krippendorff_alpha(shuffled, level=level) == pytest.approx(ours)  # type: ignore[arg-type]


def test_alpha_of_words() -> None:
    words = {1: "anger", 2: "joy", 3: "sad", 4: "fear", 5: "calm", None: None}
    table = [[words[value] for value in row] for row in KRIPPENDORFF_2011]
    assert krippendorff_alpha(table) == pytest.approx(krippendorff_alpha(KRIPPENDORFF_2011))
    with pytest.raises(DataError, match="numbers only"):
        krippendorff_alpha(table, level="interval")


def test_alpha_of_many_different_values() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=3000)
    ratings = truth + rng.normal(0, 1, (2, 3000))
    # Without ties and gaps the interval alpha is 1 - (mean square within) / (mean square in all), nearly.
    within = ((ratings[0] - ratings[1]) ** 2 / 2).mean()
    assert krippendorff_alpha(ratings, level="interval") == pytest.approx(1 - within / ratings.var(ddof=1), abs=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_of_one_value_is_nan(level: str) -> None:
    assert math.isnan(krippendorff_alpha([[2, 2, 5], [2, 2, None]], level=level))  # type: ignore[arg-type]
    assert math.isnan(krippendorff_alpha([[0.1] * 3] * 2, level=level))  # type: ignore[arg-type]
    assert krippendorff_alpha([[2, 3, 5], [2, 3, None]], level=level) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ratings", "level", "error", "message"),
    [
        ([[1, 2]], "nominal", UsageError, "two or more rows"),
        ([[1, 2], [1]], "nominal", UsageError, "of one length"),
        ([1, 2], "nominal", UsageError, "must be a table"),
        (["ab", "ab"], "nominal", UsageError, "must be a table"),
        ([[["sad"], "glad"], ["sad", "glad"]], "nominal", DataError, "not one label"),
        ([[1, None], [None, 2]], "interval", NothingToScore, "no unit"),
        ([[1, 2], [1, 2]], "intervall", UsageError, "did you mean 'interval'"),
        ([[1, -2], [1, 2]], "ratio", DataError, "must not be negative"),
        ([[1, math.inf], [1, 2]], "interval", DataError, "inf"),
    ],
)
def test_alpha_refuses(ratings: object, level: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        krippendorff_alpha(ratings, level=level)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(PUBLISHED))
def test_the_published_correlations_of_shrout_and_fleiss(kind: str) -> None:
    raters_by_units = np.transpose(SHROUT_FLEISS_1979)
    assert raters_by_units.shape == (4, 6)
    assert round(icc(raters_by_units, kind), 2) == PUBLISHED[kind]  # type: ignore[arg-type]


RATED = st.tuples(st.integers(2, 4), st.integers(2, 8)).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 9), min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
    )
)


@given(table=RATED)
def test_single_and_mean_ratings_go_together(table: list[list[int]]) -> None:
    ratings = np.array(table, dtype=float)
    k = len(ratings)
    assume(np.ptp(ratings.mean(axis=0)) > 0)
    for model in "123":
        single, mean = icc(ratings, f"ICC({model},1)"), icc(ratings, f"ICC({model},k)")  # type: ignore[arg-type]
        assert single <= 1 + 1e-12
        if not (math.isnan(single) or math.isnan(mean)) and abs(1 + (k - 1) * single) > 1e-6:
            # Spearman-Brown: what k raters together are worth (McGraw and Wong 1996).
            assert mean == pytest.approx(k * single / (1 + (k - 1) * single), rel=1e-6, abs=1e-6)


@given(table=RATED, shift=st.integers(-5, 5))
def test_what_holds_for_any_ratings(table: list[list[int]], shift: int) -> None:
    ratings = np.array(table, dtype=float)
    assume(np.ptp(ratings.mean(axis=0)) > 0)
    for kind in PUBLISHED:
        value = icc(ratings, kind)  # type: ignore[arg-type]
        assert icc(ratings[::-1, ::-1], kind) == pytest.approx(value, nan_ok=True)  # type: ignore[arg-type]
        assert icc(ratings * 3 + shift, kind) == pytest.approx(value, nan_ok=True, rel=1e-6)  # type: ignore[arg-type]
    moved = ratings + np.arange(len(ratings))[:, None]  # each rater with an offset of their own
    assert icc(moved, "ICC(3,1)") == pytest.approx(icc(ratings, "ICC(3,1)"), nan_ok=True, abs=1e-9)


def test_icc_finds_the_variances_that_made_the_ratings() -> None:
    rng = np.random.default_rng(4)
    units, raters, noise = rng.normal(0, 2, 4000), rng.normal(0, 1, (60, 1)), rng.normal(0, 1.5, (60, 4000))
    ratings = units + raters + noise
    # The share of the variance between units, with and without that of the raters' offsets.
    assert icc(ratings, "ICC(2,1)") == pytest.approx(4 / (4 + float(raters.var(ddof=1)) + 2.25), abs=0.02)
    assert icc(ratings, "ICC(3,1)") == pytest.approx(4 / (4 + 2.25), abs=0.02)


@pytest.mark.parametrize("kind", list(PUBLISHED))
def test_icc_of_one_value_is_nan(kind: str) -> None:
    assert math.isnan(icc([[0.1] * 3] * 3, kind))  # type: ignore[arg-type]


def test_icc_of_means_that_do_not_differ_is_nan() -> None:
    # Each unit has the mean 0.2, but not in floating point.
    ratings = [[0.1, 0.7, 0.3], [0.3, -0.3, 0.1]]
    assert np.ptp(np.mean(ratings, axis=0)) > 0
    assert math.isnan(icc(ratings, "ICC(1,k)")) and math.isnan(icc(ratings, "ICC(3,k)"))


def test_raters_who_agree_in_all_but_their_offset() -> None:
    base = np.array([0.0, 0.0, 0.1, 0.7, 0.5])
    assert icc([base, base + 0.4, base + 0.7], "ICC(3,1)") == 1
    assert icc([[1, 2, 3], [2, 3, 4]], "ICC(3,1)") == 1
    assert icc([[1, 2, 3], [2, 3, 4]], "ICC(2,1)") < 1
    assert icc([[1, 2, 3], [1, 2, 3]], "ICC(2,1)") == 1


@pytest.mark.parametrize(
    ("ratings", "kind", "error", "message"),
    [
        ([[1, 2]], "ICC(2,1)", UsageError, r"shape \(1, 2\)"),
        ([[1], [2]], "ICC(2,1)", UsageError, r"shape \(2, 1\)"),
        ([[1, 2], [1, math.nan]], "ICC(2,1)", DataError, r"nan at \(1, 1\)"),
        ([[1, 2], [1, 2]], "ICC(2,2)", UsageError, "did you mean"),
        ([1, 2], "ICC(2,1)", UsageError, "2 axis or axes"),
    ],
)
def test_icc_refuses(ratings: object, kind: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        icc(ratings, kind)  # type: ignore[arg-type]
