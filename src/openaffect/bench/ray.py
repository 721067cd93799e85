"""A stage worked through by Ray: items in shards, a task a shard, on this machine's cores or on a cluster.

Ray schedules, starts workers and asks a shard again whose worker died; nothing of that is written here.  Decoding clips
is what this speeds up; a server that answers slowly is asked as fast by one process.  Needs the extra ``[ray]``.

Without ``RAY_ADDRESS`` a cluster of this machine is started and ended with the run.  Its ports can be reached from the
network, and a token that is made for the run guards them.  Ray looks for the cloud that it might run in, so Ray and
``--offline`` exclude one another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from openaffect.analysis.cluster import cluster
from openaffect.bench.engine import Finish, Local
from openaffect.bench.roles import Roles, Seat, open_seat
from openaffect.bench.task import Earlier, Item, Source, Stage, Step
from openaffect.bench.tasks import find_task
from openaffect.errors import OpenAffectError, UsageError
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call, failed
from openaffect.mllm.chat import AsyncBackend
from openaffect.mllm.stream import spread

SHARD = 16
"""Items a task: what a lost worker costs, at most."""
LIVES = 3
"""How often the shard of a lost worker is asked again."""
Done = list[tuple[Step, Call | None]]


@dataclass(frozen=True)
class Ray:
    """Asks from *workers* processes at the same time, each with its share of the concurrency.

    *task* is the name by which a worker finds the task (``mer-unibench``, ``/home/me/mine.py:TASK``).  *cache* is the
    file of replies; workers on other machines go without, since it needs a local disk.
    """

    task: str
    source: Source
    roles: Roles
    cache: Path | None
    workers: int

    async def ask(
        self,
        stage: Stage,
        waiting: Mapping[str, Item],
        earlier: Mapping[str, Earlier],
        caller: Caller,
        finish: Finish,
    ) -> None:
        """Finish each item of *waiting*; those of a shard that lost every worker are steps that failed."""
        import ray

        remote = ray.remote(num_cpus=1, max_retries=LIVES)(answer_shard)
        node = ray.get_runtime_context().get_node_id()
        lost = (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError, ray.exceptions.NodeDiedError)
        job = Job(self.task, self.source, self.roles, stage.name, self.cache, node, self._share())

        async def work(items: Sequence[Item]) -> Done:
            whole = [_with_whole_path(item) for item in items]
            try:
                done: Done = await remote.remote(job, whole, {item.id: earlier[item.id] for item in items})
                return done
            except ray.exceptions.RayTaskError as error:
                raise error.cause if isinstance(error.cause, OpenAffectError) else error from None
            except lost:
                if len(items) == 1:
                    return [_lost(items[0])]
                # One of them ends its worker: the others must not fail with it.
                return [step for item in items for step in await work([item])]

        async with aclosing(spread(_shards(waiting), work, self.workers)) as shards:
            async for done in shards:
                for step, call in done:
                    finish(step, call)

    def _share(self) -> int:
        return max(1, self.roles.asking.concurrency // self.workers)


@dataclass(frozen=True)
class Job:
    """What a worker needs to know beside the items of its shard."""

    task: str
    source: Source
    roles: Roles
    stage: str
    cache: Path | None
    node: str
    """The machine on which the cache is."""
    concurrency: int


def answer_shard(job: Job, items: Sequence[Item], earlier: Mapping[str, Earlier]) -> Done:
    """Return step and call of each of *items*; runs in a worker."""
    stage = next(stage for stage in find_task(job.task).stages(job.source) if stage.name == job.stage)
    roles = replace(job.roles, asking=replace(job.roles.asking, concurrency=job.concurrency))
    done: Done = []
    with _cache(job) as cache:
        caller = roles.open(cache, opened=_opened)[stage.who]
        asyncio.run(_answer(stage, items, earlier, caller, done))
    return done


async def _answer(
    stage: Stage, items: Sequence[Item], earlier: Mapping[str, Earlier], caller: Caller, done: Done
) -> None:
    async with aclosing(caller):
        await Local().ask(
            stage, {item.id: item for item in items}, earlier, caller, lambda step, call: done.append((step, call))
        )


def _cache(job: Job) -> Any:
    import ray

    here = job.cache is not None and ray.get_runtime_context().get_node_id() == job.node
    return ReplyCache(job.cache) if here and job.cache is not None else nullcontext()


_OPEN: dict[Seat, AsyncBackend] = {}


def _opened(seat: Seat) -> AsyncBackend:
    """Return the backend of *seat*, opened once a process: a local model is loaded once, not once a shard."""
    if seat not in _OPEN:
        _OPEN[seat] = open_seat(seat)
    return _OPEN[seat]


def _shards(waiting: Mapping[str, Item]) -> Iterator[list[Item]]:
    items = iter(waiting.values())
    while shard := list(islice(items, SHARD)):
        yield shard


def _with_whole_path(item: Item) -> Item:
    return item if item.media is None else replace(item, media=item.media.resolve())


def _lost(item: Item) -> tuple[Step, Call | None]:
    error = OpenAffectError(f"its worker was lost {LIVES + 1} times; look for a clip that needs too much memory.")
    return Step(item.id, outcome="failed", cause=str(error)), failed("", error)


@contextmanager
def opened(task: str, source: Source, roles: Roles, cache: Path | None, workers: int | None) -> Iterator[Ray]:
    """Yield the engine with a cluster behind it: the one at ``RAY_ADDRESS``, else one of *workers* on this machine.

    Raises `UsageError` for a budget, which one process has to keep, and `MissingPart` without Ray.
    """
    if roles.asking.budget is not None:
        raise UsageError("a budget is kept by one process; use --engine local, or leave --budget out.")
    # Workers may run in other folders.
    source = replace(source, data=source.data.resolve(), cache=None if source.cache is None else source.cache.resolve())
    seats = {who: replace(seat, spec=_found_anywhere(seat.spec)) for who, seat in roles.seats.items()}
    cache = None if cache is None else cache.resolve()
    with cluster(workers) as cores:
        count = min(workers or cores, cores, roles.asking.concurrency)
        yield Ray(_found_anywhere(task), source, replace(roles, seats=seats), cache, count)


def _found_anywhere(name: str) -> str:
    """Return *name* with the whole path of its file, where it is one of ``./FILE.py:NAME``."""
    path, own, rest = name.partition(".py:")
    return f"{Path(path).resolve()}.py:{rest}" if own and ":" not in path else name
