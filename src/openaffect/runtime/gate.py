"""What is no voice gets no value: a floor for the level, and a share of speech.

A student divides by the level of its clip, so silence, noise and music come out as confident numbers.  Before it is
asked, the sound is brought to one level, as the student does it, and the voice activity detector must find speech in
a fifth of it.

Measured on sound of that level, share of clips in which a fifth is called speech: 0 of 198 excerpts of 20 s from 64
game tunes (orchestral, electronic, rock; the highest share is 6 %), 0 of 224 made melodies and chords of 1 to 20
partials, 0 of 9 of white, pink and brown noise, 0 of 36 hums, sines, pulses, clicks, drums and sung vowels; 4 of 74
sound effects of a game, a second long each (bees, a laser); 31 of 31 recordings of speech in ten languages, clean,
20 and 60 dB softer, and in pink noise as loud as the voice (the lowest share is 45 %); 12 of 12 synthesised sentences.
Of windows of 2 s from the music 0.11 % reach a fifth.  Singing with words counts as speech.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from openaffect.runtime.level import Level

Floats = npt.NDArray[np.float32]

SILENT_DB = -70.0
"""dBFS; what is softer is silence.  There the 1e-7 that a student adds to the variance is as large as the variance."""
SPOKEN = 0.5
"""Probability from which a window of the detector is speech."""
SPEECH_SHARE = 0.2
"""Share of windows that must be speech."""
WINDOW = 512
"""Samples a window (32 ms)."""
_HEARD_DB = -26.0
"""Level at which the detector hears a recording; a softer one it would miss."""
_RIM, _CLIPPED_SHARE = 0.02, 0.02
"""More than 2 % of the samples within 2 % of the outermost ones is clipping: speech has at most 0.03 %, speech that
was made four times too loud for its format 1 % to 24 %, eight times 8 % to 39 %."""
_ENOUGH = 8000
"""Samples below which such a share says nothing."""


class SpeechDetector(Protocol):
    """Probabilities of speech on a stream of 16 kHz sound, one for every 512 samples."""

    def push(self, samples: Floats) -> Floats:
        """Return the probabilities of the windows that are complete now."""
        ...

    def reset(self) -> None:
        """Forget all that was pushed."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` goes on from."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the detector of *state* was."""
        ...


def detector() -> SpeechDetector | None:
    """Return the detector that ships, None where onnxruntime is not installed."""
    try:
        from openaffect.runtime.vad import VoiceActivity
    except ImportError:
        return None
    return VoiceActivity()


def silent(level: Level) -> bool:
    """Return whether there is nothing to hear: digital silence, a constant, or less than -70 dBFS."""
    return level.decibels < SILENT_DB


def judged(blocks: Iterable[Floats], level: Level, activity: SpeechDetector | None) -> tuple[str, str]:
    """Return why the sound gets no value (empty: it gets one) and what weakens the value (empty: nothing).

    *blocks* are the sound, *level* is what was measured on it.  Without a detector only the level is judged.  Reads on
    only until a fifth of the whole is known to be speech.
    """
    if silent(level):
        return "silence", ""
    gain = np.float32(10 ** ((_HEARD_DB - level.decibels) / 20))
    needed = SPEECH_SHARE * max(1, -(-level.count // WINDOW))
    if activity is not None:
        activity.reset()
    found = given = outside = 0
    for block in blocks:
        given, outside = given + len(block), outside + _at_the_rim(block, level)
        if activity is not None:
            found += _windows(activity.push((block - np.float32(level.mean)) * gain))
            if found >= needed:
                break
    if activity is not None and found < needed:
        found += _windows(activity.push(np.zeros(-given % WINDOW, np.float32)))
        if found < needed:
            return "no speech", ""
    clipped = given >= _ENOUGH and outside > _CLIPPED_SHARE * given
    return "", "clipped" if clipped else "level only" if activity is None else ""


def _windows(probabilities: Floats) -> int:
    return int(np.count_nonzero(probabilities >= SPOKEN))


def _at_the_rim(block: Floats, level: Level) -> int:
    rim = _RIM * (level.high - level.low) / 2
    return int(np.count_nonzero((block >= level.high - rim) | (block <= level.low + rim)))
