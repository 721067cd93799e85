"""Words for emotions in a text, English and Chinese, by our own wheel, and whether they are denied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from openaffect.emotion.labels import VOCABULARY, Entry
from openaffect.emotion.wheel import bundled_wheel

_NOT = re.compile(
    r"(?:\b(?:not|no|never|without|nothing|neither|nor|hardly|cannot|nobody)\b|n[’']t\b)(?:\W+\w+){0,5}\W*$", re.I
)
_NOT_ZH = re.compile(r"(?:没有?|并非|不是|未|毫无|无|不(?![停断住]))[^，。；、]{0,3}$")
_HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z]+(?:[-'’][a-z]+)*", re.I)
_PLAIN = frozenset(
    {"alone", "bold", "content", "firm", "firmly", "fine", "hope", "keen", "moved", "moving", "pleasant", "respect"}
    | {"trust", "understanding", "warm", "wonder", "worth"}
)
"""Words of our wheel that mostly mean something else in a sentence."""


@dataclass(frozen=True)
class Feeling:
    """A word for an emotion, whether it is denied, and what it is said of (``face``, ``words`` or something else)."""

    word: str
    entry: Entry
    denied: bool
    start: int
    about: str = ""


def entry_of(word: str) -> Entry | None:
    """Return the label that *word* means by our own wheel, None where it means none."""
    name = bundled_wheel().cluster(word.strip().lower(), level=2)
    return None if name is None else VOCABULARY.get(name)


def denied(text: str, at: int) -> bool:
    """Return whether a word of denial stands shortly before the place *at* in *text*."""
    before = text[max(0, at - 80) : at]
    return bool(_NOT.search(before) or _NOT_ZH.search(before))


def feelings(text: str) -> Iterator[Feeling]:
    """Yield the words for emotions in *text*, the longest first at each place.

    >>> [(each.entry.name, each.denied) for each in feelings("悲伤, not angry")]
    [('angry', True), ('sad', False)]
    """
    words = [*_WORD.finditer(text)]
    at = 0
    while at < len(words):
        for length in (3, 2, 1):
            span = text[words[at].start() : words[min(at + length, len(words)) - 1].end()]
            if (entry := entry_of(span)) is not None and span.lower() not in _PLAIN:
                yield Feeling(span, entry, denied(text, words[at].start()), words[at].start())
                at += length - 1
                break
        at += 1
    yield from _chinese(text)


@cache
def _longest() -> int:
    return max(len(word) for word in bundled_wheel().entries if _HAN.match(word))


def _chinese(text: str) -> Iterator[Feeling]:
    at = 0
    while at < len(text):
        step = 1
        if _HAN.match(text[at]):
            for length in range(_longest(), 1, -1):
                word = text[at : at + length]
                if len(word) == length and (entry := entry_of(word)) is not None:
                    yield Feeling(word, entry, denied(text, at), at)
                    step = length
                    break
        at += step
