"""Work spread by Ray over this machine's cores or a cluster: items in shards, a task a shard.

Files are read by the workers, so that on more than one machine they need the same paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from openaffect.analysis.cluster import cluster
from openaffect.distill.label_engines import Hear, Item, Result, Spread
from openaffect.errors import OpenAffectError
from openaffect.records import PseudoLabel

SHARD = 8
"""Items a task: what a lost worker costs, at most."""
LIVES = 1
"""How often the shard of a lost worker is done again as a whole, before its items are done one by one."""


@contextmanager
def opened(workers: int) -> Iterator[Spread]:
    """Yield the engine with a cluster behind it: that at ``RAY_ADDRESS``, else one of *workers* on this machine."""
    with cluster(workers) as cores:

        def spread(hear: Hear, items: Sequence[Item]) -> Iterator[Result]:
            yield from _spread(hear, items, min(workers, cores))

        yield spread


def answered(hear: Hear, items: Sequence[Item]) -> list[list[PseudoLabel]]:
    """Return ``hear(item)`` of each of *items*; runs in a worker."""
    return [hear(item) for item in items]


def _spread(hear: Hear, items: Sequence[Item], workers: int) -> Iterator[Result]:
    import ray

    remote: Any = ray.remote(num_cpus=1, max_retries=LIVES)(answered)
    shards = [items[at : at + SHARD] for at in range(0, len(items), SHARD)][::-1]
    running: dict[Any, Sequence[Item]] = {}
    while shards or running:
        while shards and len(running) < workers:
            shard = shards.pop()
            running[remote.remote(hear, shard)] = shard
        (ready, *_), _ = ray.wait(list(running), num_returns=1)
        shard = running.pop(ready)
        results = _result(ready)
        if results is not None:
            yield from zip(shard, results, strict=True)
        elif len(shard) == 1:
            yield shard[0], None
        else:  # one of them ends its worker: the others must not fail with it
            shards.extend([item] for item in shard)


def _result(ready: Any) -> list[list[PseudoLabel]] | None:
    """Return what came of a shard, None where its worker was lost; raise what it raised."""
    import ray

    lost = (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError, ray.exceptions.NodeDiedError)
    try:
        found: list[list[PseudoLabel]] = ray.get(ready)
    except ray.exceptions.RayTaskError as error:
        raise error.cause if isinstance(error.cause, OpenAffectError) else error from None
    except lost:
        return None
    return found
