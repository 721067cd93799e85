"""Items and their steps as rows for the page, with texts cut to what a page can hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openaffect.bench.task import Item, Step
from openaffect.bench.view.evidence import Evidence, asked, kept_room, sound_link, thumbnails
from openaffect.bench.view.folder import Folder

LONG = 8000
"""No text on the page is longer; the record files hold the rest."""


def item_row(
    name: str, folder: Folder, evidence: Evidence, names: list[str], page: Path, *, full: bool
) -> dict[str, Any]:
    """Return an item for the page; what is empty is left out, since there may be ten thousand."""
    item = evidence.items.get(name)
    made: dict[str, Any] = {
        "id": name,
        "part": item.part if item else name.split("/", 1)[0],
        "steps": [_step(folder.steps[stage].get(name), folder.calls[stage].get(name, {})) for stage in names],
    }
    if item is None:
        return made
    room = None if item.media is None else kept_room(item.media, folder.path / "clips")
    if room is not None:
        made["sound"] = sound_link(room, page)
        made["frames"] = thumbnails(room) if full else []
    if full and (item.media is None or room is not None):  # else its clip would have to be decoded
        made["asked"] = [[[r, _cut(t), n, s] for r, t, n, s in asked(stage, item, evidence, folder)] for stage in names]
    made |= {"transcript": _cut(item.transcript), "facts": _facts(item)}
    return {key: value for key, value in made.items() if value}


def _facts(item: Item) -> list[list[str]]:
    return [[str(key), _words(value, 1000)] for key, value in item.facts.items() if value not in ("", None, [], ())]


def _step(step: Step | None, call: Mapping[str, Any]) -> list[Any] | None:
    """Return a step as a row, which is a third of the size of an object; ``start.js`` names the columns."""
    if step is None:
        return None
    value = None if step.value is None else _words(step.value)
    text = 0 if step.text and step.text == step.value else _cut(step.text)  # 0: the value is the reply
    numbers = [_number(call.get(key)) for key in ("attempts", "latency_s", "input_tokens", "output_tokens", "cost")]
    return [step.outcome, text, value, _cut(step.cause), *numbers, 1 if call.get("cached") is True else 0]


def _words(value: Any, longest: int = LONG) -> str:
    if isinstance(value, str):
        return _cut(value, longest)
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return _cut(", ".join(value), longest)
    return _cut(json.dumps(value, ensure_ascii=False, default=str), longest)


def _cut(text: str, longest: int = LONG) -> str:
    text = text.replace("\0", "\ufffd")
    # NUL and the number of further characters: the script has the words for it.
    return text if len(text) <= longest else f"{text[:longest]}\0{len(text) - longest}"


def _number(value: Any) -> float | int | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15  # NaN is not
    return round(value, 6) if usable else None
