"""Teachers that are plain functions, for tests that open them by this file's name in other processes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LOG = "OPENAFFECT_TEST_EARS"
"""Environment variable with a file to which `noted` writes the process that heard."""


class Loudness:
    """Level and length: what anybody can work out again."""

    name, identity, licence, permissive = "loudness", "1" * 64, "Apache-2.0", True
    present = ("arousal", "valence")

    def __call__(self, sound: NDArray[np.float32]) -> list[float]:
        return [float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))), np.nan, len(sound) / 16_000]


loudness = Loudness()


def noted(sound: NDArray[np.float32]) -> list[float]:
    """Like `loudness`, and writes down which process heard."""
    with Path(os.environ[LOG]).open("a") as file:
        file.write(f"{os.getpid()}\n")
    return loudness(sound)


def deadly(sound: NDArray[np.float32]) -> list[float]:
    """Ends its process at any sound longer than four seconds."""
    if len(sound) > 64_000:
        os.kill(os.getpid(), signal.SIGKILL)
    return loudness(sound)


def moody(sound: NDArray[np.float32]) -> list[float]:
    """Fails on sound shorter than three seconds."""
    if len(sound) < 48_000:
        raise ValueError("too short for my taste")
    return loudness(sound)
