"""What stands beside a run's records: the items as their task reads them, thumbnails, sound, and what was asked.

Records hold neither clips nor questions.  Where the data of the run are still in their place, the task reads its items
again; pictures and sound come from the run's own cache, and nothing is decoded for the page.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from openaffect.bench.cards import source_of, task_of
from openaffect.bench.task import Item, Stage, Task
from openaffect.bench.view.folder import Folder
from openaffect.errors import OpenAffectError
from openaffect.mllm.chat import Message, Picture, Sound, Text

THUMBNAIL = 132
"""Height of a thumbnail in pixels."""
PICTURES = 8
"""A clip shows no more thumbnails than this."""
# What a task may raise over a record that was edited by hand; the page then goes without its question.
_AWRY = (OpenAffectError, LookupError, TypeError, ValueError, AttributeError, OSError)


@dataclass(frozen=True)
class Evidence:
    """What the task says of the run."""

    items: Mapping[str, Item] = field(default_factory=dict)
    stages: Mapping[str, Stage] = field(default_factory=dict)
    """In the order of the run."""
    missing: str = ""
    """Why there is nothing, as a sentence."""


def find_evidence(folder: Folder, task: Task | None, data: Path | None) -> Evidence:
    """Return the items and stages of the run, or why they cannot be had."""
    try:
        task = task or task_of(folder.card)
        source = replace(source_of(folder.card, folder.path, data), limit=None)
        stages = {stage.name: stage for stage in task.stages(source)}
    except _AWRY as error:
        return Evidence(missing=str(error))
    try:
        return Evidence({item.id: item for item in task.items(source)}, stages)
    except _AWRY as error:
        return Evidence({}, stages, str(error))


def kept_room(media: Path, cache: Path) -> Path | None:
    """Return the folder in which the run keeps the frames and the sound of *media*, None where it keeps none."""
    from openaffect.bench.clips import room_of

    with suppress(OSError, ValueError):
        room = room_of(media, cache)
        return room if (room / "index.json").is_file() else None
    return None


def thumbnails(room: Path) -> list[str]:
    """Return the kept frames in *room* as small data URLs; a frame that cannot be read is left out."""
    found = []
    for number in range(PICTURES):
        with suppress(OSError, ValueError, Image.DecompressionBombError):
            with Image.open(room / f"{number}.jpg", formats=("JPEG",)) as picture:
                small = picture.convert("RGB")
            small.thumbnail((THUMBNAIL * 3, THUMBNAIL))
            held = io.BytesIO()
            small.save(held, "JPEG", quality=70)
            found.append("data:image/jpeg;base64," + base64.b64encode(held.getvalue()).decode())
    return found


def sound_link(room: Path, page: Path) -> str:
    """Return the way from *page* to the kept sound in *room*, empty where there is none."""
    sound = room / "sound.wav"
    if not sound.is_file():
        return ""
    try:
        way = os.path.relpath(sound.resolve(), page.resolve().parent)
    except ValueError:  # another drive
        return ""
    # A name with a colon would read as a scheme.
    return "./" + quote(os.fsencode(Path(way).as_posix()))


def asked(name: str, item: Item, evidence: Evidence, folder: Folder) -> list[list[Any]]:
    """Return what *item* was asked in the stage *name*: role, text, pictures, seconds of sound; empty if unknown."""
    step = folder.steps[name].get(item.id)
    if step is None or step.outcome == "skipped" or name not in evidence.stages:
        return []
    earlier = {other: by_id[item.id] for other, by_id in folder.steps.items() if item.id in by_id}
    with suppress(*_AWRY):
        messages = evidence.stages[name].messages(item, earlier)
        return [] if isinstance(messages, str) else _messages(messages)
    return []


def _messages(messages: Sequence[Message]) -> list[list[Any]]:
    rows = []
    for message in messages:
        text = "\n".join(part.text for part in message.parts if isinstance(part, Text))
        pictures = sum(isinstance(part, Picture) for part in message.parts)
        seconds = sum(part.seconds for part in message.parts if isinstance(part, Sound))
        rows.append([message.role, text, pictures, round(seconds, 1)])
    return rows
