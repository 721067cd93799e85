"""What a student says about itself: the content of ``student.json`` beside its networks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from openaffect.errors import DataError

DIMENSIONS = ("arousal", "dominance", "valence")
"""The order of every output."""
FILE = "student.json"
_FORMAT = 1


@dataclass(frozen=True)
class StudentFacts:
    """Where a student comes from and what may be done with it; it travels with the weights."""

    network: str
    """Key of `openaffect.distill.students.STUDENTS`, e.g. ``wav2small-72k``."""
    present: tuple[str, ...] = DIMENSIONS
    """The dimensions that were trained; the others are NaN in the networks and None in a reading."""
    name: str = ""
    """What results call it, e.g. ``vocal-activation (experimental)``."""
    teacher: str = ""
    teacher_licence: str = ""
    """Licence of what the labels come from."""
    audio: tuple[str, ...] = ()
    """What it was trained on, one "name (licence)" an entry."""
    licence: str = ""
    """Licence of these weights; empty while nobody has stated one."""
    permissive: bool = False
    """Whether teacher and audio leave the weights free for commercial use."""
    weights: str = "fp32"
    """``fp32``, ``int8`` or ``int4``: how ``model.onnx`` stores them."""
    note: str = ""
    """What it is not, one or two sentences for reports."""
    trained: bool = False
    """False for random weights: the run time refuses to read a voice with them unless told otherwise."""

    def save(self, folder: Path) -> None:
        """Write ``student.json`` into *folder*."""
        content = {"format": _FORMAT, **asdict(self)}
        (folder / FILE).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> StudentFacts:
        """Read ``student.json`` of *folder*; raises `DataError` with what is wrong about it."""
        path = folder / FILE
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(
                f"cannot read {str(path)!r} ({error}); name a folder that `distill export` wrote."
            ) from error
        if not isinstance(content, dict) or content.pop("format", None) != _FORMAT:
            raise DataError(f"{str(path)!r} is not a student of format {_FORMAT}; export it again.")
        return cls(**_checked(content, path))


def _checked(content: dict[str, Any], path: Path) -> dict[str, Any]:
    known = {field.name: field.type for field in fields(StudentFacts)}
    unknown = sorted(set(content) - set(known))
    if unknown or "network" not in content:
        raise DataError(f"{str(path)!r} has unknown fields {unknown} or no 'network'; export it again.")
    for name, value in content.items():
        content[name] = _typed(name, str(known[name]), value, path)
    if strange := [name for name in content.get("present", ()) if name not in DIMENSIONS]:
        raise DataError(f"{str(path)!r} names the dimensions {strange}; known are {', '.join(DIMENSIONS)}.")
    return content


def _typed(name: str, kind: str, value: Any, path: Path) -> Any:
    if kind.startswith("tuple") and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if (kind == "bool" and isinstance(value, bool)) or (kind == "str" and isinstance(value, str)):
        return value
    raise DataError(f"{str(path)!r}: '{name}' must be {kind}, {type(value).__name__} came; export it again.")
