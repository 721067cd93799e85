"""Pictures to the rows of patches that Qwen's vision encoders read, with NumPy and Pillow alone.

A picture is resized so that both sides are multiples of one square of merged patches, scaled per colour, and cut into
patches.  A patch also spans some frames in time.  Rows come square by square, so that the patches that will be merged
are neighbours: time, then squares from left to right and top to bottom, then the patches of a square likewise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openaffect.errors import MediaError

_THINNEST = 200
_MEAN, _SPREAD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_LEAST, _MOST = 128 * 28 * 28, 768 * 28 * 28


@dataclass(frozen=True)
class Packing:
    """How frames of a film are packed; the defaults are those of Qwen2.5-VL's reference code."""

    side: int = 14
    """Pixels of a patch's side."""
    merged: int = 2
    """Patches along a square's side that the encoder merges to one token."""
    span: int = 2
    """Frames in one patch."""
    least: int = _LEAST
    """Pixels of a frame, at least."""
    most: int = _MOST
    """Pixels of a frame, at most."""
    mean: tuple[float, ...] = _MEAN
    spread: tuple[float, ...] = _SPREAD
    resample: int = int(Image.Resampling.BICUBIC)

    @classmethod
    def read(cls, settings: Mapping[str, Any], *, sizes: bool = True) -> Packing:
        """Return the packing in *settings* of a processor; without *sizes*, frames have the reference's sizes.

        >>> Packing.read({"patch_size": 16, "max_pixels": 50176}).most
        50176
        """
        size = settings.get("size") or {}
        least = settings.get("min_pixels") or size.get("shortest_edge") or _LEAST
        most = settings.get("max_pixels") or size.get("longest_edge") or _MOST
        return cls(
            side=int(settings.get("patch_size", 14)),
            merged=int(settings.get("merge_size", 2)),
            span=int(settings.get("temporal_patch_size", 2)),
            least=int(least) if sizes else _LEAST,
            most=int(most) if sizes else _MOST,
            mean=tuple(map(float, settings.get("image_mean") or _MEAN)),
            spread=tuple(map(float, settings.get("image_std") or _SPREAD)),
            resample=int(settings.get("resample", Image.Resampling.BICUBIC)),
        )


def fitted(height: int, width: int, *, unit: int, least: int, most: int) -> tuple[int, int]:
    """Return the (height, width) nearest to those given that are multiples of *unit*, with *least* to *most* pixels.

    Raises `MediaError` for a picture more than 200 times as long as wide.

    >>> fitted(360, 640, unit=28, least=3136, most=100_000)
    (224, 420)
    """
    if max(height, width) > _THINNEST * min(height, width):
        raise MediaError(f"a picture of {width} × {height} pixels is too thin for the model; crop or pad it.")
    sides = [round(side / unit) * unit for side in (height, width)]
    pixels = sides[0] * sides[1]
    if pixels > most:
        shrink = math.sqrt(height * width / most)
        sides = [max(unit, math.floor(side / shrink / unit) * unit) for side in (height, width)]
    elif pixels < least:
        grow = math.sqrt(least / (height * width))
        sides = [math.ceil(side * grow / unit) * unit for side in (height, width)]
    return sides[0], sides[1]


def pack(frames: NDArray[np.uint8], how: Packing) -> tuple[NDArray[np.float32], tuple[int, int, int]]:
    """Return the rows of *frames*, uint8 (n, height, width, 3), and how many patches they have in time, down, across.

    Rows are float32 (patches, 3 · span · side²).  Where n is no multiple of the span, the last frame is repeated.

    >>> rows, grid = pack(np.zeros((3, 56, 56, 3), np.uint8), Packing(least=3136))
    >>> rows.shape, grid
    ((32, 1176), (2, 4, 4))
    """
    height, width = fitted(*frames.shape[1:3], unit=how.side * how.merged, least=how.least, most=how.most)
    sized = np.stack([_resized(frame, height, width, how.resample) for frame in frames])
    sized = np.concatenate([sized, np.repeat(sized[-1:], -len(sized) % how.span, axis=0)])
    # One step for scale and mean, in this order: so the reference code rounds too.
    mean, spread = (np.float32(255) * np.asarray(each, np.float32) for each in (how.mean, how.spread))
    level = (sized.astype(np.float32) - mean) / spread
    grid = (len(sized) // how.span, height // how.side, width // how.side)
    down, across = grid[1] // how.merged, grid[2] // how.merged
    cut = level.reshape(grid[0], how.span, down, how.merged, how.side, across, how.merged, how.side, 3)
    rows = cut.transpose(0, 2, 5, 3, 6, 8, 1, 4, 7)
    return np.ascontiguousarray(rows.reshape(math.prod(grid), -1)), grid


def _resized(frame: NDArray[np.uint8], height: int, width: int, resample: int) -> NDArray[np.uint8]:
    if frame.shape[:2] == (height, width):
        return frame
    return np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling(resample)), np.uint8)
