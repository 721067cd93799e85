"""A student at work: sound in, named values out, in memory that does not grow with the sound.

The student is run on the whole of the sound that it is given; whoever has a long recording cuts out what is spoken
first, as ``openaffect analyze`` does, or uses `openaffect.runtime.Stream`.  Sound beyond ten seconds is read block by
block: once for its mean and level, again until the gate is satisfied, again for the student.  Memory does not grow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from openaffect.errors import DataError, UsageError
from openaffect.runtime.adv import ADV, named
from openaffect.runtime.chunks import BLOCK, chunks
from openaffect.runtime.facts import DIMENSIONS, StudentFacts
from openaffect.runtime.frontend import MIN_SAMPLES, RATE
from openaffect.runtime.gate import SpeechDetector, detector, judged
from openaffect.runtime.level import LOUDEST, Level
from openaffect.runtime.pooled import Pooled, nothing
from openaffect.runtime.samples import at_16k, checked, checked_rate, pieces

Floats = npt.NDArray[np.float32]
Sound = Callable[[], Iterator[Floats]]

WHOLE_S = 10.0
"""Up to here a clip goes through the network at once; beyond it, in chunks of 1 s (faster, and in constant memory)."""
LONGEST_S = 120.0
"""Longest sound for a student that cannot be run in chunks; 120 s take some 200 MB."""


class Network(Protocol):
    """What runs a student's numbers: onnxruntime or numpy."""

    size: int | None
    """Features of the running state; None for a student that reads whole clips only."""
    identity: str
    """sha256 of the weights."""

    def whole(self, samples: Floats) -> tuple[Floats, Floats]:
        """Return logits (3,) and hidden vector (H,) of samples (n,)."""
        ...

    def chunk(self, samples: Floats, scale: tuple[float, float], start: bool, end: bool, state: Pooled) -> Pooled:
        """Return *state* with the tokens of a chunk; *scale* is mean and root mean square of the recording."""
        ...

    def read_out(self, state: Pooled) -> tuple[Floats, Floats]:
        """Return logits (3,) and hidden vector (H,) of a state."""
        ...


class Model:
    """A student that reads apparent arousal, dominance and valence from a voice; made by `load`."""

    def __init__(self, network: Network, facts: StudentFacts, *, gate: bool = True) -> None:
        self.network = network
        self.facts = facts
        self.gate = gate
        self._activity: SpeechDetector | None = detector() if gate else None

    @property
    def name(self) -> str:
        """What results call the student."""
        return self.facts.name or self.facts.network

    @property
    def identity(self) -> str:
        """The sha256 of the weights."""
        return self.network.identity

    def __call__(self, signal: npt.ArrayLike, sampling_rate: float = RATE) -> ADV:
        """Return what the student reads from *signal*, mono (n,), n of at least 64 samples at 16 kHz.

        float32 and float64 are taken as they are (the student does not care for the level), int16 and int32 divided by
        full scale; other rates are resampled (soxr).  *signal* is neither changed nor kept.  Raises `UsageError` for
        another shape, kind or rate, `DataError` for too few samples, NaN or infinity.
        """
        rate, array = checked_rate(sampling_rate), checked(signal)
        if len(array) > WHOLE_S * rate:
            return self._read(lambda: at_16k(pieces(array, rate), rate))
        parts = list(at_16k([array], rate))
        clip = np.ascontiguousarray(parts[0] if len(parts) == 1 else np.concatenate(parts))
        if not self.gate and _plainly_fine(clip):
            return self.named(self.network.whole(clip)[0].tolist())
        return self._read(lambda: iter([clip]))

    def batch(self, signals: Iterable[npt.ArrayLike], sampling_rate: float = RATE) -> list[ADV]:
        """Return what the student reads from each of *signals*, of any lengths.

        Each runs alone, so there is no padding that could change a result; on one thread a padded batch is no faster.
        """
        return [self(signal, sampling_rate) for signal in signals]

    def blocks(self, make: Callable[[], Iterable[npt.ArrayLike]], sampling_rate: float = RATE) -> ADV:
        """Return what the student reads from a sound that comes in blocks, in memory that does not grow with it.

        *make* returns the blocks from the start, each as `__call__` wants a signal; it is called up to three times,
        since level and speech must be known before the student begins.
        """
        rate = checked_rate(sampling_rate)
        return self._read(lambda: at_16k(make(), rate))

    def hidden(self, signal: npt.ArrayLike, sampling_rate: float = RATE) -> Floats:
        """Return the vector under the last layer, (169,) or (338,) for Wav2Small: a start for categories of your own.

        The gate is not asked.
        """
        rate, array = checked_rate(sampling_rate), checked(signal)
        sound: Sound = lambda: at_16k(pieces(array, rate), rate)  # noqa: E731
        return self.run(sound, _measured(sound))[1]

    def _read(self, sound: Sound) -> ADV:
        level = _measured(sound)
        reason, note = judged(sound(), level, self._activity) if self.gate else ("", "")
        return ADV(reason=reason) if reason else self.named(self.run(sound, level)[0].tolist(), note)

    def named(self, logits: Sequence[float], note: str = "") -> ADV:
        """Return the three outputs of the network by name, those that were not trained as None.

        What remains that is no number (a network can overflow) is no value either: `DataError`.
        """
        known = [name in self.facts.present for name in DIMENSIONS]
        if not np.isfinite(np.asarray(logits)[known]).all():
            raise DataError(f"{self.name} gave no number for this sound; export it again, or mend the sound.")
        return named([value if there else math.nan for value, there in zip(logits, known, strict=True)], note)

    def run(self, sound: Sound, level: Level) -> tuple[Floats, Floats]:
        """Return logits (3,) and hidden vector (H,) of *sound*, whose *level* is known, without asking the gate."""
        seconds = level.count / RATE
        if seconds > WHOLE_S and self.network.size is not None:
            return self._in_chunks(sound, level, self.network.size)
        if seconds > LONGEST_S:
            raise UsageError(
                f"{self.facts.network} reads at most {LONGEST_S:g} s at once and {seconds:.0f} s came; "
                "cut the sound, or take a student with a stream.onnx."
            )
        clip = list(sound())
        return self.network.whole(np.ascontiguousarray(clip[0] if len(clip) == 1 else np.concatenate(clip)))

    def _in_chunks(self, sound: Sound, level: Level, size: int) -> tuple[Floats, Floats]:
        state, scale, seen = nothing(size), (level.mean, level.rms), 0
        for number, chunk in enumerate(chunks(sound())):
            state = self.network.chunk(chunk.samples, scale, chunk.start, chunk.end, state)
            seen = number * BLOCK + len(chunk.samples)
        if seen != level.count:
            raise UsageError(
                f"the blocks held {level.count} samples the first time and {seen} now; give the same each time."
            )
        return self.network.read_out(state)


def _plainly_fine(clip: Floats) -> bool:
    """Return whether a short clip needs no closer look; false for NaN.  A fifth of the time of measuring its level."""
    return len(clip) >= MIN_SAMPLES and bool(clip.min() > -LOUDEST and clip.max() < LOUDEST)


def _measured(sound: Sound) -> Level:
    level = Level()
    for block in sound():
        level.push(block)
    if level.count < MIN_SAMPLES:
        raise DataError(
            f"a student reads {MIN_SAMPLES} samples or more at 16 kHz (4 ms); {level.count} came: give a longer sound."
        )
    return level
