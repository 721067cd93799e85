"""What each instruction of a pickle does here; see `openaffect.datasets.plain_pickle`.

Left out, and so refused: persistent ids, extension codes, instances and objects of classes, sets, out-of-band buffers.
Source of the codes: Python's ``pickletools``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from openaffect.datasets.pickle_arrays import NAMES, build
from openaffect.datasets.pickle_machine import CONTAINER, Machine, Pending, halt

LEAVES = frozenset({str, bytes, bool, int, float, type(None)})
"""Types of the values that hold no others; the same types may be keys."""
_FUNCTIONS = frozenset(NAMES.values())


def _push(machine: Machine, value: Any) -> None:
    machine.stack.append(value)


def _fresh(machine: Machine, kind: Callable[[], Any]) -> None:
    machine.spend(CONTAINER)
    machine.stack.append(kind())


def _fixed(machine: Machine, form: struct.Struct) -> None:
    machine.stack.append(form.unpack(machine.take(form.size))[0])


def _counted(machine: Machine, size: int, read: Callable[[bytes], Any]) -> None:
    machine.stack.append(read(machine.take(int.from_bytes(machine.take(size), "little"))))


def _utf8(raw: bytes) -> str:
    return raw.decode("utf-8")


def _latin1(raw: bytes) -> str:
    # Text of Python 2, which is also what its numbers are made of: Latin-1 keeps every byte.
    return raw.decode("latin-1")


def _integer(raw: bytes) -> int:
    return int.from_bytes(raw, "little", signed=True) if len(raw) <= 16 else halt("it holds a number without measure")


def _line(machine: Machine, read: Callable[[str], Any]) -> None:
    machine.stack.append(read(machine.line()))


def _written_integer(text: str) -> int:
    if len(text) > 40:
        halt("it holds a number without measure")
    return {"00": False, "01": True}.get(text) if text in ("00", "01") else int(text.removesuffix("L"))  # type: ignore[return-value]


def _written_text(text: str) -> str:
    found = text.encode("latin-1").decode("raw_unicode_escape")
    found.encode("utf-8")  # half a surrogate pair could be neither printed nor stored later
    return found


def _from_mark(machine: Machine, kind: Callable[[list[Any]], Any]) -> None:
    machine.spend(CONTAINER)
    machine.stack.append(kind(machine.since_mark()))


def _tuple(machine: Machine, size: int) -> None:
    items = tuple(machine.stack[-size:])
    if len(items) < size:
        halt("it takes more values than there are")
    machine.spend(CONTAINER)
    machine.stack[-size:] = [items]


def _extend(machine: Machine, items: list[Any]) -> None:
    if type(machine.stack[-1]) is not list:
        halt("it appends to something that is no list")
    machine.stack[-1].extend(items)


def _filled(target: Any, items: list[Any]) -> dict[Any, Any]:
    if type(target) is not dict or len(items) % 2:
        halt("it sets a key of something that is no dict")
    for at in range(0, len(items), 2):
        # A nest of tuples as a key can be costly to hash beyond all bounds; the keys of these files are names.
        if type(items[at]) not in LEAVES:
            halt("it has a key that is neither text nor a number")
        target[items[at]] = items[at + 1]
    return target


def _set_one(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _filled(machine.stack[-1], [key, value])


def _set_many(machine: Machine) -> None:
    items = machine.since_mark()
    _filled(machine.stack[-1], items)


def _named(machine: Machine, module: Any, name: Any) -> None:
    if type(module) is not str or type(name) is not str:
        halt("it asks for something whose name is no text")
    if (module, name) not in NAMES:
        halt(f"it asks for {f'{module:.60}.{name:.60}'!r}, and only data are read")
    machine.stack.append(NAMES[module, name])


def _named_on_stack(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    _named(machine, module, name)


def _call(machine: Machine) -> None:
    arguments, function = machine.stack.pop(), machine.stack.pop()
    if type(arguments) is not tuple or not callable(function) or function not in _FUNCTIONS:
        halt("it calls something that is no function of NumPy's data")
    machine.stack.append(function(machine, *arguments))


def _finish(machine: Machine) -> None:
    state, begun = machine.stack.pop(), machine.stack.pop()
    if type(begun) is not Pending or type(state) is not tuple:
        halt("it gives a state to something that takes none")
    value = build(machine, begun, state)
    # Later references go through the memo, where the half-made thing stands.
    machine.memo.update(dict.fromkeys(begun.remembered, value))
    machine.stack.append(value)


STEPS: dict[int, Callable[[Machine], Any]] = {
    0x80: lambda m: m.take(1),  # protocol
    0x95: lambda m: m.take(8),  # frame
    ord("N"): partial(_push, value=None),
    0x88: partial(_push, value=True),
    0x89: partial(_push, value=False),
    ord("K"): partial(_fixed, form=struct.Struct("B")),
    ord("M"): partial(_fixed, form=struct.Struct("<H")),
    ord("J"): partial(_fixed, form=struct.Struct("<i")),
    ord("G"): partial(_fixed, form=struct.Struct(">d")),
    0x8A: partial(_counted, size=1, read=_integer),
    0x8B: partial(_counted, size=4, read=_integer),
    ord("I"): partial(_line, read=_written_integer),
    ord("L"): partial(_line, read=_written_integer),
    ord("F"): partial(_line, read=float),
    ord("V"): partial(_line, read=_written_text),
    0x8C: partial(_counted, size=1, read=_utf8),
    ord("X"): partial(_counted, size=4, read=_utf8),
    0x8D: partial(_counted, size=8, read=_utf8),
    ord("U"): partial(_counted, size=1, read=_latin1),
    ord("T"): partial(_counted, size=4, read=_latin1),
    ord("C"): partial(_counted, size=1, read=bytes),
    ord("B"): partial(_counted, size=4, read=bytes),
    0x8E: partial(_counted, size=8, read=bytes),
    0x96: partial(_counted, size=8, read=bytes),
    ord("("): lambda m: m.mark(),
    ord("0"): lambda m: m.stack.pop(),
    ord("1"): lambda m: m.since_mark(),
    ord("2"): lambda m: m.stack.append(m.stack[-1]),
    ord("p"): lambda m: m.remember(_written_integer(m.line())),
    ord("q"): lambda m: m.remember(m.take(1)[0]),
    ord("r"): lambda m: m.remember(int.from_bytes(m.take(4), "little")),
    0x94: lambda m: m.remember(len(m.memo)),
    ord("g"): lambda m: m.stack.append(m.memo[_written_integer(m.line())]),
    ord("h"): lambda m: m.stack.append(m.memo[m.take(1)[0]]),
    ord("j"): lambda m: m.stack.append(m.memo[int.from_bytes(m.take(4), "little")]),
    ord("]"): partial(_fresh, kind=list),
    ord("}"): partial(_fresh, kind=dict),
    ord(")"): partial(_fresh, kind=tuple),
    ord("l"): partial(_from_mark, kind=list),
    ord("t"): partial(_from_mark, kind=tuple),
    ord("d"): partial(_from_mark, kind=lambda items: _filled({}, items)),
    0x85: partial(_tuple, size=1),
    0x86: partial(_tuple, size=2),
    0x87: partial(_tuple, size=3),
    ord("a"): lambda m: _extend(m, [m.stack.pop()]),
    ord("e"): lambda m: _extend(m, m.since_mark()),
    ord("s"): _set_one,
    ord("u"): _set_many,
    ord("c"): lambda m: _named(m, m.line(), m.line()),
    0x93: _named_on_stack,
    ord("R"): _call,
    ord("b"): _finish,
}
"""Instruction → what it does."""
