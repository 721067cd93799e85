"""Voice quality, where the sound allows it: how much of the voice is tone and how much is noise."""

from __future__ import annotations

from collections.abc import Mapping

from openaffect.analysis.clues.heard import Wording, level_clue, of_speech
from openaffect.analysis.evidence import Evidence, Language, Turn
from openaffect.encoders import measures
from openaffect.records import Clue

_quality = of_speech(measures.voice_quality)

_WORDING: Mapping[Language, Wording] = {
    "en": Wording(
        "voice clearer than usual for the speaker (harmonics-to-noise ratio {gap:.1f} dB higher)",
        "voice rougher or breathier than usual for the speaker (harmonics-to-noise ratio {gap:.1f} dB lower)",
        "voice as clear as usual for the speaker (harmonics-to-noise ratio {value:.0f} dB)",
        "harmonics-to-noise ratio of the voice {value:.0f} dB",
    ),
    "zh": Wording(
        "嗓音比说话人平时更清亮（谐噪比高 {gap:.1f} 分贝）",
        "嗓音比说话人平时更粗糙或带气声（谐噪比低 {gap:.1f} 分贝）",
        "嗓音与说话人平时一样清亮（谐噪比 {value:.0f} 分贝）",
        "嗓音的谐噪比为 {value:.0f} 分贝",
    ),
}


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return `voice_quality`: median harmonics-to-noise ratio below 4 kHz, dB; nothing in noisy or short sound."""
    return level_clue(
        evidence, turn, _quality, name="voice_quality", unit="dB", enough=2.0, notable=1.5, wording=_WORDING
    )
