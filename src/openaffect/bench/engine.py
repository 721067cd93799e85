"""Who works through the items of a stage: one event loop in this process, or what `ENGINES` names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Protocol

from openaffect.bench.task import Earlier, Item, Stage, Step
from openaffect.errors import MediaError
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call, failed
from openaffect.mllm.stream import spread

Finish = Callable[[Step, Call | None], None]
"""Told what came of an item as soon as it is known; the call is None where nothing was asked."""


class Engine(Protocol):
    """Anything that asks a stage's questions."""

    async def ask(
        self,
        stage: Stage,
        waiting: Mapping[str, Item],
        earlier: Mapping[str, Earlier],
        caller: Caller,
        finish: Finish,
    ) -> None:
        """Finish each item of *waiting* once; *earlier* holds its steps in earlier stages, by its id."""
        ...


class Local:
    """Asks from the running event loop, at most ``caller.concurrency`` items at a time.

    Clips are decoded in threads, several at a time: replies do not wait for that, and it uses all cores.
    """

    async def ask(
        self,
        stage: Stage,
        waiting: Mapping[str, Item],
        earlier: Mapping[str, Earlier],
        caller: Caller,
        finish: Finish,
    ) -> None:
        """Finish each item of *waiting*; a clip that cannot be decoded is a step that failed."""

        async def work(item: Item) -> tuple[Step, Call | None]:
            try:
                question = await asyncio.to_thread(stage.messages, item, earlier[item.id])
            except MediaError as error:
                return Step(item.id, outcome="failed", cause=str(error)), failed("", error)
            if isinstance(question, str):
                return Step(item.id, outcome="skipped", cause=question), None
            call = await caller.call(question, stage.options)
            return stage.read(item, earlier[item.id], call), call

        async with aclosing(spread(waiting.values(), work, caller.concurrency)) as done:
            async for step, call in done:
                finish(step, call)
