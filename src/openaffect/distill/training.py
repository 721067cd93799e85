"""The loop: batches into a network, one step after the other, with a look at ``dev`` now and then."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from openaffect.distill.crops import Batches, Floats
from openaffect.distill.label_rows import targets_of
from openaffect.distill.losses import ccc_loss
from openaffect.distill.options import FitOptions
from openaffect.distill.predict import predictions
from openaffect.distill.ranks import Ranks
from openaffect.distill.resume import Progress, load_progress, optimiser, save_progress
from openaffect.distill.schedule import learning_rate, randomness
from openaffect.distill.sounds import Sounds
from openaffect.errors import UsageError
from openaffect.metrics.regression import ccc
from openaffect.runtime.facts import DIMENSIONS

_DROPOUT = 1 << 31
"""Keeps the seed of a network's own randomness apart from that of its weights."""


@dataclass(frozen=True)
class Told:
    """What there is to say after a step."""

    step: int
    """Steps that are done."""
    steps: int
    """Steps that there will be."""
    loss: float
    rate: float
    """Learning rate."""
    gradient: float
    """Length of the gradient before it was shortened."""
    seconds: float
    """Time that the step took."""
    looked: bool = False
    """Whether the split ``dev`` was looked at."""
    better: bool = False
    """Whether the weights are the best so far."""
    dev: dict[str, float | None] = field(default_factory=dict)
    """CCC by dimension over the split ``dev``."""


class Training:
    """A network on its way; `steps` moves it on."""

    def __init__(
        self,
        module: nn.Module,
        batches: Batches,
        dev: Sounds,
        options: FitOptions,
        present: tuple[str, ...],
        ranks: Ranks,
    ) -> None:
        # Measured on Wav2Small: channels last is a fifth faster on one thread, and a half slower on two.
        layout = torch.channels_last if options.threads == 1 else torch.contiguous_format
        self.module = module.to(memory_format=layout).train()  # type: ignore[call-overload]
        self.progress = Progress()
        self._batches, self._dev, self._options, self._present, self._ranks = batches, dev, options, present, ranks
        self._optimiser = optimiser(module, options.learning_rate, options.weight_decay)
        self._targets = targets_of(dev.rows)

    def begin_at_the_mean(self) -> None:
        """Set the offsets of the last layer to the mean of the labels: nothing has to be learnt for that."""
        last = getattr(self.module, "adv", None)
        if not isinstance(last, nn.Linear) or last.bias is None:
            return
        values = targets_of(self._batches.sounds.rows)
        known = np.isfinite(values)
        means = np.where(known, values, 0.0).sum(0) / np.maximum(known.sum(0), 1)
        with torch.no_grad():
            last.bias.copy_(torch.from_numpy(means))

    def go_on(self, state: Path) -> None:
        """Take network, optimiser and progress from the file *state*."""
        self.progress = load_progress(state, self.module, self._optimiser)

    def save(self, state: Path) -> None:
        """Write network, optimiser and progress to the file *state*."""
        save_progress(state, self.module, self._optimiser, self.progress)

    def steps(self) -> Iterator[Told]:
        """Yield after each step that is left; the next batch is made meanwhile."""
        network, total = self._ranks.wrap(self.module), self._options.steps
        with ThreadPoolExecutor(1) as maker:
            made = maker.submit(self._batches, self.progress.step)
            for step in range(self.progress.step, total):
                began = time.perf_counter()
                sound, targets = made.result()
                if step + 1 < total:
                    made = maker.submit(self._batches, step + 1)
                loss, rate, gradient = self._step(network, step, sound, targets)
                self.progress.step = step + 1
                yield self._told(loss, rate, gradient, time.perf_counter() - began)

    def _step(self, network: nn.Module, step: int, sound: Floats, targets: Floats) -> tuple[float, float, float]:
        options, ranks = self._options, self._ranks
        rate = learning_rate(step, steps=options.steps, warmup=options.warmup, peak=options.learning_rate)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        torch.manual_seed(int(randomness(step, seed=options.seed + _DROPOUT).integers(1 << 62)) + ranks.rank)
        self._optimiser.zero_grad(set_to_none=True)
        said = ranks.whole(network(torch.from_numpy(sound)))
        loss = ccc_loss(said, ranks.whole(torch.from_numpy(targets)), mse=options.mse)
        if not math.isfinite(loss.item()):
            raise UsageError(
                f"the loss of step {step + 1} is not a finite number; try a smaller --learning-rate than "
                f"{options.learning_rate}, in another --out."
            )
        (loss * ranks.world).backward()  # type: ignore[no-untyped-call]
        gradient = nn.utils.clip_grad_norm_(self.module.parameters(), options.clip_norm)
        self._optimiser.step()
        return loss.item(), rate, float(gradient)

    def _told(self, loss: float, rate: float, gradient: float, seconds: float) -> Told:
        step, options = self.progress.step, self._options
        due = step % options.validate_every == 0 or step == options.steps
        if not due or not self._dev.rows:
            return Told(step, options.steps, loss, rate, gradient, seconds)
        dev = self._look()
        mean = np.mean([value for value in dev.values() if value is not None] or [-1.0])
        better = float(mean) > self.progress.best_ccc
        if better:
            self.progress.best_step, self.progress.best_ccc, self.progress.dev = step, float(mean), dev
        return Told(step, options.steps, loss, rate, gradient, seconds, looked=True, better=better, dev=dev)

    def _look(self) -> dict[str, float | None]:
        """Return the CCC of each dimension over the whole split ``dev``, each process hearing its share."""
        ranks, rows = self._ranks, range(len(self._dev.rows))
        mine = rows[ranks.rank :: ranks.world]
        lengths = [self._dev.length(row) for row in mine]
        heard = predictions(self.module, lambda place: self._dev.whole(mine[place]), lengths)
        said = np.full((len(rows), len(DIMENSIONS)), np.nan)
        for rank, part in enumerate(ranks.gathered(heard)):
            said[rank :: ranks.world] = part
        return {name: self._ccc(said, DIMENSIONS.index(name)) for name in self._present}

    def _ccc(self, said: np.ndarray, place: int) -> float | None:
        known = np.isfinite(self._targets[:, place])
        value = ccc(self._targets[known, place], said[known, place]) if known.any() else math.nan
        return value if math.isfinite(value) else None
