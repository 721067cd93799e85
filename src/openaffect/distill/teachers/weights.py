"""Where a teacher's files are, and its weights: from a folder or the hub, never by running what came with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from openaffect.distill.checkpoint import _differences as differences
from openaffect.distill.checkpoint import read_weights
from openaffect.distill.teachers.fingerprint import fingerprint
from openaffect.errors import DataError, OfflineError, RemoteError
from openaffect.media.names import show
from openaffect.mllm.local.libraries import library
from openaffect.mllm.local.settings import read_settings
from openaffect.mllm.local.source import find_source, is_offline

SAFE, PICKLED = "model.safetensors", "pytorch_model.bin"
CONFIG = "config.json"


def find_folder(place: str, published: str, *, offline: bool) -> Path:
    """Return the folder *place*, or where it is empty that of the hub's model *published*, fetched if need be.

    Raises `DataError` for a folder that is not there, `OfflineError` when fetching is forbidden, and
    `openaffect.errors.RemoteError` when the hub does not give the model.
    """
    if place:
        folder = Path(place).expanduser()
        if not folder.is_dir():
            raise DataError(f"there is no folder {place!r}; name the one with the teacher's {CONFIG} and {SAFE}.")
        return folder
    if offline:
        raise OfflineError(f"{published} would be fetched, and the network is forbidden; name a folder after a colon.")
    source = find_source(published)
    if not (source.folder / SAFE).exists():
        _fetch(published, source.revision)
    return source.folder


def _fetch(name: str, revision: str) -> None:
    """Fetch the older file of weights beside the settings of the same revision."""
    hub = library("huggingface_hub")
    try:
        hub.hf_hub_download(name, PICKLED, revision=revision, local_files_only=is_offline())
    except (OSError, ValueError) as error:
        # The hub's own words may quote addresses and tokens, so they are left out.
        raise RemoteError(
            f"{name} has neither {SAFE} nor {PICKLED} that could be fetched ({type(error).__name__}); name a folder."
        ) from None


def read_config(folder: Path) -> Mapping[str, Any]:
    """Return the content of ``config.json`` in *folder*; raises `openaffect.errors.InputError` without one."""
    found = read_settings(folder, CONFIG)
    if found is None:
        raise DataError(f"{show(folder)} has no {CONFIG}; name the folder with the teacher's {CONFIG} and {SAFE}.")
    return found


def read_tensors(folder: Path) -> tuple[dict[str, Tensor], str]:
    """Return the weights in *folder* by name, and the sha256 of settings and weights.

    Read is ``model.safetensors``, or else ``pytorch_model.bin``, of which only plain tensors are taken.
    Raises `DataError` when there is neither, or it is something else.
    """
    path = next((folder / name for name in (SAFE, PICKLED) if (folder / name).is_file()), None)
    if path is None:
        raise DataError(f"{show(folder)} has neither {SAFE} nor {PICKLED}; name the folder with the teacher's weights.")
    weights = read_weights(path) if path.name == SAFE else _plain_tensors(path)
    return weights, fingerprint([folder / CONFIG, path])


def _plain_tensors(path: Path) -> dict[str, Tensor]:
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch has no class of its own for a file that it refuses
        raise DataError(
            f"{show(path)} in {show(path.parent)} is not a file of plain tensors ({type(error).__name__}) and is not "
            f"read, since such a file can run code; convert it to {SAFE} where you trust it."
        ) from error
    if not isinstance(found, dict) or not all(isinstance(tensor, Tensor) for tensor in found.values()):
        raise DataError(f"{show(path)} in {show(path.parent)} holds more than named tensors; convert it to {SAFE}.")
    return {str(name): tensor for name, tensor in found.items()}


def assign(network: nn.Module, weights: Mapping[str, Tensor], folder: Path) -> nn.Module:
    """Return *network*, built on the device ``meta``, with *weights* as float32, in eval mode.

    Raises `DataError` with what is missing, unknown, of another shape or not finite.
    """
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    if wrong := differences(wanted, {name: tuple(tensor.shape) for name, tensor in weights.items()}):
        raise DataError(f"the weights in {show(folder)} are not those of this teacher: {wrong}.")
    if odd := [name for name, tensor in weights.items() if not bool(torch.isfinite(tensor).all())]:
        raise DataError(f"the weights in {show(folder)} are not finite in {', '.join(odd[:8])}; take another copy.")
    network.load_state_dict({name: tensor.float() for name, tensor in weights.items()}, assign=True)
    return network.eval().requires_grad_(False)
