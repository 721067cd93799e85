"""What a run folder holds, read with care: it may be half-written, edited by hand or damaged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openaffect.bench.held import step_of
from openaffect.bench.task import Step
from openaffect.errors import DataError, InputError
from openaffect.store import read_records


@dataclass(frozen=True)
class Folder:
    """A run folder in memory."""

    path: Path
    card: Mapping[str, Any]
    steps: Mapping[str, Mapping[str, Step]]
    """Stage, in the order of the run → id of an item → its step; a stage that was not reached is empty."""
    calls: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """The same for the calls: attempts, latency, tokens, cost; nothing for what was not asked."""
    scores: Any
    """Plain JSON; None where the run has not been scored."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The items, in the order in which they first appear."""
        return tuple(dict.fromkeys(name for by_id in self.steps.values() for name in by_id))


def read_folder(path: Path) -> Folder:
    """Return the run in the folder *path*; raises `DataError` for what is no run or is damaged."""
    if not (path / "card.json").is_file():
        raise DataError(
            f"{str(path)!r} holds no run (there is no card.json); give the --out folder of 'openaffect bench run'."
        )
    card = _json(path / "card.json")
    stages = card.get("stages") if isinstance(card, dict) else None
    if not isinstance(stages, dict) or not all(_is_name(name) for name in stages):
        raise DataError(
            f"{str(path / 'card.json')!r} names no stages; give a folder that 'openaffect bench run' wrote."
        )
    steps: dict[str, Mapping[str, Step]] = {}
    calls: dict[str, Mapping[str, Mapping[str, Any]]] = {}
    for name in _in_order(path, stages):
        steps[name], calls[name] = _stage(path / f"{name}.jsonl")
    scores = _json(path / "scores.json") if (path / "scores.json").exists() else None
    return Folder(path, card, steps, calls, scores)


def _is_name(name: str) -> bool:
    """Return whether *name* is the name of a file in the folder, and nothing that leads out of it."""
    return bool(name) and not set(name) & set("/\\\0") and name not in (".", "..")


def _in_order(path: Path, stages: Mapping[str, Any]) -> list[str]:
    """Return the stages as their files were last written: the card is sorted by name and does not hold the order.

    A copied folder has no such times; who knows the task has the order from it.
    """

    def written(name: str) -> float:
        file = path / f"{name}.jsonl"
        return file.stat().st_mtime if file.exists() else float("inf")

    return sorted(stages, key=lambda name: (written(name), name))


def _stage(path: Path) -> tuple[dict[str, Step], dict[str, Mapping[str, Any]]]:
    """Return the last step and call of each item."""
    steps: dict[str, Step] = {}
    calls: dict[str, Mapping[str, Any]] = {}
    if not path.exists():
        return steps, calls
    try:
        for number, record in enumerate(read_records(path), start=1):
            step = step_of(record, f"{str(path)!r} line {number}")
            steps[step.id] = step
            call = record.get("call")
            calls[step.id] = call if isinstance(call, dict) else {}
    except DataError:
        raise
    except (InputError, RecursionError) as error:
        raise DataError(str(error) or f"{str(path)!r} is nested too deeply; repair or remove it.") from error
    return steps, calls


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"cannot read {str(path)!r}: {(error.strerror or str(error)).lower()}.") from error
    except (ValueError, RecursionError) as error:
        cause = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DataError(
            f"{str(path)!r} is damaged ({cause}); restore it, or run 'openaffect bench run' again."
        ) from error
