"""Which files of a folder hold weights: only its own, only safetensors, and nothing that is put on top of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openaffect.errors import InputError
from openaffect.media.names import show
from openaffect.mllm.local.settings import read_settings


def check_weight_files(folder: Path) -> None:
    """Raise `InputError` unless the weights of *folder* are its own safetensors files alone.

    An index may name files anywhere and of any format, ``transformers_weights`` of a configuration too, and an
    adapter would be put on top of the weights; none of that would count in the digest of the folder.
    """
    if not any(folder.glob("*.safetensors")):
        raise InputError(
            f"{show(folder)} has no .safetensors files; pickled weights (.bin, .pt) are not read, so convert them."
        )
    if (folder / "adapter_config.json").exists():
        raise InputError(
            f"{show(folder)} has an adapter_config.json; adapters are not used, so merge it and remove it."
        )
    if "transformers_weights" in (read_settings(folder, "config.json") or {}):
        raise InputError(f"config.json in {show(folder)} names files of weights; remove transformers_weights from it.")
    for path in sorted(folder.glob("*.safetensors.index.json")):
        named = (read_settings(folder, path.name) or {}).get("weight_map")
        if not isinstance(named, dict) or not named:
            raise InputError(f"{path.name} in {show(folder)} has no weight_map; copy the model again.")
        for name in named.values():
            if not _is_own(name, folder):
                raise InputError(
                    f"{path.name} in {show(folder)} names {str(name)[:80]!r}, which is no .safetensors file of the "
                    "folder itself; copy the model again."
                )


def _is_own(name: Any, folder: Path) -> bool:
    if not isinstance(name, str) or "\0" in name or "\\" in name:
        return False
    return name == Path(name).name and name.endswith(".safetensors") and (folder / name).is_file()
