"""The batch of a step: which rows, which crops of them, which mixtures, and how a microphone might have caught them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from openaffect.distill.augment import augment
from openaffect.distill.label_rows import RATE, targets_of
from openaffect.distill.options import FitOptions
from openaffect.distill.schedule import randomness, rows_of_step
from openaffect.distill.sounds import Sounds

Floats = NDArray[np.float32]
Says = Callable[[Floats], NDArray[np.float64]]
"""A teacher: samples (n,) to three values, NaN where it says nothing."""


@dataclass(frozen=True)
class Batches:
    """Makes the batch of any step, for one process of several; the same step gives the same batch."""

    sounds: Sounds
    options: FitOptions
    teacher: Says | None = None
    rank: int = 0
    world: int = 1

    def __call__(self, step: int) -> tuple[Floats, Floats]:
        """Return the sound (B, N) and the targets (B, 3) of this process in *step*, B = batch / world."""
        options, rng = self.options, randomness(step, seed=self.options.seed)
        size = round(rng.uniform(*options.crop_s) * RATE)
        places, partners = rng.random(options.batch), rng.permutation(options.batch)
        draws = rng.random((options.batch, 2))
        rows = rows_of_step(step, batch=options.batch, n=len(self.sounds.rows), seed=options.seed)
        clean = np.stack([self._crop(int(row), place, size) for row, place in zip(rows, places, strict=True)])
        mine = self._mine()
        targets = self._table[rows]
        if self.teacher is not None and options.mixup == "teacher":
            clean, targets = self._mixtures(clean, targets, partners, draws, mine)
        heard = augment(clean[mine], options.augment, seed=options.seed, step=step, first=mine.start)
        return heard, targets[mine].astype(np.float32)

    def _mine(self) -> slice:
        share = self.options.batch // self.world
        return slice(self.rank * share, (self.rank + 1) * share)

    def _crop(self, row: int, place: float, size: int) -> Floats:
        room = max(0, self.sounds.length(row) - size)
        return self.sounds.crop(row, round(place * room), size)

    @cached_property
    def _table(self) -> NDArray[np.float64]:
        return targets_of(self.sounds.rows)

    def _mixtures(
        self,
        clean: Floats,
        targets: NDArray[np.float64],
        partners: NDArray[np.int64],
        draws: NDArray[np.float64],
        mine: slice,
    ) -> tuple[Floats, NDArray[np.float64]]:
        """Return *clean* with some rows mixed with another one, and what the teacher says about these."""
        assert self.teacher is not None  # noqa: S101  asked by the caller
        mixed, said = clean.copy(), targets.copy()
        for row in range(mine.start, mine.stop):
            if draws[row, 0] < self.options.mix_share and partners[row] != row:
                gain = 10 ** ((2 * draws[row, 1] - 1) * self.options.mix_db / 20)
                mixed[row] = clean[row] + np.float32(gain) * clean[partners[row]]
                said[row] = self.teacher(mixed[row])
        return mixed, said
