"""Names to things: plain tables of ``"module:attribute"`` strings, read when first asked for.

A table costs nothing until an entry is used, so that a heavy encoder never slows ``--help`` down.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openaffect.errors import UsageError


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``", did you mean 'x'?"`` for a near miss, else ``""``.

    >>> suggest("htlm", ["html", "json"])
    ", did you mean 'html'?"
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return f", did you mean '{near[0]}'?" if near else ""


def resolve(table: Mapping[str, str], name: str, *, kind: str) -> Any:
    """Return the object that *name* stands for in *table*.

    *kind* is the word for an entry in the error message ("export format").  A *name* such as ``./mine.py:thing`` is
    an object in a file of the user's own, which is run.
    Raises `UsageError` with the known names when *name* is not in the table, and for a file without that object.

    >>> resolve({"root": "math:sqrt"}, "root", kind="function")(9.0)
    3.0
    """
    if ".py:" in name:
        return _of_ones_own(name, kind=kind)
    if name not in table:
        known = ", ".join(sorted(table))
        raise UsageError(f"unknown {kind} '{name}'{suggest(name, table) or '.'} Known: {known}.")
    module, _, attribute = table[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def _of_ones_own(name: str, *, kind: str) -> Any:
    """Return the object that ``FILE.py:NAME`` stands for."""
    path, _, attribute = name.rpartition(":")
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"there is no file '{path}' for the {kind} '{attribute}'; name it as ./FILE.py:NAME.")
    spec = importlib.util.spec_from_file_location(f"openaffect_own_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise UsageError(f"'{path}' is no Python file; name it as ./FILE.py:NAME.")
    module = importlib.util.module_from_spec(spec)
    # Registered before it runs: dataclasses in it look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if not hasattr(module, attribute):
        near = suggest(attribute, vars(module)) or "."
        raise UsageError(f"'{path}' has no '{attribute}'{near} Write it as ./FILE.py:NAME.")
    return getattr(module, attribute)
