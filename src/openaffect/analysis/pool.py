"""Work in several processes, each call alone with its fate: a call that kills its process takes no other with it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_processes(
    call: Callable[[_Item], _Result], items: Sequence[_Item], jobs: int
) -> Iterator[tuple[_Item, _Result | None]]:
    """Yield ``(item, call(item))`` as results come; None stands for a call whose process died, twice.

    When a process dies, nobody knows which call did it; so all that were unfinished are tried again, one by one, each
    in a process of its own.  What *call* raises is raised here and ends the work.
    """
    unsure: list[int] = []
    pool = _pool(jobs)
    try:
        pending: dict[Future[_Result], int] = {pool.submit(call, item): n for n, item in enumerate(items)}
        while pending:
            ready, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in sorted(ready, key=pending.__getitem__):
                number = pending.pop(future)
                try:
                    yield items[number], future.result()
                except BrokenProcessPool:
                    unsure.append(number)
    except BaseException:
        _stop(pool)
        raise
    pool.shutdown()
    for number in sorted(unsure):
        yield items[number], _alone(call, items[number])


def _alone(call: Callable[[_Item], _Result], item: _Item) -> _Result | None:
    pool = _pool(1)
    try:
        result = pool.submit(call, item).result()
    except BrokenProcessPool:
        return None
    except BaseException:
        _stop(pool)
        raise
    pool.shutdown()
    return result


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_ignore_interrupt)


def _ignore_interrupt() -> None:
    # Ctrl-C reaches the whole group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop(pool: ProcessPoolExecutor) -> None:
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()
    pool.shutdown(wait=False, cancel_futures=True)
