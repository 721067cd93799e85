"""The ear inside every student: normalise the clip, short Fourier transform, mel bands, decibels; as torch modules.

Axis 2 is time and axis 3 is mel.  The names of the parts are those of the published checkpoint.
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from openaffect.errors import UsageError
from openaffect.runtime.frontend import AMIN, EPS, HOP, MIN_SAMPLES, N_FFT, dft_kernels, mel_matrix

_DECIBELS = 10 / math.log(10)


class Spectrogram(nn.Module):
    """Power spectrum (B, F, 33) of a waveform (B, N), by two frozen convolutions; F = (N - 64) // 32 + 1."""

    def __init__(self) -> None:
        super().__init__()
        real, imaginary = dft_kernels()
        self.conv_real = _kernel(torch.from_numpy(real))
        self.conv_imag = _kernel(torch.from_numpy(imaginary))

    def forward(self, waveform: Tensor) -> Tensor:
        """Return re² + im² of every window, time first."""
        signal = waveform[:, None]
        real, imaginary = self.conv_real(signal), self.conv_imag(signal)
        return cast(Tensor, (real * real + imaginary * imaginary).transpose(1, 2))


class LogMel(nn.Module):
    """Decibels of 26 mel bands, (B, 1, F, 26), of a power spectrum (B, F, 33): 10 log10 max(mel, 1e-10)."""

    def __init__(self) -> None:
        super().__init__()
        self.melW: Tensor
        self.amin: Tensor
        self.register_buffer("melW", torch.from_numpy(mel_matrix()))
        self.register_buffer("amin", torch.tensor([AMIN]))

    def forward(self, power: Tensor) -> Tensor:
        """Return the levels with a channel axis."""
        return _DECIBELS * torch.log(torch.maximum(power @ self.melW, self.amin))[:, None]


def checked(waveform: Tensor) -> Tensor:
    """Return *waveform* if it is (B, N) with N of at least 64 samples of float; else raise `UsageError`."""
    if waveform.dim() != 2 or waveform.shape[1] < MIN_SAMPLES or not waveform.is_floating_point():
        came = f"{tuple(waveform.shape)} of {str(waveform.dtype).removeprefix('torch.')}"
        raise UsageError(f"a student reads (batch, samples) of float, 64 samples or more at 16 kHz; {came} came.")
    return waveform


def normalised(waveform: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Return a new (B, N): each clip minus its mean, over the root of its biased variance + 1e-7.

    *lengths* (B,) counts the samples of each clip; what lies behind is padding, touches nothing and comes out as 0.
    """
    if lengths is None:
        centred = waveform - waveform.mean(1, keepdim=True)
        return centred / torch.sqrt((centred * centred).mean(1, keepdim=True) + EPS)
    count = lengths.to(waveform.device)[:, None]
    inside = torch.arange(waveform.shape[1], device=waveform.device) < count
    # Not by multiplication: padding may hold NaN.
    kept = torch.where(inside, waveform, 0.0)
    centred = torch.where(inside, kept - kept.sum(1, keepdim=True) / count, 0.0)
    return centred / torch.sqrt((centred * centred).sum(1, keepdim=True) / count + EPS)


def frames(lengths: Tensor | None) -> Tensor | None:
    """Return how many windows fit into each clip of *lengths* samples; raises `UsageError` for one below 64 samples."""
    if lengths is None:
        return None
    if int(lengths.min()) < MIN_SAMPLES:
        raise UsageError(f"every clip of a batch needs 64 samples or more; one has {int(lengths.min())}.")
    return (lengths - N_FFT) // HOP + 1


def halved(rows: Tensor | None) -> Tensor | None:
    """Return the rows that a centred step of stride 2 leaves."""
    return None if rows is None else (rows - 1) // 2 + 1


def masked(x: Tensor, rows: Tensor | None) -> Tensor:
    """Return *x* (B, C, T, M) with zeros from row ``rows[b]`` on, as if the clip ended there; *x* if *rows* is None."""
    if rows is None:
        return x
    inside = torch.arange(x.shape[2], device=x.device) < rows.to(x.device)[:, None]
    return x * inside[:, None, :, None]


def _kernel(weights: Tensor) -> nn.Conv1d:
    conv = nn.Conv1d(1, len(weights), N_FFT, stride=HOP, bias=False)
    conv.weight = nn.Parameter(weights[:, None].clone(), requires_grad=False)
    return conv
