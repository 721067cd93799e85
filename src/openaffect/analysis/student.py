"""The seat for arousal, dominance and valence of the voice: what a student says of each turn, or why nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from openaffect.analysis import notices
from openaffect.analysis.evidence import Language, Turn
from openaffect.analysis.findings import Findings, Span
from openaffect.analysis.options import Options
from openaffect.media.audio import read_audio
from openaffect.media.segments import cut, intersect
from openaffect.records import Dimensions, ModelUse
from openaffect.runtime.adv import ADV
from openaffect.runtime.facts import FILE, StudentFacts
from openaffect.runtime.loading import load, located

SHORTEST_S = 0.5
"""Seconds of speech below which a turn gets no value."""
_AT_ONCE_S = 60.0
"""Speech up to here is read into memory; longer speech is streamed."""


class Student(Protocol):
    """Anything that reads a voice by name, as `openaffect.runtime.Model` does."""

    facts: StudentFacts

    @property
    def name(self) -> str:
        """What results call it."""
        ...

    @property
    def identity(self) -> str:
        """The sha256 of its weights."""
        ...

    def __call__(self, signal: npt.ArrayLike, sampling_rate: float = 16000) -> ADV:
        """Return what it reads from mono samples."""
        ...

    def blocks(self, make: Callable[[], Iterable[npt.ArrayLike]], sampling_rate: float = 16000) -> ADV:
        """Return what it reads from a sound that comes in blocks."""
        ...


def student_for(options: Options) -> Student | None:
    """Return the student that *options* name, None when they name none.

    Raises `MissingPart` when no student ships, `DataError` for a folder that holds none.
    """
    return load(options.student) if options.student else None


def student_files(options: Options) -> str:
    """Return a hash of the student's files, empty without one: another student in the same folder is other work."""
    if not options.student:
        return ""
    folder = located(options.student)
    found = hashlib.sha256()
    for name in (FILE, "model.onnx", "model.safetensors"):
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def source(student: Student, options: Options) -> str:
    """Return what stands beside the values: the student's name, marked where it is the experimental one that ships."""
    mark = notices.for_language(options.language).experimental
    experimental = options.student == "builtin" and "experimental" not in student.name
    return f"{student.name} ({mark})" if experimental else student.name


def model_use(student: Student, options: Options) -> ModelUse:
    """Return the student as a model that took part."""
    facts = student.facts
    return ModelUse(
        name=source(student, options), sha256=student.identity, licence=facts.licence or "-", note=facts.note
    )


def note_of(student: Student, options: Options) -> str:
    """Return the sentence that says where the values come from."""
    return notices.student_note(student.facts.present, source(student, options), options.language)


def read_turn(student: Student, turn: Turn, findings: Findings, path: Path, options: Options) -> Dimensions | None:
    """Return what *student* reads from the speech of *turn*, None when there is no voice to ask about.

    Only the spans with speech are handed in; a turn without enough of it has a reason in place of values.
    """
    if turn.voice is None or findings.heard is None or not options.voice:
        return None
    name = source(student, options)
    state = findings.states.get("acoustic")
    if state is not None and not state.used:
        return Dimensions(source=name, reason=state.reason)
    spans = intersect(findings.heard.speech, [(turn.start, turn.end)])
    if sum(end - start for start, end in spans) < SHORTEST_S:
        return Dimensions(source=name, reason=_told("too short", options.language))
    found = _read(student, spans, path)
    return Dimensions(
        arousal=found.arousal,
        dominance=found.dominance,
        valence=found.valence,
        source=name,
        reason=_told(found.reason, options.language),
        note=_told(found.note, options.language),
    )


def _read(student: Student, spans: list[Span], path: Path) -> ADV:
    def parts() -> Iterator[npt.NDArray[Any]]:
        for span in spans:
            for start, end in cut(span, [], longest=_AT_ONCE_S):
                yield read_audio(path, start=start, end=end)

    if sum(end - start for start, end in spans) > _AT_ONCE_S:
        return student.blocks(parts)
    return student(np.concatenate(list(parts())))


def _told(word: str, language: Language) -> str:
    """Return the sentence for a reason or a note of the run time, empty for none."""
    return notices.for_language(language).student_words.get(word, word)
