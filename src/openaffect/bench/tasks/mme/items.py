"""Rated steps in a text: which step, and the number as written.  Whether a number is a rating is not judged here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openaffect.bench.tasks.mme.readings import Unreadable


@dataclass(frozen=True)
class Item:
    """One rated step."""

    step: int
    above: float
    below: int | None = None
    """The denominator; None for a bare number."""
    decimal: bool = False
    """Whether the number was written with a point."""

    @property
    def shown(self) -> str:
        """The rating as a person would write it."""
        return f"{self.above:g}" if self.below is None else f"{self.above:g}/{self.below}"


_DASH = r"[-\u2013\u2014~]"
_SLASH = r"[/\u2044\u2215]"
# A number of its own: no sign, no date, no part of a longer number.
_NUMBER = r"(?<![\d.\-\u2212/\u2044])(\d{1,6}(?:\.\d{1,6})?)"
_OVER = rf"\s*(?:{_SLASH}|out of)\s*(\d{{1,6}})(?![\d/]|\.\d)"
_FRACTION = re.compile(_NUMBER + _OVER, re.IGNORECASE)
_WORDS = "step|步骤|步驟|étape|etape|schritt|paso|passo|шаг|ステップ|단계|第"
_STEP = re.compile(rf"(?<![^\W\d_])(?:{_WORDS})[^\w\n]{{0,3}}(\d{{1,3}})(?!\d)", re.IGNORECASE)
_LINE = re.compile(r"(?:^|[,;])[^\S\n]*[|*_#>\-\s]{0,8}(\d{1,3})[*_]{0,3}[^\S\n]*(?:[:|)\]]|\.(?=[\s*]))", re.MULTILINE)
# What may stand between the name of a step and its rating; a dash only where no number follows at once.
_BETWEEN = (
    r"(?:[\s:=*_`\"'\[\](){}|>.→步]|[-\u2013\u2014](?=[\s>*])"
    r"|(?<![^\W\d_])(?:score|rating|rated)(?![^\W\d_])|评分|得分)*"
)
_AT_ONCE = re.compile(_BETWEEN + _NUMBER + _OVER, re.IGNORECASE)
_BARE = re.compile(rf"{_BETWEEN}{_NUMBER}[*_`\"'\])}}]{{0,4}}\s*(?=$|[,;|(、。\n]|\.\s|\.$)", re.IGNORECASE)
_STEPS_TO = re.compile(
    rf"\s*(?:{_DASH}\s*\d{{1,3}}\s*:|{_DASH}\d|(?:to|and|&|through)\s*(?:step\s*)?\d)", re.IGNORECASE
)
_OR_ELSE = re.compile(rf"[*_`\"'\s]*(?:{_DASH}|to|or)\s*\d+(?:\.\d+)?\s*(?:{_SLASH}|[,;.)\n]|$)", re.IGNORECASE)
_STRAY = re.compile(rf"(?:^|[,;\n])\s*\d{{1,6}}\s*{_SLASH}\s*\d{{1,6}}\s*(?:[,;\n]|$)")
_SPACED_SLASH = re.compile(rf"\s*{_SLASH}\s*")
_PLAIN = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(?:/(\d{1,6}))?")


def numbered_items(text: str) -> list[Item]:
    """Return the rated steps of *text* that have a number (``Step 2: 0/1``, ``2. 0/1``, a row of a table).

    Raises `Unreadable` for a step without a rating, or with a choice of them.
    """
    for pattern in (_STEP, _LINE):
        if items := _read(list(_segments(pattern, text))):
            return items
    return []


def _segments(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """Yield each step's number and what is said until the next one."""
    matches = list(pattern.finditer(text))
    ends = [match.start() for match in matches[1:]] + [len(text)]
    for match, end in zip(matches, ends[: len(matches)], strict=True):
        said = text[match.end() : end]
        yield int(match[1]), said.partition("\n")[0] if _in_table(text, match.start()) else said


def _in_table(text: str, at: int) -> bool:
    """Return whether the line of *at* is the row of a table, so that what follows the line is not said of its step."""
    start = text.rfind("\n", 0, at) + 1
    return text[start : start + 8].lstrip().startswith("|")


def _read(segments: Sequence[tuple[int, str]]) -> list[Item]:
    items, unrated = [], []
    for step, said in segments:
        item = _one(step, said)
        if item is None:
            unrated.append(step)
        else:
            items.append(item)
    # "0/1 (contradicts Step 1)" names a step that is rated elsewhere.
    rated = {item.step for item in items}
    lacking = [step for step in unrated if step not in rated]
    if items and lacking:
        raise Unreadable("no rating", f"step {lacking[0]} has no rating.")
    return items


def _one(step: int, said: str) -> Item | None:
    """Return the rating in *said*: at once after the name of the step, or the only one; None where there is none."""
    if _STEPS_TO.match(said):
        raise Unreadable("ambiguous", f"a range of steps, from step {step} on, is rated at once.")
    if at_once := _AT_ONCE.match(said):
        if _OR_ELSE.match(said, at_once.end()):
            raise Unreadable("ambiguous", f"step {step} is rated with a range or a choice of ratings.")
        if _STRAY.search(said, at_once.end()):
            raise Unreadable("ambiguous", f"a rating without the number of its step follows step {step}.")
        return _item(step, at_once[1], at_once[2])
    fractions, bare = _FRACTION.findall(said), _BARE.match(said)
    if len(fractions) + bool(bare) > 1:
        raise Unreadable("ambiguous", f"step {step} has more than one number that could be its rating.")
    if fractions:
        return _item(step, *fractions[0])
    return _item(step, bare[1]) if bare else None


def bare_items(text: str) -> list[Item]:
    """Return the ratings of a text that holds nothing else, such as ``1/1, 0/1``, numbered by their place."""
    pieces = re.split(r"[\s,;|、]+", _SPACED_SLASH.sub("/", text).strip(" \t\n[](){}\"'`*_.,;|"))
    matches = [match for piece in pieces if (match := _PLAIN.fullmatch(piece))]
    if len(matches) < len(pieces):
        return []
    return [_item(step, match[1], match[2]) for step, match in enumerate(matches, start=1)]


def _item(step: int, above: str, below: str | None = None) -> Item:
    return Item(step, float(above), None if below is None else int(below), "." in above)


def count_steps(step: Any) -> int | None:
    """Return how many steps an extractor's output has, None where that cannot be told.

    Counted are ``Step 1`` to ``Step n`` in their order; an earlier one that is named again is a mention.  A list has as
    many steps as items.

    >>> count_steps("<step>Step 1: a smile, Step 2: as in step 1, Step 3: happy</step>"), count_steps("None")
    (3, None)
    """
    if isinstance(step, list | tuple):
        return len(step) or None
    if not isinstance(step, str):
        return None
    highest = 0
    for number in (int(match[1]) for match in _STEP.finditer(step)):
        if number > highest + 1:
            return None
        highest = max(highest, number)
    return highest or None
