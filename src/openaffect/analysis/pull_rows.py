"""The numbers behind `pulls`: how far the expression net is trusted, and how each measured level pulls.

All of them are our estimates; none was fitted to data.  The voice follows Scherer (2003) and Juslin & Laukka (2003) in
sign; the sizes hold on average over people and fail for many single ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

AXES = ("arousal", "dominance", "valence")

RELIABILITY: Mapping[str, float] = MappingProxyType(
    {
        "happy": 0.95,
        "surprised": 0.85,
        "neutral": 0.80,
        "sad": 0.75,
        "fearful": 0.65,
        "angry": 0.60,
        "disgusted": 0.55,
    }
)
"""How far the expression net's word is taken.  It is a small net of the FER kind: on posed photographs it was right
on smiles and surprise, and took closed-mouth anger for sadness and disgust for neutral."""

EXPRESSION_FAMILIES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "neutral": {"neutral": 0.6, "calm": 0.4, "boredom": 0.15},
        "happy": {"joy": 1.0, "love": 0.5, "pride": 0.4, "calm": 0.3},
        "sad": {"sadness": 1.0, "shame": 0.35, "boredom": 0.3, "anger": 0.2},
        "angry": {"anger": 1.0, "disgust": 0.4},
        "fearful": {"fear": 1.0, "surprise": 0.4, "sadness": 0.2},
        "disgusted": {"disgust": 1.0, "anger": 0.5},
        "surprised": {"surprise": 1.0, "fear": 0.3, "interest": 0.3, "joy": 0.2},
    }
)
"""Families that an expression admits.  The side entries are the confusions that people and nets make."""

EXPRESSION_AXES: Mapping[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = MappingProxyType(
    {  # (offset, gain with intensity) for arousal, dominance, valence; centred, -1..1
        "neutral": ((-0.1, 0.0), (0.0, 0.0), (0.0, 0.0)),
        "happy": ((-0.1, 0.6), (0.1, 0.2), (0.35, 0.6)),
        "sad": ((-0.2, -0.3), (-0.3, -0.2), (-0.3, -0.6)),
        "angry": ((0.2, 0.6), (0.2, 0.4), (-0.4, -0.4)),
        "fearful": ((0.2, 0.7), (-0.2, -0.5), (-0.3, -0.5)),
        "disgusted": ((0.0, 0.4), (0.1, 0.2), (-0.4, -0.4)),
        "surprised": ((0.2, 0.7), (-0.1, -0.2), (0.0, 0.1)),
    }
)


REACH = 0.85
"""Farthest place on an axis that a voice or a movement alone can show: no fury from loudness."""


@dataclass(frozen=True)
class Measure:
    """How a measured level pulls: `scale` is the departure that counts as large (tanh reaches 0.76 there)."""

    scale: float
    arousal: float = 0.0
    dominance: float = 0.0
    flatness: float = 0.0
    """Weight with which a *lowered* value speaks for displeasure; a raised one never speaks for pleasure."""
    relative: bool = False
    """Whether the departure is taken relative to the baseline."""


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "f0_level": Measure(3.0, arousal=0.8, dominance=-0.15, flatness=0.1),
        "f0_range": Measure(3.0, arousal=0.5, flatness=0.4),
        "loudness": Measure(5.0, arousal=0.7, dominance=0.5),
        "speaking_rate": Measure(1.2, arousal=0.5, flatness=0.15),
        "vocal_activation": Measure(0.35, arousal=0.8, flatness=0.1, relative=True),
        "voice_quality": Measure(4.0, arousal=-0.15, dominance=0.15),
        "head_motion": Measure(0.5, arousal=0.25, relative=True),
    }
)
