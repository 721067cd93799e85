"""Weights on disk: safetensors with every key and shape checked, and the student's facts beside them."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from openaffect.distill.students import STUDENTS, build
from openaffect.errors import DataError, UsageError
from openaffect.lookup import suggest
from openaffect.runtime.facts import StudentFacts
from openaffect.store import write_atomic

WEIGHTS = "model.safetensors"
_SHOWN = 8
"""Differences that an error spells out; the rest are counted."""
_OPTIONAL = "num_batches_tracked"
_CONSTANTS = ("conv_real.weight", "conv_imag.weight", "melW", "amin")
_CONSTANT_DRIFT = 1e-4


def save_student(module: nn.Module, folder: Path, facts: StudentFacts) -> None:
    """Write ``model.safetensors`` (float32, batch normalisation not folded) and ``student.json`` into *folder*.

    Raises `UsageError` when *module* is not the network that *facts* names, so that what is written can be loaded.
    """
    if facts.network in STUDENTS and (wrong := _differences(_shapes(_blank(facts.network)), _shapes(module))):
        raise UsageError(f"the network is not a '{facts.network}': {wrong}.")
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / WEIGHTS, save({name: _plain(tensor) for name, tensor in module.state_dict().items()}))
    facts.save(folder)


def load_student(folder: Path, network: str = "") -> tuple[nn.Module, StudentFacts]:
    """Return the student in *folder*, in eval mode, and its facts.

    *network* is needed for a student of the user's own (``./mine.py:NAME``): a folder from elsewhere cannot make code
    run by naming it.  Raises `DataError` with the list of differences when weights and network do not fit.
    """
    facts = StudentFacts.load(folder)
    if not network and facts.network not in STUDENTS:
        near = suggest(facts.network, STUDENTS)
        raise DataError(f"'{folder}' holds a network '{facts.network}' that is not ours{near or ','} name its code.")
    module = _blank(network or facts.network)
    load_weights(module, folder / WEIGHTS)
    return module.eval(), facts


def load_weights(module: nn.Module, path: Path) -> None:
    """Load *path* into *module*; `DataError` says what is missing, unknown, of another shape, not float or not finite.

    A missing ``num_batches_tracked`` (a counter that inference never reads) is no fault.
    """
    found = {
        name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in read_weights(path).items()
    }
    wanted = module.state_dict()
    needed = {name: shape for name, shape in _shapes(module).items() if name in found or not name.endswith(_OPTIONAL)}
    if wrong := _differences(needed, {name: tuple(tensor.shape) for name, tensor in found.items()}):
        raise DataError(f"'{path}' does not hold the weights of this network: {wrong}.")
    if odd := [name for name, tensor in found.items() if not _fits(tensor, wanted[name])]:
        raise DataError(f"'{path}' holds no finite numbers of float in {', '.join(odd[:_SHOWN])}; take another copy.")
    module.load_state_dict({**wanted, **found})


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file by name; raises `DataError` for anything else, a pickle above all."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read the weights '{path}' ({error.strerror}); name a .safetensors file.") from error
    try:
        return load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        # Asked only now: a short safetensors file may begin with the same bytes.
        if data[:2] == b"PK" or data[:1] == b"\x80":
            said = f"'{path}' is a pickle, which could run code; convert it to safetensors where you trust it."
            raise DataError(said) from None
        raise DataError(f"'{path}' is not a safetensors file ({error}); name one.") from error


def warn_of_constants(ours: dict[str, Tensor], theirs: dict[str, Tensor], path: Path) -> None:
    """Warn when Fourier kernels, mel matrix or floor of a loaded file differ from ours by more than 1e-4."""
    names = [name for name in ours if name.endswith(_CONSTANTS)]
    drift = {name: float((ours[name] - theirs[name]).abs().max()) for name in names}
    if far := [f"{name} by {by:.2g}" for name, by in drift.items() if by > _CONSTANT_DRIFT]:
        warnings.warn(f"'{path}' brings other constants than ours ({', '.join(far)}); its own are used.", stacklevel=3)


def _blank(network: str) -> nn.Module:
    """Return the network without drawing from torch's generator: a training that saves goes on as if it had not."""
    with torch.random.fork_rng(devices=[]):
        return build(network)


def _fits(found: Tensor, wanted: Tensor) -> bool:
    return found.is_floating_point() == wanted.is_floating_point() and bool(torch.isfinite(found).all())


def _plain(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.is_floating_point() else tensor).contiguous().clone()


def _shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


def _differences(wanted: dict[str, tuple[int, ...]], found: dict[str, tuple[int, ...]]) -> str:
    """Return what sets *found* apart from *wanted*, empty if nothing does."""
    wrong = [f"missing {name} {shape}" for name, shape in wanted.items() if name not in found]
    wrong += [f"unknown {name} {shape}" for name, shape in found.items() if name not in wanted]
    both = [name for name in wanted if name in found and found[name] != wanted[name]]
    wrong += [f"{name} is {found[name]} and must be {wanted[name]}" for name in both]
    more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    return "; ".join(wrong[:_SHOWN]) + more
