"""The state of a pickle that is being read as data; see `openaffect.datasets.plain_pickle`."""

from __future__ import annotations

from typing import Any, NoReturn

_LONGEST_LINE = 1 << 16


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
        # A few bytes of pickle can ask for the same copy again and again; what is copied in all is therefore bounded.
        self.budget = 4 * len(data) + (1 << 20)

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

    def since_mark(self) -> list[Any]:
        """Take what lies on the stack since the last mark, and the mark."""
        at = self.marks.pop()
        items = self.stack[at:]
        del self.stack[at:]
        return items

    def spend(self, size: int) -> None:
        """Count *size* bytes that are about to be copied."""
        self.budget -= size
        if self.budget < 0:
            halt("it copies the same bytes again and again")

    def remember(self, index: int) -> None:
        """Keep the top of the stack as number *index*; a dict holds it, so a huge number costs nothing."""
        value = self.memo[index] = self.stack[-1]
        if type(value) is Pending:
            value.remembered.append(index)
