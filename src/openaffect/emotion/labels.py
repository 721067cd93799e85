"""The open vocabulary of apparent emotion: labels in English and Chinese with their place in the affect space.

The table stands in ``labels.tsv`` beside this file.  The anchors (arousal, dominance, valence on 0–1, neutral in
the middle) are **our own estimates**, set by hand after the published geometry of the field: the circumplex
(Russell 1980), the PAD space (Mehrabian 1996), graded primary emotions and their blends (Plutchik 1980), the tree of
shared words (Parrott 2001) and the feeling wheel (Willcox 1982).  No table of those authors was copied, and nobody
has rated these words for us, so treat differences below 0.1 as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from openaffect.emotion.label_sets import LABEL_SETS as LABEL_SETS
from openaffect.emotion.label_sets import LabelSet as LabelSet
from openaffect.emotion.label_sets import label_map as label_map
from openaffect.errors import UsageError
from openaffect.lookup import suggest

FAMILY_CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "joy": "喜悦",
        "love": "爱",
        "pride": "自豪",
        "surprise": "惊讶",
        "interest": "兴趣",
        "sadness": "悲伤",
        "fear": "恐惧",
        "anger": "愤怒",
        "disgust": "厌恶",
        "shame": "羞愧",
        "calm": "平静",
        "boredom": "倦怠",
        "neutral": "中性",
        "mixed": "混合",
    }
)
"""Coarse families and their Chinese names; ``mixed`` holds blends that belong to no single one."""

FAMILIES = tuple(FAMILY_CHINESE)

_FURTHEST = math.dist((0.5, 0.5, 0.5), (1.0, 1.0, 1.0))


@dataclass(frozen=True)
class Entry:
    """One label.  `arousal`, `dominance` and `valence` lie in 0–1 and are our estimates."""

    name: str
    """English, the key of the vocabulary."""
    chinese: str
    family: str
    use: str
    """``everyday`` (preferred where two words fit equally well), ``ordinary``, or ``named``: a word for a cause, a
    relation or a blend that no face and no voice can show, so that only words or a contradiction bring it up."""
    arousal: float
    dominance: float
    valence: float
    parts: tuple[str, ...] = ()
    """The families that a blend is made of; empty for a plain label."""

    @property
    def anchor(self) -> tuple[float, float, float]:
        """Arousal, dominance, valence, centred: each in -1..1, neutral near zero."""
        return (2 * self.arousal - 1, 2 * self.dominance - 1, 2 * self.valence - 1)

    @property
    def intensity(self) -> float:
        """How far the label lies from the neutral middle, 0–1.

        >>> VOCABULARY["furious"].intensity > VOCABULARY["annoyed"].intensity
        True
        """
        return math.dist((self.arousal, self.dominance, self.valence), (0.5, 0.5, 0.5)) / _FURTHEST

    def text(self, language: str) -> str:
        """Return the label in *language* (``"zh"`` gives Chinese, anything else English)."""
        return self.chinese if language == "zh" else self.name


def _parts(field: str) -> tuple[str, ...]:
    return () if field == "-" else tuple(field.split("+"))


def parse_table(text: str) -> dict[str, Entry]:
    """Return the vocabulary that *text* (the TSV with its header line) holds, in the order of its lines.

    Raises `ValueError` for a row with a missing field or a number that is none.

    >>> head = "name\\tchinese\\tfamily\\tuse\\tarousal\\tdominance\\tvalence\\tparts\\n"
    >>> parse_table(head + "happy\\t高兴\\tjoy\\teveryday\\t0.65\\t0.62\\t0.88\\t-\\n")["happy"].valence
    0.88
    """
    entries = {}
    for line in text.splitlines()[1:]:
        name, chinese, family, use, arousal, dominance, valence, parts = line.split("\t")
        where = (float(arousal), float(dominance), float(valence))
        entries[name] = Entry(name, chinese, family, use, *where, () if parts == "-" else tuple(parts.split("+")))
    return entries


VOCABULARY: Mapping[str, Entry] = MappingProxyType(
    parse_table(Path(__file__).with_name("labels.tsv").read_text(encoding="utf-8"))
)
"""English name → entry, 181 labels."""


@cache
def _by_chinese() -> dict[str, Entry]:
    return {entry.chinese: entry for entry in VOCABULARY.values()}


def find_label(name: str) -> Entry:
    """Return the entry whose English or Chinese name is *name* (case and outer blanks do not matter).

    Raises `UsageError` that names the nearest label.

    >>> find_label("悲伤").name
    'sad'
    >>> find_label(" Joyful ").chinese
    '欢喜'
    """
    key = name.strip()
    entry = VOCABULARY.get(key.lower()) or _by_chinese().get(key)
    if entry is None:
        near = suggest(key.lower(), VOCABULARY)
        raise UsageError(f"unknown emotion label '{name}'{near} `openaffect.emotion.labels.VOCABULARY` lists all.")
    return entry


def closeness(first: Entry, second: Entry) -> float:
    """Return how near two labels lie in the affect space, 0–1: ``exp(-d² / (2 · 0.5²))`` over the centred anchors.

    >>> closeness(VOCABULARY["sad"], VOCABULARY["sad"])
    1.0
    >>> round(closeness(VOCABULARY["sad"], VOCABULARY["happy"]), 3)
    0.002
    """
    return math.exp(-(math.dist(first.anchor, second.anchor) ** 2) / 0.5)
