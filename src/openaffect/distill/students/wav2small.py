"""Wav2Small in its two shapes (Kounadis-Bastian et al., arXiv 2408.13920).

Seven 3x3 convolutions with 13 channels over 26 mel bands, a pooling over time that attends to each feature by itself,
one linear layer.  ``v2-17k`` is the network whose weights audEERING published (research only: load your own copy with
`Wav2Small.load_official`); ``paper-72k`` is the paper's, whose weights nobody published.  Its layers are rebuilt from
what is known about it (72 thousand parameters, 0.4 GMAC for 5 s, 250 tokens a second); whether a 1x1 convolution
stands behind the seventh is not known, so it is an option.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

import torch
from torch import Tensor, nn

from openaffect.distill.frontend import LogMel, Spectrogram, checked, frames, halved, masked, normalised
from openaffect.distill.pooling import AttentionPooling, attended
from openaffect.distill.students.layers import ConvNorm
from openaffect.errors import UsageError
from openaffect.runtime.frontend import MELS, MIN_SAMPLES

CHANNELS = 13
ROWS = MELS // 2
"""Mel rows behind the pooling."""
SIZE = CHANNELS * ROWS
"""Features of a token: 169."""
Variant = Literal["paper-72k", "v2-17k"]


class Vgg7(nn.Module):
    """From a waveform (B, N) to (B, 13, T, 13), 250 rows a second, each seeing 832 samples (52 ms)."""

    def __init__(self, *, attention: bool, extra_conv: bool) -> None:
        super().__init__()
        self.spectrogram_extractor = Spectrogram()
        self.logmel_extractor = LogMel()
        for layer in range(1, 8):
            self.add_module(f"l{layer}", ConvNorm(1 if layer == 1 else CHANNELS, CHANNELS, 3))
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        if extra_conv:
            self.l8 = nn.Conv2d(CHANNELS, CHANNELS, 1)
        if attention:
            self.lin = nn.Conv2d(CHANNELS, CHANNELS, 1)
            self.sof = nn.Conv2d(CHANNELS, CHANNELS, 1)

    def forward(self, signal: Tensor, rows: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the maps of a normalised *signal* and their valid rows; *rows* are its valid frames."""
        x = self.logmel_extractor(self.spectrogram_extractor(signal))
        for layer in range(1, 4):
            x, rows = self.get_submodule(f"l{layer}")(x, rows)
        # What enters is not negative, so that rows of zeros behind the end win no maximum.
        x, rows = self.pool(masked(x, rows)), halved(rows)
        for layer in range(4, 8):
            x, rows = self.get_submodule(f"l{layer}")(x, rows)
        return self.l8(x) if hasattr(self, "l8") else x, rows


class Wav2Small(nn.Module):
    """The student itself; the order of what comes out is arousal, dominance, valence, about 0–1, never clipped.

    *extra_conv* adds a 1x1 convolution behind the seventh layer of ``paper-72k``.

    >>> Wav2Small("v2-17k").eval()(torch.zeros(2, 16000)).shape
    torch.Size([2, 3])
    """

    min_samples = MIN_SAMPLES

    def __init__(self, variant: Variant = "paper-72k", extra_conv: bool = False) -> None:
        super().__init__()
        if variant not in ("paper-72k", "v2-17k") or (extra_conv and variant != "paper-72k"):
            came = f"{variant!r} with extra_conv={extra_conv}"
            raise UsageError(f"Wav2Small is 'paper-72k', with or without extra_conv, or 'v2-17k'; {came} came.")
        self.variant = variant
        dense = variant == "paper-72k"
        self.vgg7 = Vgg7(attention=not dense, extra_conv=extra_conv)
        if dense:
            self.pooling = AttentionPooling(SIZE)
        self.adv = nn.Linear(SIZE if dense else 2 * SIZE, 3)

    def forward(self, waveform: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return (B, 3) of (B, N) samples at 16 kHz, N of 64 or more; *lengths* (B,) says where padding begins."""
        return cast(Tensor, self.adv(self.hidden(waveform, lengths)))

    def hidden(self, waveform: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the vector under the last layer: (B, 169), of ``v2-17k`` (B, 338)."""
        values, scores, rows = self.tokens(normalised(checked(waveform), lengths), frames(lengths))
        return self.read_out(attended(values, scores, rows))

    def tokens(self, signal: Tensor, rows: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return values and scores of a normalised *signal*, each (B, T, 169) channel by channel, and valid tokens."""
        maps, rows = self.vgg7(signal, rows)
        if self.variant == "paper-72k":
            return *self.pooling.split(_by_time(maps)), rows
        return _by_time(self.vgg7.lin(maps)), _by_time(self.vgg7.sof(maps)), rows

    def read_out(self, pooled: Tensor) -> Tensor:
        """Return the hidden vector of what was pooled, (B, 169).

        That is it already in ``paper-72k``; in ``v2-17k`` each channel's 13 mel values are followed by its 13 products
        with all channels (the Gram matrix).
        """
        if self.variant == "paper-72k":
            return pooled
        grid = pooled.reshape(-1, CHANNELS, ROWS)
        return torch.cat((grid, grid @ grid.transpose(1, 2)), 2).flatten(1)

    def load_official(self, path: str | Path) -> None:
        """Load the published weights of ``v2-17k`` from the user's own ``model.safetensors``.

        Every key and shape is checked; `openaffect.errors.DataError` lists what differs.  Warns where the constants of
        the file's ear differ from ours by more than 1e-4, and uses the file's.  The weights are for research only.
        """
        from openaffect.distill.checkpoint import load_weights, warn_of_constants

        if self.variant != "v2-17k":
            raise UsageError("published weights exist for Wav2Small('v2-17k') alone, not for 'paper-72k'.")
        ours = {name: tensor.clone() for name, tensor in self.state_dict().items()}
        load_weights(self, Path(path))
        warn_of_constants(ours, self.state_dict(), Path(path))


def paper_72k() -> Wav2Small:
    """Return the paper's network: 72,477 numbers with the constants of its ear."""
    return Wav2Small("paper-72k")


def v2_17k() -> Wav2Small:
    """Return the network whose weights were published: 10,806 trainable numbers."""
    return Wav2Small("v2-17k")


def _by_time(maps: Tensor) -> Tensor:
    """Return (B, T, C·M) of (B, C, T, M)."""
    return maps.transpose(1, 2).flatten(2)
