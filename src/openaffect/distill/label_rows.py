"""The rows of a LABELS folder: what makes one usable, and many of them as arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from openaffect.records import AudioPart, PseudoLabel
from openaffect.runtime.facts import DIMENSIONS

RATE = 16_000
SHORTEST = 64
"""Samples of the shortest piece: one frame of a student's front end."""
LONGEST_S = 3600.0
"""Seconds of the longest piece: a longer one is a mistake, or an attack on memory."""


def targets_of(rows: Sequence[PseudoLabel]) -> NDArray[np.float64]:
    """Return the values of *rows* as (n, 3) in the order of `DIMENSIONS`, NaN where there is none.

    >>> part = AudioPart(file="a.wav", start=0, end=1)
    >>> targets_of([PseudoLabel(id="a", parts=(part,), arousal=0.5)]).tolist()
    [[0.5, nan, nan]]
    """
    table = [[getattr(row, name) for name in DIMENSIONS] for row in rows]
    return np.array(table, dtype=np.float64).reshape(len(rows), len(DIMENSIONS))


def samples_of(part: AudioPart) -> int:
    """Return the length of *part* in samples of 16 kHz."""
    return round(part.end * RATE) - round(part.start * RATE)


def problem_of(row: PseudoLabel, present: Sequence[str]) -> str:
    """Return what is wrong about *row* of a teacher that speaks of *present*, in a sentence; empty where nothing is."""
    if row.error:
        return ""
    given = [name for name in DIMENSIONS if getattr(row, name) is not None]
    if not given:
        return "it has neither a value nor an 'error'; give one of them."
    if strange := [name for name in given if name not in present]:
        return f"it has a value for {strange[0]}, but the card names {', '.join(present)} alone."
    if not row.parts:
        return "it names no sound; give 'parts' with file, start and end."
    return next((found for part in row.parts if (found := _part_problem(part))), "")


def _part_problem(part: AudioPart) -> str:
    if not part.file or not part.file.isprintable() or "://" in part.file:
        return f"{part.file!r} is not the path of a file; give one without control characters."
    if not os.path.isabs(part.file) and ".." in PurePosixPath(part.file.replace("\\", "/")).parts:  # noqa: PTH117
        return f"the path {part.file!r} leaves the folder of the labels; write it as an absolute path."
    if samples_of(part) < SHORTEST:
        return f"the piece {part.start}–{part.end} of {part.file!r} is shorter than {SHORTEST} samples at 16 kHz."
    if part.end - part.start > LONGEST_S:
        return f"the piece {part.start}–{part.end} of {part.file!r} is longer than {LONGEST_S:g} s; cut it."
    return ""
