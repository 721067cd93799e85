"""Measures of a span of the curves.  Each returns None where the sound does not hold the measure.

*speech* is what the voice activity detector found; only frames inside it count, and of these only the ones within
30 dB of the loud frames of the span (so that breath, room and a detector's padding do not speak for the person).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from openaffect.encoders.curves import SILENT_DB, Floats, Mask, Prosody, Spans

REFERENCE_HZ = 27.5
"""Zero of the semitone scale (A0)."""
_ACTIVE_DB = 30.0
_LEAST_VOICED_S = 0.2
_CLEAN_DB = 20.0


@dataclass(frozen=True)
class Summary:
    """A measured value and the seconds of sound that it rests on."""

    value: float
    seconds: float
    detail: Mapping[str, float] = field(default_factory=dict)


def semitones(hertz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return semitones re 27.5 Hz: ``12 log2(f / 27.5)``.

    >>> float(semitones(220.0))
    36.0
    """
    return 12.0 * np.log2(np.asarray(hertz, np.float64) / REFERENCE_HZ)


def active_frames(prosody: Prosody, speech: Spans, start: float, end: float) -> Mask:
    """Return which frames of the span are speech and loud enough to count; shape of ``prosody.frames(start, end)``."""
    inside = prosody.mask(speech, start, end)
    loud = prosody.loudness_db[prosody.frames(start, end)]
    if not inside.any():
        return inside
    kept: Mask = inside & (loud >= np.percentile(loud[inside], 95) - _ACTIVE_DB)
    return kept


def _voiced(curve: Floats, prosody: Prosody, speech: Spans, start: float, end: float) -> Floats:
    """Return the values of *curve* at the voiced, active frames of the span."""
    window = prosody.frames(start, end)
    keep = active_frames(prosody, speech, start, end) & ~np.isnan(prosody.f0_hz[window])
    values: Floats = curve[window][keep]
    return values


def f0_level(prosody: Prosody, speech: Spans, start: float, end: float) -> Summary | None:
    """Return the median F0 in semitones re 27.5 Hz; detail: ``hertz``, ``p20``, ``p80``; from 0.2 s of voice on."""
    hertz = _voiced(prosody.f0_hz, prosody, speech, start, end)
    seconds = hertz.size * prosody.step
    if seconds < _LEAST_VOICED_S:
        return None
    tones = semitones(hertz)
    low, middle, high = (float(q) for q in np.percentile(tones, [20, 50, 80]))
    return Summary(middle, seconds, {"hertz": float(np.median(hertz)), "p20": low, "p80": high})


def f0_range(prosody: Prosody, speech: Spans, start: float, end: float) -> Summary | None:
    """Return the 80th less the 20th percentile of F0 in semitones; from 0.5 s of voice on."""
    level = f0_level(prosody, speech, start, end)
    if level is None or level.seconds < 0.5:
        return None
    return Summary(level.detail["p80"] - level.detail["p20"], level.seconds)


def loudness(prosody: Prosody, speech: Spans, start: float, end: float) -> Summary | None:
    """Return the mean energy in dBFS of the voiced frames (of all active frames where there is hardly any voice).

    ``10 log10(mean(10 ** (L / 10)))``, the equivalent level: a median jumps when a few frames enter or leave.
    It is a level in the recording: distance and gain of the microphone are in it, so only differences within one
    recording say something about a voice.
    """
    values = _voiced(prosody.loudness_db, prosody, speech, start, end)
    if values.size * prosody.step < _LEAST_VOICED_S:
        values = prosody.loudness_db[prosody.frames(start, end)][active_frames(prosody, speech, start, end)]
    if values.size * prosody.step < _LEAST_VOICED_S:
        return None
    energy = np.mean(10.0 ** (values.astype(np.float64) / 10.0))
    return Summary(float(10.0 * np.log10(energy)), values.size * prosody.step)


def activation(prosody: Prosody, speech: Spans, start: float, end: float) -> Summary | None:
    """Return the mean level-normalised spectral flux of the active frames; from 0.2 s on."""
    values = prosody.flux[prosody.frames(start, end)][active_frames(prosody, speech, start, end)]
    values = values[~np.isnan(values)]
    if values.size * prosody.step < _LEAST_VOICED_S:
        return None
    return Summary(float(values.mean(dtype=np.float64)), values.size * prosody.step)


def voice_quality(prosody: Prosody, speech: Spans, start: float, end: float) -> Summary | None:
    """Return the median harmonics-to-noise ratio in dB, or None unless the sound allows it.

    It needs 0.5 s of voice and a signal-to-noise ratio of at least 20 dB and 6 dB above the measured ratio: otherwise
    the noise of the room would be read as breath in the voice.
    """
    values = _voiced(prosody.hnr_db, prosody, speech, start, end)
    clean = signal_to_noise(prosody, speech, start, end)
    if values.size * prosody.step < 0.5 or clean is None:
        return None
    middle = float(np.median(values))
    if clean < max(_CLEAN_DB, middle + 6.0):
        return None
    return Summary(middle, values.size * prosody.step)


def signal_to_noise(prosody: Prosody, speech: Spans, start: float, end: float) -> float | None:
    """Return how far speech stands above the quietest twentieth of the span and 2 s around it, dB, at most 60.

    Frames of digital silence (below -70 dBFS) are left out: a muted gap says nothing about the noise under the voice.
    A rough figure: where nobody ever stops talking the quietest moments are speech too and it reads low.
    """
    talking = prosody.loudness_db[prosody.frames(start, end)][active_frames(prosody, speech, start, end)]
    if not talking.size:
        return None
    around = prosody.loudness_db[prosody.frames(max(start - 2.0, 0.0), end + 2.0)]
    floor = float(np.percentile(around[around >= min(SILENT_DB, talking.max())], 5))
    return float(np.clip(np.median(talking) - floor, 0.0, 60.0))
