"""The state of a pickle that is being read as data; see `openaffect.datasets.plain_pickle`."""

from __future__ import annotations

from typing import Any, NoReturn

from openaffect.datasets.files import LARGEST

_LONGEST_LINE = 1 << 16
_MOST_MARKS = 1000
CONTAINER, _REMEMBERED = 64, 32
"""Bytes of memory that a container and an entry of the memo are counted as."""


class Halt(Exception):
    """The pickle is broken or wants more than plain data; the text is the reason, without the name of the file."""


def halt(why: str) -> NoReturn:
    """Stop reading because of *why*."""
    raise Halt(why)


class Pending:
    """Something of NumPy's that a pickle has begun and not finished; `remembered` holds its places in the memo."""

    def __init__(self, code: str | None) -> None:
        self.code = code
        """The code of a dtype, or None for an array."""
        self.remembered: list[int] = []


class Machine:
    """Where we are in the data, the stack, the marks on it, and what was remembered."""

    __slots__ = ("at", "budget", "data", "marks", "memo", "stack")

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        # A byte of pickle can ask for a new dict, and a few for the same copy again and again; what is made in all is
        # therefore bounded.  What NumPy writes for labels makes about eight times its length.
        self.budget = min(16 * len(data), LARGEST) + (1 << 20)

    def take(self, size: int) -> bytes:
        """Return the next *size* bytes."""
        start = self.at
        end = self.at = start + size
        if end > len(self.data):
            halt("it ends in the middle of a value")
        return self.data[start:end]

    def line(self) -> str:
        """Return the text up to the next line end."""
        end = self.data.find(b"\n", self.at, self.at + _LONGEST_LINE)
        if end < 0:
            halt("a line of it does not end")
        return self.take(end + 1 - self.at)[:-1].decode("latin-1")

    def mark(self) -> None:
        """Put a mark on the stack; each container that is being filled has one."""
        if len(self.marks) >= _MOST_MARKS:
            halt(f"its data are nested deeper than {_MOST_MARKS} levels")
        self.marks.append(len(self.stack))

    def since_mark(self) -> list[Any]:
        """Take what lies on the stack since the last mark, and the mark."""
        at = self.marks.pop()
        items = self.stack[at:]
        del self.stack[at:]
        return items

    def spend(self, size: int) -> None:
        """Count *size* bytes of memory that are about to be filled."""
        self.budget -= size
        if self.budget < 0:
            halt("it makes far more than its bytes hold: empty containers, or the same copy again and again")

    def remember(self, index: int) -> None:
        """Keep the top of the stack as number *index*; a dict holds it, so a huge number costs nothing."""
        self.spend(_REMEMBERED)
        value = self.memo[index] = self.stack[-1]
        if type(value) is Pending:
            value.remembered.append(index)
