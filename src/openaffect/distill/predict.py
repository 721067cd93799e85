"""What a student says about whole pieces, many at a time; the padding of a batch changes no result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Floats = NDArray[np.float32]
_MOST = 32 * 24_000
"""Samples of one batch, padding counted: what a step of training has."""


def predictions(module: nn.Module, sound: Callable[[int], Floats], lengths: Sequence[int]) -> NDArray[np.float64]:
    """Return (n, 3): what *module* says about each of n pieces, heard whole.

    ``sound(i)`` gives the samples of piece i, ``lengths[i]`` how many they are.  The module is in eval mode meanwhile.
    A piece shorter than the student reads is repeated until it is long enough.
    """
    training = module.training
    module.eval()
    said = np.full((len(lengths), 3), np.nan)
    try:
        with torch.inference_mode():
            for rows in _batches(lengths):
                said[rows] = _heard(module, [sound(row) for row in rows])
    finally:
        module.train(training)
    return said


def _heard(module: nn.Module, sounds: list[Floats]) -> NDArray[np.float64]:
    least = int(getattr(module, "min_samples", 64))
    sounds = [sound if len(sound) >= least else np.resize(sound, least) for sound in sounds]
    batch = np.zeros((len(sounds), max(len(sound) for sound in sounds)), np.float32)
    for row, sound in enumerate(sounds):
        batch[row, : len(sound)] = sound
    lengths = torch.tensor([len(sound) for sound in sounds])
    same = bool((lengths == batch.shape[1]).all())
    heard = module(torch.from_numpy(batch)) if same else module(torch.from_numpy(batch), lengths)
    return np.asarray(heard.numpy(), np.float64)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the pieces in batches of like length, short ones first."""
    rows: list[int] = []
    for row in np.argsort(np.asarray(lengths), kind="stable").tolist():
        if rows and (len(rows) + 1) * lengths[row] > _MOST:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows
