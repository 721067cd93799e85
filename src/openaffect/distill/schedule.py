"""What belongs to a step: its learning rate, its rows, its randomness; each follows from its number alone."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_ROWS, _CROP = 1, 2
"""Streams of randomness that must not be one another's."""


def learning_rate(step: int, *, steps: int, warmup: int, peak: float, last: float = 0.01) -> float:
    """Return the learning rate of *step* (from 0): a straight rise over *warmup* steps, then a cosine down.

    It ends at *last* times *peak*.

    >>> [round(learning_rate(step, steps=10, warmup=2, peak=1.0), 3) for step in (0, 1, 2, 9)]
    [0.5, 1.0, 1.0, 0.048]
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    share = (step - warmup) / max(1, steps - warmup)
    return peak * (last + (1 - last) * 0.5 * (1 + math.cos(math.pi * share)))


def rows_of_step(step: int, *, batch: int, n: int, seed: int) -> NDArray[np.int64]:
    """Return the numbers of the *batch* rows of *step*, of *n*: every row once in a round, each round in a new order.

    >>> sorted(np.concatenate([rows_of_step(step, batch=2, n=4, seed=7) for step in (0, 1)]).tolist())
    [0, 1, 2, 3]
    """
    places = np.arange(step * batch, (step + 1) * batch)
    return np.array([_order(seed, int(place // n), n)[place % n] for place in places], dtype=np.int64)


@lru_cache(maxsize=4)
def _order(seed: int, round_: int, n: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, _ROWS, round_)).permutation(n)


def randomness(step: int, *, seed: int) -> np.random.Generator:
    """Return the generator for what is drawn once a step: length and places of the crops, who is mixed with whom."""
    return np.random.default_rng((seed, _CROP, step))
