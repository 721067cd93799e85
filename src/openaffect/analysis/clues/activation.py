"""Vocal activation: how fast the spectrum of the voice changes, at any loudness.

Mean level-normalised spectral flux.  On acted game lines sorted into high and low activation by what is said, it ranked
68 of 100 pairs of one actor rightly (chance 50; loudness 65, pitch 67): the best of the single measures here, and weak.
"""

from __future__ import annotations

from collections.abc import Mapping

from openaffect.analysis.clues.heard import Wording, level_clue, of_speech
from openaffect.analysis.evidence import Evidence, Language, Turn
from openaffect.encoders import measures
from openaffect.records import Clue

_activation = of_speech(measures.activation)

_WORDING: Mapping[Language, Wording] = {
    "en": Wording(
        "vocal activation {percent:.0f} % above the speaker's own level",
        "vocal activation {percent:.0f} % below the speaker's own level",
        "vocal activation at the speaker's own level",
        "vocal activation (spectral flux) {value:.2f}",
    ),
    "zh": Wording(
        "声音活跃度比说话人自己的水平高 {percent:.0f}%",
        "声音活跃度比说话人自己的水平低 {percent:.0f}%",
        "声音活跃度与说话人自己的水平相当",
        "声音活跃度（频谱通量）为 {value:.2f}",
    ),
}


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return `vocal_activation`: mean level-normalised spectral flux of the speech, 0 to 1.41, unit "flux"."""
    return level_clue(
        evidence, turn, _activation, name="vocal_activation", unit="flux", enough=1.5, notable=0.03, wording=_WORDING
    )
