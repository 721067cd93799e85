"""What the words express: affect words of the turn, negation handled, and the sentiment of the whole."""

from __future__ import annotations

from collections import defaultdict

from openaffect.analysis.evidence import Evidence, Turn
from openaffect.emotion.labels import VOCABULARY
from openaffect.encoders.text import Mention, read_affect, sentiment, supported_language
from openaffect.records import Clue, Utterance

_ASSUMED = 0.8
"""Factor when the language of the words was assumed, not identified."""
_UNKNOWN_SOUND = 0.9
"""Certainty of a recognised word whose probability is not known."""


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return a clue for each affect label in the words of the turn, strongest first, and their sentiment.

    Nothing where there are no words, or where they are in a language without a lexicon.
    """
    said = turn.utterance
    if said is None or not supported_language(said.language):
        return []
    mentions = read_affect(said.text, said.language)
    groups: dict[str, list[Mention]] = defaultdict(list)
    for found in mentions:
        if found.strength > 0:
            groups[found.label].append(found)
    ranked = sorted(groups.items(), key=lambda group: (-max(m.strength for m in group[1]), group[0]))
    clues = [_clue(evidence, turn, said, label, found) for label, found in ranked]
    return [*clues, _sentiment(evidence, turn, said, mentions)] if clues else []


def _clue(evidence: Evidence, turn: Turn, said: Utterance, label: str, found: list[Mention]) -> Clue:
    best = max(found, key=lambda m: (m.strength, -m.start_char))
    start, end = times_of(said, best, turn)
    name = VOCABULARY[label].text(evidence.language)
    if evidence.language == "zh":
        sentence = f"话语“{best.quote}”表达了“{name}”（强度 {best.strength:.2f}{'，含否定' if best.negated else ''}）。"
    else:
        note = ", with a negation" if best.negated else ""
        sentence = f"The words “{best.quote}” express “{name}” (strength {best.strength:.2f}{note})."
    return Clue(
        id="",
        modality="lexical",
        person=turn.person,
        start=start,
        end=end,
        name=f"affect_{label}",
        value=round(best.strength, 4),
        unit="strength",
        sentence=sentence,
        confidence=confidence(said, best),
        quote=best.quote,
        detail={"mentions": float(len(found)), "polarity": round(best.polarity, 4)},
    )


def confidence(said: Utterance, found: Mention) -> float:
    """Return ``(0.4 + 0.5 · strength) · p · a``: word probability *p*, and *a* = 0.8 for an assumed language.

    A lexicon is never sure, so 0.9 is the most that it gives; a negated reading counts a fifth less.
    """
    known = [
        word.probability for word in said.words if word.probability is not None and word.text.strip() in found.quote
    ]
    heard = sum(known) / len(known) if known else (_UNKNOWN_SOUND if said.source.startswith("asr:") else 1.0)
    assumed = _ASSUMED if said.language_source == "assumed" else 1.0
    negated = 0.8 if found.negated else 1.0
    return round(min(1.0, (0.4 + 0.5 * found.strength) * heard * assumed * negated), 4)


def times_of(said: Utterance, found: Mention, turn: Turn) -> tuple[float, float]:
    """Return the span of the quoted words inside *turn*, by word times where there are any, else the whole utterance."""
    at, covered = 0, []
    for word in said.words:
        text = word.text.strip()
        place = said.text.find(text, at)
        if place < 0:
            continue
        at = place + len(text)
        if place < found.end_char and at > found.start_char:
            covered.append(word)
    start, end = (covered[0].start, covered[-1].end) if covered else (said.start, said.end)
    start = min(max(start, turn.start), turn.end)
    return start, min(max(end, start), turn.end)


def _sentiment(evidence: Evidence, turn: Turn, said: Utterance, mentions: list[Mention]) -> Clue:
    value = sentiment(mentions)
    best = max(mentions, key=lambda m: (m.strength, -m.start_char))
    english, chinese = (
        ("positive", "偏正面") if value > 0.05 else ("negative", "偏负面") if value < -0.05 else ("mixed", "正负参半")
    )
    sentence = (
        f"话语整体{chinese}（{value:+.2f}）。"
        if evidence.language == "zh"
        else f"The words are {english} as a whole ({value:+.2f})."
    )
    return Clue(
        id="",
        modality="lexical",
        person=turn.person,
        start=turn.start,
        end=turn.end,
        name="sentiment",
        value=round(value, 4),
        unit="-1..1",
        sentence=sentence,
        confidence=round(0.9 * confidence(said, best), 4),
        quote=best.quote,
    )
