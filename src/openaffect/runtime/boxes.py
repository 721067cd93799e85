"""From the raw output of the BlazeFace detectors to boxes: anchors, decoding, suppression of doubles.

Source of the layout: MediaPipe's SSD options for the short-range and the full-range face detector.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FaceBox:
    """A face in pixels of the picture.

    `points` (6, 2): the person's right eye (left in the picture), left eye, nose tip, mouth, right ear, left ear.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    score: float
    points: Floats = field(repr=False, compare=False)

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box (x, y)."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def size(self) -> float:
        """The longer side, pixels."""
        return max(self.x1 - self.x0, self.y1 - self.y0)


def anchors(side: int, strides: tuple[int, ...]) -> Floats:
    """Return the anchor centres (n, 2) in units of the image side, in the order of the network's rows.

    Each stride lays a grid; consecutive equal strides share one grid, with two anchors per stride in each cell
    (one, when a single stride is given, as in the full-range net).

    >>> anchors(128, (8, 16, 16, 16)).shape, anchors(192, (4,)).shape
    ((896, 2), (2304, 2))
    """
    parts = []
    for stride in sorted(set(strides)):
        cells = -(-side // stride)
        middle = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(middle, middle)
        each = 2 * strides.count(stride) if len(strides) > 1 else 1
        parts.append(np.repeat(np.stack([x.ravel(), y.ravel()], 1), each, axis=0))
    return np.concatenate(parts)


def decode(raw: Floats, logits: Floats, centres: Floats, side: int, least: float) -> tuple[Floats, Floats]:
    """Return (n, 8, 2) rows [low corner, high corner, six points] in units of the image side, and scores (n,).

    *raw* (m, 16) holds offsets from the anchors in pixels of the network's input; only rows whose score
    reaches *least* are returned.
    """
    chosen = logits >= np.log(least / (1 - least))
    scores = 1 / (1 + np.exp(-logits[chosen]))
    rows = raw[chosen].reshape(-1, 8, 2) / side
    middle, half = rows[:, 0] + centres[chosen], rows[:, 1] / 2
    points = rows[:, 2:] + centres[chosen][:, None]
    return np.concatenate([(middle - half)[:, None], (middle + half)[:, None], points], 1), scores


def overlap(box: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Return intersection over union, and intersection over the smaller area, of (2, 2) with (n, 2, 2) corners."""
    low, high = np.maximum(box[0], others[:, 0]), np.minimum(box[1], others[:, 1])
    shared = np.prod(np.maximum(high - low, 0), 1)
    area, areas = np.prod(box[1] - box[0]), np.prod(others[:, 1] - others[:, 0], 1)
    return shared / np.maximum(area + areas - shared, 1e-9), shared / np.maximum(np.minimum(area, areas), 1e-9)


def suppress(
    rows: Floats, scores: Floats, rank: npt.NDArray[np.int64], *, iou: float = 0.3, inside: float = 0.7
) -> list[FaceBox]:
    """Return one face per heap of overlapping rows, highest *rank* first, then highest score.

    Rows belong to a heap when they overlap its best row by *iou*, or when one lies in the other by *inside* (a face
    that a tile cuts in two).  The face is the mean of the heap's rows that overlap by *iou* and share the best row's
    rank, weighted by score; its score is the best of these.
    """
    left, faces = np.lexsort((-scores, -rank)), []
    while len(left):
        best = left[0]
        union, part = overlap(rows[best, :2], rows[left, :2])
        union[0] = part[0] = 1.0
        alike = left[(union > iou) & (rank[left] == rank[best])]
        mean = np.average(rows[alike], axis=0, weights=scores[alike])
        (x0, y0), (x1, y1) = mean[:2].tolist()
        faces.append(FaceBox(x0, y0, x1, y1, float(scores[best]), mean[2:].astype(np.float32)))
        left = left[(union <= iou) & (part <= inside)]
    return sorted(faces, key=lambda face: -face.score)
