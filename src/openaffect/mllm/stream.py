"""Asynchronous work over a long iterable: bounded, in flat memory, with nothing finished lost at the end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def spread(
    items: Iterable[T] | AsyncIterable[T], work: Callable[[T], Awaitable[R]], workers: int
) -> AsyncGenerator[R, None]:
    """Yield ``await work(item)`` of each item as it ends, at most *workers* at a time.

    *items* is read no faster than results are taken: at most twice *workers* items are begun and not yet taken.
    The first exception of *work* or *items* cancels the other work; what had ended is yielded, then it is raised.
    So it is when the reader is cancelled while it waits for the next result.
    """
    source, turn, room = each(items), asyncio.Lock(), asyncio.Semaphore(2 * workers)
    ready: deque[R] = deque()
    news = asyncio.Event()

    async def toil() -> None:
        while True:
            await room.acquire()
            async with turn:  # an asynchronous generator cannot be asked twice at once
                try:
                    item = await anext(source)
                except StopAsyncIteration:
                    return
            ready.append(await work(item))
            news.set()

    crew = asyncio.create_task(_all(toil, workers, news))
    try:
        while ready or not crew.done():
            while ready:
                yield ready.popleft()
                room.release()
            news.clear()
            if not crew.done():
                await news.wait()
        await crew
    except asyncio.CancelledError:
        await _stop(crew)
        while ready:
            yield ready.popleft()
        raise
    finally:
        await _stop(crew)


async def each(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    """Yield each of *items*, whichever kind of iterable it is."""
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


async def _all(toil: Callable[[], Awaitable[None]], workers: int, ended: asyncio.Event) -> None:
    """Run *workers* of *toil*; at the first exception, cancel the others and raise it.  Sets *ended* in any case."""
    tasks = [asyncio.ensure_future(toil()) for _ in range(workers)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            await _stop(task)
        ended.set()


async def _stop(task: asyncio.Future[None]) -> None:
    """Cancel *task* and wait for its end; what it raised is left to whoever awaits it."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
