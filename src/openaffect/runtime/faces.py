"""The face networks: find faces, lay the 468-point mesh, read the apparent expression.

Two BlazeFace detectors share the work.  The short-range one (cheap) sees the whole picture and finds large faces.
The full-range one sees the picture, or overlapping tiles of it, and finds small ones; it runs when it is asked for.
Crops follow the sources: the mesh sees 1.5 times the box, turned so that the eyes are level; the expression
net sees an upright rectangle from brows to chin, widened by a tenth on each side, in a black square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from openaffect.runtime.boxes import FaceBox, anchors, decode, suppress
from openaffect.runtime.models import open_session
from openaffect.runtime.pixels import Pixels, cut, letterbox

Floats = npt.NDArray[np.float32]
Effort = Literal["near", "far", "crowd"]

EXPRESSIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
"""Order of the expression probabilities."""

_NETS = {"face_short": (128, (8, 16, 16, 16)), "face_full": (192, (4,))}
_MESH_SIDE, _EXPRESSION_SIDE = 192, 112
_OUTLINE = (
    *(127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356),
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),
)
"""Mesh points on jaw and brows: they bound the same region as the 68 landmarks that the expression net was cut by."""


_LARGE = 0.25
"""Faces of at least this share of the longer side are the short-range net's business, smaller ones the other's."""


@dataclass(frozen=True)
class _Square:
    """A turned square of the picture: what the mesh net is shown."""

    centre: tuple[float, float]
    size: float
    angle: float

    @property
    def turn(self) -> npt.NDArray[np.float64]:
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.array([[cos, -sin], [sin, cos]])

    def close_to(self, other: _Square) -> bool:
        """Whether two squares would show the net nearly the same."""
        turned = abs(math.remainder(self.angle - other.angle, math.tau))
        return turned < 0.26 and math.dist(self.centre, other.centre) < 0.12 * other.size


def _tilt(dx: float, dy: float) -> float:
    """Return the angle of the line between the eyes; small ones count as level, where cutting is much cheaper."""
    angle = math.atan2(dy, dx)
    return angle if abs(angle) > 0.12 else 0.0


def _square_around(points: Floats) -> _Square:
    """Return the square that the points ask for: level eyes (outer corners 33 and 263), 1.5 times the face."""
    across = points[263, :2] - points[33, :2]
    square = _Square((0.0, 0.0), 1.0, _tilt(*across.tolist()))
    level = points[:, :2] @ square.turn
    low, high = level.min(0), level.max(0)
    x, y = (square.turn @ ((low + high) / 2)).tolist()
    return _Square((x, y), 1.5 * float((high - low).max()), square.angle)


class FaceNets:
    """The four face networks, opened once."""

    def __init__(self, *, threads: int = 1) -> None:
        self._detectors = {name: open_session(name, threads=threads) for name in _NETS}
        self._anchors = {name: anchors(*layout) for name, layout in _NETS.items()}
        self._mesh = open_session("face_mesh", threads=threads)
        self._expression = open_session("expression", threads=threads)

    def detect(self, image: Pixels, *, effort: Effort = "far", least: float = 0.5) -> list[FaceBox]:
        """Return the faces in a picture (height, width, 3) uint8 RGB, best first, boxes in pixels.

        *effort* ``near``: large faces only (short-range net); ``far``: both nets on the whole picture; ``crowd``:
        also the full-range net on overlapping tiles, for many or distant faces (some ten times the cost of ``near``).
        *least* is the lowest score that counts.
        """
        return _merged(self._proposals(image, effort, least), image)

    def survey(self, image: Pixels, *, least: float = 0.5) -> tuple[list[FaceBox], Effort]:
        """Search with all means; return the faces and the cheapest effort that finds as many of the same size."""
        proposals = self._proposals(image, "crowd", least)
        faces = _merged(proposals, image)
        near, far = _merged(proposals[:1], image), _merged(proposals[:2], image)
        if len(near) == len(faces) and all(face.size >= _LARGE * max(image.shape) for face in faces):
            return faces, "near"
        return faces, "far" if len(far) >= len(faces) else "crowd"

    def _proposals(self, image: Pixels, effort: Effort, least: float) -> list[tuple[Floats, Floats]]:
        found = [self._propose("face_short", image, 0, 0, least)]
        if effort != "near":
            found.append(self._propose("face_full", image, 0, 0, least))
        if effort == "crowd":
            for x, y, tile in _tiles(image):
                found.append(_whole_faces(self._propose("face_full", tile, x, y, least), x, y, tile, image))
        return found

    def _propose(self, name: str, image: Pixels, x: int, y: int, least: float) -> tuple[Floats, Floats]:
        side = _NETS[name][0]
        square, scale, left, top = letterbox(image, side)
        raw, logits = self._detectors[name].run(None, {"input": square[None] * np.float32(2 / 255) - np.float32(1)})
        rows, scores = decode(raw[0], logits[0, :, 0], self._anchors[name], side, least)
        return ((rows * side - (left, top)) / scale + (x, y)).astype(np.float32), scores

    def mesh(self, image: Pixels, box: FaceBox) -> tuple[Floats, float]:
        """Return the 468 mesh points (x, y in pixels of the picture, z in the same scale) and the net's face score.

        The score (0–1) says whether the net sees a face in the crop at all; below 0.5 the points mean nothing.
        Where the box was a poor start (unsure, or off the face that was found) a second look is cut by the points.
        """
        (rx, ry), (lx, ly) = box.points[0].tolist(), box.points[1].tolist()
        first = _Square(box.centre, 1.5 * box.size, _tilt(lx - rx, ly - ry))
        points, score = self._mesh_in(image, first)
        own = _square_around(points)
        if score < 0.01 or (score > 0.99 and own.close_to(first)):
            return points, score
        again, better = self._mesh_in(image, own)
        return (again, better) if better >= score - 0.01 else (points, score)

    def _mesh_in(self, image: Pixels, square: _Square) -> tuple[Floats, float]:
        crop = cut(image, square.centre, square.size, square.angle, _MESH_SIDE)
        points, flag = self._mesh.run(None, {"input": crop[None] / np.float32(255)})
        flat = (points.reshape(468, 3) / _MESH_SIDE - (0.5, 0.5, 0.0)) * square.size
        turned = flat[:, :2] @ square.turn.T + square.centre
        score = 1 / (1 + math.exp(-float(np.clip(flag.ravel()[0], -80, 80))))
        return np.concatenate([turned, flat[:, 2:]], 1).astype(np.float32), score

    def expression(self, image: Pixels, face: FaceBox | Floats) -> Floats:
        """Return the probabilities of the seven `EXPRESSIONS`, shape (7,), from a box or (better) from a mesh."""
        x0, y0, x1, y1 = expression_rectangle(face)
        height, width = image.shape[:2]
        left, right = max(0, math.floor(x0)), min(width, math.ceil(x1))
        top, bottom = max(0, math.floor(y0)), min(height, math.ceil(y1))
        crop = image[top:bottom, left:right]
        if not crop.size:
            return np.full(7, 1 / 7, np.float32)
        square = letterbox(crop, _EXPRESSION_SIDE)[0]
        return np.asarray(self._expression.run(None, {"input": square[None]})[0][0], np.float32)


def expression_rectangle(face: FaceBox | Floats) -> tuple[float, float, float, float]:
    """Return the rectangle (x0, y0, x1, y1) that the expression net is shown.

    Of a mesh it is the outline of jaw and brows, of a box the box itself; plus a tenth on each side.
    """
    if isinstance(face, FaceBox):
        low, high = np.array([face.x0, face.y0]), np.array([face.x1, face.y1])
    else:
        outline = face[list(_OUTLINE), :2].astype(np.float64)
        low, high = outline.min(0), outline.max(0)
    (x0, y0), (x1, y1) = (low - 0.1 * (high - low)).tolist(), (high + 0.1 * (high - low)).tolist()
    return x0, y0, x1, y1


def _merged(proposals: list[tuple[Floats, Floats]], image: Pixels) -> list[FaceBox]:
    """Join the proposals of the short-range net (first) and the full-range net (rest).

    Each net goes before the other on faces of the size that it frames better.
    """
    rows = np.concatenate([rows for rows, _ in proposals])
    scores = np.concatenate([scores for _, scores in proposals])
    short = np.arange(len(rows)) < len(proposals[0][0])
    large = (rows[:, 1] - rows[:, 0]).max(1) >= _LARGE * max(image.shape)
    return suppress(rows, scores, (short == large).astype(np.int64))


def _tiles(image: Pixels) -> list[tuple[int, int, Pixels]]:
    """Return overlapping square tiles (x, y, pixels) of half the longer side, each sharing 40 % with its neighbour."""
    height, width = image.shape[:2]
    side = max(64, math.ceil(max(height, width) / 2))
    return [(x, y, image[y : y + side, x : x + side]) for y in _starts(height, side) for x in _starts(width, side)]


def _starts(size: int, side: int) -> list[int]:
    if size <= side:
        return [0]
    count = 1 + math.ceil((size - side) / (0.6 * side))
    return [round(place * (size - side) / (count - 1)) for place in range(count)]


def _whole_faces(found: tuple[Floats, Floats], x: int, y: int, tile: Pixels, image: Pixels) -> tuple[Floats, Floats]:
    """Drop boxes that touch an inner edge of the tile: a neighbour sees that face whole."""
    rows, scores = found
    height, width = image.shape[:2]
    low_x, high_x = x if x else -width, x + tile.shape[1] if x + tile.shape[1] < width else 2 * width
    low_y, high_y = y if y else -height, y + tile.shape[0] if y + tile.shape[0] < height else 2 * height
    keep = (rows[:, 0] > (low_x, low_y)).all(1) & (rows[:, 1] < (high_x, high_y)).all(1)
    return rows[keep], scores[keep]
