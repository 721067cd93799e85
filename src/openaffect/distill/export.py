"""From a student to the folder that ships: ONNX graphs, weights, facts, a card.

``model.onnx`` takes a whole clip, ``stream.onnx`` (Wav2Small) one chunk of a recording; `openaffect.runtime.load`
and audonnx open the folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from openaffect.distill.card import Figures, card
from openaffect.distill.checkpoint import save_student
from openaffect.distill.gauge import gauge
from openaffect.distill.graphs import chunk_graph, whole_graph
from openaffect.distill.macs import macs
from openaffect.distill.permission import check_permission
from openaffect.distill.quantize import Weights, checked, quantize
from openaffect.distill.shrink import shrink
from openaffect.distill.sizes import sizes
from openaffect.distill.students.wav2small import Wav2Small
from openaffect.errors import OutputError
from openaffect.runtime.facts import DIMENSIONS, StudentFacts
from openaffect.runtime.frontend import RATE
from openaffect.store import write_atomic

MODEL, STREAM, YAML, CARD = "model.onnx", "stream.onnx", "model.yaml", "README.md"
LENGTHS = (64, 12_345, 16_000, 80_000)
"""Samples at which the exported graph is compared with torch."""
_SECONDS = (1, 5)
_LARGEST_DIFFERENCE = 1e-4
_AUDONNX = """\
$audonnx.core.model.Model==1.0.0:
  path: model.onnx
  labels:
    logits: [arousal, dominance, valence]
  transform: null
"""


def export_onnx(
    module: nn.Module, path: str | Path, *, weights: Weights = "fp32", present: Sequence[str] = DIMENSIONS
) -> None:
    """Write the student *module* as ONNX: ``signal`` (1, time) → ``logits`` (1, 3), ``hidden_states`` (1, H).

    *weights* says how they are stored: ``fp32``, ``int8``, or ``int4`` (the large matrices of the pooling in 4 bits).
    A dimension that is not in *present* is NaN.  Raises `openaffect.errors.UsageError` for other weights.
    """
    write_atomic(Path(path), _small(whole_graph(module, present), checked(weights)))


def export_stream(
    module: Wav2Small, path: str | Path, *, weights: Weights = "fp32", present: Sequence[str] = DIMENSIONS
) -> None:
    """Write the graph of one chunk with its running state (`openaffect.distill.graphs.OneChunk`)."""
    write_atomic(Path(path), _small(chunk_graph(module, present), checked(weights)))


def export_folder(
    module: nn.Module,
    folder: str | Path,
    facts: StudentFacts,
    *,
    weights: Weights = "fp32",
    table: str = "",
    measure: bool = True,
) -> Figures:
    """Write *module* and all that belongs to it into *folder*; return what was counted and measured.

    *table* is the evaluation for the card, in Markdown.  Without *measure* nothing is timed.  Raises
    `openaffect.errors.UsageError` when *facts* claim a freedom that teacher or audio does not leave, and `OutputError`
    when the graph does not compute what *module* computes.
    """
    check_permission(facts)
    folder, facts = Path(folder), replace(facts, weights=checked(weights))
    save_student(module, folder, facts)
    export_onnx(module, folder / MODEL, weights=weights, present=facts.present)
    # What an earlier export left must not stand beside other weights.
    (folder / STREAM).unlink(missing_ok=True)
    if isinstance(module, Wav2Small):
        export_stream(module, folder / STREAM, weights=weights, present=facts.present)
    write_atomic(folder / YAML, _AUDONNX)
    figures = _figures(module, folder, measure)
    if weights == "fp32" and max(figures.parity.values()) > _LARGEST_DIFFERENCE:
        raise OutputError(f"'{folder / MODEL}' does not compute what the network computes: {figures.parity}.")
    write_atomic(folder / CARD, card(facts, figures, table))
    return figures


def parity(module: nn.Module, path: Path) -> dict[int, float]:
    """Return samples → the largest difference between the hidden vector of *path* and that of *module*, on noise."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    was_training, found = module.training, {}
    for samples in LENGTHS:
        sound = np.random.default_rng(samples).standard_normal((1, samples), np.float32)
        with torch.no_grad():
            wanted = module.eval().hidden(torch.from_numpy(sound)).numpy()  # type: ignore[operator]
        (given,) = session.run(["hidden_states"], {"signal": sound})
        found[samples] = float(np.abs(given - wanted).max())
    module.train(was_training)
    return found


def _figures(module: nn.Module, folder: Path, measure: bool) -> Figures:
    files = {name: (folder / name).stat().st_size for name in (MODEL, STREAM) if (folder / name).exists()}
    constants = sum(buffer.numel() for name, buffer in module.named_buffers() if name.endswith("melW"))
    weights = list(module.parameters())
    return Figures(
        numbers=sum(each.numel() for each in weights) + constants,
        trained=sum(each.numel() for each in weights if each.requires_grad),
        macs={seconds: macs(module, seconds * RATE) for seconds in _SECONDS},
        files=files,
        parity=parity(module, folder / MODEL),
        gauges=tuple(gauge(folder / MODEL, float(seconds)) for seconds in _SECONDS) if measure else (),
        sizes=sizes(folder / MODEL),
    )


def _small(model: onnx.ModelProto, weights: Weights) -> bytes:
    shrink(model)
    quantize(model, weights)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data
