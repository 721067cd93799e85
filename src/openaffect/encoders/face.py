"""Faces in one picture: where they are, what they express, how far the mouth is open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openaffect.runtime.boxes import FaceBox
from openaffect.runtime.faces import Effort, FaceNets
from openaffect.runtime.pixels import Pixels

Floats = npt.NDArray[np.float32]

_UPPER_LIP, _LOWER_LIP, _FOREHEAD, _CHIN = 13, 14, 10, 152
"""Mesh points: inner lips, top of the forehead, tip of the chin."""
_THUMB = 6
_SURVEY_EVERY = 20
"""Pictures between two thorough searches; in between the cheapest search that found as many faces is enough."""


@dataclass(frozen=True, eq=False)
class FaceSight:
    """One face in one picture.

    `expression` (7,) in the order of `EXPRESSIONS`; `mouth_open` in face heights, NaN without a mesh; `look` (n,) is a
    tiny normalised colour picture of the face that helps to tell two faces apart and is never stored.
    """

    box: FaceBox
    score: float
    expression: Floats
    mouth_open: float
    mesh_ok: bool
    look: Floats


class FaceReader:
    """Reads all faces of a picture; remembers between pictures only how thorough the search must be."""

    def __init__(self, *, threads: int = 1) -> None:
        self._nets = FaceNets(threads=threads)
        self._effort: Effort = "far"
        self._read = 0

    def read(self, image: Pixels) -> list[FaceSight]:
        """Return the faces of a picture (height, width, 3) uint8 RGB, best first."""
        if self._read % _SURVEY_EVERY == 0:
            boxes, self._effort = self._nets.survey(image)
        else:
            boxes = self._nets.detect(image, effort=self._effort)
        self._read += 1
        return [self._sight(image, box) for box in boxes]

    def _sight(self, image: Pixels, box: FaceBox) -> FaceSight:
        mesh, score = self._nets.mesh(image, box)
        ok = score >= 0.5
        return FaceSight(
            box=box,
            score=box.score,
            expression=self._nets.expression(image, mesh if ok else box),
            mouth_open=mouth_opening(mesh) if ok else float("nan"),
            mesh_ok=ok,
            look=_look(image, box),
        )


def mouth_opening(mesh: Floats) -> float:
    """Return the gap between the inner lips in face heights (forehead to chin) from a mesh (468, 3).

    >>> mesh = np.zeros((468, 3), np.float32)
    >>> mesh[[10, 13, 14, 152], 1] = 0, 60, 70, 100
    >>> round(mouth_opening(mesh), 3)
    0.1
    """
    height = float(np.linalg.norm(mesh[_CHIN, :2] - mesh[_FOREHEAD, :2]))
    return float(np.linalg.norm(mesh[_LOWER_LIP, :2] - mesh[_UPPER_LIP, :2])) / max(height, 1e-6)


def _look(image: Pixels, box: FaceBox) -> Floats:
    """Return a 6x6 colour picture of the face, zero mean and unit length, shape (108,)."""
    height, width = image.shape[:2]
    rows = np.clip(np.linspace(box.y0, box.y1, 4 * _THUMB + 1), 0, height - 1).astype(int)
    columns = np.clip(np.linspace(box.x0, box.x1, 4 * _THUMB + 1), 0, width - 1).astype(int)
    small = image[np.ix_(rows[:-1], columns[:-1])].astype(np.float32)
    dots = small.reshape(_THUMB, 4, _THUMB, 4, 3).mean((1, 3)).ravel()
    dots -= dots.mean()
    return np.asarray(dots / max(float(np.linalg.norm(dots)), 1e-6), np.float32)
