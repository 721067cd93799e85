"""How a model writes where a call does not say: a few settings of its ``generation_config.json``, and no others.

The rest of that file could end replies early, add other networks or words that stop, or name code, so it is not read.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openaffect.errors import InputError
from openaffect.media.names import show
from openaffect.mllm.local.settings import read_settings

_FILE = "generation_config.json"


def habits(folder: Path) -> dict[str, Any]:
    """Return the settings of the model in *folder* that hold where a call does not say; those that are null are left.

    Raises `InputError` for a value that cannot be.
    """
    found = read_settings(folder, _FILE) or {}
    kept = {name: found[name] for name in _FITS if found.get(name) is not None}
    for name, value in kept.items():
        if not _FITS[name](value):
            raise InputError(f"{_FILE} in {show(folder)} has {str(value)[:80]!r} as {name}; copy the model again.")
    return kept


def _is_token(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _are_tokens(value: Any) -> bool:
    return isinstance(value, list) and all(_is_token(each) for each in value)


def _is_rate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def _is_part(value: Any) -> bool:
    return _is_rate(value) and value <= 1


def _are_ends(value: Any) -> bool:
    return _is_token(value) or (bool(value) and _are_tokens(value))


_FITS: dict[str, Callable[[Any], bool]] = {
    "eos_token_id": _are_ends,
    "pad_token_id": _is_token,
    "bos_token_id": _is_token,
    "top_p": _is_part,
    "top_k": _is_token,
    "repetition_penalty": _is_rate,
    "suppress_tokens": _are_tokens,
}
"""Setting → whether a value of it can be."""
