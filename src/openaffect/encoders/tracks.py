"""Follows faces from picture to picture, so that each person keeps one name and one set of curves.

A sight goes to the track with the lowest cost: distance from where the track should be by now (constant velocity),
change of size, and how different the face looks (a tiny picture that the track remembers).  All sights of a picture
are assigned together.  A track that is not seen waits, first in motion, then for a minute in its place, where only a
face that looks much the same may take it up again.  Names come from place and looks, not from face
recognition: after a cut to another camera a person may get a new one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from openaffect.encoders.assignment import assign
from openaffect.encoders.face import FaceSight
from openaffect.encoders.face_curves import FaceTrack, Floats, Times, smooth, speed

__all__ = ["FaceTrack", "FaceTracker", "smooth"]

MAX_GAP = 1.0
"""Seconds that a face may be hidden while its motion is believed."""
SLEEP = 60.0
"""Seconds after which a face that was not seen again is given up."""
SAME, MUCH_THE_SAME = 0.5, 0.8
"""Least likeness (cosine of the tiny pictures) to go on with a track, and to wake one that sleeps."""

_COLUMNS = 16
"""Box 4, score, trust, expression 7, mouth, anchor 2."""


class _Track:
    """A face that is being followed: where it should be, what it looks like, and the rows so far."""

    def __init__(self, time: float, sight: FaceSight) -> None:
        self.place = np.array(sight.box.centre)
        self.velocity = np.zeros(2)
        self.size = sight.box.size
        self.look = sight.look
        self.count = 0
        self._times = np.zeros(16)
        self._rows = np.zeros((16, _COLUMNS), np.float32)
        self._append(time, sight)

    @property
    def last(self) -> float:
        return float(self._times[self.count - 1])

    @property
    def first(self) -> float:
        return float(self._times[0])

    @property
    def times(self) -> Times:
        return self._times[: self.count]

    @property
    def rows(self) -> Floats:
        return self._rows[: self.count]

    def expected(self, time: float) -> np.ndarray:
        """Return where the face should be; a hidden one is believed to go on for some time, then to stand."""
        return self.place + self.velocity * min(time - self.last, MAX_GAP)

    def cost(self, time: float, sight: FaceSight) -> float:
        """Return how badly *sight* fits, infinite where it cannot be the same face."""
        gap = time - self.last
        asleep = gap > MAX_GAP
        size = (self.size + sight.box.size) / 2
        far = math.dist(self.expected(time), sight.box.centre) / size
        reach = 1.5 if asleep else 0.6 + 2.0 * gap
        grown = abs(math.log(sight.box.size / self.size))
        like = float(self.look @ sight.look)
        if far > reach or grown > 0.7 or like < (MUCH_THE_SAME if asleep else SAME):
            return math.inf
        return (far / reach) ** 2 + grown + 2 * (1 - like) + (1.0 if asleep else 0.0)

    def take(self, time: float, sight: FaceSight, *, alone: bool) -> None:
        """Go on with *sight*; what a face looks like is learnt only while it stands *alone*."""
        gap = time - self.last
        seen = (np.array(sight.box.centre) - self.place) / max(gap, 1e-3)
        self.velocity = 0.6 * self.velocity + 0.4 * seen if gap <= MAX_GAP else np.zeros(2)
        self.place, self.size = np.array(sight.box.centre), 0.7 * self.size + 0.3 * sight.box.size
        if alone:
            look = 0.85 * self.look + 0.15 * sight.look
            self.look = np.asarray(look / max(float(np.linalg.norm(look)), 1e-6), np.float32)
        self._append(time, sight)

    def _append(self, time: float, sight: FaceSight) -> None:
        if self.count == len(self._times):
            self._times = np.concatenate([self._times, np.zeros_like(self._times)])
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        box = sight.box
        self._times[self.count] = time
        head = (box.x0, box.y0, box.x1, box.y1, sight.score, sight.trust)
        self._rows[self.count] = (*head, *sight.expression, sight.mouth_open, *(sight.anchor or box.centre))
        self.count += 1

    def curves(self, name: str, longest_gap: float) -> FaceTrack:
        times, rows = self.times.copy(), self.rows
        widths = rows[:, 2] - rows[:, 0]
        return FaceTrack(
            id=name,
            times=times,
            boxes=rows[:, :4].copy(),
            expression=smooth(times, rows[:, 6:13], rows[:, 5]),
            mouth_open=rows[:, 13].copy(),
            motion=speed(times, rows[:, 14:16], widths, longest_gap=longest_gap),
            score=rows[:, 4].copy(),
            trust=rows[:, 5].copy(),
        )


class FaceTracker:
    """Follows all faces of one recording; feed the sights of each picture in order of time."""

    def __init__(self, *, min_duration: float = 0.4) -> None:
        """*min_duration*: shorter tracks are taken for false and dropped (seconds)."""
        self._min_duration = min_duration
        self._tracks: list[_Track] = []
        self._given_up: list[_Track] = []
        self._times: tuple[float, float, int] | None = None
        """First and last time and the number of pictures."""

    def update(self, time: float, sights: Sequence[FaceSight]) -> None:
        """Take in the faces seen at *time* (seconds, rising)."""
        first, _, count = self._times or (time, time, 0)
        self._times = (first, time, count + 1)
        self._retire(time)
        cost = np.array([[track.cost(time, sight) for sight in sights] for track in self._tracks])
        pairs = assign(cost.reshape(len(self._tracks), len(sights)))
        taken = {column: self._tracks[row] for row, column in pairs}
        for column, sight in enumerate(sights):
            track, others = taken.get(column), [other for other in sights if other is not sight]
            if track is not None:
                beside = [other for other in self._tracks if other is not track]
                alone = not any(_touch(sight, other) for other in others)
                track.take(time, sight, alone=alone and not any(_near(sight, other, time) for other in beside))
            elif not any(_covers(sight, other) for other in others):
                self._tracks.append(_Track(time, sight))

    def finish(self) -> list[FaceTrack]:
        """Return the tracks, named F1, F2 ... in the order of appearance (from left to right at the same time)."""
        found = [track for track in (*self._given_up, *self._tracks) if self._lasts(track)]
        found.sort(key=lambda track: (track.first, float(track.rows[0, 0])))
        # A face may be missed in a picture or two without having moved far.
        return [track.curves(f"F{n}", max(3.5 * self._step, 0.5)) for n, track in enumerate(found, 1)]

    @property
    def _step(self) -> float:
        """Mean seconds from picture to picture; with one picture it stands for as long as need be."""
        first, last, count = self._times or (0.0, 0.0, 0)
        return (last - first) / (count - 1) if count > 1 else self._min_duration

    def _lasts(self, track: _Track) -> bool:
        """Whether a face was seen long enough; each sight stands for one step, so pictures far apart count as well."""
        return track.count * self._step >= self._min_duration - 1e-6

    def _retire(self, time: float) -> None:
        old = [track for track in self._tracks if time - track.last > SLEEP]
        self._given_up += [track for track in old if self._lasts(track)]
        # A false track is dropped early: in a flickering picture they would be many.
        self._tracks = [
            track
            for track in self._tracks
            if time - track.last <= MAX_GAP or (time - track.last <= SLEEP and self._lasts(track))
        ]


def _touch(one: FaceSight, other: FaceSight) -> bool:
    """Whether two boxes overlap."""
    a, b = one.box, other.box
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def _covers(one: FaceSight, other: FaceSight) -> bool:
    """Whether two boxes are mostly the same place: half a face behind another one is no reason for a new track."""
    return math.dist(one.box.centre, other.box.centre) < 0.6 * max(one.box.size, other.box.size)


def _near(sight: FaceSight, track: _Track, time: float) -> bool:
    """Whether a track that was seen lately should be so near that the two could be mixed up."""
    if time - track.last > MAX_GAP:
        return False
    return math.dist(track.expected(time), sight.box.centre) < 0.8 * (track.size + sight.box.size) / 2
