"""A judge's reply read as people would: any layout, but every step rated once, in range, and as many as there are.

What cannot be read without a guess has failed, with a cause.  This reading is ours; the official one is in `official`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from openaffect.bench.tasks.mme.items import Item, bare_items, numbered_items
from openaffect.bench.tasks.mme.objects import json_items, object_items
from openaffect.bench.tasks.mme.readings import Reading, Unreadable
from openaffect.bench.tasks.mme.tasks import MmeTask

_MOST = 50_000
# Characters of a reply; a longer one is a model that runs on, and matching it would take its time.
_SHOWN = 60
_OPENING = re.compile(r"<\s*score\s*>", re.IGNORECASE)
_CLOSING = re.compile(r"<\s*/\s*score\s*>", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_FENCE = re.compile(r"^\s*```\w*\s*|\s*```\s*$")


def strict_reading(value: Any, task: MmeTask, steps: int | None = None) -> Reading:
    """Return the ratings in *value* (text, or parsed JSON), or why there are none; never raises for what *value* is.

    *steps* is the number of steps that were rated; None where it is not known, then it is not checked.
    """
    try:
        ratings = tuple(_rated(_in_order(_items(value)), task))
        if steps is not None and len(ratings) != steps:
            came = f"{len(ratings)} rating{'s' * (len(ratings) != 1)} came"
            raise Unreadable("step count", f"{came} for {steps} step{'s' * (steps != 1)}.")
    except Unreadable as error:
        return Reading(None, error.cause, error.detail)
    return Reading(ratings)


def _items(value: Any) -> list[Item]:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, Mapping | list | tuple):
        found = object_items(value)
        if isinstance(found, str):
            return _from_text(found)
        if found:
            return found
        raise Unreadable("no rating", f"no rating was found in the {type(value).__name__} that came as a reply.")
    raise Unreadable("no reply", f"{'nothing' if value is None else type(value).__name__} came where a reply belongs.")


def _from_text(text: str) -> list[Item]:
    if len(text) > _MOST:
        raise Unreadable("too long", f"the reply has {len(text):,} characters, {_MOST:,} at most are read.")
    if not text.strip():
        raise Unreadable("no reply", "the reply is empty.")
    # Full-width digits, colons and slashes become plain ones; a line feed that was escaped twice is one.
    plain = unicodedata.normalize("NFKC", html.unescape(text)).replace("\\n", "\n")
    # Long runs of blanks would make each pattern try every part of them.
    plain = _BLANKS.sub(lambda run: "\n" if "\n" in run[0] else " ", plain)
    block = _last_block(plain)
    body = _FENCE.sub("", _FENCE.sub("", plain if block is None else block)).strip()
    found = json_items(body) or numbered_items(body) or bare_items(body)
    if not found:
        raise Unreadable("no rating", f"no rating was found in {_quoted(body or plain)}.")
    return found


def _last_block(text: str) -> str | None:
    """Return the last ``<score>`` block that is not empty: a judge that corrects itself means its last word."""
    parts = _CLOSING.split(text)
    if _OPENING.search(parts[-1]):
        raise Unreadable("cut off", f"the reply breaks off inside a <score> block: {_quoted(parts[-1][-_SHOWN:])}.")
    blocks = [opened[1] for part in parts[:-1] if len(opened := _OPENING.split(part, maxsplit=1)) == 2]
    return next((block for block in reversed(blocks) if block.strip()), blocks[-1] if blocks else None)


def _in_order(items: list[Item]) -> list[Item]:
    """Return the items of steps 1 to n in their order, each of them once."""
    numbers = sorted(item.step for item in items)
    if twice := [step for step, after in pairwise(numbers) if step == after]:
        raise Unreadable("ambiguous", f"step {twice[0]} is rated more than once.")
    if numbers != list(range(1, len(numbers) + 1)):
        listed = ", ".join(map(str, numbers[:12]))
        raise Unreadable("step count", f"the rated steps are {listed}; 1 to n, each once, were expected.")
    return sorted(items, key=lambda item: item.step)


def _rated(items: list[Item], task: MmeTask) -> list[float]:
    if len({item.below is None for item in items}) > 1:
        # Perhaps the text breaks off before the last denominator.
        raise Unreadable("ambiguous", "some ratings have a denominator and some have none.")
    return [_value(item, task.fractions and item is items[-1]) for item in items]


def _value(item: Item, share: bool) -> float:
    """Return the rating of *item*: 0 or 1, or where a *share* of labels is asked for, any number between."""
    if item.below is None and share and item.above == 1 and not item.decimal:
        raise Unreadable("ambiguous", f"step {item.step} is rated 1 without saying of how many labels.")
    if item.below == 0:
        raise Unreadable("out of range", f"step {item.step} is rated {item.shown}, over zero.")
    value = item.above / (item.below or 1)
    if not 0 <= value <= 1:
        raise Unreadable("out of range", f"step {item.step} is rated {item.shown}; ratings lie between 0 and 1.")
    if not share and value not in (0, 1):
        raise Unreadable("out of range", f"step {item.step} is rated {item.shown}; it is either 0 or 1.")
    return float(value)


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}...")
