"""How high and how lively the voice is: median F0 and its range, in semitones."""

from __future__ import annotations

from collections.abc import Mapping

from openaffect.analysis.clues.heard import Wording, level_clue, of_speech
from openaffect.analysis.evidence import Evidence, Language, Turn
from openaffect.encoders import measures
from openaffect.records import Clue

_level = of_speech(measures.f0_level)
_range = of_speech(measures.f0_range)

_LEVEL: Mapping[Language, Wording] = {
    "en": Wording(
        "pitch {gap:.1f} semitones above the speaker's own average",
        "pitch {gap:.1f} semitones below the speaker's own average",
        "pitch at the speaker's own average",
        "median pitch {extra:.0f} Hz",
    ),
    "zh": Wording(
        "音高比说话人自己的平均水平高 {gap:.1f} 个半音",
        "音高比说话人自己的平均水平低 {gap:.1f} 个半音",
        "音高与说话人自己的平均水平相当",
        "音高中位数为 {extra:.0f} 赫兹",
    ),
}
_RANGE: Mapping[Language, Wording] = {
    "en": Wording(
        "pitch moves over {value:.1f} semitones, {gap:.1f} more than usual for the speaker",
        "pitch moves over {value:.1f} semitones, {gap:.1f} less than usual for the speaker",
        "pitch moves as much as usual for the speaker ({value:.1f} semitones)",
        "pitch moves over {value:.1f} semitones",
    ),
    "zh": Wording(
        "音高变化范围为 {value:.1f} 个半音，比说话人平时大 {gap:.1f} 个",
        "音高变化范围为 {value:.1f} 个半音，比说话人平时小 {gap:.1f} 个",
        "音高变化范围与说话人平时相当（{value:.1f} 个半音）",
        "音高变化范围为 {value:.1f} 个半音",
    ),
}


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return `f0_level` (semitone re 27.5 Hz) and `f0_range` (semitone, p80 less p20), where they can be measured."""
    level = level_clue(
        evidence,
        turn,
        _level,
        name="f0_level",
        unit="semitone re 27.5 Hz",
        enough=1.0,
        notable=0.5,
        wording=_LEVEL,
        extra=lambda summary: summary.detail["hertz"],
    )
    spread = level_clue(
        evidence, turn, _range, name="f0_range", unit="semitone", enough=2.0, notable=0.7, wording=_RANGE
    )
    return level + spread
