"""Voice activity: the probability of speech, one value per 32 ms, on a stream of 16 kHz sound.

The network is Silero VAD in its sequence form: many windows in one call, the recurrent state carried along.
Each window is 512 samples with the 64 samples before it as context (zeros at the start).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from openaffect.errors import UsageError
from openaffect.runtime.models import open_session

Floats = npt.NDArray[np.float32]

RATE = 16000
WINDOW = 512
HOP = WINDOW / RATE
"""Seconds between two probabilities: 0.032."""

_CONTEXT = 64
_STATE = (1, 1, 128)
_KEPT = ("rest", "context", "hidden", "cell")
_MOST_WINDOWS = 256
"""Windows in one call (8 s): enough to be fast, little enough that memory stays small."""


class VoiceActivity:
    """Speech probabilities on a stream; how the stream is cut into pieces does not change them.

    >>> activity = VoiceActivity()
    >>> activity.push(np.zeros(16000, np.float32)).shape, activity.flush().shape
    ((31,), (1,))
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._session = open_session("voice_activity", threads=threads)
        self.reset()

    def reset(self) -> None:
        """Forget all that was pushed, for the next recording."""
        self._rest = np.zeros(0, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)
        self._hidden = np.zeros(_STATE, np.float32)
        self._cell = np.zeros(_STATE, np.float32)

    def push(self, samples: Floats) -> Floats:
        """Return the probabilities of the windows that are complete now; what is left waits for the next push.

        *samples*: mono, 16 kHz, float in -1..1, shape (n,); values that are not finite count as silence.
        Raises `UsageError` for another shape.
        """
        if samples.ndim != 1:
            raise UsageError(f"voice activity wants mono samples of shape (n,), got {samples.shape}; mix down first")
        clean = np.nan_to_num(samples.astype(np.float32, copy=False), nan=0.0, posinf=0.0, neginf=0.0)
        waiting = np.concatenate([self._rest, clean])
        whole = len(waiting) // WINDOW
        self._rest = waiting[whole * WINDOW :].copy()
        windows = waiting[: whole * WINDOW].reshape(whole, WINDOW)
        parts = [self._run(windows[first : first + _MOST_WINDOWS]) for first in range(0, whole, _MOST_WINDOWS)]
        return np.concatenate([np.zeros(0, np.float32), *parts])

    def flush(self) -> Floats:
        """Return the probability of the last incomplete window, filled with zeros: shape (1,) or (0,)."""
        missing = -len(self._rest) % WINDOW
        return self.push(np.zeros(missing, np.float32))

    def state_dict(self) -> dict[str, Floats]:
        """Return the recurrent state and the samples that wait, for `load_state_dict`."""
        return {name: getattr(self, f"_{name}").copy() for name in _KEPT}

    def load_state_dict(self, state: dict[str, npt.ArrayLike]) -> None:
        """Go on where the detector of *state* was; raises `UsageError` for arrays of other shapes."""
        came = {name: np.array(state[name], np.float32) for name in _KEPT}
        for name, value in came.items():
            wanted = (min(value.size, WINDOW - 1),) if name == "rest" else getattr(self, f"_{name}").shape
            if value.shape != wanted:
                raise UsageError(f"'{name}' of the detector's state has the shape {value.shape}; save it again.")
        for name, value in came.items():
            setattr(self, f"_{name}", value)

    def _run(self, windows: Floats) -> Floats:
        tails = windows[:, -_CONTEXT:]
        context = np.concatenate([self._context[None], tails[:-1]])
        inputs = {"input": np.concatenate([context, windows], axis=1), "h": self._hidden, "c": self._cell}
        probs, self._hidden, self._cell = self._session.run(None, inputs)
        self._context = tails[-1].copy()
        return np.asarray(probs, np.float32)


def speech_spans(
    probs: npt.ArrayLike,
    *,
    hop: float = HOP,
    threshold: float = 0.5,
    min_speech: float = 0.25,
    min_silence: float = 0.3,
    pad: float = 0.03,
) -> list[tuple[float, float]]:
    """Return the spans (start, end in seconds) with speech, ordered and apart from each other.

    Speech begins where the probability reaches *threshold* and ends where it falls below ``threshold - 0.15``
    (so that a flickering value does not chop a word); gaps shorter than *min_silence* are bridged, spans shorter
    than *min_speech* dropped, and *pad* seconds are added on both sides without leaving the curve or touching
    a neighbour.

    >>> speech_spans([0.0] * 10 + [0.9] * 20 + [0.4] * 5 + [0.1] * 15, hop=0.1, pad=0.0)
    [(1.0, 3.5)]
    """
    curve = np.asarray(probs, float)
    spans = list(_runs(curve, threshold))
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and (start - merged[-1][1]) * hop < min_silence - 1e-9:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    kept = [(start * hop, end * hop) for start, end in merged if (end - start) * hop >= min_speech - 1e-9]
    return _padded(kept, pad, len(curve) * hop)


def _runs(curve: npt.NDArray[np.float64], threshold: float) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for place, value in enumerate(curve):
        if start is None and value >= threshold:
            start = place
        elif start is not None and value < threshold - 0.15:
            yield start, place
            start = None
    if start is not None:
        yield start, len(curve)


def _padded(spans: list[tuple[float, float]], pad: float, length: float) -> list[tuple[float, float]]:
    """Widen by *pad*; two neighbours closer than twice that share the gap."""
    edges = []
    for place, (start, end) in enumerate(spans):
        before = (start - spans[place - 1][1]) / 2 if place else start
        after = (spans[place + 1][0] - end) / 2 if place + 1 < len(spans) else length - end
        edges.append((start - min(pad, before), end + min(pad, after)))
    return edges
