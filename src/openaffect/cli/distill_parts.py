"""What the commands of ``openaffect distill`` need beside the package itself."""

from __future__ import annotations

import importlib.util

from openaffect.errors import MissingPart

_TRAINING = ("torch", "safetensors", "onnx", "matplotlib")


def need_training() -> None:
    """Raise `MissingPart` unless what trains and exports students is installed; nothing is imported."""
    if lacking := [name for name in _TRAINING if importlib.util.find_spec(name) is None]:
        raise MissingPart(f"students need {', '.join(lacking)}; pip install 'openaffect[distill]'.")
