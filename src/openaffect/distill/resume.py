"""The state of a training on disk: one file, written whole or not at all, from which the next step is the same step.

The file is safetensors: ``model.<key>`` for the network, ``mean.<key>`` and ``square.<key>`` for what AdamW remembers
of each gradient; the step and the best look at ``dev`` so far are JSON in its header.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from openaffect.errors import DataError
from openaffect.store import write_atomic

_WHOLE = "model."
_MOMENTS = {"exp_avg": "mean.", "exp_avg_sq": "square."}


@dataclass
class Progress:
    """How far a training is."""

    step: int = 0
    """Steps that are done."""
    best_step: int = 0
    """Steps after which the best weights were looked at; 0 before the first look."""
    best_ccc: float = -2.0
    """Mean CCC on ``dev`` of the best weights; -2 before the first look."""
    dev: dict[str, float | None] = field(default_factory=dict)
    """CCC of each dimension of the best weights."""


def optimiser(module: nn.Module, rate: float, weight_decay: float) -> torch.optim.AdamW:
    """Return AdamW over the trained parameters; only those of two dimensions and more decay."""
    trained = [weights for weights in module.parameters() if weights.requires_grad]
    groups = [
        {"params": [weights for weights in trained if weights.ndim > 1], "weight_decay": weight_decay},
        {"params": [weights for weights in trained if weights.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate)


def save_progress(path: Path, module: nn.Module, steps: torch.optim.Optimizer, progress: Progress) -> None:
    """Write network, optimiser and progress to *path*."""
    tensors = {_WHOLE + name: tensor for name, tensor in module.state_dict().items()}
    for name, weights in module.named_parameters():
        for key, prefix in _MOMENTS.items():
            if key in steps.state.get(weights, {}):
                tensors[prefix + name] = steps.state[weights][key]
    packed = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    write_atomic(path, save(packed, metadata={"progress": json.dumps(asdict(progress))}))


def load_progress(path: Path, module: nn.Module, steps: torch.optim.Optimizer) -> Progress:
    """Put what *path* holds into *module* and *steps* and return the progress.

    Raises `DataError` for a file that is no such state or is of another network.
    """
    try:
        with safe_open(path, framework="pt") as file:
            progress = Progress(**json.loads(file.metadata()["progress"]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  no mapping
        module.load_state_dict({name.removeprefix(_WHOLE): tensors[name] for name in tensors if name[:6] == _WHOLE})
        for name, weights in module.named_parameters():
            if weights.requires_grad and progress.step:
                steps.state[weights] = _remembered(tensors, name, weights, progress.step)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        cause = str(error).partition("\n")[0]
        raise DataError(f"{str(path)!r} is not the state of this training ({cause}); choose another --out.") from error
    return progress


def _remembered(tensors: dict[str, Tensor], name: str, weights: Tensor, step: int) -> dict[str, Tensor]:
    moments = {key: tensors[prefix + name] for key, prefix in _MOMENTS.items()}
    if any(moment.shape != weights.shape for moment in moments.values()):
        raise ValueError(f"moments of {name} have another shape")
    # In the memory layout of the weights, as AdamW makes them: another order could round otherwise.
    laid = {key: torch.empty_like(weights).copy_(moment) for key, moment in moments.items()}
    return {"step": torch.tensor(float(step)), **laid}
