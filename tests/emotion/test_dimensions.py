"""Scales of the dimensions: hand-computed values, inverses, order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.emotion.dimensions import SCALES, AffectPoint, convert, from_unit, to_unit
from openaffect.errors import UsageError

SOME = st.floats(-1e6, 1e6)
NAMES = st.sampled_from(sorted(SCALES))


@pytest.mark.parametrize(
    ("value", "scale", "unit"),
    [
        (0.3, "0..1", 0.3),
        (1, "1..5", 0.0),
        (3, "1..5", 0.5),
        (4.6, "1..5", 0.9),
        (1, "1..7", 0.0),
        (2.5, "1..7", 0.25),
        (7, "1..7", 1.0),
        (-1, "-1..1", 0.0),
        (0.2, "-1..1", 0.6),
        (-3, "-3..3", 0.0),
        (0, "-3..3", 0.5),
        (1.5, "-3..3", 0.75),
        # outside its scale, outside 0..1
        (8, "1..7", 7 / 6),
        (-6, "-3..3", -0.5),
    ],
)
def test_to_unit_by_hand(value: float, scale: str, unit: float) -> None:
    assert to_unit(value, scale) == pytest.approx(unit, abs=1e-12)
    assert from_unit(unit, scale) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [(5, "1..5", "1..7", 7), (2, "1..5", "-1..1", -0.5), (4, "1..7", "-3..3", 0), (-1.5, "-3..3", "1..5", 2)],
)
def test_convert_by_hand(value: float, source: str, target: str, expected: float) -> None:
    assert convert(value, source, target) == pytest.approx(expected, abs=1e-12)


@given(SOME, NAMES)
def test_from_unit_undoes_to_unit(value: float, scale: str) -> None:
    assert from_unit(to_unit(value, scale), scale) == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(SOME, NAMES, NAMES)
def test_convert_there_and_back(value: float, source: str, target: str) -> None:
    assert convert(convert(value, source, target), target, source) == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(SOME, SOME, NAMES, NAMES)
def test_order_is_kept(first: float, second: float, source: str, target: str) -> None:
    low, high = sorted((first, second))
    assert convert(low, source, target) <= convert(high, source, target)


@pytest.mark.parametrize("scale", SCALES)
def test_ends_of_a_scale_are_zero_and_one(scale: str) -> None:
    assert to_unit(SCALES[scale], scale) == [0.0, 1.0]


def test_a_sequence_gives_a_list() -> None:
    assert to_unit((1, 4, 7), "1..7") == [0.0, 0.5, 1.0]
    assert from_unit([0.0, 1.0], "-3..3") == [-3.0, 3.0]
    assert convert([], "1..7", "0..1") == []
    assert convert(np.array([1.0, 5.0]), "1..5", "-1..1") == [-1.0, 1.0]


def test_nan_stays_nan() -> None:
    assert math.isnan(to_unit(math.nan, "1..5"))
    assert math.isnan(convert(math.nan, "1..5", "-1..1"))
    assert [math.isnan(x) for x in from_unit([0.5, math.nan], "1..7")] == [False, True]


def test_arousal_dominance_valence_in_this_order() -> None:
    assert AffectPoint._fields == ("arousal", "dominance", "valence")
    assert convert(AffectPoint(arousal=1, dominance=4, valence=7), "1..7", "0..1") == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    "call", [lambda: to_unit(1, "1...7"), lambda: from_unit(1, "1...7"), lambda: convert(1, "0..1", "1...7")]
)
def test_an_unknown_scale_is_refused_with_the_nearest(call) -> None:
    with pytest.raises(UsageError, match=r"unknown scale '1\.\.\.7', did you mean '1\.\.7'"):
        call()
