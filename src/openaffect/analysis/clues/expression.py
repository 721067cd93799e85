"""What a face expresses in a turn, by the small expression net, against the same face's own average."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from openaffect.analysis.evidence import Evidence, Turn
from openaffect.encoders.tracks import FaceTrack
from openaffect.records import Clue
from openaffect.runtime.faces import EXPRESSIONS

_LEAST = 0.15
"""Expressions below this mean probability are no clue unless they change."""
_MOST = 2
_CAP = {"happy": 0.85, "surprised": 0.7, "neutral": 0.7, "sad": 0.65, "angry": 0.5, "fearful": 0.45, "disgusted": 0.4}
"""The net's own reliability caps the confidence: fair at smiles, poor at anger, fear and disgust."""
_CHANGE = 0.35
_WORDS = {
    "neutral": ("a neutral face", "面部表情平静"),
    "happy": ("a smile-like expression", "面部呈微笑状"),
    "sad": ("a sad-looking expression", "面部呈悲伤状"),
    "angry": ("an angry-looking expression", "面部呈愤怒状"),
    "fearful": ("a fearful-looking expression", "面部呈恐惧状"),
    "disgusted": ("a disgusted-looking expression", "面部呈厌恶状"),
    "surprised": ("a surprised-looking expression", "面部呈惊讶状"),
}


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return the one or two strongest apparent expressions of the turn, and a change when there is a large one."""
    face = evidence.faces.get(turn.face or "")
    if face is None:
        return []
    inside = (face.times >= turn.start) & (face.times <= turn.end)
    if not inside.any():
        return []
    means = face.expression[inside].mean(0)
    ranked = sorted(range(len(EXPRESSIONS)), key=lambda k: (-means[k], k))
    strong = [k for n, k in enumerate(ranked[:_MOST]) if n == 0 or means[k] >= _LEAST]
    clues = [_clue(evidence, turn, face, inside, k) for k in strong]
    return clues + _change(evidence, turn, face, inside)


def _clue(evidence: Evidence, turn: Turn, face: FaceTrack, inside: npt.NDArray[np.bool_], k: int) -> Clue:
    name = EXPRESSIONS[k]
    rows, times = face.expression[inside], face.times[inside]
    value, top = float(rows[:, k].mean()), int(rows[:, k].argmax())
    baseline = float(face.expression[:, k].mean()) if inside.mean() <= 0.8 else None
    english, chinese = _WORDS[name]
    if evidence.language == "zh":
        own = f"，其自身平均 {baseline:.2f}" if baseline is not None else ""
        sentence = f"{chinese}（{value:.2f}{own}）。"
    else:
        own = f", own average {baseline:.2f}" if baseline is not None else ""
        sentence = f"The face shows {english} ({value:.2f}{own})."
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
        confidence=confidence(face, inside, value, name),
        peak=round(float(times[top]), 3),
        detail=detail | {"peak_value": round(float(rows[top, k]), 4)},
    )


def confidence(face: FaceTrack, inside: npt.NDArray[np.bool_], value: float, name: str) -> float:
    """Return ``min(cap, value · score · n / (n + 2))``: probability, detector score and number of pictures.

    The cap is the net's reliability on the expression, by judgement, not measured.
    """
    seen = int(inside.sum())
    return round(min(_CAP[name], value * float(face.score[inside].mean()) * seen / (seen + 2)), 4)


def _change(evidence: Evidence, turn: Turn, face: FaceTrack, inside: npt.NDArray[np.bool_]) -> list[Clue]:
    rows, times = face.expression[inside], face.times[inside]
    if len(rows) < 6:
        return []
    third = max(2, len(rows) // 3)
    before, after = rows[:third].mean(0), rows[-third:].mean(0)
    k = int((after - before).argmax())
    size = float(after[k] - before[k])
    if size < _CHANGE:
        return []
    old = EXPRESSIONS[int((before - after).argmax())]
    (_, chinese_old), (_, chinese_new) = _WORDS[old], _WORDS[EXPRESSIONS[k]]
    english = f"The expression changes from {old} towards {EXPRESSIONS[k]} (+{size:.2f})."
    chinese = f"表情由“{chinese_old}”变为“{chinese_new}”（+{size:.2f}）。"
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
            confidence=confidence(face, inside, size, EXPRESSIONS[k]),
            detail={f"from_{old}": round(float(before.max()), 4), f"to_{EXPRESSIONS[k]}": round(float(after[k]), 4)},
            peak=round(float(times[int(rows[:, k].argmax())]), 3),
        )
    ]
