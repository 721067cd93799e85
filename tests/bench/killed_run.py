"""A run of 500 items that writes down whatever it asks; started, killed and started again by test_river.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openaffect.bench.river import run
from openaffect.bench.task import Item, Source, Stage, Step, Task, read_text
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Options, Reply, Text
from openaffect.records import Record

ITEMS = 500


class Count(Record):
    """The scores of the made task."""

    n: int
    letters: int


class Noted:
    """A backend that answers after a moment and notes what it is asked."""

    model, revision, host = "noted", "", ""

    def __init__(self, log: Path) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
        import asyncio

        (part,) = messages[0].parts
        assert isinstance(part, Text)
        os.write(self._log, (part.text + "\n").encode())
        await asyncio.sleep(0.002)
        return Reply(part.text[::-1])


def items(source: Source) -> Iterable[Item]:
    return (Item(f"item/{number:03d}", "item") for number in range(ITEMS))


def stages(source: Source) -> tuple[Stage, ...]:
    def first(item: Item, earlier: Mapping[str, Step]) -> Sequence[Message]:
        return (Message("user", (Text(f"first {item.id}"),)),)

    def second(item: Item, earlier: Mapping[str, Step]) -> Sequence[Message] | str:
        if item.id.endswith("7"):
            return "sevens are left out"
        return (Message("user", (Text(f"second {earlier['first'].value}"),)),)

    def kept(item: Item, earlier: Mapping[str, Step], call: object) -> Step:
        return read_text(item, call)  # type: ignore[arg-type]

    return (Stage("first", "model", first, kept), Stage("second", "judge", second, kept))


def score(found: Sequence[Item], steps: Mapping[str, Mapping[str, Step]], source: Source) -> Count:
    values = [step.value for by_id in steps.values() for step in by_id.values() if step.value]
    return Count(n=len(values), letters=sum(map(len, values)))


TASK = Task("made", "a made task", "counts letters", items, stages, score)

if __name__ == "__main__":
    out, log = map(Path, sys.argv[1:])
    caller = Caller(Noted(log), concurrency=8)
    run(TASK, Source(Path()), {"model": caller, "extractor": caller, "judge": caller}, out)
