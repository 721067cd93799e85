"""Wav2Small in numpy alone, for devices on which nothing else runs.

The same networks as `openaffect.distill.students.wav2small`, from ``model.safetensors``: batch normalisation folded
into the convolutions, each convolution one matrix product over its nine shifted inputs (BLAS does the work, and
decides on its threads), tile by tile so that what it copies stays in cache.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from openaffect.errors import DataError
from openaffect.runtime.chunks import EDGE, chunks
from openaffect.runtime.frontend import AMIN, HOP, MELS, N_FFT
from openaffect.runtime.level import Level
from openaffect.runtime.pooled import FLOOR, Pooled, merged, nothing
from openaffect.runtime.safetensors import read_safetensors

Floats = npt.NDArray[np.float32]

WEIGHTS = "model.safetensors"

_CHANNELS = 13
_ROWS = MELS // 2
_SIZE = _CHANNELS * _ROWS
_TILE = 96
"""Frames that one matrix product covers: what it copies, 117 x 96 x 26 numbers, fills 1.2 MB of cache."""
_NORM_EPS = 1e-5


class NumpyStudent:
    """A Wav2Small of one folder: ``wav2small-72k`` (with or without the 1x1 convolution) or ``wav2small-17k``."""

    size: int | None = _SIZE

    def __init__(self, folder: Path) -> None:
        path = folder / WEIGHTS
        weights = read_safetensors(path)
        self._dense = "pooling.values.weight" in weights
        _check(weights, _shapes(self._dense, "vgg7.l8.weight" in weights), path)
        self.identity = hashlib.sha256(path.read_bytes()).hexdigest()
        ear = [weights[f"vgg7.spectrogram_extractor.conv_{part}.weight"][:, 0].T for part in ("real", "imag")]
        self._kernels, self._mel = np.concatenate(ear, 1), weights["vgg7.logmel_extractor.melW"]
        self._floor = max(float(weights["vgg7.logmel_extractor.amin"][0]), AMIN)
        self._convs = [_folded(weights, f"vgg7.l{layer}") for layer in range(1, 8)]
        self._extra = _pair(weights, "vgg7.l8") if "vgg7.l8.weight" in weights else None
        prefix = ("pooling.values", "pooling.scores") if self._dense else ("vgg7.lin", "vgg7.sof")
        self._values, self._scores = (_pair(weights, name) for name in prefix)
        self._last = _pair(weights, "adv")

    def whole(self, samples: Floats) -> tuple[Floats, Floats]:
        """Return logits (3,) and hidden vector (H,) of samples (n,), run chunk by chunk all the same."""
        level, state = Level(), nothing(_SIZE)
        level.push(samples)
        for chunk in chunks([samples]):
            state = self.chunk(chunk.samples, (level.mean, level.rms), chunk.start, chunk.end, state)
        return self.read_out(state)

    def chunk(self, samples: Floats, scale: tuple[float, float], start: bool, end: bool, state: Pooled) -> Pooled:
        """Return *state* with the tokens of a chunk; *scale* is mean and root mean square of the recording."""
        maps = self._maps((samples - np.float32(scale[0])) / np.float32(scale[1]))
        counting = slice(0 if start else EDGE, maps.shape[1] if end else max(0, maps.shape[1] - EDGE))
        values, scores = self._tokens(maps[:, counting])
        if not len(scores):
            return state
        maximum = np.maximum(scores.max(0), FLOOR)
        weights = np.exp(scores - maximum)
        fresh = (maximum, weights.sum(0), np.einsum("ts,ts->s", weights, values))
        return merged([state, Pooled(*(row[None] for row in fresh))])

    def read_out(self, state: Pooled) -> tuple[Floats, Floats]:
        """Return logits (3,) and hidden vector (169,) or (338,) of a state."""
        hidden = (state.weighted / state.total)[0]
        if not self._dense:
            grid = hidden.reshape(_CHANNELS, _ROWS)
            hidden = np.concatenate([grid, grid @ grid.T], 1).ravel()
        weight, bias = self._last
        return weight @ hidden + bias, hidden

    def _maps(self, signal: Floats) -> Floats:
        """Return (13, T, 13) of a normalised signal."""
        frames = np.lib.stride_tricks.sliding_window_view(signal, N_FFT)[::HOP]
        spectrum = np.square(frames @ self._kernels)
        power = (spectrum[:, : N_FFT // 2 + 1] + spectrum[:, N_FFT // 2 + 1 :]) @ self._mel
        x = 10 * np.log10(np.maximum(power, np.float32(self._floor)))[None]
        for number, (weight, bias) in enumerate(self._convs):
            x = _convolved(_halved(x) if number == 3 else x, weight, bias)
        return x if self._extra is None else _mixed(x, *self._extra)

    def _tokens(self, maps: Floats) -> tuple[Floats, Floats]:
        """Return values and scores, each (T, 169) by channel and mel."""
        if self._dense:
            tokens = maps.transpose(1, 0, 2).reshape(-1, _SIZE)
            return tokens @ self._values[0].T + self._values[1], tokens @ self._scores[0].T + self._scores[1]
        pair = (_mixed(maps, *self._values), _mixed(maps, *self._scores))
        values, scores = (each.transpose(1, 0, 2).reshape(-1, _SIZE) for each in pair)
        return values, scores


def _convolved(x: Floats, weight: Floats, bias: Floats) -> Floats:
    """Return relu of the 3x3 convolution of (C, T, M) with zeros around it; *weight* is (13, 9 C) by tap, channel."""
    channels, time, rows = x.shape
    framed = np.zeros((channels, time + 2, rows + 2), np.float32)
    framed[:, 1:-1, 1:-1] = x
    result = np.empty((len(weight), time, rows), np.float32)
    shifted = np.empty((9, channels, min(_TILE, time), rows), np.float32)
    for first in range(0, time, _TILE):
        count = min(_TILE, time - first)
        taps = shifted[:, :, :count]
        for tap in range(9):
            down, along = divmod(tap, 3)
            taps[tap] = framed[:, first + down : first + down + count, along : along + rows]
        product = weight @ taps.reshape(9 * channels, count * rows)
        product += bias[:, None]
        np.maximum(product.reshape(-1, count, rows), 0, out=result[:, first : first + count])
    return result


def _halved(x: Floats) -> Floats:
    """Return the 3x3 maximum with stride 2 of (C, T, M), which must not be negative; the border counts as zero."""
    for axis in (1, 2):
        even = x.take(range(0, x.shape[axis], 2), axis)
        odd = x.take(range(1, x.shape[axis], 2), axis)
        lead = [slice(None)] * 3
        upper, lower = list(lead), list(lead)
        upper[axis], lower[axis] = slice(0, odd.shape[axis]), slice(1, None)
        np.maximum(even[tuple(upper)], odd, out=even[tuple(upper)])
        behind = even[tuple(lower)]
        before = list(lead)
        before[axis] = slice(0, behind.shape[axis])
        np.maximum(behind, odd[tuple(before)], out=behind)
        x = even
    return x


def _mixed(x: Floats, weight: Floats, bias: Floats) -> Floats:
    """Return the 1x1 convolution of (13, T, M)."""
    channels, time, rows = x.shape
    return (weight.reshape(len(weight), channels) @ x.reshape(channels, -1) + bias[:, None]).reshape(-1, time, rows)


def _folded(weights: dict[str, Any], name: str) -> tuple[Floats, Floats]:
    """Return a convolution with its normalisation: (13, 9 C) by tap and channel, and bias (13,)."""
    gain = weights[f"{name}.norm.weight"] / np.sqrt(weights[f"{name}.norm.running_var"] + np.float32(_NORM_EPS))
    kernel = weights[f"{name}.conv.weight"] * gain[:, None, None, None]
    bias = weights[f"{name}.norm.bias"] - weights[f"{name}.norm.running_mean"] * gain
    return np.ascontiguousarray(kernel.transpose(0, 2, 3, 1).reshape(_CHANNELS, -1)), bias


def _pair(weights: dict[str, Any], name: str) -> tuple[Floats, Floats]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _shapes(dense: bool, extra: bool) -> dict[str, tuple[int, ...]]:
    """Return the arrays of a Wav2Small and their shapes."""
    c, bins = _CHANNELS, N_FFT // 2 + 1
    ear = {f"vgg7.spectrogram_extractor.conv_{part}.weight": (bins, 1, N_FFT) for part in ("real", "imag")}
    shapes = {**ear, "vgg7.logmel_extractor.melW": (bins, MELS), "vgg7.logmel_extractor.amin": (1,)}
    for layer in range(1, 8):
        shapes[f"vgg7.l{layer}.conv.weight"] = (c, 1 if layer == 1 else c, 3, 3)
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"vgg7.l{layer}.norm.{part}"] = (c,)
    square, names = ((_SIZE, _SIZE), ("pooling.values", "pooling.scores")) if dense else ((c, c, 1, 1), ())
    for name in names or ("vgg7.lin", "vgg7.sof"):
        shapes |= {f"{name}.weight": square, f"{name}.bias": square[:1]}
    if extra:
        shapes |= {"vgg7.l8.weight": (c, c, 1, 1), "vgg7.l8.bias": (c,)}
    return shapes | {"adv.weight": (3, _SIZE if dense else 2 * _SIZE), "adv.bias": (3,)}


def _check(weights: dict[str, Any], wanted: dict[str, tuple[int, ...]], path: Path) -> None:
    found = {name: array.shape for name, array in weights.items() if not name.endswith("num_batches_tracked")}
    wrong = [f"missing {name}" for name in wanted if name not in found]
    wrong += [f"unknown {name[:60]!r}" for name in found if name not in wanted]
    wrong += [
        f"{name} is {found[name]}, not {shape}" for name, shape in wanted.items() if found.get(name, shape) != shape
    ]
    wrong += [f"{name[:60]!r} is not finite" for name, array in weights.items() if not np.isfinite(array).all()]
    if wrong:
        raise DataError(f"'{path}' is no Wav2Small that numpy can run: {'; '.join(wrong[:6])}.")
