"""One picture in, the faces in it out: where, how turned, how wide the mouth, what apparent expression.

`FaceReader` spends the costly search only where it is needed: every four seconds of pictures (at 10 per second), and
when faces went missing, it looks with all means and remembers the cheapest search that would have sufficed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from openaffect.runtime.boxes import FaceBox
from openaffect.runtime.faces import Effort, FaceNets
from openaffect.runtime.pixels import Pixels, cut

Floats = npt.NDArray[np.float32]

SURVEY_EVERY = 40
"""Pictures from one search with all means to the next."""
CROWD = 8
"""From more than this many faces on, only every third picture is read (the others give no sights)."""

_UPPER_LIP, _LOWER_LIP = (13, 82, 312), (14, 87, 317)
_TOP, _CHIN, _RIGHT_SIDE, _LEFT_SIDE = 10, 152, 234, 454
_STEADY = (1, 33, 133, 263, 362, 168)
"""Nose tip, eye corners, nose bridge: points that speech and expression hardly move."""
_LOOK_SIDE = 10


@dataclass(frozen=True, eq=False)
class FaceSight:
    """A face in one picture; angles in degrees, 0 for a face that looks straight into the camera."""

    box: FaceBox
    score: float
    """The detector's score, 0–1."""
    expression: Floats = field(repr=False)
    """Probabilities of `openaffect.runtime.faces.EXPRESSIONS`, shape (7,)."""
    mouth_open: float
    """Distance of the inner lips over the height of the face, 0 = closed; NaN without a mesh."""
    mesh_ok: bool
    """Whether the mesh net saw a face in the crop (its score reached 0.5)."""
    look: Floats = field(repr=False)
    """What the face looks like, for telling two faces apart: a tiny picture, zero mean, unit length; never stored."""
    trust: float = 1.0
    """How far the expression can be relied on, 0–1: detector score × mesh score, less for a head turned away."""
    anchor: tuple[float, float] | None = None
    """A point (x, y) of the picture that moves with the head and hardly with the mouth; None: the box's middle."""
    head_roll: float = 0.0
    """Tilt on the screen, clockwise."""
    head_yaw: float = 0.0
    """Turn towards the right edge of the picture."""
    head_pitch: float = 0.0
    """Nod upwards; rough, as the mesh's depth is."""


class FaceReader:
    """Finds and reads the faces of one picture after another (of one recording, in order)."""

    def __init__(self, *, threads: int = 1) -> None:
        self._nets = FaceNets(threads=threads)
        self._effort: Effort = "near"
        self._expected = 0
        self._seen = 0
        self._since_survey = SURVEY_EVERY

    def read(self, image: Pixels) -> list[FaceSight]:
        """Return the faces of *image* (height, width, 3) uint8 RGB, from left to right.

        The same pictures in the same order give the same sights.  In a crowd (see `CROWD`) two pictures of three
        give none.
        """
        self._seen += 1
        if self._expected > CROWD and self._seen % 3 != 1 and self._since_survey < SURVEY_EVERY:
            self._since_survey += 1
            return []
        sights = [self._sight(image, box) for box in self._find(image)]
        return sorted((s for s in sights if s.mesh_ok or s.score >= 0.6), key=lambda s: (s.box.x0, s.box.y0))

    def _find(self, image: Pixels) -> list[FaceBox]:
        self._since_survey += 1
        if self._since_survey <= SURVEY_EVERY:
            boxes = self._nets.detect(image, effort=self._effort)
            if len(boxes) >= self._expected:
                return boxes
            # Somebody went missing: look again soon, but not at every picture.
            if self._since_survey <= 3:
                return boxes
        boxes, self._effort = self._nets.survey(image)
        self._expected, self._since_survey = len(boxes), 1
        return boxes

    def _sight(self, image: Pixels, box: FaceBox) -> FaceSight:
        mesh, mesh_score = self._nets.mesh(image, box)
        mesh_ok = mesh_score >= 0.5
        roll, yaw, pitch = _angles(mesh) if mesh_ok else (0.0, 0.0, 0.0)
        return FaceSight(
            box=box,
            score=box.score,
            expression=self._nets.expression(image, mesh if mesh_ok else box),
            mouth_open=mouth_opening(mesh) if mesh_ok else math.nan,
            mesh_ok=mesh_ok,
            head_roll=roll,
            head_yaw=yaw,
            head_pitch=pitch,
            trust=box.score * (mesh_score * _frontal(yaw, pitch) if mesh_ok else 0.2),
            anchor=_middle(mesh[list(_STEADY)]) if mesh_ok else box.centre,
            look=_look(image, box),
        )


def mouth_opening(mesh: Floats) -> float:
    """Return the gap between the inner lips (mean of three places) in face heights, from a mesh (468, 3).

    >>> mesh = np.zeros((468, 3), np.float32)
    >>> mesh[[13, 82, 312], 1], mesh[[14, 87, 317], 1], mesh[152, 1] = 60, 70, 100
    >>> round(mouth_opening(mesh), 3)
    0.1
    """
    lips = mesh[list(_LOWER_LIP)] - mesh[list(_UPPER_LIP)]
    height = float(np.linalg.norm(mesh[_CHIN] - mesh[_TOP]))
    return float(np.linalg.norm(lips, axis=1).mean()) / max(height, 1e-6)


def _middle(points: Floats) -> tuple[float, float]:
    x, y = points[:, :2].mean(0).tolist()
    return x, y


def _angles(mesh: Floats) -> tuple[float, float, float]:
    """Return roll, yaw and pitch in degrees from the lines across and down the face (depth grows away from us)."""
    across, down = mesh[_LEFT_SIDE] - mesh[_RIGHT_SIDE], mesh[_CHIN] - mesh[_TOP]
    roll = math.atan2(across[1], across[0])
    yaw = math.atan2(across[2], math.hypot(across[0], across[1]))
    pitch = math.atan2(-down[2], math.hypot(down[0], down[1]))
    return math.degrees(roll), math.degrees(yaw), math.degrees(pitch)


def _frontal(yaw: float, pitch: float) -> float:
    """Return 1 for a face that looks our way, falling to 0.2 at 60° of turn or 50° of nod (our own choice)."""
    turn = min(1.0, max(0.2, 1 - (abs(yaw) - 25) / 35 * 0.8))
    nod = min(1.0, max(0.2, 1 - (abs(pitch) - 20) / 30 * 0.8))
    return min(turn, nod)


def _look(image: Pixels, box: FaceBox) -> Floats:
    """Return the face and a rim of hair as a tiny colour picture, centred and scaled to unit length."""
    tiny = cut(image, box.centre, 1.4 * box.size, 0.0, _LOOK_SIDE).ravel()
    tiny -= tiny.mean()
    return np.asarray(tiny / max(float(np.linalg.norm(tiny)), 1e-6), np.float32)
