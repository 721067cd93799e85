"""What a reader of affect in words hands on, and the arithmetic that both languages share.

A mention's strength is the lexicon's strength times the factors of its context, cut at 1.  Negation turns a pleasant
word into a weaker unpleasant one (`NEGATED`, or into nothing), and an unpleasant word into nothing: somebody who is
"not angry" has not said that he is glad.  All factors are estimates by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from openaffect.emotion.lexicon import AffectEntry

NEGATED: Mapping[str, str] = MappingProxyType(
    {
        "happy": "disappointed",
        "content": "disappointed",
        "proud": "disappointed",
        "amused": "annoyed",
        "playful": "annoyed",
        "relieved": "worried",
        "calm": "anxious",
        "hopeful": "helpless",
        "excited": "bored",
        "curious": "bored",
        "trusting": "doubtful",
        "admiring": "doubtful",
        "determined": "doubtful",
        "loving": "sad",
    }
)
"""Label of a negated pleasant word; a pleasant label that is not here says nothing when negated."""
NEGATED_STRENGTH = 0.5
NEGATED_POLARITY = -0.8

QUESTION, OTHER_PERSON, CONDITION, WISH, UNREAL = 0.35, 0.5, 0.4, 0.3, 0.6
BEFORE_BUT, AFTER_BUT = 0.6, 1.15
"""Factors of a question, of somebody else's feeling, of "if", of "wish", of "would", and of the sides of "but"."""


@dataclass(frozen=True)
class Mention:
    """An affect word or phrase in its context; offsets are characters of the text that was read."""

    label: str
    """Key of the vocabulary."""
    strength: float
    """0-1; 0 for a negated word that says nothing, kept so that the negation can be seen."""
    polarity: float
    """-1..1, of the reading after negation."""
    start_char: int
    end_char: int
    quote: str
    """The words, from the negation on if there is one."""
    negated: bool = False
    intensity: float = 1.0
    """Product of what raises or lowers the word itself: intensifiers, capitals, exclamation marks."""


def mention(
    text: str, entry: AffectEntry, span: tuple[int, int], *, negated: bool, intensity: float, context: float
) -> Mention:
    """Return the mention of *entry* at *span* of *text*; *context* is the product of the other factors."""
    strength = min(1.0, entry.strength * intensity * context)
    label, polarity = entry.label, entry.polarity
    if negated:
        turned = NEGATED.get(label) if polarity > 0 else None
        label = turned or label
        strength *= NEGATED_STRENGTH if turned else 0.0
        polarity = NEGATED_POLARITY if turned else 0.0
    quote = text[span[0] : span[1]].strip()
    return Mention(label, round(strength, 4), polarity, *span, quote, negated, round(intensity, 4))


def sentiment(mentions: Iterable[Mention]) -> float:
    """Return how pleasant the mentions are together, -1..1: ``S / sqrt(S² + 0.5)`` with S = Σ polarity · strength.

    >>> from openaffect.encoders.text import read_affect
    >>> round(sentiment(read_affect("I am so happy for you!", "en")), 2)
    0.81
    >>> sentiment([])
    0.0
    """
    total = math.fsum(one.polarity * one.strength for one in mentions)
    return round(total / math.sqrt(total * total + 0.5), 4)
