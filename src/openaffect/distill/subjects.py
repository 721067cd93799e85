"""Who is put to the test: a student in training, a student that ships, or a teacher; each hears a clip whole."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaffect.distill.journal import STUDENT
from openaffect.distill.teacher import Teacher, open_teacher
from openaffect.errors import DataError, InputError
from openaffect.runtime.facts import DIMENSIONS, FILE

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Subject:
    """Something that hears a clip and gives arousal, dominance, valence."""

    name: str
    licence: str
    present: tuple[str, ...]
    hear: Callable[[Floats], NDArray[np.float64]]
    """Samples (n,) at 16 kHz → (3,), NaN for what it does not speak of."""
    identity: str = ""
    """What tells it from others, for predictions that are kept."""

    def __call__(self, sound: Floats) -> NDArray[np.float64]:
        """Return what it says about *sound*; raises `InputError` for what it cannot hear, and for no number."""
        if not sound.size:
            raise InputError("the sound is empty.")
        said = np.asarray(self.hear(sound), np.float64)
        wrong = [name for name, value in zip(DIMENSIONS, said, strict=True) if name in self.present and value != value]
        if wrong or np.isinf(said).any():
            raise InputError(f"{self.name} gave no number for {', '.join(wrong) or 'this sound'}.")
        return np.where([name in self.present for name in DIMENSIONS], said, math.nan)


def student_in(folder: str | Path, *, network: str = "", threads: int = 1) -> Subject:
    """Return the student in *folder*: what ``distill fit`` left (its OUT will do too), or an exported one.

    An exported student is run as it ships, by onnxruntime; another one by torch.  *network* is the code of a student
    of one's own (``./mine.py:NAME``).  Raises `DataError` for a folder without a student.
    """
    folder = folder_of(folder)
    return _shipped(folder, threads) if (folder / "model.onnx").exists() else _trained(folder, network, threads)


def folder_of(folder: str | Path) -> Path:
    """Return the folder of the student itself, where *folder* may be what ``distill fit --out`` named."""
    folder = Path(folder)
    return folder if (folder / FILE).exists() or not (folder / STUDENT / FILE).exists() else folder / STUDENT


def teacher_named(
    spec: str | Teacher, *, offline: bool = False, threads: int = 1, accept_licence: bool = False
) -> Subject:
    """Return the teacher *spec* of `openaffect.distill.teacher.open_teacher`, or the teacher that it is already."""
    opened = spec
    if isinstance(opened, str):
        opened = open_teacher(opened, offline=offline, threads=threads, accept_licence=accept_licence)
    return Subject(opened.name, opened.licence, tuple(opened.present), opened, opened.identity)


def _shipped(folder: Path, threads: int) -> Subject:
    from openaffect.runtime import load

    model = load(folder, threads=threads, gate=False)

    def hear(sound: Floats) -> NDArray[np.float64]:
        return np.array([math.nan if value is None else value for value in model(sound).values])

    facts = model.facts
    return Subject(model.name, facts.licence, facts.present, hear, model.identity)


def _trained(folder: Path, network: str, threads: int) -> Subject:
    import torch

    from openaffect.distill.checkpoint import WEIGHTS, load_student
    from openaffect.distill.predict import predictions
    from openaffect.store import sha256_of

    module, facts = load_student(folder, network)
    if not facts.trained:
        raise DataError(f"the student in {str(folder)!r} has random weights; there is nothing to evaluate.")
    torch.set_num_threads(threads)

    def hear(sound: Floats) -> NDArray[np.float64]:
        said: NDArray[np.float64] = predictions(module, lambda _: sound, [len(sound)])[0]
        return said

    identity = sha256_of(folder / WEIGHTS)
    return Subject(facts.name or facts.network, facts.licence, facts.present, hear, identity)
