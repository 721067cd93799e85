"""openaffect: explains the apparent emotion in video, audio and text, with evidence.

>>> import openaffect
>>> openaffect.__version__
'0.1.0'

Public names are loaded when they are first used, so that the import stays light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from openaffect.analysis.pipeline import analyze
    from openaffect.errors import OpenAffectError
    from openaffect.records import Report

_PUBLIC = {
    "OpenAffectError": "openaffect.errors",
    "Report": "openaffect.records",
    "analyze": "openaffect.analysis.pipeline",
}

__all__ = ["OpenAffectError", "Report", "__version__", "analyze"]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        import importlib

        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'openaffect' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
