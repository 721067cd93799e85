"""What the clue extractors look at: the measured curves of one recording, and whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from openaffect.encoders.prosody import Prosody
from openaffect.encoders.tracks import FaceTrack
from openaffect.records import Utterance

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Turn:
    """One person in one span; `face` and `voice` name the tracks that belong to the person."""

    person: str
    start: float
    end: float
    face: str | None = None
    voice: str | None = None
    utterance: Utterance | None = None


@dataclass(frozen=True)
class Evidence:
    """All that was measured on one recording; absent modalities are empty."""

    duration: float
    language: Language = "en"
    """Language of the sentences, not of the speech."""
    faces: Mapping[str, FaceTrack] = field(default_factory=dict)
    prosody: Prosody | None = None
    speech: tuple[tuple[float, float], ...] = ()
    """Spans with speech by the voice activity detector, ordered, seconds."""
    turns: tuple[Turn, ...] = ()
    """All turns of the recording; the person's own baseline is taken over that person's turns."""
