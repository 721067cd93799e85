"""A teacher's work on one file or one mixture: what a worker process does, here or on another machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaffect.distill.pieces import Span, cut_out, speech_pieces
from openaffect.distill.speakers import Voice
from openaffect.distill.teacher import Teacher, open_teacher
from openaffect.errors import InputError, MediaError
from openaffect.media.audio import read_audio
from openaffect.records import AudioPart, PseudoLabel
from openaffect.runtime.facts import DIMENSIONS

DIGITS = 6
"""Decimals of a label."""
RATE = 16_000
SILENT, FAILED = "#silent", "#failed"
"""Ends of the ids of files without a piece of speech, and of files that could not be read."""


@dataclass(frozen=True)
class Cutting:
    """How recordings become pieces."""

    shortest_s: float = 1.0
    """Pieces with less speech are left out."""
    longest_s: float = 12.0
    """Longer ones are cut; Odyssey was trained on pieces of up to 12 s."""
    vad: bool = True
    """False: everything counts as speech, for recordings that are cut already."""


@dataclass(frozen=True)
class Seat:
    """How a worker opens its teacher."""

    spec: str
    offline: bool = False
    accept_licence: bool = False
    threads: int = 1

    def open(self) -> Teacher:
        """Return the teacher, opened once a process."""
        return _opened(self)


@lru_cache(maxsize=1)
def _opened(seat: Seat) -> Teacher:
    return open_teacher(seat.spec, offline=seat.offline, threads=seat.threads, accept_licence=seat.accept_licence)


@dataclass(frozen=True)
class Recording:
    """A sound file that waits for its labels."""

    file: str
    """Its path as labels name it, which is the beginning of its ids too."""
    folder: Path
    """That of the labels, absolute: a path that is not absolute begins there."""
    voice: Voice


@dataclass(frozen=True)
class Mixture:
    """A mixture that waits for its label: a row without values, and the folder that its files are named from."""

    row: PseudoLabel
    folder: Path


@dataclass(frozen=True)
class Work:
    """What a worker needs to know beside its items; calling it does one of them."""

    seat: Seat
    cutting: Cutting
    own: Teacher | None = field(default=None, compare=False)
    """The teacher itself, where the work is done in the process that opened it."""

    def __call__(self, item: Recording | Mixture) -> list[PseudoLabel]:
        """Return the rows of *item*."""
        teacher = self.own if self.own is not None else self.seat.open()
        if isinstance(item, Mixture):
            return [heard_mixture(item, teacher)]
        return heard_file(item, teacher, self.cutting)


def heard_file(recording: Recording, teacher: Teacher, cutting: Cutting) -> list[PseudoLabel]:
    """Return a row for each piece of *recording*, ``FILE#1of3`` and so on; one with an error where there is none."""
    path = recording.folder / recording.file
    try:
        pieces, length = speech_pieces(path, shortest=cutting.shortest_s, longest=cutting.longest_s, vad=cutting.vad)
        if not pieces:
            what = "speech" if cutting.vad else "sound"
            return [without_label(recording, SILENT, f"no {cutting.shortest_s:g} s of {what} in {length:.1f} s.")]
        rows = _unlabelled(recording, pieces)
        return [_labelled(row, sound, teacher) for row, sound in zip(rows, cut_out(path, pieces), strict=True)]
    except (MediaError, OSError) as error:
        return [without_label(recording, FAILED, str(error))]


def heard_mixture(mixture: Mixture, teacher: Teacher) -> PseudoLabel:
    """Return the row of *mixture* with what the teacher says about the sum of its parts."""
    try:
        sound = mixed(mixture.row.parts, mixture.folder)
    except (MediaError, OSError) as error:
        return mixture.row.model_copy(update={"error": str(error)})
    return _labelled(mixture.row, sound, teacher)


def mixed(parts: Sequence[AudioPart], folder: Path) -> NDArray[np.float32]:
    """Return the sum of *parts*, scaled by their gains, from their first samples on."""
    sounds = [read_audio(folder / part.file, rate=RATE, start=part.start, end=part.end) for part in parts]
    total = np.zeros(max(len(sound) for sound in sounds), np.float32)
    for sound, part in zip(sounds, parts, strict=True):
        total[: len(sound)] += sound * np.float32(part.gain)
    return total


def without_label(recording: Recording, end: str, cause: str) -> PseudoLabel:
    """Return the one row of a *recording* that gave no piece; *end* is that of its id."""
    return PseudoLabel(id=recording.file + end, parts=(), error=cause, **_of(recording.voice))


def _unlabelled(recording: Recording, pieces: Sequence[Span]) -> list[PseudoLabel]:
    parts = [AudioPart(file=recording.file, start=start, end=end) for start, end in pieces]
    names = [f"{recording.file}#{number}of{len(parts)}" for number in range(1, len(parts) + 1)]
    return [
        PseudoLabel(id=name, parts=(part,), **_of(recording.voice)) for name, part in zip(names, parts, strict=True)
    ]


def _labelled(row: PseudoLabel, sound: NDArray[np.float32], teacher: Teacher) -> PseudoLabel:
    try:
        said = np.asarray(teacher(sound), np.float64).reshape(len(DIMENSIONS))
    except InputError as error:
        return row.model_copy(update={"error": str(error)})
    values = {
        name: round(float(value), DIGITS)
        for name, value in zip(DIMENSIONS, said, strict=True)
        if name in teacher.present and math.isfinite(value)
    }
    return row.model_copy(update=values or {"error": f"the teacher {teacher.name} gave no number."})


def _of(voice: Voice) -> dict[str, Any]:
    return {"speaker": voice.speaker, "split": voice.split, "groups": dict(voice.groups)}
