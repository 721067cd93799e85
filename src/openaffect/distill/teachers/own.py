"""A teacher of the user's own: a function or an object in a Python file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openaffect.distill.teacher import Listener, Teacher
from openaffect.distill.teachers.fingerprint import fingerprint
from openaffect.errors import DataError, UsageError
from openaffect.lookup import resolve
from openaffect.runtime.facts import DIMENSIONS

_TEXTS = ("name", "identity", "licence")


def open_own(spec: str) -> Teacher:
    """Return the teacher ``FILE.py:NAME``, whose file is run.

    NAME takes the samples (n,), float32 at 16 kHz, and returns arousal, dominance and valence, NaN for what it cannot
    say.  What it has of `name`, `identity`, `licence`, `permissive` and `present` counts; without them the name is
    that of the file, the identity the sha256 of the file, and the licence is not stated, hence not permissive.
    Raises `UsageError` for what cannot be called and for an attribute of another kind.
    """
    own = resolve({}, spec, kind="teacher")
    path, _, attribute = spec.rpartition(":")
    if isinstance(own, type) or not callable(own):
        raise UsageError(f"'{attribute}' in '{path}' cannot be called; name a function of the samples, or an object.")
    facts = {
        "name": f"{Path(path).name}:{attribute}",
        "identity": fingerprint([Path(path)]),
        "licence": "",
        "permissive": False,
        "present": DIMENSIONS,
    }
    facts |= {name: _checked(name, getattr(own, name), spec) for name in facts if hasattr(own, name)}

    def ask(signal: Any) -> Any:
        try:
            return own(signal)
        except Exception as error:
            raise DataError(
                f"the teacher {spec} fails on this sound ({type(error).__name__}: {str(error)[:160]}); correct it."
            ) from error

    return Listener(ask=ask, may_lack=True, **facts)  # type: ignore[arg-type]  # each is checked above


def _checked(name: str, value: Any, spec: str) -> Any:
    if name in _TEXTS and isinstance(value, str):
        return value
    if name == "permissive" and isinstance(value, bool):
        return value
    if name == "present" and isinstance(value, tuple | list) and value and set(value) <= set(DIMENSIONS):
        return tuple(each for each in DIMENSIONS if each in value)
    wanted = {"permissive": "True or False", "present": f"some of {', '.join(DIMENSIONS)}"}.get(name, "text")
    raise UsageError(f"the teacher {spec}: '{name}' must be {wanted}, {str(value)[:60]!r} came.")
