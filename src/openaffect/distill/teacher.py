"""The seat of the teacher: whatever hears a sound and gives arousal, dominance and valence.

::

    open_teacher("ensemble")              Dawn and Odyssey from the hub, averaged: the teacher of the Wav2Small paper
    open_teacher("odyssey:weights/")      one of them, from a folder of yours
    open_teacher("onnx:model.onnx")       any ONNX network
    open_teacher("acoustic")              no download: a ridge on acoustic features
    open_teacher("./mine.py:hear")        a function of yours

Adding one is a file in `openaffect.distill.teachers` and a line in `TEACHERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from openaffect.errors import DataError, InputError, UsageError
from openaffect.lookup import resolve
from openaffect.runtime.facts import DIMENSIONS

TEACHERS: dict[str, str] = {
    "ensemble": "openaffect.distill.teachers.ensemble:open_ensemble",
    "dawn": "openaffect.distill.teachers.dawn:open_dawn",
    "odyssey": "openaffect.distill.teachers.odyssey:open_odyssey",
    "onnx": "openaffect.distill.teachers.onnx_file:open_onnx",
    "acoustic": "openaffect.distill.teachers.acoustic:open_acoustic",
}
"""Word before the colon → what opens the teacher.

It is called with what stands after the colon, and ``offline``, ``threads`` and ``accept_licence`` by name.
"""

Sound = NDArray[np.float32]
Values = NDArray[np.float64]


class Teacher(Protocol):
    """Anything that hears a sound and gives the three numbers; its licence goes with all that is distilled from it."""

    @property
    def name(self) -> str:
        """What cards and tables call it."""
        ...

    @property
    def identity(self) -> str:
        """The sha256 of its weights or its code: another one may give other numbers."""
        ...

    @property
    def licence(self) -> str:
        """Under which terms it stands."""
        ...

    @property
    def permissive(self) -> bool:
        """Whether a student of it may be free for commercial use."""
        ...

    @property
    def present(self) -> tuple[str, ...]:
        """The dimensions that it speaks of; the others are NaN in every answer."""
        ...

    def __call__(self, signal: Sound, /) -> Values:
        """Return arousal, dominance and valence (3,) of *signal*, mono at 16 kHz (n,); 0–1, not clipped."""
        ...


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A teacher made of a function, which is shielded from bad sound and whose answers are checked.

    >>> steady = Listener(name="steady", identity="0" * 64, ask=lambda signal: [0.5, 1.5, 0.0], present=("arousal",))
    >>> steady(np.zeros(16_000, np.float32))
    array([0.5, nan, nan])
    """

    name: str
    identity: str
    ask: Callable[[Sound], Any]
    """Samples (n,), float32, a copy of its own → three numbers."""
    licence: str = ""
    permissive: bool = False
    present: tuple[str, ...] = DIMENSIONS
    shortest: int = 1
    """Samples; less is refused."""
    longest: int = 0
    """Samples; more is refused, 0 for no limit."""
    may_lack: bool = False
    """Whether an answer may lack a present dimension (NaN)."""

    def __call__(self, signal: Sound, /) -> Values:
        """Return arousal, dominance and valence of *signal*, float64 (3,), NaN where the teacher says nothing.

        Raises `UsageError` for what is no mono sound in float, `InputError` for sound that is too short, too long or
        not finite, `DataError` when the answer is not three numbers.
        """
        answer = np.asarray(self.ask(self._heard(signal)))
        if answer.dtype.kind not in "fiu" or answer.size != len(DIMENSIONS):
            raise DataError(
                f"the teacher {self.name} must give {len(DIMENSIONS)} numbers ({', '.join(DIMENSIONS)}), "
                f"{answer.dtype} of shape {answer.shape} came."
            )
        values = answer.reshape(len(DIMENSIONS)).astype(np.float64)
        values[[name not in self.present for name in DIMENSIONS]] = np.nan
        said = values[[name in self.present for name in DIMENSIONS]]
        if np.isinf(said).any() or (not self.may_lack and np.isnan(said).any()):
            raise DataError(f"the teacher {self.name} gave {said} for {', '.join(self.present)}, which are no numbers.")
        return values

    def _heard(self, signal: Sound) -> Sound:
        if not isinstance(signal, np.ndarray) or signal.ndim != 1 or signal.dtype.kind != "f":
            came = f"{signal.dtype} {signal.shape}" if isinstance(signal, np.ndarray) else type(signal).__name__
            raise UsageError(f"a teacher hears mono sound at 16 kHz, an array of float of shape (n,); {came} came.")
        if len(signal) < self.shortest or (self.longest and len(signal) > self.longest):
            limit = f"at least {self.shortest}" if len(signal) < self.shortest else f"at most {self.longest}"
            raise InputError(f"the teacher {self.name} needs {limit} samples of 16 kHz, {len(signal)} came.")
        with np.errstate(over="ignore"):
            copy = signal.astype(np.float32)
        if not np.isfinite(copy).all():
            raise InputError(f"the sound for the teacher {self.name} holds NaN, infinity or absurd values; repair it.")
        return copy


def open_teacher(spec: str, *, offline: bool = False, threads: int = 1, accept_licence: bool = False) -> Teacher:
    """Return the teacher that *spec* names; the module's docstring shows the forms.

    With *offline* nothing is fetched.  *threads* are those of one call.  *accept_licence* says that the user agrees to
    the terms of weights that are not free (Dawn, and so the ensemble).
    Raises `UsageError` for an unknown teacher and for terms that are not accepted, `MissingPart` without the packages
    that it needs, `openaffect.errors.OfflineError` and `openaffect.errors.RemoteError` when weights cannot be fetched,
    and `openaffect.errors.DataError` with the differences when they do not fit.
    """
    if ".py:" in spec:
        from openaffect.distill.teachers.own import open_own

        return open_own(spec)
    word, _, place = spec.partition(":")
    opener = resolve(TEACHERS, word, kind="teacher")
    return cast(Teacher, opener(place, offline=offline, threads=threads, accept_licence=accept_licence))
