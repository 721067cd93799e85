"""One process, or several that ``torchrun`` started: who am I, and what do the others have?

Gloo on the CPU.  Outside ``torchrun`` nothing of torch.distributed is touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from openaffect.errors import UsageError


@dataclass(frozen=True)
class Ranks:
    """This process among those of a run."""

    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes."""
        return self.rank == 0

    def wrap(self, module: nn.Module) -> nn.Module:
        """Return *module* so that gradients are averaged over the processes."""
        return module if self.world == 1 else DistributedDataParallel(module)

    def whole(self, mine: Tensor) -> Tensor:
        """Return the rows of all processes, in order; only one's own carry a gradient.

        The gradients of a figure of the whole batch, summed over the processes, are those of one process that has the
        whole batch; since they are averaged instead, the figure must be taken `world` times.
        """
        if self.world == 1:
            return mine
        parts = [torch.empty_like(mine) for _ in range(self.world)]
        dist.all_gather(parts, mine.detach().contiguous())
        parts[self.rank] = mine
        return torch.cat(parts)

    def gathered(self, mine: Any) -> list[Any]:
        """Return what each process has, in order of their ranks."""
        if self.world == 1:
            return [mine]
        parts: list[Any] = [None] * self.world
        dist.all_gather_object(parts, mine)
        return parts

    def wait(self) -> None:
        """Return when every process has come here."""
        if self.world > 1:
            dist.barrier()


@contextmanager
def joined() -> Iterator[Ranks]:
    """Yield this process among those that ``torchrun`` started, or alone."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        yield Ranks()
        return
    if not dist.is_gloo_available():
        raise UsageError("this build of torch has no gloo, by which processes talk; run one process.")
    dist.init_process_group("gloo", timeout=timedelta(hours=6))
    try:
        yield Ranks(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()
