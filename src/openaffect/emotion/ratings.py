"""From a judge's reply to a number: the parser of the official overlap judge, and one that can be trusted.

The first EMER metrics ask a language model how far two descriptions (or two label sets) overlap, from 1 to 10, number
first and then a reason.  The official script takes the first digits of the reply, whatever they are.  `legacy_rating`
does the same, so that published numbers can be had again; `read_rating` knows ranges, denominators and JSON, and says
what it could not read instead of failing or guessing.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from openaffect.brief import brief
from openaffect.errors import BrokenRating, NoRating

_FIRST_DIGITS = re.compile(r"\d+\.*\d*")

_NUMBER = r"[+\-\u2212]?\d{1,6}(?:\.\d{1,6})?"
_WHOLE = rf"(?<![A-Za-z\d.]){_NUMBER}(?![\d]|\.\d)"
_RANGE = re.compile(
    rf"{_WHOLE}\s*(?:[-\u2013\u2014~\uff5e\u2212]|\.\.\.?|to|through|and|\u5230|\u81f3)\s*{_NUMBER}(?!\.?\d)", re.I
)
_DENOMINATOR = re.compile(rf"(?:/|\bout\s+of|\u6ee1\u5206\u4e3a?)\s*{_NUMBER}", re.I)
_LIST_MARK = re.compile(r"^[ \t]*(?:\(\d{1,2}\)|\d{1,2}[.)\u3001](?!\d))(?=\D)", re.M)
_WORDS = "score|rating|overlap|degree"
_LABELLED = re.compile(
    rf"(?:{_WORDS}|\u5206\u6570|\u8bc4\u5206|\u5f97\u5206|\u6253\u5206|\u91cd\u53e0\u5ea6|\u91cd\u5408\u5ea6)"
    rf"(?:\W|{_WORDS}|is|of|at|as|\u4e3a|\u662f){{0,12}}?({_WHOLE})",
    re.I,
)
_FOUND = re.compile(_WHOLE)
_LONGEST = 20_000
_HUGE = 10**300
_MOST_BRACES = 50


@dataclass(frozen=True)
class Rating:
    """What a reply says, or why nothing could be read from it."""

    value: float | None
    """The rating inside the scale, None when none could be read."""
    reason: str = ""
    """The judge's reason, where the reply was JSON with one."""
    clamped: bool = False
    """Whether the judge gave a number outside the scale, which was moved to its end."""
    form: str = ""
    """How it was given: ``json``, ``labelled``, ``first`` (the reply begins with it) or ``only`` (no other number)."""
    problem: str = ""
    """Why there is no value, or what was odd about it; "" when all is well."""


def legacy_rating(text: str) -> float:
    """Return the number that the official overlap judge reads from *text*: the first digits, dots, digits.

    Ranges, denominators and signs mean nothing to it and nothing is clamped, so "on a scale of 1-10: 7" gives 1.0.
    Raises `openaffect.errors.NoRating` (also an ``AttributeError``, as there) when there is no digit, and
    `openaffect.errors.BrokenRating` (also a ``ValueError``) for the like of ``8..5``.

    >>> legacy_rating("Overlap: 8.5 of 10"), legacy_rating("from 1-10 I give 7")
    (8.5, 1.0)
    """
    match = _FIRST_DIGITS.search(text)
    if match is None:
        raise NoRating(f"the judge's reply holds no number ({text[:60]!r}); ask again, or read it with read_rating.")
    try:
        return float(match.group())
    except ValueError:
        raise BrokenRating(f"the judge's reply begins its number with {match.group()[:20]!r}, which is none.") from None


def read_rating(text: str, low: float = 1, high: float = 10) -> Rating:
    """Return the rating in *text*, on the scale from *low* to *high*; never raises.

    In this order: a JSON object with ``score`` (or ``rating``); the number that follows a word such as *score*; the
    number with which the reply begins; the only number in it.  Before the last three, ranges (1-10, 1 to 10),
    denominators (/10, out of 10) and marks of lists are taken away.  Where several numbers could be it, none is.

    >>> read_rating('{"score": 8, "reason": "both are sad"}').value, read_rating("from 1-10 I give 7").value
    (8.0, 7.0)
    >>> read_rating("0.5").clamped, read_rating("I cannot tell.").problem
    (True, 'no number in the reply')
    """
    text = text[:_LONGEST]
    record = _json_record(text)
    if record is not None:
        given = record.get("score", record.get("rating"))
        reason = record.get("reason")
        return _from_json(given, reason if isinstance(reason, str) else "", low, high)
    bare = _LIST_MARK.sub(" ", _DENOMINATOR.sub(" ", _RANGE.sub(" ", text)))
    numbers = [*_FOUND.finditer(bare)]
    opens = bool(numbers) and not bare[: numbers[0].start()].strip(" \t\r\n*\"'`([")
    for form, written in (
        ("labelled", _LABELLED.findall(bare)),
        ("first", [numbers[0].group()] if opens else []),
        ("only", [number.group() for number in numbers]),
    ):
        values = {_value(each) for each in written}
        if len(values) == 1:
            return _clamped(values.pop(), low, high, form)
        if values:
            return Rating(None, problem=f"{len(values)} numbers in the reply could be the score")
    return _marked_as_list(text, low, high)


def _marked_as_list(text: str, low: float, high: float) -> Rating:
    """Read a reply such as ``8.`` or ``9) both are sad``, whose number looks like a mark of a list."""
    marks = [*_LIST_MARK.finditer(_DENOMINATOR.sub(" ", _RANGE.sub(" ", text)))]
    found = _FOUND.search(marks[0].group()) if len(marks) == 1 else None
    if found is None:
        digits = any(c.isdigit() for c in text)
        return Rating(
            None, problem="no number that can be a score in the reply" if digits else "no number in the reply"
        )
    return _clamped(_value(found.group()), low, high, "only")


def _from_json(given: Any, reason: str, low: float, high: float) -> Rating:
    if isinstance(given, str):
        inner = read_rating(given, low, high)
        return Rating(inner.value, reason, inner.clamped, "json", inner.problem or "the score is written as text")
    if isinstance(given, int) and not -_HUGE < given < _HUGE:
        given = _HUGE if given > 0 else -_HUGE  # an integer too long for a float; it is clamped below
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        return Rating(None, reason, form="json", problem=f"the score is {brief(given)}, no number")
    found = _clamped(float(given), low, high, "json")
    return Rating(found.value, reason, found.clamped, "json", found.problem)


def _json_record(text: str) -> dict[str, Any] | None:
    """Return the first JSON object in *text* that has a score; judges wrap them in fences and sentences."""
    decoder = json.JSONDecoder()
    at = -1
    for _ in range(_MOST_BRACES):
        at = text.find("{", at + 1)
        if at < 0:
            return None
        try:
            found, _end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and ("score" in found or "rating" in found):
            return found
    return None


def _value(written: str) -> float:
    return float(written.replace("\u2212", "-"))


def _clamped(value: float, low: float, high: float, form: str) -> Rating:
    inside = float(min(max(value, low), high))
    problem = "" if inside == value else f"{value:g} lies outside the scale from {low:g} to {high:g}"
    return Rating(inside, clamped=inside != value, form=form, problem=problem)
