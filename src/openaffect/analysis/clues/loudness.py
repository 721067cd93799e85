"""How loud the voice is, in decibels of the recording."""

from __future__ import annotations

from collections.abc import Mapping

from openaffect.analysis.clues.heard import Wording, level_clue, of_speech
from openaffect.analysis.evidence import Evidence, Language, Turn
from openaffect.encoders import measures
from openaffect.records import Clue

_loudness = of_speech(measures.loudness)

_WORDING: Mapping[Language, Wording] = {
    "en": Wording(
        "voice {gap:.1f} dB louder than the speaker's own average",
        "voice {gap:.1f} dB softer than the speaker's own average",
        "voice as loud as the speaker's own average",
        "voice at {value:.0f} dBFS in the recording",
    ),
    "zh": Wording(
        "声音比说话人自己的平均水平响 {gap:.1f} 分贝",
        "声音比说话人自己的平均水平轻 {gap:.1f} 分贝",
        "音量与说话人自己的平均水平相当",
        "录音中的声音电平为 {value:.0f} dBFS",
    ),
}


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return `loudness`: the mean energy of the voiced frames, dB re full scale.

    The distance to the microphone is in it, so only the departure from the person's own level says anything.
    """
    return level_clue(evidence, turn, _loudness, name="loudness", unit="dB", enough=1.0, notable=1.0, wording=_WORDING)
