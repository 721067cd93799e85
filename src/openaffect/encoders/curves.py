"""The curves that are measured on a sound, on one 10 ms grid, and how to cut spans out of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Spans = tuple[tuple[float, float], ...]

RATE = 16_000
"""Sampling rate of everything in this package, hertz."""
STEP = 0.01
"""Seconds between frames."""
SILENT_DB = -70.0
"""Frames below this level (dBFS) carry no pitch, flux or flatness: what is left there is quantisation or codec dust."""
FLOOR_DB = -120.0
"""What digital silence reads."""


@dataclass(frozen=True, eq=False)
class Prosody:
    """Curves of one recording; value *i* belongs to time ``i * step`` (the centre of its window).

    All are float32 of shape (n,), except `mfcc`.  Two recordings are never equal (identity counts), so that a
    `Prosody` can key a cache.
    """

    f0_hz: Floats
    """Fundamental frequency, hertz; NaN where unvoiced."""
    hnr_db: Floats
    """Harmonics-to-noise ratio below 4 kHz, decibels; NaN where unvoiced."""
    loudness_db: Floats
    """Level, dB re full scale (RMS; a full-scale sine reads -3.01), at least -120."""
    flux: Floats
    """Level-normalised spectral flux, no unit; NaN where silent."""
    syllable_db: Floats
    """Level of the band in which vowels are strong (300-2500 Hz), decibels."""
    flatness: Floats
    """Flatness of the fine structure of the spectrum, 0 (pure tones) to 1; noise reads about 0.56; NaN where silent."""
    mfcc: npt.NDArray[np.float16]
    """Shape (ceil(n / 2), 13): cepstral coefficients of every second frame."""
    step: float = STEP

    def __len__(self) -> int:
        """Return the number of frames."""
        return int(self.loudness_db.shape[0])

    @property
    def duration(self) -> float:
        """Seconds that the frames cover."""
        return len(self) * self.step

    def frames(self, start: float, end: float) -> slice:
        """Return the frames whose time lies in the half-open span ``[start, end)``.

        >>> empty = np.zeros(100, np.float32)
        >>> Prosody(*[empty] * 6, np.zeros((50, 13), np.float16)).frames(0.105, 0.305)
        slice(11, 31, None)
        """
        first = int(np.ceil(round(start / self.step, 6)))
        last = int(np.ceil(round(end / self.step, 6)))
        return slice(min(max(first, 0), len(self)), min(max(last, 0), len(self)))

    def mask(self, spans: Spans, start: float = 0.0, end: float | None = None) -> Mask:
        """Return which frames of ``[start, end)`` lie in any of *spans*; shape of ``frames(start, end)``."""
        window = self.frames(start, self.duration if end is None else end)
        inside = np.zeros(window.stop - window.start, dtype=np.bool_)
        for span_start, span_end in spans:
            if span_end > start and (end is None or span_start < end):
                part = self.frames(span_start, span_end)
                inside[max(part.start - window.start, 0) : max(part.stop - window.start, 0)] = True
        return inside
