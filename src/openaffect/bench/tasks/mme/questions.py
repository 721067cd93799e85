"""The questions of MME-Emotion: official files of eight tasks to items, each with its clip and its audio clue.

A file that cannot be what it says stops the run (`DataError` with file and entry); what is odd about one clip is a note
in ``Item.facts["notes"]`` and the item goes on.  An id may stand in two tasks (483 do), so items are named task and id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from openaffect.bench.task import Item, Source
from openaffect.bench.tasks.mme.labels import form, split_labels
from openaffect.bench.tasks.mme.paths import find_clip, find_files, is_inside
from openaffect.bench.tasks.mme.tasks import TASKS, find_task
from openaffect.datasets.files import quoted, read_bytes
from openaffect.datasets.text_lines import decoded
from openaffect.errors import AbsentData, DataError

Clues = Literal["released", "heard"]
"""Whose audio clues the judge gets: the released ones, which know the label, or those of an agent that only hears."""
LEAK = "the released audio clues were written by a model that seems to have been given the label"
_LONG = 400
# Words of an audio clue; the longest sound one has about half of it, a runaway one thousands.


def read_items(source: Source, clues: Clues = "released") -> list[Item]:
    """Return the questions of the tasks that *source* wants, in the order of the papers' tables and of the files.

    ``source.limit`` is the number of questions of each task.  ``Item.facts`` holds ``task``,
    ``video_id``, ``label`` (as it stands), ``labels``, ``candidates``, ``clues``, ``clue`` and ``notes``.
    Raises `UsageError` for an unknown task, `AbsentData` for one that was named and is absent, `DataError` for a file
    that cannot be used.
    """
    wanted = tuple(find_task(part).key for part in source.parts)
    questions, heard = find_files(source.data)
    if absent := [key for key in wanted if key not in questions]:
        raise AbsentData(
            f"no question file of {absent[0]} in {quoted(source.data)}; its name is e.g. {absent[0]}.json."
        )
    found: list[Item] = []
    for key in (key for key in TASKS if key in questions and key in (wanted or questions)):
        if clues == "released" and key not in heard:
            raise AbsentData(
                f"no audio clues of {key} in {quoted(source.data)}; add {key}_qwen2_audio_clues.json, or run the task "
                "whose clues are heard (mme-emotion-heard), which needs none."
            )
        known = _clues(heard[key]) if clues == "released" else {}
        found += _task_items(key, questions[key], known, source, clues)
    return found


def _task_items(
    key: str, path: Path, clues: Mapping[str, Mapping[str, Any]], source: Source, whose: Clues
) -> list[Item]:
    items: dict[str, Item] = {}
    files: dict[Path, str] = {}
    for number, entry in enumerate(_entries(path)):
        where = f"{quoted(path)} entry {number}"
        name, label = _text(entry, "video_id", where), _text(entry, "label", where)
        if name in items:
            raise DataError(f"{where} has the video_id {name!r:.80} a second time; keep one of the two.")
        labels, candidates = split_labels(label, key), _label_set(entry, where)
        if not labels:
            raise DataError(f"{where} has the label {label!r:.40}, which names nothing; write the true label.")
        media = find_clip(source.data, key, name)
        clue = clues.get(name, {}).get("audio_clue")
        notes = [*_media_notes(name, media, files), *_label_notes(labels, candidates)]
        if whose == "released":
            notes += _clue_notes(clue, clues.get(name, {}).get("ground_truth", label) == label)
        facts: dict[str, Any] = {
            "task": key,
            "video_id": name,
            "label": label,
            "labels": labels,
            "candidates": candidates,
        }
        facts |= {"clues": whose, "clue": clue, "notes": tuple(notes)}
        items[name] = Item(f"{key}/{name}", key, media, facts=facts)
    return list(islice(items.values(), source.limit))


def _media_notes(name: str, media: Path | None, files: dict[Path, str]) -> list[str]:
    if not is_inside(name):
        return ["the video_id is no path inside the data folder, so no clip was looked for"]
    if media is None:
        return ["the clip was not found"]
    first = files.setdefault(media, name)
    return [] if first == name else [f"the clip that was found is also that of {first!r:.80}"]


def _label_notes(labels: Sequence[str], candidates: Sequence[str]) -> list[str]:
    known = {form(each) for each in candidates}
    return [f"the true label {each!r:.40} is not in the label_set" for each in labels if form(each) not in known]


def _clue_notes(clue: str | None, same: bool) -> list[str]:
    if not clue or not clue.strip():
        return ["there is no audio clue"]
    notes = [] if same else ["the ground_truth of the audio clue is not the label"]
    words = len(clue.split())
    return [*notes, f"the audio clue has {words:,} words"] if words > _LONG else notes


def _clues(path: Path) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for number, entry in enumerate(_entries(path)):
        where = f"{quoted(path)} entry {number}"
        name = _text(entry, "video_id", where)
        _text(entry, "audio_clue", where, empty=True)
        if name in found:
            raise DataError(f"{where} has the video_id {name!r:.80} a second time; keep one of the two.")
        found[name] = entry
    return found


def _entries(path: Path) -> list[Mapping[str, Any]]:
    """Return the objects of a JSON list; raises `DataError` for anything else."""
    text = decoded(read_bytes(path), path)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{quoted(path)} is no JSON that can be used ({str(error)[:100]}); fetch it again.") from error
    if not isinstance(found, list) or not found:
        raise DataError(f"{quoted(path)} must hold a JSON list of questions or clues; {type(found).__name__} came.")
    for number, entry in enumerate(found):
        if not isinstance(entry, dict):
            raise DataError(f"{quoted(path)} entry {number} is {type(entry).__name__}, an object was expected.")
    return found


def _text(entry: Mapping[str, Any], key: str, where: str, *, empty: bool = False) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not (empty or value.strip()) or not _is_utf8(value):
        raise DataError(f"{where} has no text as '{key}' ({value!a:.40}); write one.")
    return value


def _label_set(entry: Mapping[str, Any], where: str) -> tuple[str, ...]:
    value = entry.get("label_set")
    if not isinstance(value, list) or not value:
        raise DataError(f"{where} has no list as 'label_set' ({value!a:.40}); write the labels to choose from.")
    return tuple(_text({"label_set": each}, "label_set", where) for each in value)


def _is_utf8(text: str) -> bool:
    """Whether *text* can be written: JSON may hold half a surrogate pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
