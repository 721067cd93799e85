"""The two ways in which a stream is read: the last window anew, or every sample once."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from openaffect.errors import UsageError
from openaffect.runtime.chunks import BEYOND, EDGE, TOKEN
from openaffect.runtime.hearing import Heard, Scale
from openaffect.runtime.level import Level
from openaffect.runtime.pooled import Pooled, merged, nothing
from openaffect.runtime.student import Model

Floats = npt.NDArray[np.float32]

CONTEXT = EDGE * TOKEN
"""Samples before a hop that its tokens see."""


class Hop(NamedTuple):
    """The part of a stream that comes next: absolute places, and the samples from `first` on as far as needed."""

    begin: int
    end: int
    first: int
    """Place of the first sample."""
    samples: Floats
    last: bool

    def cut(self, begin: int, end: int) -> Floats:
        """Return the samples of a span; it must lie within."""
        return self.samples[begin - self.first : end - self.first]


class Reader(Protocol):
    """How events come about; `back` and `ahead` are the samples needed around a hop."""

    back: int
    ahead: int

    def take(self, hop: Hop, heard: Heard) -> tuple[int, Level]:
        """Move on by *hop*; return where the span of the event begins, and its level."""
        ...

    def logits(self) -> list[float]:
        """Return the three outputs for that span."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` goes on from."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the reader of *state* was."""
        ...


class Again:
    """Reads the last window as a clip of its own: exactly what the model says of that slice."""

    def __init__(self, model: Model, window: int) -> None:
        self._model, self._window = model, window
        self.back, self.ahead = window, 0
        self._clip, self._level = np.zeros(0, np.float32), Level()

    def take(self, hop: Hop, heard: Heard) -> tuple[int, Level]:
        """Cut the window out."""
        begin = max(0, hop.end - self._window)
        self._clip, self._level = hop.cut(begin, hop.end), Level()
        self._level.push(self._clip)
        return begin, self._level

    def logits(self) -> list[float]:
        """Run the student on the window."""
        found: list[float] = self._model.run(lambda: iter([self._clip]), self._level)[0].tolist()
        return found

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: the window lies in the stream's own memory."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take nothing."""


class Once:
    """Runs every sample once and keeps the pooled terms of each hop, which any window of hops can be read from."""

    def __init__(self, model: Model, hops: int, scale: Scale) -> None:
        if model.network.size is None:
            raise UsageError(
                f"{model.facts.network} reads whole clips only, so a stream of it needs mode='window', not 'running'."
            )
        self._network, self._size, self._scale = model.network, model.network.size, scale
        self.back, self.ahead = CONTEXT, CONTEXT + BEYOND
        self._ring: deque[tuple[int, Level, Pooled]] = deque(maxlen=hops)

    def take(self, hop: Hop, heard: Heard) -> tuple[int, Level]:
        """Run the tokens of *hop*, with the sound around it as context."""
        self._scale.push(heard)
        level = Level()
        level.push(hop.cut(hop.begin, hop.end))
        scale = self._scale.now(level.mean, level.rms)
        around = hop.cut(max(0, hop.begin - self.back), hop.end if hop.last else hop.end + self.ahead)
        fresh = self._network.chunk(around, scale, hop.begin == 0, hop.last, nothing(self._size))
        self._ring.append((hop.begin, level, fresh))
        whole = Level()
        for _, each, _ in self._ring:
            whole.join(each)
        return self._ring[0][0], whole

    def logits(self) -> list[float]:
        """Read the hops in the ring out."""
        found: list[float] = self._network.read_out(merged(pooled for _, _, pooled in self._ring))[0].tolist()
        return found

    def state_dict(self) -> dict[str, Any]:
        """Return the ring and the scale."""
        ring = [
            {"begin": begin, "level": level.state_dict(), "pooled": [row.copy() for row in pooled]}
            for begin, level, pooled in self._ring
        ]
        return {"ring": ring, "scale": self._scale.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the reader of *state* was."""
        self._scale.load_state_dict(state["scale"])
        self._ring.clear()
        for each in state["ring"]:
            pooled = Pooled(*(np.array(row, np.float32).reshape(1, self._size) for row in each["pooled"]))
            level = Level()
            level.load_state_dict(each["level"])
            self._ring.append((int(each["begin"]), level, pooled))
