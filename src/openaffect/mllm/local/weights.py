"""A network with its weights: all of them from the folder, or an error, so that random numbers never answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openaffect.errors import InputError, UsageError
from openaffect.media.names import show
from openaffect.mllm.local.family import Family
from openaffect.mllm.local.habits import habits
from openaffect.mllm.local.libraries import SAFE, lacks_memory, library
from openaffect.mllm.local.settings import read_settings, reading
from openaffect.mllm.local.weight_files import check_weight_files

DTYPES = ("float32", "bfloat16", "float16")
_OWN = {
    "attn_implementation": (None, "eager", "sdpa"),
    "experts_implementation": (None, "eager", "batched_mm", "grouped_mm"),
}
"""Setting of a configuration → what transformers has itself; the rest is code of the hub."""


def chosen_device(device: str | None) -> str:
    """Return *device*, or by default ``cuda`` where there is such a card and ``cpu`` elsewhere.

    Raises `UsageError` for a device that PyTorch does not know or that is not there.
    """
    torch = library("torch")
    there = torch.cuda.is_available()
    if device is None:
        return "cuda" if there else "cpu"
    try:
        kind = torch.device(device).type
    except RuntimeError:
        raise UsageError(f"PyTorch knows no device {device!r}; give cpu, cuda or cuda:0.") from None
    if kind == "cuda" and not there:
        raise UsageError(f"the device {device!r} is not there: PyTorch sees no CUDA card; give cpu.")
    return device


def chosen_dtype(dtype: str | None, device: str) -> str:
    """Return *dtype*, or by default ``float32`` on a CPU and ``bfloat16`` elsewhere; raises `UsageError`.

    >>> chosen_dtype(None, "cpu"), chosen_dtype(None, "cuda:1")
    ('float32', 'bfloat16')
    """
    if dtype is None:
        return "float32" if device.startswith("cpu") else "bfloat16"
    if dtype not in DTYPES:
        raise UsageError(f"unknown number format {dtype!r}; known are {', '.join(DTYPES)}.")
    return dtype


def read_config(folder: Path, family: Family) -> Any:
    """Return the configuration of *family*'s network in *folder*.

    Raises `InputError` when it is broken or names an implementation that transformers would fetch.
    """
    _check_code(read_settings(folder, "config.json"), folder)
    with reading("configuration", folder):
        config = library("transformers").AutoConfig.from_pretrained(folder, **SAFE)
        return getattr(config, family.within) if family.within else config


def _check_code(settings: Any, folder: Path) -> None:
    """Raise `InputError` where *settings* or any settings inside name an implementation that is code of the hub."""
    if isinstance(settings, list):
        settings = dict(enumerate(settings))
    if not isinstance(settings, dict):
        return
    for key, value in settings.items():
        name = str(key).lstrip("_").removesuffix("_internal")
        for named in () if name not in _OWN else value.values() if isinstance(value, dict) else [value]:
            if named not in _OWN[name] and not (named == "flash_attention_2" and _has_flash()):
                raise InputError(
                    f"config.json in {show(folder)} has {str(named)[:80]!r} as {key}, and code of the hub is not run; "
                    f"write {' or '.join(filter(None, _OWN[name]))} there, or remove it."
                )
        _check_code(value, folder)


def _has_flash() -> bool:
    """Return whether flash attention is installed; where it is not, transformers may fetch a stand-in from the hub."""
    return bool(library("transformers.utils").is_flash_attn_2_available())


def load_network(family: Family, config: Any, folder: Path, *, device: str, dtype: str) -> Any:
    """Return *family*'s network with the weights in *folder*, ready to answer on *device*.

    Only safetensors files of the folder itself are read.  Raises `InputError` when they are absent or broken, when a
    weight of the network is absent or has another shape, or when there are weights of another network; `UsageError`
    when memory does not hold it.
    """
    check_weight_files(folder)
    transformers = library("transformers")
    network = getattr(transformers, family.network)
    habit = transformers.GenerationConfig(**habits(folder))
    # Other shapes are reported rather than raised, so that one sentence can name the weight.
    how = {"dtype": dtype, "use_safetensors": True, "output_loading_info": True, "ignore_mismatched_sizes": True}
    with reading("weights", folder):
        try:
            model, found = network.from_pretrained(folder, config=config, generation_config=habit, **how, **SAFE)
            _check(found, family, folder)
            return model.to(device).eval()
        except (RuntimeError, MemoryError) as error:
            if not lacks_memory(error):
                raise
            words = f"memory is too small for the model in {show(folder)} on {device} in {dtype}"
            raise UsageError(f"{words}; use a smaller model.") from error


def _check(found: Mapping[str, Any], family: Family, folder: Path) -> None:
    """Raise `InputError` when a weight was not *found* in the files, or more than the network has.

    Transformers would make up the former; the latter are of a larger network, as which a part of it would pose.
    """
    odd = sorted(str(each[0]) for each in found["mismatched_keys"])
    more = sorted(key for key in found["unexpected_keys"] if not key.startswith(family.unused))
    lists = {"lack": sorted(found["missing_keys"]), "have other shapes of": odd, "have too much, that is": more}
    for what, keys in lists.items():
        if keys:
            rest = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            raise InputError(
                f"the weights in {show(folder)} {what} {keys[0]}{rest}; they are not those of its config.json, or not "
                "all; copy the model again."
            )
    if found["error_msgs"]:
        raise InputError(f"the weights in {show(folder)} cannot be read; copy the model again.")
