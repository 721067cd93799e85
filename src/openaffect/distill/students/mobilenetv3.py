"""MobileNetV3, large and small (Howard et al., arXiv 1905.02244, tables 1 and 2), as students."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from openaffect.distill.students.layers import Activation, ConvNorm, SqueezeExcite
from openaffect.distill.students.mobilenet import MobileNet


@dataclass(frozen=True)
class Row:
    """One inverted bottleneck of the tables."""

    kernel: int
    expanded: int
    out: int
    squeezes: bool
    activation: Activation
    stride: int


class Bottleneck(nn.Module):
    """Expand, depthwise, squeeze and excite, project; the input is added where shape and stride allow it."""

    def __init__(self, channels: int, row: Row) -> None:
        super().__init__()
        wide, activation = row.expanded, row.activation
        # The first block expands by 1, which is no convolution.
        self.expand = ConvNorm(channels, wide, 1, activation=activation) if wide != channels else None
        self.depth = ConvNorm(wide, wide, row.kernel, stride=row.stride, groups=wide, activation=activation)
        self.squeeze = SqueezeExcite(wide, _by_eight(wide / 4)) if row.squeezes else None
        self.project = ConvNorm(wide, row.out, 1, activation="")
        self.adds = row.stride == 1 and channels == row.out

    def forward(self, x: Tensor, rows: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the maps of *x* and their valid rows."""
        given = x
        if self.expand is not None:
            x, rows = self.expand(x, rows)
        x, rows = self.depth(x, rows)
        if self.squeeze is not None:
            x = self.squeeze(x, rows)
        x, rows = self.project(x, rows)
        return given + x if self.adds else x, rows


def large() -> MobileNet:
    """Return MobileNetV3 large: trunk 2.972 million parameters."""
    return _student(_LARGE, 960)


def small() -> MobileNet:
    """Return MobileNetV3 small: trunk 0.927 million parameters."""
    return _student(_SMALL, 576)


def _student(rows: tuple[Row, ...], width: int) -> MobileNet:
    channels = 16
    blocks: list[nn.Module] = [ConvNorm(1, channels, 3, stride=2, activation="hardswish")]
    for row in rows:
        blocks.append(Bottleneck(channels, row))
        channels = row.out
    return MobileNet([*blocks, ConvNorm(channels, width, 1, activation="hardswish")], width)


def _by_eight(width: float) -> int:
    """Return the multiple of 8 nearest to *width*, one more where that would lose over a tenth.

    >>> [_by_eight(width) for width in (4, 18, 30, 120)]
    [8, 24, 32, 120]
    """
    near = max(8, int(width + 4) // 8 * 8)
    return near + 8 if near < 0.9 * width else near


_LARGE = (
    Row(3, 16, 16, False, "relu", 1),
    Row(3, 64, 24, False, "relu", 2),
    Row(3, 72, 24, False, "relu", 1),
    Row(5, 72, 40, True, "relu", 2),
    Row(5, 120, 40, True, "relu", 1),
    Row(5, 120, 40, True, "relu", 1),
    Row(3, 240, 80, False, "hardswish", 2),
    Row(3, 200, 80, False, "hardswish", 1),
    Row(3, 184, 80, False, "hardswish", 1),
    Row(3, 184, 80, False, "hardswish", 1),
    Row(3, 480, 112, True, "hardswish", 1),
    Row(3, 672, 112, True, "hardswish", 1),
    Row(5, 672, 160, True, "hardswish", 2),
    Row(5, 960, 160, True, "hardswish", 1),
    Row(5, 960, 160, True, "hardswish", 1),
)
_SMALL = (
    Row(3, 16, 16, True, "relu", 2),
    Row(3, 72, 24, False, "relu", 2),
    Row(3, 88, 24, False, "relu", 1),
    Row(5, 96, 40, True, "hardswish", 2),
    Row(5, 240, 40, True, "hardswish", 1),
    Row(5, 240, 40, True, "hardswish", 1),
    Row(5, 120, 48, True, "hardswish", 1),
    Row(5, 144, 48, True, "hardswish", 1),
    Row(5, 288, 96, True, "hardswish", 2),
    Row(5, 576, 96, True, "hardswish", 1),
    Row(5, 576, 96, True, "hardswish", 1),
)
