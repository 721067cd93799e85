"""Follows faces from picture to picture, several at a time, through short occlusions.

A face joins the track whose predicted place (constant velocity), size and look fit best; the pairs with the lowest
cost are taken first.  A track that is not seen coasts on its velocity for a second, so that a face that passes behind
another one is found again on the other side.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openaffect.encoders.face import FaceSight

Floats = npt.NDArray[np.float32]

_COAST_S = 1.0
_GATE = 1.4
"""Highest cost at which a face may join a track: about a face width off with a similar look."""
_SMOOTH_S = 0.25
"""Standard deviation in seconds of the Gaussian that smooths expression probabilities."""


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """One face over time; rows belong to `times` (n,) in seconds.

    `boxes` (n, 4) x0 y0 x1 y1 in pixels; `expression` (n, 7) smoothed over time, rows sum to 1; `mouth_open` (n,) in
    face heights, NaN without a mesh; `motion` (n,) of the box centre in face widths per second; `score` (n,) of the
    detector.
    """

    id: str
    times: npt.NDArray[np.float64]
    boxes: Floats
    expression: Floats
    mouth_open: Floats
    motion: Floats
    score: Floats


class _Path:
    """A track in the making: flat growing arrays, so that two hours stay small."""

    def __init__(self, time: float, sight: FaceSight) -> None:
        self.times, self.boxes, self.rows = array("d"), array("f"), array("f")
        self.velocity = np.zeros(2)
        self.centre, self.size = np.array(sight.box.centre), sight.box.size
        self.look = sight.look.copy()
        self.add(time, sight)

    def add(self, time: float, sight: FaceSight) -> None:
        """Append one sight."""
        box = sight.box
        centre = np.array(box.centre)
        if self.times:
            step = max(time - self.times[-1], 1e-3)
            # Half old, half new: one jittery box must not throw the prediction off.
            self.velocity = 0.5 * self.velocity + 0.5 * (centre - self.centre) / step
            self.look = 0.9 * self.look + 0.1 * sight.look
        self.centre, self.size = centre, box.size
        self.times.append(time)
        self.boxes.extend((box.x0, box.y0, box.x1, box.y1))
        self.rows.extend((*sight.expression.tolist(), sight.mouth_open, sight.score))

    def cost(self, time: float, sight: FaceSight) -> float:
        """Return how badly *sight* fits: distance in face sizes, log size ratio, difference of looks."""
        ahead = self.centre + self.velocity * (time - self.times[-1])
        away = float(np.linalg.norm(np.array(sight.box.centre) - ahead)) / max(self.size, sight.box.size)
        grown = abs(float(np.log(sight.box.size / self.size)))
        other = 1.0 - float(self.look @ sight.look) / max(float(np.linalg.norm(self.look)), 1e-6)
        return away + 0.5 * grown + 0.6 * other


class FaceTracker:
    """Turns the faces of successive pictures into tracks.

    Tracks that last less than *min_duration* seconds or are seen only once are dropped as false finds; give 0 for a
    still image.
    """

    def __init__(self, *, min_duration: float = 0.4) -> None:
        self._least = min_duration
        self._live: list[_Path] = []
        self._ended: list[_Path] = []

    def update(self, time: float, sights: Sequence[FaceSight]) -> None:
        """Take the faces that are seen at *time*; times must not go back."""
        kept = [path for path in self._live if time - path.times[-1] <= _COAST_S]
        self._ended += [path for path in self._live if time - path.times[-1] > _COAST_S]
        pairs = sorted(
            (cost, p, s)
            for p, path in enumerate(kept)
            for s, sight in enumerate(sights)
            if (cost := path.cost(time, sight)) < _GATE
        )
        joined_paths, joined_sights = set[int](), set[int]()
        for _, p, s in pairs:
            if p not in joined_paths and s not in joined_sights:
                kept[p].add(time, sights[s])
                joined_paths.add(p)
                joined_sights.add(s)
        kept += [_Path(time, sight) for s, sight in enumerate(sights) if s not in joined_sights]
        self._live = kept

    def finish(self) -> list[FaceTrack]:
        """Return the tracks in order of appearance, named F1, F2 ..."""
        paths = [path for path in (*self._ended, *self._live) if self._real(path)]
        paths.sort(key=lambda path: (path.times[0], path.boxes[0], path.boxes[1]))
        return [_track(f"F{number}", path) for number, path in enumerate(paths, 1)]

    def _real(self, path: _Path) -> bool:
        return path.times[-1] - path.times[0] >= self._least and (self._least == 0 or len(path.times) > 1)


def _track(name: str, path: _Path) -> FaceTrack:
    times = np.frombuffer(path.times, np.float64)
    boxes = np.frombuffer(path.boxes, np.float32).reshape(-1, 4)
    rows = np.frombuffer(path.rows, np.float32).reshape(-1, 9)
    return FaceTrack(
        id=name,
        times=times,
        boxes=boxes,
        expression=smooth(times, rows[:, :7]),
        mouth_open=rows[:, 7],
        motion=_motion(times, boxes),
        score=rows[:, 8],
    )


def smooth(times: npt.NDArray[np.float64], values: Floats, *, spread: float = _SMOOTH_S) -> Floats:
    """Return *values* (n, k) averaged over time with Gaussian weights of standard deviation *spread* seconds.

    Weights follow the times, so that uneven sampling and gaps are respected; neighbours beyond 8 rows do not count.

    >>> smooth(np.arange(3.0), np.eye(3, dtype=np.float32)).round(3)[1].tolist()
    [0.0, 0.999, 0.0]
    """
    total = np.zeros(values.shape, np.float64)
    weight = np.zeros((len(values), 1))
    for k in range(-min(8, len(values) - 1), min(8, len(values) - 1) + 1):
        here = slice(max(0, -k), len(values) - max(0, k))
        there = slice(max(0, k), len(values) - max(0, -k))
        share = np.exp(-0.5 * ((times[there] - times[here]) / spread) ** 2)[:, None]
        total[here] += share * values[there]
        weight[here] += share
    return np.asarray(total / weight, np.float32)


def _motion(times: npt.NDArray[np.float64], boxes: Floats) -> Floats:
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    widths = np.maximum(boxes[1:, 2] - boxes[1:, 0], 1e-6)
    steps = np.maximum(np.diff(times), 1e-3)
    moved = np.linalg.norm(np.diff(centres, axis=0), axis=1) / widths / steps
    return np.concatenate([np.zeros(1), moved]).astype(np.float32)
