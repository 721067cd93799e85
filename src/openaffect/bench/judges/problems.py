"""What can be wrong with an explanation."""

from __future__ import annotations

from typing import Literal

from openaffect.records import Record

Fault = Literal["invented", "contradicted", "unsupported"]
Kind = Literal[
    "unknown clue",
    "quote",
    "observation",
    "direction",
    "number",
    "unit",
    "feeling",
    "label",
    "conclusion",
    "no evidence",
]


class Problem(Record):
    """One problem of an explanation."""

    fault: Fault
    kind: Kind
    text: str
    """What is wrong, in one sentence."""
    statement: int | None = None
    """Number of the statement from 0; None where it is about the label."""
    clue: str | None = None
