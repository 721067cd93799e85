"""What the words of a turn say about feelings: one clue a label, and how pleasant they are as a whole."""

from __future__ import annotations

import math
from collections.abc import Sequence

from openaffect.analysis.clues.said import certainty, lexical_clue, span_of, words_within
from openaffect.analysis.evidence import Evidence, Turn
from openaffect.emotion.labels import VOCABULARY
from openaffect.encoders.text import Mention, read_affect, sentiment, supported_language
from openaffect.records import Clue, Utterance

LEAST_STRENGTH = 0.2
"""A weaker mention (a question, a condition, somebody else's feeling) is not worth a clue."""


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return an ``affect_LABEL`` (strength, 0-1) for each label that the words carry, and `sentiment` (-1..1).

    A label that several words carry has the strength ``1 - Π(1 - s)`` and the quote of the strongest.  Confidence is
    ``(0.4 + 0.5 · strength) · certainty`` of the quoted words, for the sentiment that of all quotes together, both
    uncalibrated.  Nothing for a turn without words or in a language that is not supported.
    """
    utterance = turn.utterance
    if utterance is None or not supported_language(utterance.language):
        return []
    found = [one for one in read_affect(utterance.text, utterance.language) if one.strength >= LEAST_STRENGTH]
    labels = dict.fromkeys(one.label for one in found)
    clues = [_label(evidence, turn, utterance, [one for one in found if one.label == label]) for label in labels]
    return clues + _sentiment(evidence, turn, utterance, found)


def why_none(utterance: Utterance | None, language: str = "en") -> str:
    """Return why no affect can be read from *utterance*, in *language*; empty when it can be."""
    if utterance is None or supported_language(utterance.language):
        return ""
    said = utterance.language or ("未知" if language == "zh" else "unknown")
    if language == "zh":
        return f"只能从中文和英文的话语中读取情绪，这段话的语言为：{said}。"
    return f"Affect in words can be read in English and Chinese only; the language of these words is {said}."


def _label(evidence: Evidence, turn: Turn, utterance: Utterance, mentions: Sequence[Mention]) -> Clue:
    top = max(mentions, key=lambda one: one.strength)
    strength = 1 - math.prod(1 - one.strength for one in mentions)
    words = words_within(utterance, top.start_char, top.end_char)
    entry = VOCABULARY[top.label]
    turned = (" (negated)", "（否定）") if top.negated else ("", "")
    return lexical_clue(
        evidence,
        turn,
        span_of(turn, utterance, words),
        name=f"affect_{top.label}",
        value=strength,
        unit="strength",
        sure=(0.4 + 0.5 * strength) * certainty(utterance, words),
        sentences=(
            f"The words “{top.quote}”{turned[0]} sound {entry.name} ({strength:.2f}).",
            f"“{top.quote}”{turned[1]}的措辞流露出的情绪：{entry.chinese}（{strength:.2f}）。",
        ),
        quote=top.quote,
        detail={"mentions": float(len(mentions)), "intensity": top.intensity, "negated": float(top.negated)},
    )


def _sentiment(evidence: Evidence, turn: Turn, utterance: Utterance, found: Sequence[Mention]) -> list[Clue]:
    telling = [one for one in found if one.polarity]
    if not telling:
        return []
    score = sentiment(telling)
    top = max(telling, key=lambda one: abs(one.polarity * one.strength))
    words = tuple(w for one in telling for w in words_within(utterance, one.start_char, one.end_char))
    tone = ("neither", "中性") if abs(score) < 0.1 else ("pleasant", "愉快") if score > 0 else ("unpleasant", "不愉快")
    english = "The words are pleasant and unpleasant at once" if tone[0] == "neither" else f"The words are {tone[0]}"
    return [
        lexical_clue(
            evidence,
            turn,
            span_of(turn, utterance, ()),
            name="sentiment",
            value=score,
            unit="score",
            sure=(0.4 + 0.5 * abs(score)) * certainty(utterance, words),
            sentences=(f"{english} ({score:+.2f}).", f"话语总体{tone[1]}（{score:+.2f}）。"),
            quote=top.quote,
            detail={"mentions": float(len(telling))},
        )
    ]
