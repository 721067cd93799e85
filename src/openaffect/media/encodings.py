"""Bytes of a transcript to text, by rules that always give the same answer.

In this order: a byte order mark; UTF-16 by its zero bytes; UTF-8; then the national encoding whose reading holds the
largest share of that language's most common letters.  The last step is a guess and is said to be one.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# The most common letters outside ASCII: what a right reading is full of and a wrong one is not.
_BOTH = "的一是不了在人有我他中上大和地到以就出可也你生能而子那得自之年下作好吧很都呢啊"
_SIMPLIFIED = _BOTH + "这个们来为国说时要会对于着过发后里吗没"
_TRADITIONAL = _BOTH + "這個們來為國說時要會對於著過發後裡嗎沒"
_KANA = (
    "あいうえおかがきくけこさしすせそただちつてでとどなにのはばまみむめもやよらりるれろわをんっゃゅょ"
    "アイウオカキクコサシスセタチッテデトドナニノハフマメュョラリルレロンー"
)
_HANGUL = "이다는의에가을를하고은지기도로한사나아니요그어서있게들만자라시오전해대인리여수정제보일원부"
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцОНВПЯТЭ"
_MIXED = re.compile("[A-Za-z][а-яА-Я]|[а-яА-Я][A-Za-z]")
_LATIN = "éèêëàâäáãåæçíîïìñóôöòøœúûüùßÉÈÀÄÁÇÍÑÓÖÜØÅ’‘“”–—…«»¿¡"
_PUNCTUATION = ",。!?、:;「」『』…—“”()"
_GUESSES = (
    ("gb18030", _SIMPLIFIED + _PUNCTUATION),
    ("big5", _TRADITIONAL + _PUNCTUATION),
    ("shift_jis", _KANA + _PUNCTUATION),
    ("euc_kr", _HANGUL + _PUNCTUATION),
    ("cp1251", _CYRILLIC),
    ("cp1252", _LATIN),
)


@dataclass(frozen=True)
class Decoded:
    """Text, the encoding that it was read in, and whether the encoding is a guess."""

    text: str
    encoding: str
    guessed: bool = False


def decode_text(raw: bytes) -> Decoded | None:
    """Return *raw* as text, or None when it is not text in any encoding that is known here.

    >>> decode_text("我很高兴".encode("gb18030")).encoding
    'gb18030'
    >>> decode_text("très heureux".encode("cp1252")).text
    'très heureux'
    >>> decode_text(bytes(range(256))) is None
    True
    """
    found = _by_mark(raw) or _by_zeros(raw) or _strict(raw, "utf-8") or _guess(raw)
    return found if found is not None and _is_text(found.text) else None


def _strict(raw: bytes, encoding: str, *, guessed: bool = False) -> Decoded | None:
    try:
        return Decoded(raw.decode(encoding), encoding.removesuffix("-sig"), guessed)
    except UnicodeDecodeError:
        return None


def _by_mark(raw: bytes) -> Decoded | None:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            # A cut file may end in half a character; the mark leaves no doubt about the rest.
            return Decoded(raw.decode(encoding, "replace"), encoding.removesuffix("-sig"))
    return None


def _by_zeros(raw: bytes) -> Decoded | None:
    """UTF-16 without a mark: line ends, digits and spaces have a zero byte, always on the same side."""
    even, odd = raw[0::2].count(0), raw[1::2].count(0)
    if len(raw) < 4 or max(even, odd) * 20 < len(raw) or min(even, odd) * 20 > max(even, odd):
        return None
    return _strict(raw, "utf-16-le" if odd > even else "utf-16-be", guessed=True)


def _guess(raw: bytes) -> Decoded | None:
    best, best_score = None, 0.0
    for encoding, common in _GUESSES:
        found = _strict(raw, encoding, guessed=True)
        score = _score(found.text, common) if found else 0.0
        if found is not None and score > best_score:
            best, best_score = found, score
    return best or _strict(raw, "cp1252", guessed=True) or _strict(raw, "latin-1", guessed=True)


def _score(text: str, common: str) -> float:
    """The share of common letters among those outside ASCII."""
    part = text[:20000]
    foreign = [c for c in part if c > "\x7f"]
    if common is _CYRILLIC and _MIXED.search(part):
        return 0.0  # "cafй": no word is half Russian, half Latin
    return sum(c in common for c in foreign) / len(foreign) if foreign else 0.0


def _is_text(text: str) -> bool:
    """Whether control characters are as rare as in text (none but white space, a few stray ones forgiven)."""
    part = text[:100000]
    odd = sum(1 for c in part if (c < " " and c not in "\t\n\r\f\v\x1b") or "\x7f" <= c <= "\x9f" or c == "\ufffd")
    return odd <= len(part) // 200 and "\x00" not in part
