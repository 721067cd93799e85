"""Short-time spectra and what is read off one frame: level, flux, flatness, mel cepstrum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from openaffect.encoders.curves import FLOOR_DB, RATE, Floats

WINDOW = 400
"""25 ms, for level, flux and cepstrum."""
TRANSFORM = 512
BANDS = 24
"""Mel bands between 100 and 5500 Hz."""
CEPSTRA = 13
HANN: Floats = (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)).astype(np.float32)
_TINY = np.float32(1e-20)


def mel(hertz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return mels: ``2595 log10(1 + f / 700)`` (O'Shaughnessy 1987).

    >>> round(float(mel(1000.0)), 1)
    1000.0
    """
    return 2595.0 * np.log10(1.0 + np.asarray(hertz, np.float64) / 700.0)


def mel_bank(bands: int = BANDS, low: float = 100.0, high: float = 5500.0) -> Floats:
    """Return triangular filters, shape (257, bands), equally spaced in mel, peak 1."""
    edges = 700.0 * (10.0 ** (np.linspace(mel(low), mel(high), bands + 2) / 2595.0) - 1.0)
    hertz = np.arange(TRANSFORM // 2 + 1)[:, None] * RATE / TRANSFORM
    rise = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    return np.maximum(np.minimum(rise, fall), 0.0).astype(np.float32)


def cosine_matrix(bands: int = BANDS, count: int = CEPSTRA) -> Floats:
    """Return the orthonormal DCT-II, shape (bands, count)."""
    k, n = np.arange(count), np.arange(bands)[:, None] + 0.5
    matrix = np.cos(np.pi * n * k / bands) * np.sqrt(2.0 / bands)
    matrix[:, 0] /= np.sqrt(2.0)
    result: Floats = matrix.astype(np.float32)
    return result


_MEL_BANK = mel_bank()
_COSINES = cosine_matrix()


def decibels(power: Floats) -> Floats:
    """Return ``10 log10(power)``, at least -120.

    >>> decibels(np.array([0.01, 0.0], np.float32)).round(3).tolist()
    [-20.0, -120.0]
    """
    result: Floats = np.maximum(10 * np.log10(np.maximum(power, _TINY)), np.float32(FLOOR_DB))
    return result


def level(frames: Floats) -> Floats:
    """Return the RMS level of frames (n, 400) in dBFS, weighted by the squared Hann window, the mean removed.

    A full-scale sine reads -3.01 dB; a constant offset reads nothing.
    """
    weights = HANN * HANN / np.sum(HANN * HANN)
    mean = frames @ weights
    power = (frames * frames) @ weights - mean * mean
    return decibels(np.maximum(power, np.float32(0)))


def flux(spectra: Floats) -> Floats:
    """Return the level-normalised spectral flux between neighbours of magnitude spectra (n + 1, bins): shape (n,).

    ``flux[t] = || m[t+1] / |m[t+1]| - m[t] / |m[t]| ||`` with Euclidean norms: 0 where the shape of the spectrum stays,
    1.41 where nothing of it stays, the same at any gain.

    >>> flux(np.array([[1, 0], [0, 5], [0, 1]], np.float32)).round(2).tolist()
    [1.409999966621399, 0.0]
    """
    unit = spectra / np.maximum(np.sqrt(np.sum(spectra * spectra, axis=1, keepdims=True)), _TINY)
    steps = np.diff(unit, axis=0)
    result: Floats = np.sqrt(np.sum(steps * steps, axis=1))
    return result


def flatness(power: Floats, *, width: int, first: int, last: int) -> Floats:
    """Return the flatness of the fine structure of power spectra (n, bins): shape (n,), 0 to 1.

    Bins from *first* to *last* are cut into bands of *width*; in each, geometric over arithmetic mean; then the mean
    over the bands within 40 dB of the strongest.  Cutting into bands takes the tilt of the spectrum out, so that white
    and pink noise both read about ``exp(-0.577) = 0.56``, which is what the exponential distribution of a noise
    periodogram gives; harmonics read far less.
    """
    count = (last - first) // width
    bands = np.maximum(power[:, first : first + count * width].reshape(len(power), count, width), _TINY)
    mean = bands.mean(axis=2)
    ratio = np.exp(np.log(bands).mean(axis=2)) / mean
    audible = mean >= mean.max(axis=1, keepdims=True) * 1e-4
    result: Floats = (np.sum(ratio * audible, axis=1) / np.sum(audible, axis=1)).astype(np.float32)
    return result


def cepstra(magnitude: Floats) -> npt.NDArray[np.float16]:
    """Return 13 mel cepstral coefficients (natural logarithm, floored 60 dB below the peak) of magnitudes (n, 257)."""
    energy = (magnitude * magnitude) @ _MEL_BANK
    floor = np.maximum(energy.max(axis=1, keepdims=True) * np.float32(1e-6), _TINY)
    result: npt.NDArray[np.float16] = (np.log(np.maximum(energy, floor)) @ _COSINES).astype(np.float16)
    return result
