"""What a voice does besides words: pitch, loudness, flux, harmonics-to-noise ratio, every 10 ms, in a stream.

`ProsodyStream` takes sound of any length in chunks of any size and gives the same numbers for every way of cutting it;
it keeps about 40 bytes per 10 ms.  The functions that measure a span of the curves are in `measures`, the kind of a
sound in `sounds`; all are reachable from here.

Jitter and shimmer are left out on purpose: they need the marks of single glottal cycles, which an autocorrelation over
60 ms does not give, and compressed or distant sound does not hold.
"""

from __future__ import annotations

import numpy as np

from openaffect.encoders import pitch, spectra
from openaffect.encoders.curves import FLOOR_DB, RATE, SILENT_DB, STEP, Floats, Mask, Prosody, Spans
from openaffect.encoders.measures import (
    Summary,
    activation,
    f0_level,
    f0_range,
    loudness,
    semitones,
    signal_to_noise,
    voice_quality,
)
from openaffect.encoders.sounds import SoundKind, sound_kind
from openaffect.encoders.timing import Pause, nuclei, pauses, speaking_rate, speech_seconds
from openaffect.errors import UsageError

__all__ = [
    "FLOOR_DB",
    "RATE",
    "SILENT_DB",
    "STEP",
    "Mask",
    "Pause",
    "Prosody",
    "ProsodyStream",
    "SoundKind",
    "Spans",
    "Summary",
    "activation",
    "f0_level",
    "f0_range",
    "loudness",
    "nuclei",
    "pauses",
    "semitones",
    "signal_to_noise",
    "sound_kind",
    "speaking_rate",
    "speech_seconds",
    "voice_quality",
]

HOP = 160
BLOCK = 100
"""Frames that are worked on together: one second."""
_HALF = pitch.WINDOW // 2
_NEED = (BLOCK - 1) * HOP + pitch.WINDOW
_SHORT = (pitch.WINDOW - spectra.WINDOW) // 2
_VOWELS = slice(10, 80)
"""Bins of the short spectrum, 312-2500 Hz."""
_VOWEL_SCALE = np.float32(2 / spectra.TRANSFORM / np.sum(spectra.HANN**2))


class ProsodyStream:
    """Measures 16 kHz mono sound as it comes in.

    >>> stream = ProsodyStream()
    >>> stream.push(np.sin(2 * np.pi * 220 * np.arange(16000) / 16000).astype(np.float32))
    >>> prosody = stream.finish()
    >>> len(prosody), round(float(prosody.f0_hz[50])), round(float(prosody.loudness_db[50]), 2)
    (100, 220, -3.01)
    """

    def __init__(self) -> None:
        self._waiting: list[Floats] = [np.zeros(_HALF, np.float32)]
        self._held = _HALF
        self._samples = 0
        self._path = pitch.PitchPath()
        self._last_spectrum = np.zeros((1, spectra.TRANSFORM // 2 + 1), np.float32)
        self._last_level = np.full(1, FLOOR_DB, np.float32)
        self._curves: dict[str, list[Floats]] = {
            name: [] for name in ("f0_hz", "height", "loudness_db", "flux", "syllable_db", "flatness", "mfcc")
        }

    def push(self, samples: Floats) -> None:
        """Take the next samples, float32 of shape (n,), finite; raises `UsageError` for another shape."""
        samples = np.asarray(samples, dtype=np.float32)
        if samples.ndim != 1:
            raise UsageError(f"sound must be mono, shape (n,); {samples.shape} came: mix the channels down first")
        if not samples.size:
            return
        self._waiting.append(samples.copy())
        self._held += samples.size
        self._samples += samples.size
        if self._held >= _NEED:
            self._drain()

    def finish(self) -> Prosody:
        """Return the curves of all that was pushed; the stream is used up."""
        count = -(-self._samples // HOP)
        blocks = -(-count // BLOCK)
        missing = (blocks - 1) * BLOCK * HOP + _NEED - (_HALF + self._samples)
        if blocks:
            self._waiting.append(np.zeros(max(missing, 0), np.float32))
            self._held += max(missing, 0)
            self._drain()
        self._keep_pitch(self._path.finish())
        height = self._curve("height", count)
        with np.errstate(invalid="ignore"):
            hnr = pitch.harmonics_to_noise(height)
        mfcc = self._curves["mfcc"]
        return Prosody(
            f0_hz=self._curve("f0_hz", count),
            hnr_db=hnr,
            loudness_db=self._curve("loudness_db", count),
            flux=self._curve("flux", count),
            syllable_db=self._curve("syllable_db", count),
            flatness=self._curve("flatness", count),
            mfcc=(np.concatenate(mfcc) if mfcc else np.zeros((0, spectra.CEPSTRA)))[: -(-count // 2)].astype(
                np.float16
            ),
        )

    def _curve(self, name: str, count: int) -> Floats:
        parts = self._curves[name]
        return np.concatenate(parts)[:count] if parts else np.zeros(0, np.float32)

    def _drain(self) -> None:
        buffer = np.concatenate(self._waiting)
        start = 0
        while len(buffer) - start >= _NEED:
            self._measure(buffer[start : start + _NEED])
            start += BLOCK * HOP
        rest = buffer[start:].copy()
        self._waiting, self._held = [rest], len(rest)

    def _measure(self, samples: Floats) -> None:
        frames = np.lib.stride_tricks.sliding_window_view(samples, pitch.WINDOW)[::HOP]
        short = np.ascontiguousarray(frames[:, _SHORT : _SHORT + spectra.WINDOW])
        loudness_db = spectra.level(short)
        silent = loudness_db < SILENT_DB
        self._keep("loudness_db", loudness_db)
        self._measure_short(short, loudness_db, silent)
        spectrum = np.fft.rfft(frames * pitch.HANN, pitch.TRANSFORM, axis=1).astype(np.complex64, copy=False)
        power: Floats = spectrum.real**2 + spectrum.imag**2
        flat = spectra.flatness(power, width=20, first=8, last=488)
        self._keep("flatness", np.where(silent, np.float32(np.nan), flat))
        hertz, height = pitch.find_candidates(pitch.autocorrelation(power))
        self._keep_pitch(self._path.push(hertz, height, loudness_db))

    def _measure_short(self, short: Floats, loudness_db: Floats, silent: Mask) -> None:
        magnitude = np.abs(np.fft.rfft(short * spectra.HANN, spectra.TRANSFORM, axis=1))
        vowels = np.square(magnitude[:, _VOWELS]).sum(axis=1) * _VOWEL_SCALE
        self._keep("syllable_db", spectra.decibels(vowels))
        change = spectra.flux(np.concatenate([self._last_spectrum, magnitude]))
        before = np.concatenate([self._last_level, loudness_db[:-1]]) < SILENT_DB
        self._keep("flux", np.where(silent | before, np.float32(np.nan), change))
        self._last_spectrum, self._last_level = magnitude[-1:], loudness_db[-1:]
        self._curves["mfcc"].append(spectra.cepstra(magnitude[::2]))  # type: ignore[arg-type]

    def _keep_pitch(self, found: tuple[Floats, Floats]) -> None:
        self._keep("f0_hz", found[0])
        self._keep("height", found[1])

    def _keep(self, name: str, values: Floats) -> None:
        self._curves[name].append(values.astype(np.float32))
