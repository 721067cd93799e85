"""The numbers in an explanation, held against the numbers of the clues: value, usual level, change, per cent, times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openaffect.records import Clue

_UNITS = (
    ("st", r"semitones?|个?半音"),
    ("syl", r"syllables?(?:/s| per second| a second)?|个?音节(?:/秒|每秒)?"),
    ("db", r"dB|decibels?|个?分贝"),
    ("pct", r"%|％|per ?cent"),
    ("hz", r"Hz|hertz|赫兹"),
    ("s", r"s\b|seconds?|秒"),
)
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS)
_WORDS = {
    **dict(
        zip(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), range(1, 11), strict=True)
    ),
    **dict(zip("一二三四五六七八九十", range(1, 11), strict=True)),
    "两": 2,
}
_FIGURE = re.compile(
    rf"(?<![A-Za-z\d_.:/×])(?P<number>[+\-−]?\d+(?:\.\d+)?)(?![\d:])\s?(?:{_UNIT})?"
    rf"|(?:\b|(?<![一二三四五六七八九十]))(?P<word>{'|'.join(_WORDS)})\s?(?:{_UNIT.replace('?P<', '?P<w')})",
    re.I,
)
_ROUGH = re.compile(r"(?:\b(?:about|around|roughly|nearly|almost|some|over|under)|约|大约|将近|近|超过|左右)\s*$", re.I)
_CLOCK = re.compile(r"\d+:\d{2}")
_ID = re.compile(r"\b[A-Za-z]+\d+\b")


@dataclass(frozen=True)
class Stated:
    """A number as it is written; `unit` is ``""`` where none stands beside it."""

    written: str
    value: float
    unit: str
    decimals: int
    rough: bool


def figures(text: str) -> Iterator[Stated]:
    """Yield the numbers in *text* that can be checked: those with a unit, and decimals.

    >>> [(each.value, each.unit) for each in figures("up by 3 semitones (0.82) [c1] at 0:04, 两个半音")]
    [(3.0, 'st'), (0.82, ''), (2.0, 'st')]
    """
    bare = _ID.sub(" ", _CLOCK.sub(" ", text))
    for match in _FIGURE.finditer(bare):
        groups = {key: value for key, value in match.groupdict().items() if value is not None}
        number, word = groups.pop("number", ""), groups.pop("word", "")
        unit = next(iter(groups), "").removeprefix("w") if groups else ""
        if not unit and "." not in number:
            continue
        value = float(_WORDS[word.lower()]) if word else float(number.replace("−", "-"))
        decimals = len(number.partition(".")[2])
        yield Stated(
            match.group().strip(),
            abs(value),
            unit,
            decimals,
            bool(_ROUGH.search(bare[max(0, match.start() - 20) : match.start()])),
        )


def unit_of(clue: Clue) -> str:
    """Return the kind of unit that *clue* is measured in, ``""`` for shares, strengths and counts."""
    unit = clue.unit.lower()
    if "semitone" in unit:
        return "st"
    if unit.startswith("syllable"):
        return "syl"
    return {"db": "db", "s": "s", "hz": "hz"}.get(unit, "")


def fits(stated: Stated, clue: Clue) -> bool:
    """Return whether *clue* has the number, as it is rounded in the text, in the unit that is written."""
    return any(_near(stated, value) for value in _numbers(stated.unit, clue))


def fits_but_unit(stated: Stated, clue: Clue) -> bool:
    """Return whether *clue* has the number in another unit than is written."""
    return (
        bool(stated.unit)
        and unit_of(clue) not in ("", stated.unit)
        and any(_near(stated, value) for value in _own(clue))
    )


def _near(stated: Stated, value: float) -> bool:
    slack = 0.5 * 10.0**-stated.decimals + 1e-9
    return abs(stated.value - abs(value)) <= max(slack, 0.1 * stated.value if stated.rough else 0.0)


def _own(clue: Clue) -> list[float]:
    usual = clue.baseline
    return [clue.value] if usual is None else [clue.value, usual, clue.value - usual]


def _numbers(unit: str, clue: Clue) -> Sequence[float]:
    """Return all numbers of *clue* that may be written with *unit*."""
    own = [*_own(clue), *clue.detail.values()]
    times = [clue.start, clue.end, clue.end - clue.start, *([] if clue.peak is None else [clue.peak])]
    if unit == "pct":
        change = [100 * (clue.value - clue.baseline) / clue.baseline] if clue.baseline else []
        return [*(100 * value for value in own), *change]
    if unit == "hz":
        return [clue.detail["hertz"]] if "hertz" in clue.detail else own if unit_of(clue) == "hz" else []
    if unit == "s":
        return [*(own if unit_of(clue) == "s" else []), *times]
    if unit:
        return own if unit_of(clue) == unit else []
    return [*own, clue.confidence, *times]
