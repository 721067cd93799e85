"""What a user may choose about an analysis."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

from openaffect.analysis.evidence import Language
from openaffect.errors import UsageError


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Options:
    """Options of `openaffect.analyze`; the defaults need no download, no account and no network."""

    language: Language = "en"
    """Language of the report: ``en`` or ``zh``."""
    reasoner: str = "clues"
    """``clues`` (rules over clues, the default) or ``openai:MODEL``."""
    base_url: str | None = None
    """Address of an OpenAI-compatible server for ``openai:MODEL``."""
    offline: bool = False
    """Forbid every host but this machine."""
    asr: str = "auto"
    """Speech recogniser: ``auto``, ``whisper-base``, ``whisper-tiny.en``, ``none`` or a CTranslate2 folder."""
    speech_language: str | None = None
    """ISO 639-1 code of the speech; None lets the recogniser identify it."""
    transcript: str | None = None
    """A transcript file to use instead of speech recognition."""
    faces: bool = True
    """Look at faces at all."""
    voice: bool = True
    """Measure the voice at all."""
    student: str | None = None
    """Reads arousal, dominance and valence from the voice: ``builtin`` or a folder that ``distill export`` wrote."""
    blur: bool = False
    """Blur faces in every frame that is kept or sent."""
    keep_frames: bool = False
    """Keep each segment's peak frame as a picture beside the results."""
    fast: bool = False
    """Key frames only: much faster, coarser in time."""
    frame_rate: float = 10.0
    """Frames looked at per second of video."""
    one_person: bool = False
    """Take the only face and the only voice for one person, whatever their synchrony; the report says so."""
    max_segment_s: float = 12.0
    """Longest segment in seconds."""
    threads: int = 0
    """Threads for one recording; 0 means all cores that this process may use."""
    seed: int = 0
    """Seed that is sent to a remote reasoner."""

    def __post_init__(self) -> None:
        if self.language not in ("en", "zh"):
            raise UsageError(f"unknown report language '{self.language}'; choose en or zh.")
        if not 0.1 <= self.frame_rate <= 60:
            raise UsageError(f"frame rate {self.frame_rate:g} is out of range; choose 0.1 to 60 frames per second.")
        if not 1 <= self.max_segment_s <= 120:
            raise UsageError(f"segment length {self.max_segment_s:g} s is out of range; choose 1 to 120 seconds.")
        if self.threads < 0:
            raise UsageError(f"{self.threads} threads make no sense; choose 1 or more, or 0 for all cores.")
        if self.reasoner != "clues" and not self.reasoner.startswith("openai:"):
            raise UsageError(f"unknown reasoner '{self.reasoner}'; choose clues or openai:MODEL.")
        if self.reasoner == "openai:":
            raise UsageError("openai: names no model; write for example openai:qwen2.5-omni-7b.")

    @property
    def cores(self) -> int:
        """Threads to use in fact."""
        return self.threads or available_cores()

    def recorded(self) -> dict[str, str]:
        """Return what differs from the defaults, for the report (threads change nothing and are left out)."""
        return {
            f.name: str(getattr(self, f.name))
            for f in fields(self)
            if f.name not in ("threads", "language", "reasoner") and getattr(self, f.name) != f.default
        }
