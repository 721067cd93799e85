"""Pauses of 0.3 s and more inside a turn, one clue each."""

from __future__ import annotations

from openaffect.analysis.clues.heard import UNKNOWN_VOICE, confidence, once, speech_of
from openaffect.analysis.evidence import Evidence, Turn
from openaffect.encoders.timing import Pause, pauses
from openaffect.records import Clue

_LEAST_PAUSES = 3
_UNREFINED = 0.6
"""Factor on the confidence where noise hides the edges and the detector's gap stands as it is."""

_SENTENCE = {
    ("en", False): "pause of {value:.1f} s",
    ("en", True): "pause of {value:.1f} s, long for the speaker ({usual:.1f} s on average)",
    ("zh", False): "停顿 {value:.1f} 秒",
    ("zh", True): "停顿 {value:.1f} 秒，对说话人来说较长（平均 {usual:.1f} 秒）",
}


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return a `pause` (s) for each pause; start and end are the pause's own.

    The baseline is the person's mean pause, from three pauses on; a pause of half as much again is called long.
    """
    found = _pauses(evidence, turn)
    if not found:
        return []
    usual = None
    if turn.voice != UNKNOWN_VOICE:
        usual = once(evidence, ("usual pause", turn.person), lambda: _usual(evidence, turn.person))
    return [_clue(evidence, turn, pause, usual) for pause in found]


def _pauses(evidence: Evidence, turn: Turn) -> list[Pause]:
    speech = speech_of(evidence, turn)
    return pauses(evidence.prosody, speech, turn.start, turn.end) if evidence.prosody is not None and speech else []


def _usual(evidence: Evidence, person: str) -> float | None:
    lengths = [pause.duration for t in evidence.turns if t.person == person for pause in _pauses(evidence, t)]
    return sum(lengths) / len(lengths) if len(lengths) >= _LEAST_PAUSES else None


def _clue(evidence: Evidence, turn: Turn, pause: Pause, usual: float | None) -> Clue:
    long = usual is not None and pause.duration >= 1.5 * usual
    sure = confidence(evidence, turn, 1.0, 1.0)
    return Clue(
        id="",
        modality="acoustic",
        person=turn.person,
        start=pause.start,
        end=pause.end,
        name="pause",
        value=round(pause.duration, 4),
        unit="s",
        baseline=None if usual is None else round(usual, 4),
        sentence=_SENTENCE[evidence.language, long].format(value=pause.duration, usual=usual),
        confidence=sure if pause.refined else round(sure * _UNREFINED, 3),
    )
