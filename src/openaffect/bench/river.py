"""A run: items through the stages of a task, one record an item and stage, to scores; stopped anywhere, it goes on.

``OUT/<stage>.jsonl`` holds a record for each item that a stage has finished.  The last record of an item counts: a call
that failed, or that no money was left for, is tried again by the next run; what was answered is never asked twice.
``OUT/card.json`` says what the run is; another model, prompt or choice of data in the same folder is refused.
`run` is `ask` for all roles and `score`; each may also be called alone, on the same folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from openaffect.bench.cards import card_of, keep_card
from openaffect.bench.engine import Engine, Local
from openaffect.bench.held import EarlierSteps, HeldSteps, finished, what_comes_first
from openaffect.bench.task import Item, Source, Stage, Step, Task, Who
from openaffect.errors import DataError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call
from openaffect.records import Record
from openaffect.store import RecordFile, write_atomic

Tell = Callable[[str, int, int], None]
"""Told after each item: stage, how many are done, how many there are."""
AGAIN = ("failed", "unasked", "skipped")
"""Outcomes that the next run looks at again: what was skipped may have an answer to build on by then."""
Steps = dict[str, Mapping[str, Step]]
LOCAL = Local()


@dataclass(frozen=True)
class Run:
    """What came of a run."""

    items: tuple[Item, ...]
    steps: Steps
    scores: Record


def run(
    task: Task,
    source: Source,
    callers: Mapping[Who, Caller],
    out: Path,
    *,
    tell: Tell | None = None,
    engine: Engine = LOCAL,
) -> Run:
    """Return the steps and scores of *task*, asking *callers*; what *out* holds of the same run is not asked again.

    Raises `DataError` for data that cannot be used or that hold no item, `UsageError` for a folder that holds another
    run, `openaffect.errors.KeyRejected` when a key is refused; what was finished before is kept.
    """
    items = items_of(task, source)
    steps = _ask(task, source, items, callers, out, tell, engine)
    return _scored(task, source, items, steps, out)


def ask(
    task: Task,
    source: Source,
    callers: Mapping[Who, Caller],
    out: Path,
    *,
    tell: Tell | None = None,
    engine: Engine = LOCAL,
) -> Steps:
    """Ask the roles in *callers* alone and return the steps of their stages.

    Stages are asked in the order of the task, up to the first one of another role that is not finished.  Raises
    `UsageError` when not one stage can be asked yet, and what `run` raises.
    """
    steps = _ask(task, source, items_of(task, source), callers, out, tell, engine)
    roles = {stage.name: stage.who for stage in task.stages(source)}
    return {name: by_id for name, by_id in steps.items() if roles[name] in callers}


def score(task: Task, source: Source, out: Path) -> Run:
    """Return the steps in *out* and their scores, which are written there; raises `DataError` where a step is lacking.

    Nothing is asked.  Steps that failed count as the task says.
    """
    items = items_of(task, source)
    steps: Steps = {}
    for stage in task.stages(source):
        steps[stage.name] = finished(stage, items, out)
        if len(steps[stage.name]) < len(items):
            raise DataError(f"there are no scores yet: {what_comes_first(stage, items, out)}")
    return _scored(task, source, items, steps, out)


def items_of(task: Task, source: Source) -> tuple[Item, ...]:
    """Return the items of *task*; raises `DataError` where there is none, or where two have one name."""
    items = tuple(task.items(source))
    if not items:
        raise DataError(f"there is nothing to ask in {task.title}: no item was found in {str(source.data)!r}.")
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise DataError(f"two items are called {item.id!r}; every item needs a name of its own.")
        seen.add(item.id)
    return items


def _ask(
    task: Task,
    source: Source,
    items: Sequence[Item],
    callers: Mapping[Who, Caller],
    out: Path,
    tell: Tell | None,
    engine: Engine,
) -> Steps:
    stages = task.stages(source)
    if not any(stage.who in callers for stage in stages):
        raise UsageError(
            f"{task.title} asks no {' or '.join(callers)}: there is nothing to do; go on with the next step."
        )
    # Before the card is written: a command that comes too early leaves no record.
    for stage in stages:
        if stage.who in callers:
            break
        if len(finished(stage, items, out)) < len(items):
            raise UsageError(what_comes_first(stage, items, out))
    keep_card(out / "card.json", card_of(task, source, stages, callers))
    return asyncio.run(_stages(stages, items, callers, out, tell, engine))


async def _stages(
    stages: Sequence[Stage],
    items: Sequence[Item],
    callers: Mapping[Who, Caller],
    out: Path,
    tell: Tell | None,
    engine: Engine,
) -> Steps:
    steps: Steps = {}
    try:
        for stage in stages:
            if stage.who in callers:
                steps[stage.name] = await _stage(stage, items, steps, callers[stage.who], out, tell, engine)
                continue
            there = finished(stage, items, out)
            if len(there) < len(items):
                break
            steps[stage.name] = there
    finally:
        # Connections belong to the event loop that ends here.
        for caller in callers.values():
            await caller.aclose()
    return steps


async def _stage(
    stage: Stage,
    items: Sequence[Item],
    steps: Steps,
    caller: Caller,
    out: Path,
    tell: Tell | None,
    engine: Engine,
) -> Mapping[str, Step]:
    path = out / f"{stage.name}.jsonl"
    with RecordFile(path) as file:
        # Read when nobody else can write any more.
        before = HeldSteps(path)
        done = {name for name, step in before.items() if step.outcome not in AGAIN}
        waiting = {item.id: item for item in items if item.id not in done}
        count = len(items) - len(waiting)

        def finish(step: Step, call: Call | None) -> None:
            nonlocal count
            if call is not None or before.get(step.id) != step:
                _append(file, step, call)
            count += 1
            if tell is not None:
                tell(stage.name, count, len(items))

        await engine.ask(stage, waiting, EarlierSteps(steps, waiting.keys()), caller, finish)
    return finished(stage, items, out)


def _append(file: RecordFile, step: Step, call: Call | None) -> None:
    beside = {"call": None if call is None else _without_text(call)}
    try:
        file.append({**asdict(step), **beside})
    except (ValueError, TypeError) as error:  # a task of the user's own: no JSON can be made of its value
        lost = replace(step, value=None, outcome="unreadable", cause=f"its value cannot be stored: {error}")
        file.append({**asdict(lost), **beside})


def _without_text(call: Call) -> dict[str, Any]:
    """Return the call without the text of its reply, which the step holds."""
    record = call.record("")
    reply = record.pop("reply")
    usage = {
        key: value for key, value in (reply or {}).items() if key in ("finish_reason", "input_tokens", "output_tokens")
    }
    return {**{key: value for key, value in record.items() if key != "id"}, **usage}


def _scored(task: Task, source: Source, items: tuple[Item, ...], steps: Steps, out: Path) -> Run:
    scores = task.score(items, steps, source)
    write_atomic(out / "scores.json", scores.model_dump_json(indent=2) + "\n")
    return Run(items, steps, scores)
