"""Both Wav2Small networks written again from their description, with numpy and scipy alone, one loop at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.signal import correlate, get_window

Weights = Mapping[str, np.ndarray]


def log_mel(wave: np.ndarray, mel: np.ndarray) -> np.ndarray:
    """(F, 26) decibels of a clip that is brought to mean 0 and power 1."""
    wave = wave.astype(np.float64) - wave.astype(np.float64).mean()
    wave = wave / np.sqrt(np.mean(wave**2) + 1e-7)
    window = get_window("hann", 64, fftbins=True)
    starts = range(0, len(wave) - 63, 32)
    power = np.array([np.abs(np.fft.rfft(window * wave[at : at + 64])) ** 2 for at in starts])
    return 10 * np.log10(np.maximum(power @ mel, 1e-10))


def _convolved(maps: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """(out, T, M) of (in, T, M): correlation with zeros around."""
    reach = kernels.shape[-1] // 2
    padded = np.pad(maps, ((0, 0), (reach, reach), (reach, reach)))
    return np.array(
        [sum(correlate(m, k, mode="valid") for m, k in zip(padded, kernel, strict=True)) for kernel in kernels]
    )


def _layer(maps: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    maps = _convolved(maps, weights[f"{name}.conv.weight"].astype(np.float64))
    gain, offset, mean, variance = (
        weights[f"{name}.norm.{part}"][:, None, None] for part in ("weight", "bias", "running_mean", "running_var")
    )
    return np.maximum(0.0, (maps - mean) / np.sqrt(variance + 1e-5) * gain + offset)


def _pooled(maps: np.ndarray) -> np.ndarray:
    """The largest of 3 x 3, every second row and column, nothing around."""
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    rows, columns = ((size - 1) // 2 + 1 for size in maps.shape[1:])
    return np.array(
        [[[p[2 * r : 2 * r + 3, 2 * c : 2 * c + 3].max() for c in range(columns)] for r in range(rows)] for p in padded]
    )


def _attended(values: np.ndarray, scores: np.ndarray) -> np.ndarray:
    weights = np.exp(scores - scores.max(0))
    return (weights / weights.sum(0) * values).sum(0)


def trunk(wave: np.ndarray, weights: Weights) -> np.ndarray:
    """(13, T, 13)."""
    maps = log_mel(wave, weights["vgg7.logmel_extractor.melW"])[None]
    for name in ("l1", "l2", "l3"):
        maps = _layer(maps, weights, f"vgg7.{name}")
    maps = _pooled(maps)
    for name in ("l4", "l5", "l6", "l7"):
        maps = _layer(maps, weights, f"vgg7.{name}")
    return maps


def paper_72k(wave: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """Logits (3,) and hidden vector (169,)."""
    tokens = np.array([maps.reshape(-1) for maps in trunk(wave, weights).transpose(1, 0, 2)])
    values, scores = (
        tokens @ weights[f"pooling.{p}.weight"].T + weights[f"pooling.{p}.bias"] for p in ("values", "scores")
    )
    hidden = _attended(values, scores)
    return weights["adv.weight"] @ hidden + weights["adv.bias"], hidden


def v2_17k(wave: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """Logits (3,) and hidden vector (338,)."""
    maps = trunk(wave, weights)
    values, scores = (
        np.einsum("oi,itm->otm", weights[f"vgg7.{p}.weight"][:, :, 0, 0], maps)
        + weights[f"vgg7.{p}.bias"][:, None, None]
        for p in ("lin", "sof")
    )
    grid = np.array([[_attended(values[c, :, m], scores[c, :, m]) for m in range(13)] for c in range(13)])
    hidden: list[float] = []
    for channel in range(13):
        hidden += list(grid[channel])
        hidden += [float(grid[channel] @ grid[other]) for other in range(13)]
    return weights["adv.weight"] @ np.array(hidden) + weights["adv.bias"], np.array(hidden)
