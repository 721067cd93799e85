"""Resizing and cutting of pictures in plain numpy, for the inputs of the face networks.

Pictures are (height, width, 3) uint8, RGB.  A pixel covers a unit square: its centre lies at +0.5.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.float64]


def shrink(image: Pixels, factor: int) -> Pixels | Floats:
    """Return the picture shrunk by a whole *factor*, each pixel the mean of a square (edges that do not fill one go).

    >>> shrink(np.arange(12, dtype=np.uint8).reshape(2, 2, 3), 2)
    array([[[4.5, 5.5, 6.5]]], dtype=float32)
    """
    if factor <= 1:
        return image
    height, width = (size // factor * factor for size in image.shape[:2])
    # Sums of rows stay in 16 bits (up to 257 rows of 255): half the memory traffic of float.
    rows = image[:height:factor, :width].astype(np.uint16 if factor < 256 else np.uint32)
    for row in range(1, factor):
        np.add(rows, image[row:height:factor, :width], out=rows)
    total: Floats = rows[:, ::factor].astype(np.float32)
    for column in range(1, factor):
        np.add(total, rows[:, column::factor], out=total)
    return np.asarray(total * np.float32(1 / factor**2), np.float32)


def resize(image: Pixels, height: int, width: int) -> Floats:
    """Return the picture stretched to (height, width, 3) float32: means over whole squares, then bilinear."""
    factor = max(1, min(image.shape[0] // height, image.shape[1] // width))
    small = shrink(image, factor)
    top, bottom, down = _taps(small.shape[0], height)
    left, right, along = _taps(small.shape[1], width)
    upper = small[top].astype(np.float32)
    rows = upper + (small[bottom] - upper) * down[:, None, None]
    first, second = (np.take(rows, taps, 1).reshape(height, -1) for taps in (left, right))
    # Weights repeated for the three channels: numpy is slow where the innermost axis has only three values.
    return np.asarray(first + (second - first) * np.repeat(along, 3), np.float32).reshape(height, width, 3)


def _taps(size: int, wanted: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
    place = np.clip((np.arange(wanted) + 0.5) * (size / wanted) - 0.5, 0, size - 1)
    first = np.floor(place).astype(np.intp)
    return first, np.minimum(first + 1, size - 1), (place - first).astype(np.float32)


def letterbox(image: Pixels, side: int) -> tuple[Floats, float, float, float]:
    """Return the picture fitted into a black square of *side*, its proportions kept, centred.

    Also returns scale, left and top, so that ``x_square = x_picture * scale + left``.
    """
    height, width = image.shape[:2]
    scale = side / max(height, width)
    inner_h, inner_w = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (side - inner_h) // 2, (side - inner_w) // 2
    square = np.zeros((side, side, 3), np.float32)
    square[top : top + inner_h, left : left + inner_w] = resize(image, inner_h, inner_w)
    return square, scale, float(left), float(top)


def cut(image: Pixels, centre: tuple[float, float], size: float, angle: float, side: int) -> Floats:
    """Return a turned square of the picture as (side, side, 3) float32, bilinear, black outside the picture.

    *centre* (x, y) and *size* are in pixels of the picture; *angle* (radians, clockwise on the screen) turns the
    square, so that a face tilted by *angle* stands upright in the result.
    """
    factor = max(1, math.floor(size / side))
    # Only the part that the square can reach is shrunk; a margin keeps the bilinear taps inside.
    reach = size / 2 * (abs(math.cos(angle)) + abs(math.sin(angle))) + 2 * factor
    x0, y0 = (max(0, math.floor((middle - reach) / factor) * factor) for middle in centre)
    x1, y1 = (max(0, math.ceil(middle + reach)) for middle in centre)
    part = shrink(image[y0:y1, x0:x1], factor)
    if not part.size:
        return np.zeros((side, side, 3), np.float32)
    framed = np.zeros((part.shape[0] + 2, part.shape[1] + 2, 3), part.dtype)
    framed[1:-1, 1:-1] = part
    # Places are counted in the frame: a black border of one pixel stands for all that lies outside.
    x, y = ((middle - low) / factor + 0.5 for middle, low in zip(centre, (x0, y0), strict=True))
    steps = ((np.arange(side) + 0.5) / side - 0.5) * (size / factor)
    if angle == 0:
        return _sample_straight(framed, x + steps, y + steps)
    cos, sin = math.cos(angle), math.sin(angle)
    return _sample_turned(framed, x + cos * steps - sin * steps[:, None], y + sin * steps + cos * steps[:, None])


def _split(places: Places, size: int) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return the lower neighbour and the weight of the upper one, kept inside 0..size-1."""
    inside = np.clip(places, 0, size - 1.001)
    first = inside.astype(np.intp)
    return first, (inside - first).astype(np.float32)


def _sample_straight(image: Pixels | Floats, x: Places, y: Places) -> Floats:
    """Sample on a grid of columns x and rows y: rows first, then columns (five times faster than one by one)."""
    (row, down), (column, along) = _split(y, image.shape[0]), _split(x, image.shape[1])
    upper = image[row].astype(np.float32)
    rows = upper + (image[row + 1] - upper) * down[:, None, None]
    first, second = (np.take(rows, taps, 1).reshape(len(row), -1) for taps in (column, column + 1))
    return np.asarray(first + (second - first) * np.repeat(along, 3), np.float32).reshape(len(row), len(column), 3)


def _sample_turned(image: Pixels | Floats, x: Places, y: Places) -> Floats:
    """Sample at the places (x, y), arrays of the shape of the result."""
    height, width = image.shape[:2]
    (row, down), (column, along) = _split(y.ravel(), height), _split(x.ravel(), width)
    planes, place = np.ascontiguousarray(image.reshape(-1, 3).T), row * width + column
    weights = ((1 - along) * (1 - down), along * (1 - down), (1 - along) * down, along * down)
    total = np.zeros((3, len(place)), np.float32)
    for step, weight in zip((0, 1, width, width + 1), weights, strict=True):
        total += np.take(planes, place + step, 1) * weight
    return np.ascontiguousarray(total.T).reshape(*x.shape, 3)
