"""Mean and level of a sound that comes block by block, in float64."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from openaffect.errors import DataError
from openaffect.runtime.frontend import EPS, RATE

Floats = npt.NDArray[np.float32]

LOUDEST = 1e6
"""Root mean square beyond which samples are garbage (full scale is 1)."""


class Level:
    """Count, mean, variance and extremes of all blocks so far, merged as Chan, Golub and LeVeque (1979) do.

    >>> level = Level()
    >>> level.push(np.array([1.0, 2.0], np.float32)), level.push(np.array([3.0], np.float32))
    (None, None)
    >>> level.count, level.mean, round(level.variance, 6)
    (3, 2.0, 0.666667)
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.low, self.high = math.inf, -math.inf
        self.squares = 0.0
        """Sum of squares about the mean."""

    def push(self, block: Floats) -> None:
        """Take float samples (n,); raises `DataError` for NaN, infinity or samples beyond any scale."""
        if not block.size:
            return
        centred = block.astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is told below
            mean = float(centred.mean())
            centred -= mean
            # Not a dot product: OpenBLAS would wake its threads for it, which spin on beside the network.
            squares = float(np.square(centred, out=centred).sum())
        if not squares <= LOUDEST**2 * block.size:
            raise DataError(_why_unusable(block, self.count))
        self._join(block.size, mean, squares, float(block.min()), float(block.max()))

    def join(self, other: Level) -> None:
        """Take all that *other* has taken."""
        if other.count:
            self._join(other.count, other.mean, other.squares, other.low, other.high)

    def _join(self, count: int, mean: float, squares: float, low: float, high: float) -> None:
        total, apart = self.count + count, mean - self.mean
        self.squares += squares + apart * apart * self.count * count / total
        self.mean += apart * count / total
        self.count = total
        self.low, self.high = min(self.low, low), max(self.high, high)

    @property
    def variance(self) -> float:
        """Mean square about the mean (biased)."""
        return self.squares / self.count if self.count else 0.0

    @property
    def rms(self) -> float:
        """What a student divides by: the root of variance + 1e-7."""
        return math.sqrt(self.variance + EPS)

    @property
    def decibels(self) -> float:
        """Level in dBFS, without what is constant; -inf for digital silence (a full-scale sine has -3.01)."""
        return decibels(self.variance)

    def state_dict(self) -> dict[str, float]:
        """Return what `load_state_dict` goes on from."""
        return {"count": self.count, "mean": self.mean, "squares": self.squares, "low": self.low, "high": self.high}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Take the place of the level of *state*."""
        self.count, self.mean, self.squares = int(state["count"]), float(state["mean"]), float(state["squares"])
        self.low, self.high = float(state["low"]), float(state["high"])


def decibels(power: float) -> float:
    """Return 10 log10 of *power*, -inf for none.

    >>> decibels(0.01), decibels(0.0)
    (-20.0, -inf)
    """
    return 10 * math.log10(power) if power > 0 else -math.inf


def _why_unusable(block: Floats, before: int) -> str:
    odd = ~np.isfinite(block)
    at = (before + int(np.argmax(odd if odd.any() else np.abs(block)))) / RATE
    what = "NaN or infinite samples" if odd.any() else "samples beyond a million times full scale"
    return f"the sound holds {what}, the first or worst at {at:.3f} s; repair it, for example with numpy.nan_to_num."
