"""Values from outside, shown in a message in a few characters, whatever they are."""

from __future__ import annotations

import reprlib
from typing import Any

_WIDEST = 60


class _Brief(reprlib.Repr):
    """`repr` of a few entries and two levels: lists that share parts would take time without end to write out."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 2
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = 3
        self.maxstring = self.maxlong = self.maxother = _WIDEST

    def repr_bytes(self, value: bytes, level: int) -> str:
        return repr(value[:_WIDEST])

    def repr_int(self, value: int, level: int) -> str:
        # Python refuses to write out a number of thousands of digits.
        return repr(value) if value.bit_length() < 1000 else f"a number of {value.bit_length()} bits"

    def repr_ndarray(self, value: Any, level: int) -> str:
        # NumPy would write out the objects in it, nests and all.
        return f"array of shape {value.shape}"


_BRIEF = _Brief()


def brief(value: Any, most: int = _WIDEST) -> str:
    """Return *value* as `repr` writes it, *most* characters at most, in a time that does not depend on what it holds.

    >>> brief({"emo": [1, 2, 3, 4]}), brief("x" * 100, 9)
    ("{'emo': [1, 2, 3, ...]}", "'xxxxxxxx")
    """
    return _BRIEF.repr(value)[:most]
