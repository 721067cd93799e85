"""Another sampling rate on the way in: soxr's HQ filter, imported when it is needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from openaffect.errors import MissingPart
from openaffect.runtime.frontend import RATE

Floats = npt.NDArray[np.float32]


class Resampler:
    """From a whole number of hertz to 16 kHz; how the stream is cut does not change what comes out.

    The filter's own memory cannot be read, so the last one to two seconds of what came in are kept: a new filter that
    has heard them goes on as this one does, to 1e-6 of full scale (`state_dict`).
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._tail = np.zeros(0, np.float32)
        self._before = 0
        """Whole seconds that came before the tail."""
        self._given = 0
        """Samples that came out."""
        self._filter = _filter(rate)
        self._ready = np.zeros(0, np.float32)
        """What a restored filter gave too early."""
        self._skip = 0
        """Samples that a restored filter has yet to give and the old one has given."""

    def push(self, samples: Floats) -> Floats:
        """Return what can be said by now, float32 at 16 kHz."""
        self._tail = np.concatenate([self._tail, samples])
        if (past := len(self._tail) // self.rate - 1) > 0:
            self._tail, self._before = self._tail[past * self.rate :].copy(), self._before + past
        return self._run(samples, last=False)

    def flush(self) -> Floats:
        """Return the rest; nothing may be pushed after it."""
        return self._run(np.zeros(0, np.float32), last=True)

    def _run(self, samples: Floats, *, last: bool) -> Floats:
        fresh = self._filter.resample_chunk(samples, last=last)
        result: Floats = np.concatenate([self._ready, fresh[self._skip :]])
        self._ready, self._skip = self._ready[:0], max(0, self._skip - len(fresh))
        self._given += len(result)
        return result

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` goes on from."""
        return {"rate": self.rate, "tail": self._tail.copy(), "before": self._before, "given": self._given}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the resampler of *state* was."""
        self.rate, self._before, self._given = int(state["rate"]), int(state["before"]), int(state["given"])
        self._tail = np.array(state["tail"], np.float32)
        self._filter = _filter(self.rate)
        heard = self._filter.resample_chunk(self._tail, last=False)
        # Filters give in gulps: the new one may be ahead of the old one or behind it.
        given = self._given - self._before * RATE
        self._ready, self._skip = heard[given:], max(0, given - len(heard))


def _filter(rate: int) -> Any:
    try:
        import soxr
    except ImportError as error:
        raise MissingPart(f"sound at {rate} Hz needs soxr to become {RATE} Hz: pip install soxr") from error
    return soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="HQ")
