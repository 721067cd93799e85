"""A task and a backend that workers of Ray find by this file's name; each question notes the process that asked it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from openaffect.bench.task import Item, Source
from openaffect.errors import KeyRejected
from openaffect.mllm.chat import Message, Options, Reply, Text
from tests.bench import killed_run

TASK = killed_run.TASK


class Noted:
    """Answers after a moment and appends process and question to a file."""

    model, revision, host = "noted", "", ""

    def __init__(self, log: Path) -> None:
        self._log = log

    async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
        (part,) = messages[0].parts
        assert isinstance(part, Text)
        await asyncio.sleep(0.01)
        with self._log.open("a") as file:
            file.write(f"{os.getpid()} {part.text}\n")
        return Reply(part.text[::-1])


def open_noted(rest: str, *, base_url: str | None = None, revision: str = "") -> Noted:
    return Noted(Path(rest))


class Locked:
    """Refuses the key."""

    model, revision, host = "locked", "", ""

    async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
        raise KeyRejected("the server wants another key.")


def open_locked(rest: str, *, base_url: str | None = None, revision: str = "") -> Locked:
    return Locked()


class Deadly:
    """Ends its process when it is asked about one item."""

    model, revision, host = "deadly", "", ""

    async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
        (part,) = messages[0].parts
        assert isinstance(part, Text)
        if part.text == "first item/003":
            os._exit(1)
        return Reply(part.text)


def open_deadly(rest: str, *, base_url: str | None = None, revision: str = "") -> Deadly:
    return Deadly()


def few(source: Source) -> list[Item]:
    return list(killed_run.items(source))[:20]


FEW = replace(TASK, items=few)
