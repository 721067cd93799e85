"""A run: items through the stages of a task, one record an item and stage, to scores; stopped anywhere, it goes on.

``OUT/<stage>.jsonl`` holds a record for each item that a stage has finished.  The last record of an item counts: a call
that failed, or that no money was left for, is tried again by the next run; what was answered is never asked twice.
``OUT/card.json`` says what the run is; another model, prompt or choice of data in the same folder is refused.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from openaffect.bench.task import Item, Source, Stage, Step, Task, Who
from openaffect.errors import DataError, MediaError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call, failed
from openaffect.mllm.chat import Message
from openaffect.records import Record
from openaffect.store import RecordFile, read_records, write_atomic, write_card

Tell = Callable[[str, int, int], None]
"""Told after each item: stage, how many are done, how many there are."""
AGAIN = ("failed", "unasked", "skipped")
"""Outcomes that the next run looks at again: what was skipped may have an answer to build on by then."""


@dataclass(frozen=True)
class Run:
    """What came of a run."""

    items: tuple[Item, ...]
    steps: dict[str, dict[str, Step]]
    scores: Record


def run(task: Task, source: Source, callers: Mapping[Who, Caller], out: Path, *, tell: Tell | None = None) -> Run:
    """Return the steps and scores of *task*, asking *callers*; what *out* holds of the same run is not asked again.

    Raises `DataError` for data that cannot be used or that hold no item, `UsageError` for a folder that holds another
    run, `openaffect.errors.KeyRejected` when a key is refused; what was finished before is kept.
    """
    items = tuple(task.items(source))
    if not items:
        raise DataError(f"there is nothing to ask in {task.title}: no item was found in {str(source.data)!r}.")
    _check_ids(items)
    stages = task.stages(source)
    _check_card(out / "card.json", _card(task, source, stages, callers))
    steps = asyncio.run(_stages(stages, items, callers, out, tell))
    scores = task.score(items, steps, source)
    write_atomic(out / "scores.json", scores.model_dump_json(indent=2) + "\n")
    return Run(items, steps, scores)


def read_steps(path: Path) -> dict[str, Step]:
    """Return the steps in a stage's record file by the id of their item; the last record of an item counts."""
    if not path.exists():
        return {}
    known = set(Step.__dataclass_fields__)
    steps = {}
    for record in read_records(path):
        steps[str(record["id"])] = Step(**{key: value for key, value in record.items() if key in known})
    return steps


async def _stages(
    stages: Sequence[Stage], items: Sequence[Item], callers: Mapping[Who, Caller], out: Path, tell: Tell | None
) -> dict[str, dict[str, Step]]:
    steps: dict[str, dict[str, Step]] = {}
    try:
        for stage in stages:
            steps[stage.name] = await _stage(stage, items, steps, callers[stage.who], out, tell)
    finally:
        # Connections belong to the event loop that ends here.
        for backend in {id(caller.backend): caller.backend for caller in callers.values()}.values():
            if (close := getattr(backend, "aclose", None)) is not None:
                await close()
    return steps


async def _stage(
    stage: Stage,
    items: Sequence[Item],
    steps: Mapping[str, Mapping[str, Step]],
    caller: Caller,
    out: Path,
    tell: Tell | None,
) -> dict[str, Step]:
    path = out / f"{stage.name}.jsonl"
    before = read_steps(path)
    done = {name: step for name, step in before.items() if step.outcome not in AGAIN}
    waiting = {item.id: item for item in items if item.id not in done}
    earlier = {name: {stage_: by_id[name] for stage_, by_id in steps.items() if name in by_id} for name in waiting}
    with RecordFile(path) as file:
        count = len(items) - len(waiting)

        def finish(step: Step, call: Call | None) -> None:
            nonlocal count
            if call is not None or before.get(step.id) != step:
                file.append({**asdict(step), "call": None if call is None else _without_text(call)})
            done[step.id] = step
            count += 1
            if tell is not None:
                tell(stage.name, count, len(items))

        asked = _questions(stage, waiting, earlier, finish)
        async with aclosing(caller.stream(asked, stage.options)) as calls:
            async for name, call in calls:
                finish(stage.read(waiting[name], earlier[name], call), call)
    return {item.id: done[item.id] for item in items}


async def _questions(
    stage: Stage,
    waiting: Mapping[str, Item],
    earlier: Mapping[str, Mapping[str, Step]],
    finish: Callable[[Step, Call | None], None],
) -> AsyncIterator[tuple[str, Sequence[Message]]]:
    """Yield what is to be asked; finish at once what has nothing to ask or a clip that cannot be decoded."""
    for name, item in waiting.items():
        try:
            # In a thread: clips are decoded here, and replies must not wait for that.
            question = await asyncio.to_thread(stage.messages, item, earlier[name])
        except MediaError as error:
            call = failed("", error)
            finish(Step(name, outcome="failed", cause=str(error)), call)
            continue
        if isinstance(question, str):
            finish(Step(name, outcome="skipped", cause=question), None)
        else:
            yield name, question


def _without_text(call: Call) -> dict[str, Any]:
    """Return the call without the text of its reply, which the step holds."""
    record = call.record("")
    reply = record.pop("reply")
    usage = {
        key: value for key, value in (reply or {}).items() if key in ("finish_reason", "input_tokens", "output_tokens")
    }
    return {**{key: value for key, value in record.items() if key != "id"}, **usage}


def _check_ids(items: Sequence[Item]) -> None:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise DataError(f"two items are called {item.id!r}; every item needs a name of its own.")
        seen.add(item.id)


def _card(task: Task, source: Source, stages: Sequence[Stage], callers: Mapping[Who, Caller]) -> dict[str, Any]:
    asked = {stage.who for stage in stages}
    return {
        "task": task.key,
        "data": str(source.data),
        "modalities": sorted(source.modalities),
        "parts": list(source.parts),
        "models": {
            who: {"model": callers[who].backend.model, "revision": callers[who].backend.revision}
            for who in sorted(asked)
        },
        "order": [stage.name for stage in stages],
        "stages": {stage.name: {"options": asdict(stage.options), "prompts": dict(stage.prompts)} for stage in stages},
    }


def _check_card(path: Path, card: Mapping[str, Any]) -> None:
    """Write the card of a new run; refuse to go on with a run of another kind."""
    wanted = json.loads(json.dumps(card))
    if path.exists():
        try:
            there = json.loads(path.read_bytes())
        except ValueError as error:
            raise DataError(f"{str(path)!r} is damaged ({error}); choose another --out.") from error
        different = [key for key in wanted if not isinstance(there, dict) or there.get(key) != wanted[key]]
        if different:
            raise UsageError(
                f"{str(path.parent)!r} holds a run with other {', '.join(different)}; choose another --out, or go on "
                "with the same settings."
            )
    write_card(path, wanted)
