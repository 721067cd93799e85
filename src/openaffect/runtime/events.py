"""What a stream says: one event a hop."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """What was read from a span of a stream, in seconds since its start.

    A dimension is None where the student was not trained for it, and all are where `reason` says why (a key of
    `openaffect.runtime.adv.REASONS`).
    """

    start: float
    end: float
    arousal: float | None
    dominance: float | None
    valence: float | None
    level: float
    """dBFS of the span; -inf for digital silence."""
    voiced: float | None
    """Share of the span that is speech, 0-1; None without a detector."""
    reason: str = ""
