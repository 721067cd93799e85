"""Rated steps in parsed JSON, in whatever shape a judge chose."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openaffect.bench.tasks.mme.items import Item, bare_items
from openaffect.bench.tasks.mme.readings import Unreadable

_SCORES = ("score", "scores", "rating", "ratings", "value", "result", "results")
_STEPS = ("step", "steps", "index", "number", "no", "id")
_DEEPEST, _LONGEST = 4, 40
# Envelopes round all ratings, and characters of one rating; more is something else.
_BEGINS = re.compile(r"\{|\[\s*(?:[\[{\"\d]|true|false)")


def json_items(text: str) -> list[Item]:
    """Return the rated steps of *text* where it is JSON, ``[]`` where it is none or holds none.

    Raises `Unreadable` for JSON that breaks off and for a key that stands twice.
    """
    if not _BEGINS.match(text):
        return []
    try:
        found = object_items(json.loads(text, object_pairs_hook=_once))
    except (ValueError, RecursionError):
        if text[-1] not in "}]":
            raise Unreadable("cut off", "the reply is JSON that breaks off.") from None
        return []
    return [] if isinstance(found, str) else found


def object_items(value: Any) -> list[Item] | str:
    """Return the rated steps in parsed JSON, the text in it where that holds them, ``[]`` where nothing does.

    Understood: ``{"scores": ...}`` round any of the rest, a list of ratings, a list of objects with a step and a
    score, and an object of steps to ratings.
    """
    for _ in range(_DEEPEST):
        value = _inside(value)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return _from_pairs([(_step_number(key), rating) for key, rating in value.items()])
    return _from_list(value) if isinstance(value, list | tuple) else []


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("ambiguous", "a key of the JSON reply stands twice.")
    return found


def _inside(value: Any) -> Any:
    """Return what the envelope *value* holds, or *value* where it is none."""
    if isinstance(value, Mapping):
        found = [inner for key, inner in value.items() if _named(key, (*_SCORES, "steps"))]
        return found[0] if len(found) == 1 and not any(_named(key, ("step",)) for key in value) else value
    if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], str | list | tuple):
        # A text in a list; a list of one rating stays a list of ratings.
        return value if _rating(value[0]) else value[0]
    return value


def _from_list(values: Sequence[Any]) -> list[Item]:
    if not all(isinstance(each, Mapping) for each in values):
        return _from_pairs(list(enumerate(values, start=1)))
    steps = [_step_number(_field(each, _STEPS)) for each in values]
    if not any(steps):
        steps = list(range(1, len(values) + 1))
    return _from_pairs([(step, _field(each, _SCORES)) for step, each in zip(steps, values, strict=True)])


def _from_pairs(pairs: Sequence[tuple[int | None, Any]]) -> list[Item]:
    found = [(step, _rating(rating)) for step, rating in pairs]
    if any(step is None or rating is None for step, rating in found):
        return []
    return [rating(step) for step, rating in found if step is not None and rating is not None]


def _rating(value: Any) -> Callable[[int], Item] | None:
    """Return what makes an item of a step number, for a number or a text such as ``1/1``; None for anything else."""
    if isinstance(value, int | float) and abs(value) < 1e9 and not math.isnan(value):
        return lambda step: Item(step, float(value), None, isinstance(value, float))
    found = bare_items(value) if isinstance(value, str) and len(value) <= _LONGEST else []
    return (lambda step: Item(step, found[0].above, found[0].below, found[0].decimal)) if len(found) == 1 else None


def _field(row: Mapping[Any, Any], names: Sequence[str]) -> Any:
    found = [value for key, value in row.items() if _named(key, names)]
    return found[0] if len(found) == 1 else None


def _named(key: Any, names: Sequence[str]) -> bool:
    return isinstance(key, str) and key.strip().lower() in names


def _step_number(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = re.fullmatch(r"\D{0,8}(\d{1,3})\D{0,2}", value) if isinstance(value, str) else None
    return int(match[1]) if match else None
