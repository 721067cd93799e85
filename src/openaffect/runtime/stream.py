"""A student on a live stream: chunks of any size in, an event a hop out.

``window`` runs the student on the last *window_s* seconds at every hop: what it says is what it says of that slice.
``running`` runs every sample once (Wav2Small only): the pooled terms of each hop are kept and joined for the window.
It costs the same whatever the window, and a hop waits for 26 ms of what follows.  The student divides by the level of
its clip, which a stream does not know; ``running`` divides by the level of the voice so far (`hearing.Scale`), or by
*scale*, with which it gives what one pass over the whole stream gives.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from openaffect.errors import DataError, UsageError
from openaffect.runtime.adv import ADV
from openaffect.runtime.chunks import TOKEN
from openaffect.runtime.events import Event
from openaffect.runtime.frontend import MIN_SAMPLES, RATE
from openaffect.runtime.gate import SPEECH_SHARE, WINDOW, SpeechDetector, detector, silent
from openaffect.runtime.hearing import Hearing, Scale, share
from openaffect.runtime.level import Level
from openaffect.runtime.readers import Again, Hop, Once, Reader
from openaffect.runtime.resample import Resampler
from openaffect.runtime.samples import as_float, checked, checked_rate, pieces
from openaffect.runtime.student import Model

Floats = npt.NDArray[np.float32]
Mode = Literal["window", "running"]

LONGEST_WINDOW_S = 60.0
_FORMAT = 1


class Stream:
    """Reads a stream with *model*; how it is cut into chunks does not change the events.

    *window_s* is the span of an event (shorter at the start), *hop_s* the time from one to the next; both are
    multiples of 4 ms, and of one another in ``running``.  *vad* replaces the voice activity detector of the model's
    gate; a model without a gate is asked about everything above -70 dBFS.  *scale* fixes mean and root mean square for
    ``running``.  Raises `UsageError` for what does not go together.
    """

    def __init__(
        self,
        model: Model,
        *,
        window_s: float = 2.0,
        hop_s: float = 0.5,
        mode: Mode = "window",
        vad: SpeechDetector | None = None,
        scale: tuple[float, float] | None = None,
    ) -> None:
        self._window, self._hop = _span(window_s, "window_s"), _span(hop_s, "hop_s")
        if mode not in get_args(Mode):
            raise UsageError(f"unknown mode '{mode}'; choose window or running.")
        if self._window < self._hop or (mode == "running" and self._window % self._hop):
            raise UsageError(f"window_s={window_s:g} must be hop_s={hop_s:g} or more, in mode 'running' a multiple.")
        if scale is not None and (mode != "running" or not 0 < scale[1] < np.inf or not np.isfinite(scale[0])):
            raise UsageError(f"scale is (mean, root mean square above 0), for mode 'running' alone; {scale} came.")
        self._model, self._mode = model, mode
        self._activity = vad if vad is not None else detector() if model.gate else None
        self._fixed = scale
        self.reset()

    def reset(self) -> None:
        """Forget all that was pushed; another rate may follow."""
        self._hearing = Hearing(self._activity)
        self._reader = self._fresh_reader()
        self._rate = 0
        self._resampler: Resampler | None = None
        self._sound, self._first, self._coming = np.zeros(0, np.float32), 0, [np.zeros(0, np.float32)]
        self._at, self._known, self._over = 0, 0, False
        self._spoken: deque[bool] = deque(maxlen=max(1, self._window // WINDOW))

    def _fresh_reader(self) -> Reader:
        if self._mode == "window":
            return Again(self._model, self._window)
        return Once(self._model, self._window // self._hop, Scale(self._fixed))

    def push(self, chunk: npt.ArrayLike, sampling_rate: float = RATE) -> list[Event]:
        """Return the events that are complete now; *chunk* is mono, of the kinds that a model takes, any length.

        Raises `UsageError` for another shape, kind or rate than before, `DataError` for NaN or infinity; the stream
        is then as it was.
        """
        array, rate = checked(chunk), checked_rate(sampling_rate)
        if self._over:
            raise UsageError("the stream was flushed; reset() begins the next.")
        if self._rate and rate != self._rate:
            raise UsageError(f"the stream runs at {self._rate} Hz and {rate} came; reset() begins another.")
        for piece in pieces(array, rate):
            if not np.isfinite(piece).all():
                raise DataError(
                    "the chunk holds NaN or infinite samples; repair it, for example with numpy.nan_to_num."
                )
        if not self._rate:
            self._rate, self._resampler = rate, Resampler(rate) if rate != RATE else None
        events: list[Event] = []
        for piece in pieces(array, rate):
            fresh = as_float(piece)
            events += self._take(fresh if self._resampler is None else self._resampler.push(fresh))
        return events

    def flush(self) -> list[Event]:
        """End the stream; return the event of what is left, if anything is."""
        if self._over:
            return []
        events = self._take(self._resampler.flush()) if self._resampler is not None else []
        self._gather()
        if self._known > self._at and self._known - max(0, self._known - self._window) >= MIN_SAMPLES:
            events.append(self._advance(self._known, last=True))
        self._over = True
        return events

    def _take(self, samples: Floats) -> list[Event]:
        # Pieces wait in a list: chunks of one sample would otherwise copy the window for each.
        self._coming.append(samples.copy())
        self._known += len(samples)
        events: list[Event] = []
        if self._known >= self._at + self._hop + self._reader.ahead:
            self._gather()
            while self._known >= self._at + self._hop + self._reader.ahead:
                events.append(self._advance(self._at + self._hop, last=False))
            self._forget()
        return events

    def _gather(self) -> None:
        self._sound, self._coming = np.concatenate([self._sound, *self._coming]), []

    def _forget(self) -> None:
        past = max(0, self._at - self._reader.back) - self._first
        self._sound, self._first = self._sound[past:].copy(), self._first + past

    def _advance(self, end: int, *, last: bool) -> Event:
        hop = Hop(self._at, end, self._first, self._sound, last)
        heard = self._hearing.push(hop.cut(self._at, end))
        self._spoken.extend(heard.spoken.tolist())
        begin, level = self._reader.take(hop, heard)
        self._at = end
        return self._event(begin, end, level)

    def _event(self, begin: int, end: int, level: Level) -> Event:
        inside = max(1, (end - begin) // WINDOW)
        voiced = share(list(self._spoken)[-inside:]) if self._activity is not None else None
        reason = "silence" if silent(level) else "no speech" if voiced is not None and voiced < SPEECH_SHARE else ""
        values = ADV(reason=reason) if reason else self._model.named(self._reader.logits())
        return Event(begin / RATE, end / RATE, *values.values, level.decibels, voiced, reason)

    def state_dict(self) -> dict[str, Any]:
        """Return all that the stream remembers, as plain values and arrays (lists of them serve as well).

        `load_state_dict` of a stream with the same model and options goes on exactly; at other rates than 16 kHz to
        1e-6 of full scale, as the filter's memory is rebuilt.
        """
        self._gather()
        return {
            "made_by": self._made_by(),
            "rate": self._rate,
            "resampler": self._resampler.state_dict() if self._resampler is not None else None,
            "sound": self._sound.copy(),
            "places": [self._first, self._at, self._known, int(self._over)],
            "spoken": list(self._spoken),
            "hearing": self._hearing.state_dict(),
            "reader": self._reader.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the stream of *state* was; raises `UsageError` for one of another kind, `DataError` for a broken.

        A stream that has refused a broken state is reset.
        """
        if not isinstance(state, dict) or state.get("made_by") != self._made_by():
            came = state.get("made_by") if isinstance(state, dict) else type(state).__name__
            raise UsageError(f"the state is that of another stream: {came}, not {self._made_by()}.")
        self.reset()
        try:
            self._restore(state)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            self.reset()
            raise DataError(f"the state of the stream is broken ({error!r}); begin anew.") from error

    def _restore(self, state: dict[str, Any]) -> None:
        self._rate = int(state["rate"])
        if state["resampler"] is not None:
            self._resampler = Resampler(checked_rate(self._rate))
            self._resampler.load_state_dict(state["resampler"])
        self._first, self._at, self._known, over = (int(place) for place in state["places"])
        self._sound, self._coming, self._over = np.array(state["sound"], np.float32), [], bool(over)
        if self._sound.shape != (self._known - self._first,) or not 0 <= self._first <= self._at <= self._known:
            raise ValueError("samples and places differ")
        self._spoken.extend(bool(each) for each in state["spoken"])
        self._hearing.load_state_dict(state["hearing"])
        self._reader.load_state_dict(state["reader"])

    def _made_by(self) -> dict[str, Any]:
        """What a state must share with the stream that takes it."""
        return {
            "format": _FORMAT,
            "student": self._model.identity,
            "window": self._window,
            "hop": self._hop,
            "mode": self._mode,
            "detector": type(self._activity).__name__,
            "scale": list(self._fixed) if self._fixed is not None else None,
        }


def _span(seconds: float, name: str) -> int:
    """Return *seconds* in samples."""
    samples = round(seconds * RATE) if 0 < seconds <= LONGEST_WINDOW_S else 0
    if samples < TOKEN or samples % TOKEN or abs(samples - seconds * RATE) > 1e-6:
        raise UsageError(f"{name} is a multiple of 0.004 s up to {LONGEST_WINDOW_S:g} s; {seconds} came.")
    return samples
