"""What a student says about a voice: three named values, or none and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "silence": "the sound is silent, or constant, or softer than a voice",
        "no speech": "less than a fifth of the sound is speech",
    }
)
"""Why there is no value: the words in `ADV.reason`, and what they mean."""

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "clipped": "the sound is clipped, which sounds like effort: take the value with care",
        "level only": "speech was not told from other sound, because onnxruntime is not installed",
    }
)
"""What weakens a value that is there: the words in `ADV.note`, and what they mean."""


@dataclass(frozen=True, slots=True)
class ADV:
    """Apparent arousal, dominance and valence of a voice, on the 0-1 scale of the teacher and not clipped to it.

    A dimension is None where the student was not trained for it, and all are where `reason` (a key of `REASONS`) says
    why nothing was read.  `note` (a key of `NOTES`) warns of a weak value.
    """

    arousal: float | None = None
    dominance: float | None = None
    valence: float | None = None
    reason: str = ""
    note: str = ""

    @property
    def values(self) -> tuple[float | None, float | None, float | None]:
        """Arousal, dominance, valence."""
        return self.arousal, self.dominance, self.valence


def named(logits: Sequence[float], note: str = "") -> ADV:
    """Return the three outputs of a network by name; NaN, which stands for "nobody trained this", becomes None.

    >>> named([0.5, float("nan"), float("nan")])
    ADV(arousal=0.5, dominance=None, valence=None, reason='', note='')
    """
    arousal, dominance, valence = (None if math.isnan(value) else float(value) for value in logits)
    return ADV(arousal, dominance, valence, note=note)
