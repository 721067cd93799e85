"""Affect in English words: longest phrase first, then negation, subject, mood and emphasis around it.

A bag of rules over tokens, not a parser: it does not see irony, does not know who a name is, and takes the first
reading of a word.  The work is linear in the length of the text, for every look around is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from openaffect.emotion.lexicon import AffectEntry, english, english_tokens
from openaffect.encoders.mentions import (
    AFTER_BUT,
    BEFORE_BUT,
    CONDITION,
    OTHER_PERSON,
    QUESTION,
    UNREAL,
    WISH,
    Mention,
    mention,
)

Token = tuple[str, int, int]

NEGATORS = frozenset(
    ("not", "never", "no", "without", "hardly", "barely", "scarcely", "neither", "nor", "nobody", "nothing", "none")
)
BOOSTERS = {
    "very": 1.2,
    "so": 1.15,
    "really": 1.15,
    "extremely": 1.35,
    "absolutely": 1.3,
    "totally": 1.25,
    "completely": 1.25,
    "incredibly": 1.3,
    "deeply": 1.25,
    "utterly": 1.3,
    "truly": 1.15,
    "super": 1.2,
    "too": 1.1,
    "such": 1.1,
    "terribly": 1.25,
    "awfully": 1.2,
    "fucking": 1.3,
    "damn": 1.2,
    "most": 1.2,
}
LOWERING = {
    "slightly": 0.6,
    "somewhat": 0.65,
    "little": 0.65,
    "bit": 0.65,
    "kinda": 0.7,
    "sorta": 0.7,
    "kind": 0.7,
    "sort": 0.7,
    "fairly": 0.85,
    "rather": 0.9,
    "almost": 0.6,
    "less": 0.5,
}
_FILLERS = frozenset(("a", "an", "the", "of", "to", "by", "with", "that", "be", "as", "more", "just"))
_CLAUSE_ENDS = frozenset((",", ";", ":", "(", ")", "—", "–", "but", "because", "although", "though", "however"))
_SENTENCE_ENDS = frozenset((".", "!", "?", "…", "。", "！", "？"))
_FIRST = frozenset(("i", "we", "me", "us", "my", "our", "myself", "ourselves"))
_OTHERS = frozenset(("you", "your", "he", "she", "they", "him", "her", "them", "his", "their"))
_BEFORE_OBJECT = frozenset(("for", "of", "with", "at", "to", "about", "by", "from", "on", "than", "without"))
_UNREAL = frozenset(("would", "could", "might", "may", "should", "'d"))
_EXPECTED = frozenset(("thought", "expected", "supposed", "believed"))
_IF = frozenset(("if", "unless", "whether"))
_LOOK_BACK = 12
_SCOPE = 5
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


@dataclass(frozen=True)
class _Hit:
    first: int
    last: int
    """Index behind the last token."""
    entry: AffectEntry


@dataclass(frozen=True)
class _Sentence:
    first: int
    last: int
    asks: bool
    calls: int
    """Exclamation marks, at most 3."""
    but: int | None
    """Index of the last "but" or "however"."""


def read_english(text: str) -> list[Mention]:
    """Return the mentions in *text*, in order."""
    tokens = [(_STRETCHED.sub(r"\1", word), start, end) for word, start, end in english_tokens(text)]
    hits = list(_hits(tokens))
    taken = bytearray(len(tokens))
    for hit in hits:
        taken[hit.first : hit.last] = b"\x01" * (hit.last - hit.first)
    shouting = not text.isupper()
    found = []
    at = iter(_sentences(text, tokens))
    sentence = next(at, None)
    for hit in hits:
        while sentence is not None and hit.first >= sentence.last:
            sentence = next(at, None)
        if hit.entry.kind != "b" and sentence is not None:
            found.append(_read(text, tokens, taken, hit, sentence, capitals=shouting))
    return found


@cache
def _longest() -> dict[str, int]:
    """First token of a phrase to the length of the longest phrase that begins so."""
    longest: dict[str, int] = {}
    for phrase in english():
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return longest


def _hits(tokens: Sequence[Token]) -> Iterator[_Hit]:
    table, longest = english(), _longest()
    here = 0
    while here < len(tokens):
        for size in range(min(longest.get(tokens[here][0], 0), len(tokens) - here), 0, -1):
            entry = table.get(tuple(token[0] for token in tokens[here : here + size]))
            if entry is not None:
                yield _Hit(here, here + size, entry)
                here += size
                break
        else:
            here += 1


def _sentences(text: str, tokens: Sequence[Token]) -> Iterator[_Sentence]:
    first = 0
    for here, (word, _, end) in enumerate(tokens):
        final = here + 1 == len(tokens)
        closes = word in _SENTENCE_ENDS and (final or tokens[here + 1][0] not in _SENTENCE_ENDS)
        if final or closes or "\n" in text[end : tokens[here + 1][1]]:
            words = [token[0] for token in tokens[first : here + 1]]
            tail = words[-4:]
            buts = [first + i for i, one in enumerate(words) if one in ("but", "however")]
            yield _Sentence(first, here + 1, "?" in tail, min(3, tail.count("!")), buts[-1] if buts else None)
            first = here + 1


def _read(
    text: str, tokens: Sequence[Token], taken: bytearray, hit: _Hit, sentence: _Sentence, *, capitals: bool
) -> Mention:
    clause = _clause_start(tokens, hit.first, sentence.first)
    negation = _negation(tokens, taken, hit, clause)
    intensity = _intensity(tokens, hit, clause) * (1 + 0.05 * sentence.calls)
    quoted = text[tokens[hit.first][1] : tokens[hit.last - 1][2]]
    if capitals and quoted.isupper() and len(quoted) > 2:
        intensity *= 1.15
    context = _context(tokens, hit, sentence, clause)
    start = tokens[hit.first if negation is None else negation][1]
    span = (start, tokens[hit.last - 1][2])
    return mention(text, hit.entry, span, negated=negation is not None, intensity=intensity, context=context)


def _clause_start(tokens: Sequence[Token], here: int, floor: int) -> int:
    for index in range(here - 1, max(floor, here - _LOOK_BACK) - 1, -1):
        if tokens[index][0] in _CLAUSE_ENDS:
            return index + 1
    return max(floor, here - _LOOK_BACK)


def _negation(tokens: Sequence[Token], taken: bytearray, hit: _Hit, clause: int) -> int | None:
    """Index of the word that negates the hit; None without one, or with two that cancel out."""
    found = []
    for index in range(hit.first - 1, max(clause, hit.first - _SCOPE) - 1, -1):
        word = tokens[index][0]
        if taken[index]:
            continue
        if word == "no" and hit.first - index > 2:
            break
        if word in NEGATORS:
            found.append(index)
        elif word in ("i", "we", "he", "she", "they") and index > clause and tokens[index - 1][0] in ("and", "no"):
            break
    return found[-1] if len(found) % 2 else None


def _intensity(tokens: Sequence[Token], hit: _Hit, clause: int) -> float:
    product = 1.0
    for index in range(hit.first - 1, max(clause, hit.first - 4) - 1, -1):
        word = tokens[index][0]
        if word not in _FILLERS and word not in BOOSTERS and word not in LOWERING:
            break
        product *= BOOSTERS.get(word, LOWERING.get(word, 1.0))
    return min(1.5, product)


def _context(tokens: Sequence[Token], hit: _Hit, sentence: _Sentence, clause: int) -> float:
    """Product of the factors of subject, question, condition, wish and "but"."""
    factor = 1.0
    idiom = hit.last - hit.first >= 3
    before = [token[0] for token in tokens[clause : hit.first]]
    if hit.entry.kind == "f":
        factor *= _subject(tokens, hit, before)
    if sentence.asks and hit.entry.kind != "x" and not idiom:
        factor *= QUESTION if factor < 1 or not _FIRST.intersection(before) else 0.9
    if hit.entry.kind != "x" and not idiom:
        factor *= _mood(before)
    if sentence.but is not None:
        factor *= BEFORE_BUT if hit.first < sentence.but else AFTER_BUT
    return factor


def _subject(tokens: Sequence[Token], hit: _Hit, before: Sequence[str]) -> float:
    after = tokens[hit.last][0] if hit.last < len(tokens) else ""
    if after in ("me", "us"):  # "he betrayed me": the feeling is the speaker's
        return 1.0
    for index in range(len(before) - 1, -1, -1):
        if index and before[index - 1] in _BEFORE_OBJECT:
            continue
        if before[index] in _FIRST:
            return 1.0
        if before[index] in _OTHERS:
            return OTHER_PERSON
    return 1.0


def _mood(before: Sequence[str]) -> float:
    """Factor of "if", "wish", "would" and "thought it would" in the clause before the hit."""
    if "wish" in before:
        return WISH
    if _IF.intersection(before):
        return CONDITION
    factor = UNREAL if _UNREAL.intersection(before[-4:]) else 1.0
    if _EXPECTED.intersection(before):
        factor *= 0.5
    if list(before[-2:]) == ["to", "be"] and {"want", "wanted", "try", "trying", "tried", "used"} & set(before):
        factor *= 0.5
    return factor
