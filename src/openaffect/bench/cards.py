"""The card of a run: what it is of, so that a folder is never gone on with as another run."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from openaffect.bench.task import Modality, Source, Stage, Task, Who
from openaffect.bench.tasks import TASKS, find_task
from openaffect.errors import DataError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.store import write_card

_MODALITIES: tuple[Modality, ...] = ("audio", "video", "text")
_MAY_GROW = ("models", "limit")
"""Entries that a later command may add to: a judge that was not asked before, more items."""


def card_of(task: Task, source: Source, stages: Sequence[Stage], callers: Mapping[Who, Caller]) -> dict[str, Any]:
    """Return the card of a run of *task* in which *callers* answer."""
    asked = sorted({stage.who for stage in stages} & set(callers))
    return {
        "task": task.key,
        "data": str(source.data),
        "modalities": sorted(source.modalities),
        "parts": list(source.parts),
        "limit": source.limit,
        "models": {who: _answering(callers[who]) for who in asked},
        "order": [stage.name for stage in stages],
        "stages": {stage.name: {"options": asdict(stage.options), "prompts": dict(stage.prompts)} for stage in stages},
    }


def _answering(caller: Caller) -> dict[str, Any]:
    found: dict[str, Any] = {"model": caller.backend.model, "revision": caller.backend.revision}
    return found if caller.max_tokens is None else {**found, "max_tokens": caller.max_tokens}


def keep_card(path: Path, card: Mapping[str, Any]) -> None:
    """Write *card* at *path*, joined with what stands there; raise `UsageError` where that is of another run."""
    wanted = json.loads(json.dumps(card))
    there = read_card(path) if path.exists() else {}
    different = [key for key in wanted if there and key not in _MAY_GROW and there.get(key) != wanted[key]]
    models = there.get("models") or {}
    if any(models[who] != wanted["models"][who] for who in wanted["models"] if who in models):
        different.append("models (or --max-tokens)")
    if different:
        raise UsageError(
            f"{str(path.parent)!r} holds a run with other {', '.join(different)}; choose another --out, or go on "
            "with the same settings."
        )
    wanted["models"] = {**models, **wanted["models"]}
    write_card(path, wanted)


def read_card(path: Path) -> dict[str, Any]:
    """Return the card at *path*; raises `DataError` where there is none or it is damaged."""
    try:
        card = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise DataError(
            f"{str(path.parent)!r} holds no run (there is no card.json); give the --out folder of a bench run."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        cause = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DataError(f"{str(path)!r} is damaged ({cause}); choose another --out.") from error
    if not isinstance(card, dict) or not isinstance(card.get("models", {}), dict):
        raise DataError(f"{str(path)!r} is damaged (it holds no card of a run); choose another --out.")
    return card


def task_of(card: Mapping[str, Any]) -> Task:
    """Return the task of the run; a card is a file from outside: it may name a task of ours, never a file to run."""
    key = card.get("task")
    if not isinstance(key, str) or key not in TASKS:
        if key == "preference":
            raise UsageError("this folder holds preferences of a judge; go on with 'openaffect bench prefer'.")
        raise UsageError(f"the task {str(key)[:60]!r} is not one of openaffect's own; --task FILE.py:NAME gives it.")
    return find_task(str(key))


def source_of(card: Mapping[str, Any], folder: Path, data: Path | None = None) -> Source:
    """Return where the *card* of the run in *folder* says that the data are; *data* instead when they moved."""
    named = card.get("modalities")
    modalities = tuple(each for each in _MODALITIES if not isinstance(named, list) or each in named)
    parts = card.get("parts")
    parts = tuple(each for each in parts if isinstance(each, str)) if isinstance(parts, list) else ()
    limit = card.get("limit")
    limit = limit if isinstance(limit, int) and 0 < limit <= sys.maxsize else None
    return Source(data or Path(str(card.get("data", ""))), modalities, limit, parts, None, folder / "clips")
