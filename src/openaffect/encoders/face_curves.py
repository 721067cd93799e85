"""The curves of one tracked face, and how they are smoothed over time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]

SMOOTHING_S = 0.25
"""Standard deviation of the kernel over time, seconds."""


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """One face over time; value *i* of every curve belongs to ``times[i]``, the times at which it was seen."""

    id: str
    """``F1``, ``F2`` ... in the order of appearance."""
    times: Times
    """Seconds, shape (n,), rising."""
    boxes: Floats
    """Shape (n, 4): x0, y0, x1, y1 in pixels of the sampled pictures."""
    expression: Floats = field(repr=False)
    """Shape (n, 7), rows sum to 1: smoothed probabilities of `openaffect.runtime.faces.EXPRESSIONS`."""
    mouth_open: Floats = field(repr=False)
    """Inner lip distance over face height, not smoothed, shape (n,); NaN where there was no mesh."""
    motion: Floats = field(repr=False)
    """Speed of the head in face widths per second, shape (n,); NaN after a gap and for the first value."""
    score: Floats = field(repr=False)
    """The detector's score, 0–1, shape (n,)."""
    trust: Floats | None = field(default=None, repr=False)
    """How far the expression can be relied on, 0–1, shape (n,): less for a head turned away.  None: as the score."""

    @property
    def weights(self) -> Floats:
        """The trust, or the score where no trust was measured, shape (n,)."""
        return self.score if self.trust is None else self.trust

    def seen(self, *, gap: float = 1.0) -> tuple[tuple[float, float], ...]:
        """Return the spans (first, last time) in which the face was seen, cut where it was not for *gap* seconds."""
        breaks = np.flatnonzero(np.diff(self.times) > gap)
        firsts, lasts = [0, *(breaks + 1)], [*breaks, len(self.times) - 1]
        return tuple((float(self.times[a]), float(self.times[b])) for a, b in zip(firsts, lasts, strict=True))


def smooth(
    times: Times,
    values: npt.NDArray[np.floating],
    weights: Floats | None = None,
    *,
    deviation: float = SMOOTHING_S,
    most: int = 64,
) -> Floats:
    """Return the weighted Gaussian mean over time of *values* (n, k); at most *most* neighbours on each side.

    y_i = Σ_j w_j g(t_j - t_i) x_j / Σ_j w_j g(t_j - t_i), with g a Gaussian of *deviation* seconds cut at three times
    that; without *weights* w = 1.  Probabilities are averaged as they are, not as logarithms: the net is
    overconfident, and a mean of logarithms would let one saturated picture overrule its neighbours.

    >>> values = np.array([[0.0], [1.0], [5.0]], np.float32)
    >>> smooth(np.array([0.0, 0.1, 9.0]), values).ravel().round(2)
    array([0.48, 0.52, 5.  ], dtype=float32)
    """
    trusted = np.ones(len(values), np.float32) if weights is None else np.maximum(weights, 1e-3)
    top = np.zeros(values.shape, np.float64)
    bottom = np.zeros(len(values), np.float64)
    for shift in range(-min(most, len(values) - 1), min(most, len(values) - 1) + 1):
        here = slice(max(0, -shift), len(values) - max(0, shift))
        there = slice(max(0, shift), len(values) - max(0, -shift))
        apart = (times[there] - times[here]) / deviation
        if shift and np.abs(apart).min() > 3:
            continue
        weight = np.where(np.abs(apart) <= 3, np.exp(-0.5 * apart**2), 0.0) * trusted[there]
        top[here] += weight[:, None] * values[there]
        bottom[here] += weight
    return np.asarray(top / bottom[:, None], np.float32)


def speed(times: Times, anchors: Floats, widths: Floats, *, longest_gap: float) -> Floats:
    """Return how fast the anchors (n, 2) move, in face widths per second, shape (n,).

    The velocity from each value to the next is averaged over some 0.1 s before its length is taken, so that the
    detector's jitter cancels and a steady motion does not change.  The first value and values after a gap over
    *longest_gap* seconds are NaN.

    >>> speed(np.arange(4) / 10, np.array([[4.0 * k, 0.0] for k in range(4)]), np.full(4, 40.0), longest_gap=1.0)
    array([nan,  1.,  1.,  1.], dtype=float32)
    """
    found = np.full(len(times), np.nan, np.float32)
    apart = np.diff(times)
    whole = 1 + np.flatnonzero((apart > 0) & (apart <= longest_gap))
    if len(whole):
        steps = (anchors[whole] - anchors[whole - 1]) / (times[whole] - times[whole - 1])[:, None]
        relative = steps / ((widths[whole] + widths[whole - 1]) / 2)[:, None]
        found[whole] = np.linalg.norm(smooth(times[whole], relative, deviation=0.1), axis=1)
    return found
