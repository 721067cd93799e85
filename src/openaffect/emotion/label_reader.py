"""A reader for label lists as people and models really write them.  It never raises and says what it passed over."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_PREFIX = re.compile(r"^(?:(?:输入|输出|翻译|让我们来翻译一下|output|input)\s*[:：]\s*)+", re.IGNORECASE)
_FENCE = re.compile(r"^```\w*\s*|\s*```$")
# 和, 与 and 及 join words only between two Chinese words of two letters: 和 is also a letter of 温和, 平和, 和平.
_BETWEEN = re.compile(
    r"[,;，；、|\x00-\x1f\x7f]+|\s+(?:and|or|&)\s+|^and\s+|\s+\(?\d{1,2}[.):]\s+"
    r"|(?<=[\u4e00-\u9fff]{2})[和与及](?=[\u4e00-\u9fff]{2})",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•·]|\(?\d{1,2}[.):、])\s*")
_OUTSIDE = " \t\"'`“”‘’「」『』[]{}()（）【】<>.。!！?？:："
_NOTHING = {"", "none", "n/a", "na", "nan", "null", "no emotion", "unknown", "无", "没有", "未知"}
_LONGEST_WORDS, _LONGEST = 5, 60
_MOST_TEXT = 20_000


@dataclass(frozen=True)
class LabelReading:
    """The labels that were read, in their order and each once, and what could not be read as a label."""

    labels: tuple[str, ...]
    unread: tuple[str, ...] = ()
    """Pieces that were passed over, each with the reason."""


def read_labels(value: Any) -> LabelReading:
    """Return the labels in *value*: a list, an array, JSON, a Python list, or words with any usual separator.

    Case is kept.  English and Chinese separators, quotation marks, bullets, fences and leaked prefixes are understood;
    apostrophes inside a word stay.  A piece of more than five words or 60 characters is a sentence, not a label, and
    goes to ``unread``.  Words for "no label" (none, n/a, 无 ...) give nothing.  Never raises.

    >>> read_labels("Output: 1. happy; don't care、悲伤 and angry.").labels
    ('happy', "don't care", '悲伤', 'angry')
    >>> read_labels({"emotion": 3}).unread
    ('int where a label was expected: 3',)
    """
    labels: dict[str, None] = {}
    unread: list[str] = []
    for piece in _pieces(value, unread, depth=0):
        word = re.sub(r"^and\s+", "", _BULLET.sub("", piece)).strip(_OUTSIDE)
        if word.lower() in _NOTHING:
            continue
        if "\ufffd" in word:
            unread.append(f"bytes that are no text: {word[:_LONGEST]!r}")
        elif len(word) > _LONGEST or len(word.split()) > _LONGEST_WORDS:
            unread.append(f"a sentence, not a label: {word[:_LONGEST]!r}")
        else:
            labels.setdefault(word)
    return LabelReading(tuple(labels), tuple(unread))


def _pieces(value: Any, unread: list[str], depth: int) -> Iterable[str]:
    """Yield the words of *value*, whatever it is."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        yield from _from_text(value, unread, depth)
    elif isinstance(value, dict | list | tuple | set | frozenset):
        if depth > 8:
            unread.append("lists nested more than eight deep")
            return
        for item in value.values() if isinstance(value, dict) else value:
            yield from _pieces(item, unread, depth + 1)
    else:
        unread.append(f"{type(value).__name__} where a label was expected{_shown(value)}")


def _shown(value: Any) -> str:
    """Return a glimpse of *value*; nothing where it cannot even be written (an integer of thousands of digits)."""
    try:
        return f": {str(value)[:_LONGEST]}"
    except Exception:  # noqa: BLE001 - whatever the __str__ of a stranger does, the reader goes on
        return ""


def _from_text(text: str, unread: list[str], depth: int) -> Iterable[str]:
    if len(text) > _MOST_TEXT:
        unread.append(f"text beyond {_MOST_TEXT} characters: {len(text) - _MOST_TEXT} more")
        text = text[:_MOST_TEXT]
    text = _FENCE.sub("", _PREFIX.sub("", text.strip()))
    literal = _literal(text)
    if literal is not None:
        yield from _pieces(literal, unread, depth + 1)
    else:
        yield from _BETWEEN.split(text)


def _literal(text: str) -> Any:
    """Return the JSON or Python list (or dict) that *text* is, None if it is neither."""
    if text[:1] not in ("[", "{"):
        return None
    for parse in (json.loads, ast.literal_eval):
        try:
            found = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(found, dict | list | tuple | set):
            return found
    return None
