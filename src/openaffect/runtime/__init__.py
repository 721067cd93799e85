"""What runs on a small device: numpy and onnxruntime, nothing else.

A student that reads a voice, with the gate before it and a stream form::

    from openaffect.runtime import Stream, load

    model = load("my-student")
    print(model(samples, 16000).arousal)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openaffect.runtime.adv import ADV
    from openaffect.runtime.events import Event
    from openaffect.runtime.loading import load
    from openaffect.runtime.stream import Stream
    from openaffect.runtime.student import Model

__all__ = ["ADV", "Event", "Model", "Stream", "load"]

_WHERE = {"ADV": "adv", "Event": "events", "Model": "student", "Stream": "stream", "load": "loading"}


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(f"openaffect.runtime.{_WHERE[name]}"), name)
    raise AttributeError(f"module 'openaffect.runtime' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
