"""Which way is up: rotation, mirroring and pixel shape of stored frames."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type
from numpy.typing import NDArray


def display_matrix(frame: Any) -> tuple[int, int, int, int] | None:
    """Return a, b, c, d of the frame's display matrix (x' = a x + c y, y' = b x + d y), or None where it has none."""
    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return None
    m = np.frombuffer(bytes(data), np.int32, count=9)
    return int(m[0]), int(m[1]), int(m[3]), int(m[4])


def upright(image: NDArray[np.uint8], frame: Any) -> NDArray[np.uint8]:
    """Return *image* (height, width, 3) as a player shows it: turned by quarters and mirrored as *frame* says.

    Other angles than quarters are rounded to the nearest quarter.
    """
    matrix = display_matrix(frame)
    if matrix is None or not any(matrix):
        return image
    a, b, c, d = matrix
    turned = abs(b) + abs(c) > abs(a) + abs(d)
    x, y = (c, b) if turned else (a, d)
    image = image.transpose(1, 0, 2) if turned else image
    return np.ascontiguousarray(image[:: -1 if y < 0 else 1, :: -1 if x < 0 else 1])


def rotation(frame: Any) -> int:
    """Return by how many degrees clockwise (0, 90, 180, 270) a player turns the stored picture."""
    return int(round(-frame.rotation / 90) % 4 * 90)


def display_size(width: int, height: int, pixel_aspect: Fraction | None, max_side: int) -> tuple[int, int]:
    """Return width and height with square pixels, the longer side at most *max_side*, at least 1 each.

    >>> display_size(720, 576, Fraction(16, 15), 960)
    (768, 576)
    >>> display_size(7680, 4320, None, 960)
    (960, 540)
    """
    aspect = float(pixel_aspect) if pixel_aspect and Fraction(1, 4) <= pixel_aspect <= 4 else 1.0
    wide = width * aspect
    scale = min(1.0, max_side / max(wide, height))
    return max(1, round(wide * scale)), max(1, round(height * scale))
