"""The steps that the folder of a run holds."""

from __future__ import annotations

import json
import math
import os
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from openaffect.bench.task import Earlier, Item, Stage, Step, Who
from openaffect.errors import DataError, InputError
from openaffect.mllm.prices import Account
from openaffect.store import line_id, read_records

COMMANDS: Mapping[Who, str] = {"model": "predict", "extractor": "extract", "judge": "judge"}
"""Role → the command that asks it."""
OUTCOMES = ("answered", "refused", "empty", "failed", "unasked", "unreadable", "skipped")
_FIELDS = tuple(Step.__dataclass_fields__)


_CHUNK = 8192


class HeldSteps(Mapping[str, Step]):
    """The steps in the record file at *path*, by the id of their item; the last record of an item counts.

    They stay on the disk and are read when they are asked for: what is in memory does not grow with the replies.  With
    *names*, only those that the file holds, in their order.  A file that does not exist holds none.  Raises
    `openaffect.errors.InputError` for a line that is no record of a step, here or when it is read.
    """

    def __init__(self, path: Path, names: Iterable[str] | None = None) -> None:
        self._path = path
        self._places: dict[str, int] = {}
        if not path.exists():
            return
        there: dict[str, int] = {}
        with path.open("rb") as lines:
            at = 0
            for number, line in enumerate(lines, start=1):
                if line.endswith(b"\n"):  # a killed run may leave half a line at the end
                    there[line_id(line, path, number)] = at
                at += len(line)
        self._places = there if names is None else {name: there[name] for name in names if name in there}
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def __getitem__(self, name: str) -> Step:
        raw, at = b"", self._places[name]
        while b"\n" not in raw and (more := os.pread(self._file, _CHUNK, at + len(raw))):
            raw += more
        where = f"the record of {name!r} in {str(self._path)!r}"
        try:
            record = json.loads(raw.partition(b"\n")[0])
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where} is no JSON ({error}); repair or remove the line.") from error
        return _sound(step_of(record, where), where)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class EarlierSteps(Mapping[str, Earlier]):
    """What was made of each of *names* in the stages before, of which *steps* holds the steps."""

    def __init__(self, steps: Mapping[str, Mapping[str, Step]], names: Collection[str]) -> None:
        self._steps, self._names = dict(steps), names

    def __getitem__(self, name: str) -> Earlier:
        if name not in self._names:
            raise KeyError(name)
        return {stage: by_id[name] for stage, by_id in self._steps.items() if name in by_id}

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def step_of(record: Any, where: str) -> Step:
    """Return the step in *record*; raises `DataError` that begins with *where* for a record that holds none."""
    if not isinstance(record, Mapping):
        raise DataError(f"{where} holds {type(record).__name__}, not a record; repair or remove the line.")
    fields = {key: record[key] for key in _FIELDS if key in record}
    for key in ("id", "text", "outcome", "cause"):
        if not isinstance(fields.get(key, "" if key != "id" else None), str):
            raise DataError(f"{where} has no readable {key!r}; repair or remove the line.")
    return Step(**fields)


def _sound(step: Step, where: str) -> Step:
    """Return *step*; raise `DataError` for one that no run writes and no score takes."""
    if step.outcome not in OUTCOMES:
        raise DataError(f"{where} has an unknown outcome, {step.outcome[:40]!r}; known: {', '.join(OUTCOMES)}.")
    if not _is_finite(step.value):
        raise DataError(f"{where} holds a number without end, which no score takes; repair or remove the line.")
    return step


def _is_finite(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def spent_in(out: Path) -> Account:
    """Return an account of what the records in *out* have cost, for a budget that holds over several commands."""
    account = Account()
    for path in sorted(out.glob("*.jsonl")):
        for record in read_records(path):
            call = record.get("call")
            cost = call.get("cost") if isinstance(call, dict) else None
            if isinstance(cost, int | float) and cost > 0:
                account.spent += cost
                account.dearest = max(account.dearest, cost)
    return account


def finished(stage: Stage, items: Sequence[Item], out: Path) -> HeldSteps:
    """Return the steps of *items* in *stage* that *out* holds; an item without one is absent."""
    return HeldSteps(out / f"{stage.name}.jsonl", [item.id for item in items])


def what_comes_first(stage: Stage, items: Sequence[Item], out: Path) -> str:
    """Return the sentence that says how many of *items* lack a step in *stage*, and which command gives it."""
    lacking = len(items) - len(finished(stage, items, out))
    have = "have" if lacking > 1 else "has"
    return (
        f"{lacking:,} of {len(items):,} items {have} no record of the stage '{stage.name}' in {str(out)!r}; "
        f"run 'openaffect bench {COMMANDS[stage.who]}' first."
    )
