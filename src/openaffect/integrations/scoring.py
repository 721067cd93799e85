"""The replies that a harness got → the steps and scores of ``openaffect bench run``.

The harness asks the model under test.  The later stages (labels, steps, judging) are asked here, with the prompts,
options, readers and scores of the bench, so that every harness reports the same number.  What a harness could not ask,
or got no reply to, stays a step with its cause and counts as the benchmark says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from openaffect.bench.cards import card_of
from openaffect.bench.engine import Local
from openaffect.bench.task import Item, Source, Stage, Step, Steps
from openaffect.errors import KeyRejected, MediaError
from openaffect.integrations.opened import Bench
from openaffect.mllm.calls import Call, failed
from openaffect.mllm.chat import Message, Part
from openaffect.mllm.wire import part_payload
from openaffect.records import Record
from openaffect.store import dump, write_atomic, write_card

_LONGEST = 100
Given = Call | str
"""What came of asking the model under test: a call, failed or not; or in words why it was not asked."""


def question(bench: Bench, name: str) -> Sequence[Message] | Given:
    """Return what the model is to be asked about the item called *name*, or what came of it without asking."""
    try:
        return bench.stages[0].messages(bench.items[name], {})
    except MediaError as error:
        return failed("", error)


def kind_and_value(part: Part) -> tuple[str, str]:
    """Return ``text`` and the text of *part*, or ``image``, ``audio`` or ``video`` and a data URL.

    >>> from openaffect.mllm.chat import Sound
    >>> kind_and_value(Sound(b"RIFF", 1.0))
    ('audio', 'data:audio/wav;base64,UklGRg==')
    """
    payload = part_payload(part, "audio_url")
    kind = payload["type"]
    return (kind, payload[kind]) if kind == "text" else (kind.removesuffix("_url"), payload[kind]["url"])


async def finish(bench: Bench, given: Mapping[str, Given]) -> dict[str, dict[str, Step]]:
    """Return the steps of all stages for the items in *given* (id → what came of asking the model).

    A rejected key, which ends a run of the bench, is here the cause of steps that failed: the replies of the harness
    are not lost with it.
    """
    first, *later = bench.stages
    items = {name: item for name, item in bench.items.items() if name in given}
    steps = {first.name: {name: _first_step(first, item, given[name]) for name, item in items.items()}}
    for stage in later:
        steps[stage.name] = await _stage(bench, stage, items, steps)
    return steps


def _first_step(stage: Stage, item: Item, given: Given) -> Step:
    return Step(item.id, outcome="skipped", cause=given) if isinstance(given, str) else stage.read(item, {}, given)


async def _stage(bench: Bench, stage: Stage, items: Mapping[str, Item], steps: Steps) -> dict[str, Step]:
    found: dict[str, Step] = {}
    earlier = {name: {key: by_id[name] for key, by_id in steps.items()} for name in items}

    def keep(step: Step, _: Call | None) -> None:
        found[step.id] = step

    try:
        await Local().ask(stage, items, earlier, bench.callers[stage.who], keep)
    except KeyRejected as error:
        lost = items.keys() - found.keys()
        found |= {name: Step(name, outcome="failed", cause=str(error)) for name in lost}
    return {name: found[name] for name in items}


def score(bench: Bench, steps: Steps, model: str) -> Record:
    """Return the scores of the items that *steps* hold, and write the run of *model* to ``OUT/<task>/<model>``.

    The folder is as ``openaffect bench run`` writes it, for ``bench view`` and ``bench leaderboard``, and called as
    `folder_name` says; an earlier run of the same model there is replaced.  Raises what the task's scoring raises.
    """
    asked = steps[bench.stages[0].name]
    items = [item for name, item in bench.items.items() if name in asked]
    # A limit of the harness' own: items that it never meant to ask must not count as wrong.
    source = bench.source if len(items) == len(bench.items) else replace(bench.source, limit=len(items))
    scores = bench.task.score(items, steps, source)
    room = bench.out / bench.task.key / folder_name(model)
    _keep(bench, source, steps, model, room, [item.id for item in items])
    write_atomic(room / "scores.json", scores.model_dump_json(indent=2) + "\n")
    return scores


def folder_name(model: str) -> str:
    """Return what the folder of *model* is called: its name where that can be, else one made of it with a hash.

    >>> folder_name("org-model"), folder_name("org/model")
    ('org-model', 'org-model-c87c0c64')
    """
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", model).strip(".-")[:_LONGEST]
    if plain and plain == model:
        return plain
    # Names that differ only in what was changed are other models.
    return f"{plain or 'model'}-{hashlib.sha256(model.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _keep(bench: Bench, source: Source, steps: Steps, model: str, room: Path, names: Sequence[str]) -> None:
    card = card_of(bench.task, source, bench.stages, bench.callers)
    card["models"]["model"] = {"model": model, "revision": ""}
    write_card(room / "card.json", card)
    for stage, by_id in steps.items():
        write_atomic(room / f"{stage}.jsonl", "".join(f"{dump(asdict(by_id[name]))}\n" for name in names))
