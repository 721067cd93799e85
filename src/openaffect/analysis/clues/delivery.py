"""How the words of a turn are put: with emphasis, as a question, with written laughter.

Marks of writing mean most in what a person wrote; a recogniser seldom writes an exclamation mark or a laugh, so their
absence in its transcripts says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from openaffect.analysis.clues.said import certainty, lexical_clue, span_of, words_within
from openaffect.analysis.evidence import Evidence, Turn
from openaffect.records import Clue, Utterance

_CALLS = re.compile("[!！]+")
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_STRETCHED = re.compile(r"\b\w*([a-zA-Z])\1{2,}\w*\b")
_STRONG_ENGLISH = re.compile(
    r"\b(?:very|really|extremely|absolutely|totally|completely|incredibly|utterly|truly|definitely|never ever|so so|"
    r"at all|the hell|fucking|bloody)\b",
    re.IGNORECASE,
)
_STRONG_CHINESE = re.compile(
    "非常|特别|十分|极其|实在|简直|太(?!太|阳|空|极|平)|超级|极了|死了|绝对|根本|千万|到底|真是"
)
_QUESTION = re.compile(r"[^.!?。！？\n]*(?:[?？][?？!！]*|(?:吗|呢)(?=[。.…\s]|$))")
_LAUGHTER = re.compile(
    r"\ba?ha(?:[ -]?ha)+h?\b|\bhe(?:[ -]?he)+\b|\b(?:lol|lmao|rofl)\b|哈{2,}|嘿{2,}|嘻{2,}|[😂🤣😄😆😹]+"
    r"|[\[(（【*][^\])）】*]{0,12}(?:laugh|chuckl|giggl|笑)[^\])）】*]{0,12}[\])）】*]",
    re.IGNORECASE,
)
_INITIALISMS = frozenset(("USA", "BBC", "CNN", "NASA", "FBI", "CIA", "DNA", "GPS", "CEO", "HIV", "ATM", "LED", "PDF"))


def extract(evidence: Evidence, turn: Turn) -> list[Clue]:
    """Return `emphasis`, `question` and `laughter` (counts) of the turn's words; each only where it is at least 1.

    Emphasis counts exclamation marks (at most three in a row), words in capitals, stretched words ("sooo") and strong
    adverbs.  Confidence is 0.6, 0.7 and 0.7 times the certainty of the words, uncalibrated.
    """
    utterance = turn.utterance
    if utterance is None:
        return []
    text = utterance.text
    rows = (
        ("emphasis", 0.6, _emphasis(text), ("put with emphasis", "语气加重")),
        ("question", 0.7, _spans(_QUESTION, text), ("put as a question", "以问句说出")),
        ("laughter", 0.7, _spans(_LAUGHTER, text), ("said with laughter", "带着笑声")),
    )
    return [_clue(evidence, turn, utterance, name, sure, found, how) for name, sure, found, how in rows if found]


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


def _emphasis(text: str) -> list[tuple[int, int]]:
    """Spans in order; each exclamation mark counts on its own."""
    found = [(i, i + 1) for start, end in _spans(_CALLS, text) for i in range(start, min(end, start + 3))]
    if not text.isupper():
        found += [span for span in _spans(_CAPITALS, text) if text[slice(*span)] not in _INITIALISMS]
    for pattern in (_STRETCHED, _STRONG_ENGLISH, _STRONG_CHINESE):
        found += _spans(pattern, text)
    return sorted(set(found))


def _clue(
    evidence: Evidence,
    turn: Turn,
    utterance: Utterance,
    name: str,
    sure: float,
    found: Sequence[tuple[int, int]],
    how: tuple[str, str],
) -> Clue:
    start, end = found[0][0], found[-1][1]
    words = words_within(utterance, start, end)
    quote = _quote(utterance.text, found)
    count = len(found)
    return lexical_clue(
        evidence,
        turn,
        span_of(turn, utterance, words),
        name=name,
        value=float(count),
        unit="count",
        sure=sure * certainty(utterance, words),
        sentences=(f"“{quote}” is {how[0]} ({count}).", f"“{quote}”{how[1]}（{count} 处）。"),
        quote=quote,
    )


def _quote(text: str, found: Sequence[tuple[int, int]]) -> str:
    """The first marked words; a lone mark is quoted with the words before it."""
    for start, end in found:
        if any(letter.isalnum() for letter in text[start:end]):
            return text[start:end].strip()[:80]
    start, end = found[0]
    before = re.split(r"[.!?。！？\n]", text[:start])[-1].strip()
    return (before[-60:] + text[start:end]).strip()
