"""What the passes over the media gave, before anybody reasons about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from openaffect.encoders.prosody import Prosody
from openaffect.encoders.tracks import FaceTrack
from openaffect.records import Media, Modality, ModalityState, ModelUse, Utterance

Span = tuple[float, float]


@dataclass(frozen=True)
class Heard:
    """The voice curves and the spans with speech."""

    prosody: Prosody
    speech: tuple[Span, ...]


@dataclass(frozen=True)
class Findings:
    """Everything that was measured on one recording."""

    media: Media
    heard: Heard | None = None
    faces: Mapping[str, FaceTrack] = field(default_factory=dict)
    utterances: tuple[Utterance, ...] = ()
    recogniser: ModelUse | None = None
    states: Mapping[Modality, ModalityState] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
