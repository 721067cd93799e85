"""The seat for a small network that reads arousal, dominance and valence from a voice.

No student ships yet.  Until one does, reports leave the three numbers out and say why; they are never guessed.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt


class Student(Protocol):
    """Anything that reads a voice: mono float32 at 16 kHz, shape (n,) → arousal, dominance, valence on 0–1."""

    name: str

    def __call__(self, samples: npt.NDArray[np.float32]) -> tuple[float, float, float]:
        """Return arousal, dominance and valence, in this order, 0–1 and not clipped."""
        ...
