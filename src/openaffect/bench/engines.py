"""The engines by name: who works through the items of a stage."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from openaffect.bench.engine import Engine, Local
from openaffect.bench.roles import Roles
from openaffect.bench.task import Source
from openaffect.lookup import resolve

ENGINES = {"local": "openaffect.bench.engines:opened", "ray": "openaffect.bench.ray:opened"}
"""Name → the function that opens it, a context manager: ``opened(task, source, roles, cache, workers)``."""


def open_engine(
    name: str, task: str, source: Source, roles: Roles, cache: Path | None, workers: int | None
) -> AbstractContextManager[Engine]:
    """Return the engine called *name*, to be used in ``with``; raises `UsageError` for an unknown one.

    *task* is the name by which another process finds the task, *cache* the file of replies.
    """
    engine: AbstractContextManager[Engine] = resolve(ENGINES, name, kind="engine")(task, source, roles, cache, workers)
    return engine


def opened(
    task: str, source: Source, roles: Roles, cache: Path | None, workers: int | None
) -> AbstractContextManager[Engine]:
    """Return the engine of this process."""
    return nullcontext(Local())
