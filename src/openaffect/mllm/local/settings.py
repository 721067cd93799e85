"""The JSON files of a model's folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openaffect.errors import InputError, OpenAffectError, RemoteError
from openaffect.media.names import show
from openaffect.mllm.local.libraries import lacks_memory

_LARGEST = 64 << 20


def read_settings(folder: Path, name: str) -> Mapping[str, Any] | None:
    """Return the object in the file *name* of *folder*, None when there is no such file.

    Raises `InputError` for a file that is no JSON object or has more than 64 MiB.
    """
    path = folder / name
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{name} in {show(folder)} has more than {_LARGEST >> 20} MiB; it is no settings file.")
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{name} in {show(folder)} cannot be read ({type(error).__name__}); copy it again.") from error
    if not isinstance(found, dict):
        raise InputError(f"{name} in {show(folder)} holds no JSON object; copy it again.")
    return found


def model_type(folder: Path) -> str:
    """Return the type of model that the ``config.json`` in *folder* names; raises `InputError` when there is none."""
    found = (read_settings(folder, "config.json") or {}).get("model_type")
    if isinstance(found, str):
        return found
    raise InputError(
        f"{show(folder)} has no config.json that names a model_type; give the whole folder of a Hugging Face model."
    )


def processor_settings(folder: Path, part: str) -> Mapping[str, Any]:
    """Return the settings of *part* (``image_processor``, ``feature_extractor``) of the processor in *folder*.

    They stand in a file of their own, or in newer layouts in that of the whole processor.  Raises `InputError` when
    there are none.
    """
    own = read_settings(folder, "preprocessor_config.json") or {}
    if f"{part}_type" in own:
        return own
    inside = (read_settings(folder, "processor_config.json") or {}).get(part)
    if isinstance(inside, dict):
        return inside
    raise InputError(
        f"{show(folder)} has no settings of the {part.replace('_', ' ')} (preprocessor_config.json or "
        "processor_config.json); give the whole folder of a Hugging Face model."
    )


@contextmanager
def reading(what: str, folder: Path) -> Iterator[None]:
    """Turn whatever transformers raises on broken or odd files into one `InputError` about *what* in *folder*."""
    try:
        yield
    except OpenAffectError:
        raise
    except Exception as error:
        raise InputError(
            f"cannot use the {what} in {show(folder)} ({_said(error, folder)}); copy the model again."
        ) from error


@contextmanager
def answering(folder: Path) -> Iterator[None]:
    """Turn what odd settings or weights in *folder* make the libraries raise on a message into one `RemoteError`.

    So it fails one call and not the run.  Errors of memory pass through.
    """
    try:
        yield
    except (ValueError, TypeError, RuntimeError, LookupError, ArithmeticError, ImportError) as error:
        if isinstance(error, OpenAffectError) or lacks_memory(error):
            raise
        raise RemoteError(
            f"the model in {show(folder)} fails on this message ({_said(error, folder)}); send other parts, or copy "
            "the model again."
        ) from error


def _said(error: Exception, folder: Path) -> str:
    """Return the class and the first line of *error*, on one line, without the place of *folder*."""
    lines = str(error).replace(str(folder), folder.name).strip().splitlines()
    line = "".join(letter if letter.isprintable() else " " for letter in lines[0][:200]) if lines else ""
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
