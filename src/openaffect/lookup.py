"""Names to things: plain tables of ``"module:attribute"`` strings, read when first asked for.

A table costs nothing until an entry is used, so that a heavy encoder never slows ``--help`` down.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable, Mapping
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

    *kind* is the word for an entry in the error message ("export format").
    Raises `UsageError` with the known names when *name* is not in the table.

    >>> resolve({"root": "math:sqrt"}, "root", kind="function")(9.0)
    3.0
    """
    if name not in table:
        known = ", ".join(sorted(table))
        raise UsageError(f"unknown {kind} '{name}'{suggest(name, table) or '.'} Known: {known}.")
    module, _, attribute = table[name].partition(":")
    return getattr(importlib.import_module(module), attribute)
