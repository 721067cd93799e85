"""Students with weights that were never trained but leave nothing at its default."""

from __future__ import annotations

import torch
from torch import nn

from openaffect.distill.students import build


def unsettled(student: nn.Module, seed: int = 3) -> nn.Module:
    """*student* in eval mode; scales, offsets and statistics of its normalisations are drawn from *seed*."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in student.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.running_mean.copy_(torch.randn(layer.num_features, generator=draw) * 0.3)
                layer.running_var.copy_(torch.rand(layer.num_features, generator=draw) + 0.3)
                layer.weight.copy_(torch.rand(layer.num_features, generator=draw) + 0.5)
                layer.bias.copy_(torch.randn(layer.num_features, generator=draw) * 0.2)
    return student.eval()


def made(name: str, seed: int = 3) -> nn.Module:
    torch.manual_seed(seed)
    return unsettled(build(name), seed)


def noise(samples: int, *, clips: int = 1, seed: int = 0) -> torch.Tensor:
    return torch.randn(clips, samples, generator=torch.Generator().manual_seed(seed))
