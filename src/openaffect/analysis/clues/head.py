"""How much a head moves in a turn, in face widths per second, against the same head's own average.

Moving is not the same as being moved: the clue is a weak one, and the camera's own motion is in it.
"""

from __future__ import annotations

import numpy as np

from openaffect.analysis.evidence import Evidence, Turn
from openaffect.records import Clue

_LEAST_PICTURES = 5
_MOST_OF_IT = 0.8
"""A turn with more than this share of the face's pictures leaves too little to compare with."""


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return `head_motion`: the median speed of the head, where there are enough pictures to tell motion from jitter.

    The confidence is ``0.6 · score · n / (n + 10)`` with the detector's mean score and the number of pictures: a box
    jitters, so motion needs many pictures before it means much.  Uncalibrated.
    """
    face = evidence.faces.get(turn.face or "")
    if face is None:
        return []
    known = np.isfinite(face.motion)
    inside = (face.times >= turn.start) & (face.times <= turn.end) & known
    seen = int(inside.sum())
    if seen < _LEAST_PICTURES:
        return []
    value = float(np.median(face.motion[inside]))
    baseline = float(np.median(face.motion[known])) if seen <= _MOST_OF_IT * known.sum() else None
    if evidence.language == "zh":
        own = f"（其自身平均 {baseline:.2f}）" if baseline is not None else ""
        sentence = f"头部移动速度为每秒 {value:.2f} 个脸宽{own}。"
    else:
        own = f" (own average {baseline:.2f})" if baseline is not None else ""
        sentence = f"The head moves {value:.2f} face widths per second{own}."
    return [
        Clue(
            id="",
            modality="visual",
            person=turn.person,
            start=turn.start,
            end=turn.end,
            name="head_motion",
            value=round(value, 4),
            unit="face width/s",
            baseline=None if baseline is None else round(baseline, 4),
            sentence=sentence,
            confidence=round(0.6 * float(face.score[inside].mean()) * seen / (seen + 10), 4),
        )
    ]
