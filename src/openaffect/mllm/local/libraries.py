"""PyTorch and transformers, loaded when they are needed, and quiet."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from openaffect.errors import MissingPart

SAFE = {"trust_remote_code": False, "local_files_only": True}
"""What loaders of transformers are told: run no code that came with the model, ask no host."""
_NO_MEMORY = ("out of memory", "can't allocate memory")


def library(module: str) -> Any:
    """Return *module*; raises `MissingPart` with the command that installs it.

    >>> library("json").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        name = module.partition(".")[0]
        raise MissingPart(
            f"local models need {name}, which cannot be imported; install it with: "
            "pip install 'openaffect[transformers]'"
        ) from error


def lacks_memory(error: BaseException) -> bool:
    """Return whether *error* is PyTorch's or Python's way to say that memory is full.

    >>> lacks_memory(RuntimeError("CUDA out of memory. Tried")), lacks_memory(RuntimeError("size mismatch"))
    (True, False)
    """
    said = isinstance(error, RuntimeError) and any(words in str(error) for words in _NO_MEMORY)
    return said or isinstance(error, MemoryError)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' notices and progress bars off the terminal: what matters is raised."""
    log = library("transformers").utils.logging
    level, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(level)
        if bars:
            log.enable_progress_bar()
