"""The constants of the ear that every student shares: short Fourier kernels, mel bands, floors.

16 kHz, windows of 64 samples every 32 (periodic Hann), 33 bins, 26 mel bands from 0 to 8 kHz on Slaney's scale, each
normalised to the same area (librosa's defaults).  The lowest band reaches from 0 to 223 Hz and the bins lie 250 Hz
apart, so it meets none where it is not zero: filter 0 is all zeros and its level always at the floor.  The published
networks were trained with it, so it stays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE = 16_000
"""Samples a second."""
N_FFT = 64
HOP = 32
BINS = N_FFT // 2 + 1
MELS = 26
MIN_SAMPLES = N_FFT
"""The shortest clip: one window."""
AMIN = 1e-10
"""Mel power below this counts as this, -100 dB."""
EPS = 1e-7
"""Added to the variance of a clip before its root, so that silence divides by no zero."""

_HERTZ_A_MEL = 200 / 3
_KNEE_HZ = 1000.0
_LOG_STEP = np.log(6.4) / 27
"""Above the knee, 27 mel are a factor of 6.4 in hertz."""


def dft_kernels() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the windowed cosine and minus-sine kernels, each (33, 64): real and imaginary part of the spectrum.

    ``kernel @ samples`` is ``numpy.fft.rfft(window * samples)`` of 64 samples.

    >>> real, imaginary = dft_kernels()
    >>> real.shape, round(float(real[0].sum()), 4), round(float(imaginary[1].min()), 4)
    ((33, 64), 32.0, -0.6488)
    """
    at = np.arange(N_FFT)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * at / N_FFT)
    angle = 2 * np.pi * np.outer(np.arange(BINS), at) / N_FFT
    return (np.cos(angle) * hann).astype(np.float32), (-np.sin(angle) * hann).astype(np.float32)


def mel_matrix() -> npt.NDArray[np.float32]:
    """Return the matrix (33, 26) that turns a power spectrum into mel bands: ``power @ matrix``.

    Triangles between neighbouring band edges in hertz, each times 2 / width.

    >>> matrix = mel_matrix()
    >>> matrix.shape, float(matrix[:, 0].sum()), round(float(matrix[1, 1]), 6)
    ((33, 26), 0.0, 0.006823)
    """
    edges = _hertz(np.linspace(0.0, _mel(RATE / 2), MELS + 2))
    bins = np.linspace(0.0, RATE / 2, BINS)[:, None]
    low, peak, high = edges[:-2], edges[1:-1], edges[2:]
    triangles = np.maximum(0.0, np.minimum((bins - low) / (peak - low), (high - bins) / (high - peak)))
    matrix: npt.NDArray[np.float32] = (triangles * 2 / (high - low)).astype(np.float32)
    return matrix


def _mel(hertz: float) -> float:
    """Return *hertz* (above the knee) in mel."""
    return float(_KNEE_HZ / _HERTZ_A_MEL + np.log(hertz / _KNEE_HZ) / _LOG_STEP)


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    knee = _KNEE_HZ / _HERTZ_A_MEL
    above: npt.NDArray[np.float64] = _KNEE_HZ * np.exp(_LOG_STEP * (mel - knee))
    return np.where(mel < knee, mel * _HERTZ_A_MEL, above)
