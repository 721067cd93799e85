"""The convolution that all students are built of; it knows where a clip of a padded batch ends."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from openaffect.distill.frontend import halved, masked

Activation = Literal["relu", "hardswish", ""]
_ACTIVATIONS: dict[Activation, type[nn.Module]] = {"relu": nn.ReLU, "hardswish": nn.Hardswish, "": nn.Identity}


class ConvNorm(nn.Module):
    """Convolution without bias, batch normalisation, activation; *kernel* is odd, *stride* 1 or 2.

    >>> layer = ConvNorm(3, 8, 5, stride=2).eval()
    >>> [tuple(x.shape) for x in layer(torch.zeros(1, 3, 7, 4), torch.tensor([5]))]
    [(1, 8, 4, 2), (1,)]
    """

    def __init__(
        self, channels: int, out: int, kernel: int, *, stride: int = 1, groups: int = 1, activation: Activation = "relu"
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(out)
        self.activation = _ACTIVATIONS[activation]()

    def forward(self, x: Tensor, rows: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the maps of *x* (B, C, T, M) and their valid rows; from ``rows[b]`` on, *x* counts as zeros."""
        wide, steps = self.conv.kernel_size[0] > 1, self.conv.stride[0] > 1
        x = self.activation(self.norm(self.conv(masked(x, rows) if wide else x)))
        return x, halved(rows) if steps else rows


class SqueezeExcite(nn.Module):
    """Scale each channel by what its mean over the whole clip says: two 1x1 convolutions, ReLU, hard sigmoid."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Return *x* (B, C, T, M), scaled; rows of padding do not enter the mean."""
        mean = x.mean((2, 3), keepdim=True)
        if rows is not None:
            count = rows.to(x.device)[:, None, None, None] * x.shape[3]
            mean = masked(x, rows).sum((2, 3), keepdim=True) / count
        gate = nn.functional.hardsigmoid(self.expand(torch.relu(self.reduce(mean))))
        return x * gate
