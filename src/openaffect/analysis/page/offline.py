"""What our offline pages share: files of a package, a content security policy by hash, a template that escapes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from openaffect.analysis.escape import printable


@cache
def asset(package: str, name: str) -> str:
    """Return the text of the file *name* that lies in *package*."""
    return (files(package) / name).read_text(encoding="utf-8")


def script(package: str, names: Sequence[str]) -> str:
    """Return the scripts *names* of *package* as one, whose names stay inside it."""
    return '(() => {\n"use strict";\n' + "\n".join(asset(package, name) for name in names) + "})();\n"


def policy(style: str, code: str, sources: str = "") -> str:
    """Return a policy that admits this style and this script, by hash, what *sources* names, and nothing else.

    >>> policy("", "", "img-src data:; ").endswith("; img-src data:; base-uri 'none'; form-action 'none'")
    True
    """
    own = f"style-src '{_hash(style)}'; script-src '{_hash(code)}'; "
    return f"default-src 'none'; {own}{sources}base-uri 'none'; form-action 'none'"


@cache
def template(package: str, name: str, filters: tuple[tuple[str, Callable[..., Any]], ...] = ()) -> Template:
    """Return the template *name* of *package* with *filters*; it escapes everything and knows no undefined name."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_clean
    )
    environment.filters |= dict(filters)
    return environment.from_string(asset(package, name))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _clean(value: Any) -> Any:
    return printable(value) if type(value) is str else value
