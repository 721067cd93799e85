"""How a recording is cut for a network that pools as it goes, and why no cut can be heard in the result.

A token stands for 64 samples (two frames of 32) and sees 12 frames on either side.  So chunks begin at multiples of
64 samples, overlap by 24 frames, and the six tokens at an edge that is not the recording's own do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from openaffect.runtime.frontend import HOP, N_FFT

Floats = npt.NDArray[np.float32]

TOKEN = 2 * HOP
"""Samples from one token to the next: 64, so 250 tokens a second."""
EDGE = 6
"""Tokens at an inner edge that do not count."""
OVERLAP = 2 * EDGE * TOKEN
"""Samples from the start of a chunk back to the end of the frames of the last: 768."""
BEYOND = N_FFT - HOP
"""A window of 64 samples reaches 32 beyond its frame."""
BLOCK = 250 * TOKEN
"""Samples by which long recordings move on: with 1 s the maps of the network stay within 2 MB of cache (blocks of 2 s
were a tenth slower, of half a second too)."""


class Chunk(NamedTuple):
    """Samples, and whether they begin and end where the recording does."""

    samples: Floats
    start: bool
    end: bool


def chunks(blocks: Iterable[Floats], step: int = BLOCK) -> Iterator[Chunk]:
    """Yield the chunks of a recording that comes in *blocks* of any size; *step* is a multiple of `TOKEN`.

    >>> [(len(c.samples), c.start, c.end) for c in chunks([np.zeros(70000, np.float32)])]
    [(16800, True, False), (16800, False, False), (16800, False, False), (16800, False, False), (6000, False, True)]
    """
    size, held, start = step + OVERLAP + BEYOND, np.zeros(0, np.float32), True
    for block in blocks:
        held = np.concatenate([held, block]) if held.size else block
        at = 0
        while len(held) - at > size:
            yield Chunk(held[at : at + size], start, False)
            at, start = at + step, False
        held = held[at:]
    if held.size:
        yield Chunk(held, start, True)
