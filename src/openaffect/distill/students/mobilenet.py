"""A MobileNet as a student: the ear of all students, a trunk of published blocks, attention over time, one layer.

Which widths the paper's four MobileNets had at their ends is not known to us.  With the trunk before its 1x1 "head"
convolution, two dense layers for the attention and a linear layer, MobileNetV4 small has 3.11 million numbers where
the paper says 3.12.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from openaffect.distill.frontend import LogMel, Spectrogram, checked, frames, normalised
from openaffect.distill.pooling import AttentionPooling
from openaffect.runtime.frontend import MIN_SAMPLES


class MobileNet(nn.Module):
    """A student around the *blocks* of a trunk that reads one channel, halves the rows five times and gives *size*.

    Each block takes ``(x, rows)`` and returns both.  About 16 tokens a second; 26 mel bands end as one.
    """

    min_samples = MIN_SAMPLES

    def __init__(self, blocks: Sequence[nn.Module], size: int) -> None:
        super().__init__()
        self.spectrogram_extractor = Spectrogram()
        self.logmel_extractor = LogMel()
        self.trunk = nn.ModuleList(blocks)
        self.pooling = AttentionPooling(size)
        self.adv = nn.Linear(size, 3)

    def forward(self, waveform: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return (B, 3) of (B, N) samples at 16 kHz, N of 64 or more; *lengths* (B,) says where padding begins."""
        return cast(Tensor, self.adv(self.hidden(waveform, lengths)))

    def hidden(self, waveform: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the vector (B, size) under the last layer."""
        rows = frames(lengths)
        x = self.logmel_extractor(self.spectrogram_extractor(normalised(checked(waveform), lengths)))
        for block in self.trunk:
            x, rows = block(x, rows)
        # One mel row is left, so that each row in time is one token.
        return cast(Tensor, self.pooling(x.flatten(2).transpose(1, 2), rows))
