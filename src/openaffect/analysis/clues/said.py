"""What the lexical clues share: where the words of a turn lie in time, and how far they are believed."""

from __future__ import annotations

from openaffect.analysis.evidence import Evidence, Turn
from openaffect.records import Clue, Span, Utterance, Word

ASSUMED_LANGUAGE = 0.8
"""Factor on the confidence where the language was not identified or given."""
MOST_SURE = 0.9


def words_within(utterance: Utterance, start: int, end: int) -> tuple[Word, ...]:
    """Return the timed words that lie in characters *start* to *end* of the utterance's text.

    Words are looked up in order; one that the text does not hold (it was edited) is passed over.
    """
    found, at = [], 0
    for word in utterance.words:
        here = utterance.text.find(word.text, at)
        if here < 0:
            continue
        at = here + len(word.text)
        if here < end and at > start:
            found.append(word)
    return tuple(found)


def span_of(turn: Turn, utterance: Utterance, words: tuple[Word, ...]) -> Span:
    """Return the span of *words*, or of the utterance where there are none, inside the turn."""
    start, end = (words[0].start, words[-1].end) if words else (utterance.start, utterance.end)
    start = min(max(start, turn.start), turn.end)
    return Span(start=start, end=min(max(end, start), turn.end))


def certainty(utterance: Utterance, words: tuple[Word, ...]) -> float:
    """Return how far the words are believed, 0-1: the mean probability that the recogniser gave them (1 for writing),
    times `ASSUMED_LANGUAGE` where nobody identified or gave the language.
    """
    given = [word.probability for word in words or utterance.words if word.probability is not None]
    heard = sum(given) / len(given) if given else 1.0
    return heard * (1.0 if utterance.language_source in ("identified", "given") else ASSUMED_LANGUAGE)


def lexical_clue(
    evidence: Evidence,
    turn: Turn,
    span: Span,
    *,
    name: str,
    value: float,
    unit: str,
    sure: float,
    sentences: tuple[str, str],
    quote: str | None,
    detail: dict[str, float] | None = None,
) -> Clue:
    """Return a lexical clue; *sentences* are the English and the Chinese one, *sure* is cut at `MOST_SURE`."""
    return Clue(
        id="",
        modality="lexical",
        person=turn.person,
        start=span.start,
        end=span.end,
        name=name,
        value=round(value, 4),
        unit=unit,
        sentence=sentences[1] if evidence.language == "zh" else sentences[0],
        confidence=round(min(MOST_SURE, max(0.0, sure)), 3),
        detail=detail or {},
        quote=quote,
    )
