"""Affect words of English and Chinese and the labels of the vocabulary that they name.

The tables stand in ``data/affect.en.tsv`` and ``data/affect.zh.tsv``.  They are our own work, written from general
knowledge of the two languages; no existing word list was copied.  Strengths and polarities are estimates by hand
that nobody has rated, and a word has one reading only.  Chinese is covered in simplified characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from openaffect.emotion.labels import VOCABULARY

Kind = Literal["f", "e", "x", "b"]
_SLOTS = {"{P}": ("me", "you", "him", "her", "them", "us", "it"), "{S}": ("my", "your", "his", "her", "their", "our")}
_DATA = Path(__file__).with_name("data")


@dataclass(frozen=True)
class AffectEntry:
    """What a word or phrase says."""

    label: str
    """Key of the vocabulary."""
    strength: float
    """How strongly the bare word says it, 0-1."""
    polarity: float
    """How pleasant what it names is, -1..1; 0 where that is open."""
    kind: Kind
    """``f`` felt by somebody, ``e`` an evaluation, ``x`` said by the speaker about now, ``b`` no affect: it only
    keeps shorter entries from matching inside it ("would like to", 不得不)."""


@cache
def english() -> Mapping[tuple[str, ...], AffectEntry]:
    """Return the English entries by their tokens (`english_tokens`), all inflected forms included.

    >>> english()[("fed", "up")].label, english()[("cried",)].label
    ('frustrated', 'sad')
    """
    found: dict[tuple[str, ...], AffectEntry] = {}
    for text, entry in _rows(_DATA / "affect.en.tsv"):
        for phrase in _spelled_out(text):
            found.setdefault(tuple(token for token, _, _ in english_tokens(phrase)), entry)
    return MappingProxyType(found)


@cache
def chinese() -> Mapping[str, AffectEntry]:
    """Return the Chinese entries by their characters.

    >>> chinese()["受不了"].label
    'annoyed'
    """
    return MappingProxyType(dict(_rows(_DATA / "affect.zh.tsv")))


def _rows(path: Path) -> Iterator[tuple[str, AffectEntry]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        label, strength, polarity, kind, entries = line.split("\t")
        if label not in VOCABULARY or kind not in ("f", "e", "x", "b"):
            raise ValueError(f"{path.name}: no such label or kind: {label}, {kind}")
        entry = AffectEntry(label, float(strength), float(polarity), kind)  # type: ignore[arg-type]
        for text in entries.split("|"):
            yield text, entry


def _spelled_out(text: str) -> Iterator[str]:
    """All phrases that an entry with slots and ``~`` (forms of a regular verb) stands for."""
    choices: list[Sequence[str]] = []
    for word in text.split(" "):
        if word in _SLOTS:
            choices.append(_SLOTS[word])
        elif word.endswith("~"):
            choices.append(verb_forms(word[:-1]))
        else:
            choices.append((word,))
    for words in product(*choices):
        yield " ".join(words)


def verb_forms(verb: str) -> tuple[str, ...]:
    """Return base, -s, -ed and -ing of a regular English verb.

    >>> verb_forms("cry"), verb_forms("despise")[1:], verb_forms("sob")[2:]
    (('cry', 'cries', 'cried', 'crying'), ('despises', 'despised', 'despising'), ('sobbed', 'sobbing'))
    """
    if re.search(r"[^aeiou]y$", verb):
        return verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"
    if verb.endswith("e"):
        return verb, verb + "s", verb + "d", verb[:-1] + "ing"
    third = verb + ("es" if re.search(r"(s|x|z|ch|sh)$", verb) else "s")
    # one short syllable doubles its last consonant: sob, sobbed
    stem = verb + verb[-1] if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb) else verb
    return verb, third, stem + "ed", stem + "ing"


_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|'[^\W\d_]+|\d+|[^\w\s]")
_TAILS = {"'m": "am", "'re": "are", "'ve": "have", "'ll": "will", "'d": "'d", "'s": "'s"}
_SUBJECTS = "it that what he she there who here this how where everything something nothing somebody someone"
_IS_AFTER = frozenset(_SUBJECTS.split())
_SPECIAL_NOT = {"ca": "can", "wo": "will", "sha": "shall", "cannot": "can"}


def english_tokens(text: str) -> list[tuple[str, int, int]]:
    """Return the lower-case tokens of *text* with start and end offsets; contractions are taken apart.

    >>> [token for token, _, _ in english_tokens("I can't wait, it's great!")]
    ['i', 'can', 'not', 'wait', ',', 'it', 'is', 'great', '!']
    """
    found: list[tuple[str, int, int]] = []
    for match in _TOKEN.finditer(text.replace("\u2019", "'").replace("\u2018", "'")):
        found.extend(_parts(match.group().lower(), match.start(), match.end()))
    return found


def _parts(word: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    if word == "cannot" or word.endswith("n't"):
        stem = _SPECIAL_NOT.get(word if word == "cannot" else word[:-3], word[:-3])
        if stem:
            yield stem, start, end
        yield "not", start, end
        return
    for tail, full in _TAILS.items():
        stem = word[: -len(tail)]
        if stem and word.endswith(tail):
            yield stem, start, start + len(stem)
            yield "is" if tail == "'s" and stem in _IS_AFTER else full, start + len(stem), end
            return
    yield word, start, end
