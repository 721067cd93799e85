"""Who does the work of `label`: this process, several of this machine, or Ray's of many; by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from openaffect.analysis.pool import in_processes
from openaffect.distill.hearing import Mixture, Recording
from openaffect.lookup import resolve
from openaffect.records import PseudoLabel

Item = Recording | Mixture
Hear = Callable[[Item], list[PseudoLabel]]
Result = tuple[Item, list[PseudoLabel] | None]
"""An item and its rows; None where the process that heard it died, again and again."""
Spread = Callable[[Hear, Sequence[Item]], Iterator[Result]]
"""Yields the result of each item as it comes."""

ENGINES = {
    "local": "openaffect.distill.label_engines:opened",
    "ray": "openaffect.distill.label_ray:opened",
}
"""Name → what opens it, a context manager: ``opened(workers)``."""


def open_engine(name: str, workers: int) -> AbstractContextManager[Spread]:
    """Return the engine *name* with *workers* processes, for ``with``; raises `UsageError` for an unknown one."""
    engine: AbstractContextManager[Spread] = resolve(ENGINES, name, kind="engine")(workers)
    return engine


def opened(workers: int) -> AbstractContextManager[Spread]:
    """Return the engine of this machine; a single worker is this process itself."""

    def spread(hear: Hear, items: Sequence[Item]) -> Iterator[Result]:
        if workers == 1:
            yield from ((item, hear(item)) for item in items)
        else:
            yield from in_processes(hear, items, workers)

    return nullcontext(spread)
