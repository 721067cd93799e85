"""What a face expresses in a turn, by the small expression net, against the same face's own average.

The net names seven posed expressions and is weak on most of them (``MODELS.md``); a clue says what is *apparent* in the
picture and never what somebody feels.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from openaffect.analysis.evidence import Evidence, Turn
from openaffect.encoders.tracks import FaceTrack
from openaffect.records import Clue
from openaffect.runtime.faces import EXPRESSIONS

Mask = npt.NDArray[np.bool_]

_LEAST = 0.15
"""A second expression below this mean probability is no clue."""
_LEAST_TRUST = 0.2
"""Below this mean trust the head is turned away too far, or the mesh never fitted: nothing is read into it."""
_MOST_OF_IT = 0.8
"""A turn with more than this share of the face's pictures leaves too little to compare with."""
_CAP = {"happy": 0.85, "surprised": 0.7, "neutral": 0.7, "sad": 0.65, "angry": 0.5, "fearful": 0.45, "disgusted": 0.4}
"""Highest confidence per expression: fair on smiles, poor on anger, fear and disgust; by judgement, not measured."""
_CHANGE = 0.35
_WORDS = {
    "neutral": ("neutral expression", "平静的表情", "平静"),
    "happy": ("smile-like expression", "类似微笑的表情", "高兴"),
    "sad": ("sad-looking expression", "看似悲伤的表情", "悲伤"),
    "angry": ("angry-looking expression", "看似愤怒的表情", "愤怒"),
    "fearful": ("fearful-looking expression", "看似恐惧的表情", "恐惧"),
    "disgusted": ("disgusted-looking expression", "看似厌恶的表情", "厌恶"),
    "surprised": ("surprised-looking expression", "看似惊讶的表情", "惊讶"),
}


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return the one or two strongest apparent expressions of the turn, and a change when there is a large one.

    `value` is the mean of the smoothed probability over the turn, `baseline` its mean over the whole track (None where
    the turn is most of it), `peak` the time of the highest value; `detail` has all seven means and ``peak_value``.
    """
    face = evidence.faces.get(turn.face or "")
    if face is None:
        return []
    inside = (face.times >= turn.start) & (face.times <= turn.end)
    if not inside.any() or float(face.weights[inside].mean()) < _LEAST_TRUST:
        return []
    means = face.expression[inside].mean(0)
    first, second = np.argsort(-means, kind="stable")[:2].tolist()
    chosen = [first] + [second] * bool(means[second] >= _LEAST)
    return [_clue(evidence, turn, face, inside, k) for k in chosen] + _change(evidence, turn, face, inside)


def confidence(face: FaceTrack, inside: Mask, k: int) -> float:
    """Return ``cap · trust · n / (n + 1) · p / (p + q)``, uncalibrated.

    *cap* is the net's reliability on expression *k*, *trust* the mean of detector score × mesh score × how frontal the
    head is, *n* the number of pictures, *p* the mean probability of *k* and *q* that of its strongest rival.
    """
    means, seen = face.expression[inside].mean(0), int(inside.sum())
    rival = float(np.delete(means, k).max())
    lead = float(means[k]) / max(float(means[k]) + rival, 1e-9)
    sure = float(face.weights[inside].mean()) * seen / (seen + 1)
    return round(min(1.0, _CAP[EXPRESSIONS[k]] * sure * lead), 4)


def _clue(evidence: Evidence, turn: Turn, face: FaceTrack, inside: Mask, k: int) -> Clue:
    name = EXPRESSIONS[k]
    rows, times = face.expression[inside], face.times[inside]
    value, top = float(rows[:, k].mean()), int(rows[:, k].argmax())
    baseline = float(face.expression[:, k].mean()) if inside.mean() <= _MOST_OF_IT else None
    english, chinese, short = _WORDS[name]
    if evidence.language == "zh":
        own = f"，其自身平均 {baseline:.2f}" if baseline is not None else ""
        sentence = f"面部呈现{chinese}（{short} {value:.2f}{own}）。"
    else:
        own = f", own average {baseline:.2f}" if baseline is not None else ""
        sentence = f"The face shows an apparent {english} ({name} {value:.2f}{own})."
    detail = {label: round(float(mean), 4) for label, mean in zip(EXPRESSIONS, rows.mean(0), strict=True)}
    return Clue(
        id="",
        modality="visual",
        person=turn.person,
        start=turn.start,
        end=turn.end,
        name=f"expression_{name}",
        value=round(value, 4),
        unit="probability",
        baseline=None if baseline is None else round(baseline, 4),
        sentence=sentence,
        confidence=confidence(face, inside, k),
        peak=round(float(times[top]), 3),
        detail=detail | {"peak_value": round(float(rows[top, k]), 4)},
    )


def _change(evidence: Evidence, turn: Turn, face: FaceTrack, inside: Mask) -> list[Clue]:
    """Compare the last third of the turn with the first; `detail` has what it came from and what it went to."""
    rows, times = face.expression[inside], face.times[inside]
    if len(rows) < 6:
        return []
    third = len(rows) // 3
    before, after = rows[:third].mean(0), rows[-third:].mean(0)
    new, old = int((after - before).argmax()), int((before - after).argmax())
    size = float(after[new] - before[new])
    if size < _CHANGE:
        return []
    last = np.flatnonzero(inside)[-third:]
    late = np.isin(np.arange(len(inside)), last)
    english = f"The apparent expression changes from {EXPRESSIONS[old]} towards {EXPRESSIONS[new]} (+{size:.2f})."
    chinese = f"表情看上去由{_WORDS[EXPRESSIONS[old]][2]}转向{_WORDS[EXPRESSIONS[new]][2]}（+{size:.2f}）。"
    return [
        Clue(
            id="",
            modality="visual",
            person=turn.person,
            start=turn.start,
            end=turn.end,
            name="expression_change",
            value=round(size, 4),
            unit="probability",
            sentence=chinese if evidence.language == "zh" else english,
            confidence=confidence(face, late, new),
            detail={
                f"from_{EXPRESSIONS[old]}": round(float(before[old]), 4),
                f"to_{EXPRESSIONS[new]}": round(float(after[new]), 4),
            },
            peak=round(float(times[int(rows[:, new].argmax())]), 3),
        )
    ]
