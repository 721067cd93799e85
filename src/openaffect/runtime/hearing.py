"""What a stream hears before it reads: where speech is, whatever the microphone's level, and how loud the voice is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from openaffect.runtime.frontend import EPS, RATE
from openaffect.runtime.gate import SILENT_DB, SPOKEN, WINDOW, SpeechDetector

Floats = npt.NDArray[np.float32]

_PEAK_DB = -18.0
"""Level at which the detector hears the loudest 32 ms of late: where those of speech of -26 dBFS lie."""
_HALF_LIFE_S = 10.0
_FADE = 0.5 ** (WINDOW / RATE / _HALF_LIFE_S)


class Heard(NamedTuple):
    """Windows of 512 samples: whether each is speech, its mean, its mean square."""

    spoken: npt.NDArray[np.bool_]
    mean: npt.NDArray[np.float64]
    power: npt.NDArray[np.float64]


class Hearing:
    """Voice activity on a stream, at a level that follows the loudest of the last seconds (it halves in 10 s).

    Without a detector every window above -70 dBFS counts as speech.
    """

    def __init__(self, activity: SpeechDetector | None) -> None:
        self._activity = activity
        self.reset()

    def reset(self) -> None:
        """Forget all that was pushed."""
        self._rest = np.zeros(0, np.float32)
        self._loudest = 10 ** (SILENT_DB / 10)
        if self._activity is not None:
            self._activity.reset()

    def push(self, samples: Floats) -> Heard:
        """Return the windows that are complete now; the rest waits."""
        waiting = np.concatenate([self._rest, samples])
        count = len(waiting) // WINDOW
        self._rest = waiting[count * WINDOW :].copy()
        windows = waiting[: count * WINDOW].reshape(count, WINDOW)
        mean = windows.mean(1, dtype=np.float64)
        power = np.square(windows, dtype=np.float64).mean(1)
        return Heard(self._spoken(windows, power - mean**2), mean, power)

    def _spoken(self, windows: Floats, variance: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        if self._activity is None:
            return variance > 10 ** (SILENT_DB / 10)
        loudest = np.empty(len(windows))
        for place, value in enumerate(variance.tolist()):
            self._loudest = max(value, self._loudest * _FADE, 10 ** (SILENT_DB / 10))
            loudest[place] = self._loudest
        gain = np.sqrt(10 ** (_PEAK_DB / 10) / loudest)
        return self._activity.push((windows * gain[:, None]).astype(np.float32).ravel()) >= SPOKEN

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` goes on from."""
        inner = self._activity.state_dict() if self._activity is not None else None
        return {"rest": self._rest.copy(), "loudest": self._loudest, "activity": inner}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the hearing of *state* was."""
        self._rest, self._loudest = np.array(state["rest"], np.float32).reshape(-1), float(state["loudest"])
        if self._activity is not None:
            self._activity.load_state_dict(state["activity"])


class Scale:
    """The mean and root mean square of a voice as far as it has been heard: what a running student divides by.

    The mean over all speech so far, and from 30 s of it on a mean that forgets with that time constant: a level that
    follows a speaker who moves away, and is steady within a window.  Before the first speech it is that of the sound
    itself, but at least -50 dBFS, so that a silent start is not blown up.
    """

    MEMORY = 30 * RATE // WINDOW
    """Windows of speech."""
    FLOOR = 10 ** (-50 / 20)

    def __init__(self, fixed: tuple[float, float] | None = None) -> None:
        self._fixed = fixed
        self.reset()

    def reset(self) -> None:
        """Forget the voice."""
        self._count = 0
        self._mean = self._power = 0.0

    def push(self, heard: Heard) -> None:
        """Take what was heard."""
        for mean, power in zip(heard.mean[heard.spoken].tolist(), heard.power[heard.spoken].tolist(), strict=True):
            self._count = min(self._count + 1, self.MEMORY)
            self._mean += (mean - self._mean) / self._count
            self._power += (power - self._power) / self._count

    def now(self, mean: float, rms: float) -> tuple[float, float]:
        """Return mean and root mean square; *mean* and *rms* are those of the sound, for the time without a voice."""
        if self._fixed is not None:
            return self._fixed
        if not self._count:
            return mean, max(rms, self.FLOOR)
        return self._mean, float(np.sqrt(max(self._power - self._mean**2, 0.0) + EPS))

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` goes on from."""
        return {"count": self._count, "mean": self._mean, "power": self._power}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the scale of *state* was."""
        self._count, self._mean, self._power = int(state["count"]), float(state["mean"]), float(state["power"])


def share(windows: Sequence[bool]) -> float:
    """Return the share of windows that are speech; 0 for none.

    >>> share([True, False])
    0.5
    """
    return sum(windows) / len(windows) if windows else 0.0
