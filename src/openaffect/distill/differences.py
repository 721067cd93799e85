"""What sets two cards of a run apart, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def differences(there: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """Return the entries that differ, by their dotted names, with both values; tables are gone into.

    >>> differences({"options": {"steps": 10, "seed": 1}}, {"options": {"steps": 20, "seed": 1}})
    {'options.steps': 'options.steps (10 there, 20 now)'}
    """
    before, after = dict(_flat(there)), dict(_flat(now))
    return {
        key: f"{key} ({_short(before.get(key))} there, {_short(after.get(key))} now)"
        for key in dict.fromkeys([*after, *before])
        if before.get(key) != after.get(key)
    }


def _flat(card: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in card.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 80 else text[:77] + "..."
