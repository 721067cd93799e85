"""The chat template of a model, and the date that it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openaffect.errors import InputError
from openaffect.media.names import show
from openaffect.mllm.local.family import Family
from openaffect.mllm.local.settings import read_settings, reading

_NOW = {
    **{"%Y": "2025", "%y": "25", "%B": "January", "%b": "Jan", "%h": "Jan", "%m": "01", "%-m": "1"},
    **{"%A": "Wednesday", "%a": "Wed", "%d": "01", "%-d": "1", "%e": " 1", "%j": "001", "%w": "3", "%u": "3"},
    **{"%H": "00", "%I": "12", "%p": "AM", "%M": "00", "%S": "00", "%F": "2025-01-01", "%T": "00:00:00"},
    "%%": "%",
}
"""What stands for each part of a format of time: midnight of 1 January 2025."""


def dated(template: str) -> str:
    """Return *template* with a ``strftime_now`` of its own, so that a question is the same prompt on any day.

    Transformers would tell it this machine's clock, and takes no other function from its callers.

    >>> dated("no time is asked for")
    'no time is asked for'
    """
    if "strftime_now" not in template:
        return template
    steps = "".join(f" | replace('{part}', '{said}')" for part, said in _NOW.items())
    # The plus keeps the line break with which a template may begin.
    return "{%- macro strftime_now(format) -%}{{ format" + steps + " }}{%- endmacro +%}" + template


def chat_template(family: Family, tokenizer: Any, folder: Path) -> str:
    """Return the chat template: the processor's, in its older or newer file, else the family's or the tokenizer's.

    The date in it is always the same (`dated`).  Raises `InputError` when there is none.
    """
    for found in _templates(family, tokenizer, folder):
        if isinstance(found, Mapping):
            found = found.get("default")
        if isinstance(found, str) and re.search(r"\S", found):
            return dated(found)
    raise InputError(f"the model in {show(folder)} has no chat template; use one that is trained for chats.")


def _templates(family: Family, tokenizer: Any, folder: Path) -> Iterator[Any]:
    yield (read_settings(folder, "chat_template.json") or {}).get("chat_template")
    with reading("chat template", folder):
        newer = folder / "chat_template.jinja"
        yield newer.read_text("utf-8") if newer.is_file() else None
    yield family.template
    yield tokenizer.chat_template
