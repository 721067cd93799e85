"""Affect in words: which feelings a text names or betrays, how strongly, and where it says so.

A lexicon with rules, for English and Chinese.  It reads what is on the page: irony, allusion and what goes without
saying escape it, and what somebody writes need not be what they feel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from openaffect.encoders.chinese_affect import read_chinese
from openaffect.encoders.english_affect import read_english
from openaffect.encoders.mentions import Mention, sentiment

READERS: Mapping[str, Callable[[str], list[Mention]]] = MappingProxyType({"en": read_english, "zh": read_chinese})
"""ISO 639-1 code → reader.  Another language is a table of words, a file of rules and one line here."""


def supported_language(language: str | None) -> bool:
    """Return whether affect can be read in *language* (ISO 639-1; a region as in ``en-GB`` does not matter).

    >>> supported_language("zh"), supported_language("fr"), supported_language(None)
    (True, False, False)
    """
    return _base(language) in READERS


def read_affect(text: str, language: str | None) -> list[Mention]:
    """Return the affect words and phrases of *text* in order; empty for a language that is not supported.

    Never raises on any text; takes time in proportion to its length.

    >>> [(m.label, m.negated, m.quote) for m in read_affect("I'm fed up. Not happy at all.", "en")]
    [('frustrated', False, 'fed up'), ('disappointed', True, 'Not happy')]
    >>> [(m.label, m.quote) for m in read_affect("我没有生气，只是很难过。", "zh") if m.strength]
    [('sad', '难过')]
    """
    reader = READERS.get(_base(language))
    return reader(text) if reader else []


def _base(language: str | None) -> str:
    return (language or "").lower().replace("_", "-").partition("-")[0]


__all__ = ["READERS", "Mention", "read_affect", "sentiment", "supported_language"]
