"""The data in a pickle, read without running it.

A pickle is a program for a small stack machine, and Python's own reader lets that program call any function there is.
This is another machine for the same instructions, and it has no functions to call: it pushes numbers and text, fills
dicts, lists and tuples, and knows the few names that NumPy writes, for which it has stand-ins of its own
(`openaffect.datasets.pickle_arrays`).  Everything else is refused, so nothing in a file can act.  Python's module
``pickle`` is not used anywhere in this package.

What comes out is dict, list, tuple, str, bytes, bool, int, float, None and NumPy arrays of those; NumPy's scalars
become Python's.  Protocols 0 to 5 as NumPy and Python 3 write them, and 2 of Python 2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

import numpy as np

from openaffect.datasets.pickle_machine import Halt, Machine, halt
from openaffect.datasets.pickle_steps import LEAVES, STEPS

DEEPEST = 32
"""Containers nested deeper than this are refused; the files of the field have four levels."""
_STOP = ord(".")


def read_plain(data: bytes, at: int = 0) -> Any:
    """Return the plain data that the pickle in *data*, from byte *at* on, describes.

    Raises `openaffect.datasets.pickle_machine.Halt` with the reason when it is broken or wants anything but data.

    >>> read_plain(b"\\x80\\x02}X\\x05\\x00\\x00\\x00happyK\\x01s.")
    {'happy': 1}
    """
    machine = Machine(data, at)
    try:
        value = _run(machine)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, struct.error) as error:
        # No instruction can do more than move data, so whatever fails is a fault of the file.
        raise Halt(f"it is broken near byte {machine.at} ({type(error).__name__})") from error
    _check_plain(value)
    return value


def _run(machine: Machine) -> Any:
    data, steps = machine.data, STEPS
    while (code := data[machine.at]) != _STOP:
        machine.at += 1
        if code not in steps:
            halt(f"it has the instruction {code:#04x} at byte {machine.at - 1}, and only data are read")
        steps[code](machine)
    return machine.stack.pop()


def _check_plain(value: Any) -> None:
    """Refuse what is nested too deep, holds itself, or is no data; shared parts are visited once a level."""
    level = [value]
    for _ in range(DEEPEST):
        inner = {id(child): child for each in level for child in _children(each) if type(child) not in LEAVES}
        if not inner:
            return
        level = list(inner.values())
    halt(f"its data are nested deeper than {DEEPEST} levels")


def _children(value: Any) -> Iterable[Any]:
    kind = type(value)
    if kind in LEAVES:
        return ()
    if kind is dict:
        return value.values()  # type: ignore[no-any-return]
    if kind is list or kind is tuple:
        return value  # type: ignore[no-any-return]
    if kind is np.ndarray:
        return value.flat if value.dtype.hasobject else ()
    halt("it holds something that is no data")
