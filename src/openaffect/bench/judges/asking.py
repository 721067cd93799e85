"""The prompts of the EMER judges, in our own words, and JSON replies read from whatever stands around them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from openaffect.mllm.calls import Call
from openaffect.records import Clue

Language = Literal["en", "zh"]
NOTHING = "(none)"
_FIELD = re.compile(r"\{([a-z]+)\}")
_KEPT = ("id", "modality", "name", "value", "unit", "baseline", "sentence", "quote")
_MOST_BRACES = 50


@cache
def prompt(name: str) -> str:
    """Return the text of the prompt file ``emer.NAME.txt``."""
    return files("openaffect.bench").joinpath("prompts", f"emer.{name}.txt").read_text("utf-8").rstrip("\n")


def filled(name: str, **fields: str) -> str:
    """Return the prompt *name* with its ``{fields}`` filled in; what is filled in is not looked through again.

    >>> filled("label.en", truth="{predicted}", predicted="sad").splitlines()[-2:]
    ['First: {predicted}', 'Second: sad']
    """
    return _FIELD.sub(lambda match: fields.get(match[1], match[0]), prompt(name))


def hashes(names: Iterable[str]) -> dict[str, str]:
    """Return the sha256 of each prompt, for run cards."""
    return {f"emer.{name}": hashlib.sha256(prompt(name).encode()).hexdigest() for name in names}


def clues_text(clues: Sequence[Clue]) -> str:
    """Return *clues* as the judge sees them, one JSON object a line."""
    rows = ({key: value for key in _KEPT if (value := getattr(clue, key)) is not None} for clue in clues)
    return "".join(f"\n{json.dumps(row, ensure_ascii=False)}" for row in rows) or NOTHING


def no_answer(call: Call) -> tuple[str, str] | None:
    """Return the outcome and the cause of a call that gave no words to read, None where there are some."""
    if call.outcome == "answered":
        return None
    said = "" if call.reply is None else call.reply.refusal or call.reply.finish_reason
    return call.outcome, call.cause or said or call.outcome


def json_object(text: str, wanted: str) -> dict[str, Any] | None:
    """Return the last JSON object in *text* that has the key *wanted*: drafts come before the answer.

    >>> json_object('```json\\n{"support": 4}\\n```', "support")
    {'support': 4}
    """
    decoder, at, last = json.JSONDecoder(), 0, None
    for _ in range(_MOST_BRACES):
        if (at := text.find("{", at)) < 0:
            break
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        last, at = (found, end) if isinstance(found, dict) and wanted in found else (last, at + 1)
    return last


def whole(value: Any, low: int, high: int) -> int | None:
    """Return *value* as a whole number from *low* to *high*; None for anything else, also for 3.5 and "four".

    >>> whole("4", 1, 5), whole(5.0, 1, 5), whole(True, 0, 1), whole(6, 1, 5)
    (4, 5, 1, None)
    """
    if isinstance(value, str) and re.fullmatch(r"\s*\d\d?\s*", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return int(value) if isinstance(value, int) and low <= value <= high else None
