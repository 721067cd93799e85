"""Which kind of sound a span holds, by simple rules on the curves.

The rules are meant to keep feelings from being read into silence, noise and music; they are no audio tagger.  Measured
while they were made: digital silence, white, pink and brown noise, drums, chords and melodies of six to eight partials,
speech clean and in noise are told apart; of a dozen orchestral and electronic game tunes three quarters are called
music and the rest "other" or "noise" (percussion).  Singing is what the voice activity detector makes of it.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from openaffect.encoders.curves import SILENT_DB, Floats, Mask, Prosody, Spans
from openaffect.encoders.measures import semitones

SoundKind = Literal["speech", "silence", "noise", "music", "other"]

QUIET_DB = -60.0
"""A span whose loud moments (95th percentile) stay below this is silence, unless somebody speaks in it."""
SPEECH_SHARE = 0.1
"""Share of the span, or `SPEECH_S` seconds, that the detector must call speech."""
SPEECH_S = 2.0
_STEADY_TONE = 0.1
_PERIODIC = 0.3
_NOISE_FLATNESS = 0.5


def sound_kind(prosody: Prosody, speech: Spans, start: float, end: float) -> SoundKind:
    """Return the kind of sound in ``[start, end)``; *speech* is what the voice activity detector found.

    In this order: *silence* where the 95th percentile of the level is below -70 dBFS (-60 without speech); *speech*
    where the detector found 2 s or a tenth of the span, unless all it found is a tone held still (music that it fell
    for); *noise* where the fine structure is flat (mean above 0.5, noise reads 0.56 to 0.6) and under a fifth is
    periodic; *music* where at least three tenths are periodic, the pitch stands still (under 0.1 semitone a frame) for
    at least half of that, and more than one pitch is held; else *other*, which a steady tone and mains hum are too.
    """
    window = prosody.frames(start, end)
    level = prosody.loudness_db[window]
    if not level.size:
        return "other"
    loud = float(np.percentile(level, 95))
    talk = float(prosody.mask(speech, start, end).sum()) * prosody.step
    spoken = talk >= min(SPEECH_S, SPEECH_SHARE * (end - start)) and talk > 0
    if loud < SILENT_DB or (loud < QUIET_DB and not spoken):
        return "silence"
    if spoken:
        return "music" if _sung(prosody.f0_hz[window][prosody.mask(speech, start, end)]) else "speech"
    return _unspoken(prosody, window, level >= max(loud - 30.0, QUIET_DB))


def _sung(hertz: Floats) -> bool:
    """Return whether "speech" holds its pitch as speakers hardly do (0 of 149 acted lines, 4 of 7 false alarms)."""
    steps = np.abs(np.diff(semitones(hertz)))
    steps = steps[~np.isnan(steps)]
    return bool(np.mean(~np.isnan(hertz)) >= _PERIODIC and steps.size and np.mean(steps < _STEADY_TONE) >= 0.8)


def _unspoken(prosody: Prosody, window: slice, active: Mask) -> SoundKind:
    if not active.any():
        return "other"
    hertz = prosody.f0_hz[window][active]
    voiced = float(np.mean(~np.isnan(hertz)))
    if voiced < 0.2 and float(np.nanmean(prosody.flatness[window][active])) > _NOISE_FLATNESS:
        return "noise"
    tones = semitones(hertz)
    steps = np.abs(np.diff(tones))
    steady = steps < _STEADY_TONE
    held = np.round(tones[1:][steady])
    moves = np.unique(held).size > 1
    compared = ~np.isnan(steps)
    if voiced >= _PERIODIC and compared.any() and steady.sum() >= 0.5 * compared.sum() and moves:
        return "music"
    return "other"
