"""Resizing and cutting against pillow, and against pictures whose values are known at every place."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from openaffect.runtime.pixels import cut, letterbox, resize, shrink


def _smooth(height: int, width: int) -> np.ndarray:
    """A picture without fine detail, so that all good resizers agree on it."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    planes = [127 + 100 * np.sin(x / width * 5 + k) * np.cos(y / height * 4) for k in range(3)]
    return np.stack(planes, 2).round().astype(np.uint8)


@pytest.mark.parametrize("factor", [2, 3, 7])
def test_shrink_is_pillows_reduce(factor: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (21 * factor, 10 * factor, 3), dtype=np.uint8)
    theirs = np.asarray(Image.fromarray(image).reduce(factor), float)
    assert np.abs(shrink(image, factor) - theirs).max() <= 0.6  # pillow rounds to whole values


def test_shrink_does_not_overflow_on_white() -> None:
    assert shrink(np.full((300, 300, 3), 255, np.uint8), 300).item(0) == pytest.approx(255)


@pytest.mark.parametrize("size", [(45, 80), (100, 30), (360, 640), (500, 700)])
def test_resize_agrees_with_pillow(size: tuple[int, int]) -> None:
    image = _smooth(360, 640)
    theirs = np.asarray(Image.fromarray(image).resize(size[::-1], Image.Resampling.BILINEAR), float)
    assert np.abs(resize(image, *size) - theirs).max() < 3


@given(st.integers(1, 90), st.integers(1, 90))
def test_letterbox_keeps_places(height: int, width: int) -> None:
    """Corners of the picture land where the returned scale and offsets say."""
    square, scale, left, top = letterbox(np.full((height, width, 3), 200, np.uint8), 64)
    assert square.shape == (64, 64, 3)
    rows, columns = np.nonzero(square[..., 0])
    assert abs(columns.min() - left) <= 1 and abs(columns.max() + 1 - (left + width * scale)) <= 1.01
    assert abs(rows.min() - top) <= 1 and abs(rows.max() + 1 - (top + height * scale)) <= 1.01


@pytest.mark.parametrize("angle", [0.0, 0.2, -0.7, math.pi / 2])
@pytest.mark.parametrize("size", [60.0, 200.0])
def test_cut_shows_what_lies_at_the_turned_place(angle: float, size: float) -> None:
    """Where the picture's value is a linear function of x and y, so is the cut, with known values."""
    y, x = np.mgrid[0:400, 0:400] + 0.5
    image = np.stack([x / 2, y / 2, np.full_like(x, 50)], 2).astype(np.uint8)
    side = 32
    got = cut(image, (190.0, 210.0), size, angle, side)
    u, v = np.meshgrid(*[(np.arange(side) + 0.5) / side * size - size / 2] * 2)
    expected_x = 190 + math.cos(angle) * u - math.sin(angle) * v
    expected_y = 210 + math.sin(angle) * u + math.cos(angle) * v
    assert np.abs(got[..., 0] - expected_x / 2).max() < 1.1  # the picture itself is rounded down to whole values
    assert np.abs(got[..., 1] - expected_y / 2).max() < 1.1
    assert np.abs(got[..., 2] - 50).max() < 1e-3


def test_outside_the_picture_is_black() -> None:
    white = np.full((50, 50, 3), 255, np.uint8)
    for angle in (0.0, 0.3):
        assert cut(white, (500.0, 500.0), 60, angle, 16).max() == 0
        half = cut(white, (0.0, 25.0), 40, angle, 16)
        assert half[8, 1, 0] == 0 and half[8, 14, 0] == pytest.approx(255)
