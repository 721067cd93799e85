"""MobileNetV4, convolutional, small, medium and large (Qin et al., arXiv 2404.10518), as students.

The tables are the paper's: in each row the kernels of the two optional depthwise convolutions, the stride, the
expanded and the final width.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from openaffect.distill.students.layers import Activation, ConvNorm
from openaffect.distill.students.mobilenet import MobileNet

WIDTH = 960
"""Channels of the last 1x1 convolution of each trunk."""


@dataclass(frozen=True)
class Row:
    """One universal inverted bottleneck; a kernel of 0 leaves its convolution out."""

    start: int
    middle: int
    stride: int
    expanded: int
    out: int


class Universal(nn.Module):
    """Depthwise, expand, depthwise, project; the input is added where shape and stride allow it."""

    def __init__(self, channels: int, row: Row) -> None:
        super().__init__()
        last = row.middle > 0
        steps: list[nn.Module] = []
        if row.start:
            stride = 1 if last else row.stride
            steps.append(ConvNorm(channels, channels, row.start, stride=stride, groups=channels, activation=""))
        steps.append(ConvNorm(channels, row.expanded, 1))
        if last:
            steps.append(ConvNorm(row.expanded, row.expanded, row.middle, stride=row.stride, groups=row.expanded))
        steps.append(ConvNorm(row.expanded, row.out, 1, activation=""))
        self.steps = nn.ModuleList(steps)
        self.adds = row.stride == 1 and channels == row.out

    def forward(self, x: Tensor, rows: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the maps of *x* and their valid rows."""
        given = x
        for step in self.steps:
            x, rows = step(x, rows)
        return given + x if self.adds else x, rows


def small() -> MobileNet:
    """Return MobileNetV4 conv small: trunk 1.261 million parameters."""
    return _student(32, _fused(32, 32, 32, "relu") + _fused(32, 96, 64, "relu"), 64, _SMALL)


def medium() -> MobileNet:
    """Return MobileNetV4 conv medium: trunk 7.203 million parameters."""
    return _student(32, _fused(32, 128, 48), 48, _MEDIUM)


def large() -> MobileNet:
    """Return MobileNetV4 conv large: trunk 30.078 million parameters."""
    return _student(24, _fused(24, 96, 48), 48, _LARGE)


def _student(stem: int, fused: list[nn.Module], channels: int, rows: tuple[Row, ...]) -> MobileNet:
    blocks: list[nn.Module] = [ConvNorm(1, stem, 3, stride=2), *fused]
    for row in rows:
        blocks.append(Universal(channels, row))
        channels = row.out
    return MobileNet([*blocks, ConvNorm(channels, WIDTH, 1)], WIDTH)


def _fused(channels: int, expanded: int, out: int, activation: Activation = "") -> list[nn.Module]:
    """Return a fused bottleneck of stride 2: a full 3x3 convolution in place of expand and depthwise."""
    return [ConvNorm(channels, expanded, 3, stride=2), ConvNorm(expanded, out, 1, activation=activation)]


_SMALL = (
    Row(5, 5, 2, 192, 96),
    *[Row(0, 3, 1, 192, 96)] * 4,
    Row(3, 0, 1, 384, 96),
    Row(3, 3, 2, 576, 128),
    Row(5, 5, 1, 512, 128),
    Row(0, 5, 1, 512, 128),
    Row(0, 5, 1, 384, 128),
    *[Row(0, 3, 1, 512, 128)] * 2,
)
_MEDIUM = (
    Row(3, 5, 2, 192, 80),
    Row(3, 3, 1, 160, 80),
    Row(3, 5, 2, 480, 160),
    *[Row(3, 3, 1, 640, 160)] * 2,
    Row(3, 5, 1, 640, 160),
    Row(3, 3, 1, 640, 160),
    Row(3, 0, 1, 640, 160),
    Row(0, 0, 1, 320, 160),
    Row(3, 0, 1, 640, 160),
    Row(5, 5, 2, 960, 256),
    Row(5, 5, 1, 1024, 256),
    *[Row(3, 5, 1, 1024, 256)] * 2,
    Row(0, 0, 1, 1024, 256),
    Row(3, 0, 1, 1024, 256),
    Row(3, 5, 1, 512, 256),
    Row(5, 5, 1, 1024, 256),
    *[Row(0, 0, 1, 1024, 256)] * 2,
    Row(5, 0, 1, 512, 256),
)
_LARGE = (
    Row(3, 5, 2, 192, 96),
    Row(3, 3, 1, 384, 96),
    Row(3, 5, 2, 384, 192),
    *[Row(3, 3, 1, 768, 192)] * 3,
    Row(3, 5, 1, 768, 192),
    *[Row(5, 3, 1, 768, 192)] * 5,
    Row(3, 0, 1, 768, 192),
    Row(5, 5, 2, 768, 512),
    *[Row(5, 5, 1, 2048, 512)] * 3,
    Row(5, 0, 1, 2048, 512),
    Row(5, 3, 1, 2048, 512),
    *[Row(5, 0, 1, 2048, 512)] * 2,
    Row(5, 3, 1, 2048, 512),
    Row(5, 5, 1, 2048, 512),
    *[Row(5, 0, 1, 2048, 512)] * 3,
)
