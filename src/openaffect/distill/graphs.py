"""The networks as they are exported: a whole clip at once, or one chunk of a recording and a running state."""

from __future__ import annotations

import copy
import io
import warnings
from collections.abc import Sequence
from typing import Any, cast

import onnx
import torch
from torch import Tensor, nn

from openaffect.distill.students.wav2small import SIZE, Wav2Small
from openaffect.runtime.facts import DIMENSIONS

CONTEXT = 6
"""Tokens at either edge of a chunk that see its border and therefore do not count: 12 frames of 32 samples."""
OPSET = 18
STATE = ("maximum", "total", "weighted")
_FLOOR = -1e30


class WholeClip(nn.Module):
    """``signal`` (1, N) → ``logits`` (1, 3), ``hidden_states`` (1, H); dimensions not in *present* are NaN."""

    def __init__(self, student: nn.Module, present: Sequence[str] = DIMENSIONS) -> None:
        super().__init__()
        self.student: Any = _silenced(student, present)

    def forward(self, signal: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and hidden vector."""
        hidden = self.student.hidden(signal)
        return self.student.adv(hidden), hidden


class OneChunk(nn.Module):
    """One chunk of a recording; the pooling goes on in a state of three vectors (1, 169).

    With mean and rms of the whole recording, chunks that overlap by 24 frames give what the whole pass gives.  The
    state holds, per feature, the largest score so far, the sum of ``exp(score - maximum)``, and that sum weighted by
    the values (softmax taken online).
    """

    def __init__(self, student: Wav2Small, present: Sequence[str] = DIMENSIONS) -> None:
        super().__init__()
        self.student: Any = _silenced(student, present)

    def forward(
        self,
        signal: Tensor,
        mean: Tensor,
        rms: Tensor,
        start: Tensor,
        end: Tensor,
        maximum: Tensor,
        total: Tensor,
        weighted: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Return the three new state vectors, the logits and the hidden vector of all tokens so far."""
        values, scores, _ = self.student.tokens((signal - mean) / rms)
        counts = _counting(scores.shape[1], start, end)
        scores = torch.where(counts, scores, _FLOOR)
        new_maximum = torch.maximum(maximum, scores.amax(1))
        # Where nothing counts yet, exp(0) would be 1.
        weights = torch.where(counts, torch.exp(scores - new_maximum[:, None]), 0.0)
        fade = torch.exp(maximum - new_maximum)
        total = total * fade + weights.sum(1)
        weighted = weighted * fade + (weights * values).sum(1)
        hidden = self.student.read_out(weighted / total)
        return new_maximum, total, weighted, self.student.adv(hidden), hidden


def whole_graph(student: nn.Module, present: Sequence[str] = DIMENSIONS) -> onnx.ModelProto:
    """Return the ONNX graph of `WholeClip`: one clip of any length from 64 samples on.

    One, not a batch: audonnx asks for a single free axis, and in a batch padding would count.
    """
    return _exported(WholeClip(student, present), (torch.zeros(1, 4096),), ["signal"], ["logits", "hidden_states"])


def chunk_graph(student: Wav2Small, present: Sequence[str] = DIMENSIONS) -> onnx.ModelProto:
    """Return the ONNX graph of `OneChunk`, for one recording and chunks of any length from 64 samples on."""
    flag, vector = torch.ones(1), torch.ones(1, SIZE)
    given = (torch.zeros(1, 4096), flag, flag, flag, flag, vector, vector, vector)
    inputs = ["signal", "mean", "rms", "start", "end", *STATE]
    outputs = [*(f"{name}_out" for name in STATE), "logits", "hidden_states"]
    return _exported(OneChunk(student, present), given, inputs, outputs)


def _silenced(student: nn.Module, present: Sequence[str]) -> nn.Module:
    """Return a copy in eval mode whose last layer says NaN where nobody trained it."""
    student = copy.deepcopy(student).eval()
    last = cast(nn.Linear, student.adv)
    absent = [index for index, name in enumerate(DIMENSIONS) if name not in present]
    with torch.no_grad():
        last.bias[absent] = float("nan")
    return student


def _counting(tokens: int, start: Tensor, end: Tensor) -> Tensor:
    """Return (1, T, 1): whether a token counts; those at an edge do where the recording begins or ends there."""
    at = torch.arange(tokens)
    first = (at >= CONTEXT) | (start > 0.5)
    last = (at < tokens - CONTEXT) | (end > 0.5)
    return (first & last)[None, :, None]


def _exported(module: nn.Module, given: tuple[Tensor, ...], inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
    file: Any = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # The checks of shapes become constants of the trace, as they should; and this exporter, which needs no more
        # packages and writes the smaller graphs, is announced as the older one.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            given,
            file,
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={"signal": {1: "time"}},
            opset_version=OPSET,
            dynamo=False,
        )
    return onnx.load_from_string(file.getvalue())
