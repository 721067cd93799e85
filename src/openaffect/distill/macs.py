"""How many multiplications a network makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def macs(module: nn.Module, samples: int) -> int:
    """Return the multiply-accumulates of one clip of *samples*: convolutions, matrix products and the pooling's sum.

    Normalisation, logarithms and activations are not counted.

    >>> from openaffect.distill.students import build
    >>> round(macs(build("wav2small-72k"), 80_000) / 1e6, 1)
    388.4
    """
    counter = FlopCounterMode(display=False, custom_mapping={torch.ops.aten.sum: _summed})
    was_training = module.training
    with counter, torch.no_grad():
        module.eval()(torch.zeros(1, samples))
    module.train(was_training)
    return int(counter.get_total_flops()) // 2


def _summed(shape: Sequence[int], *_: Any, **__: Any) -> int:
    """Return the operations of a sum of products: two for each element."""
    return 2 * int(torch.Size(shape).numel())
