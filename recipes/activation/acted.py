"""Acted lines to evaluate on, never to train on: the voice packs of a game, whose file names say what is expressed.

Debian's ``hedgewars-data`` (sounds GFDL-1.3) has short lines of 15 packs in several languages, named by act
(Traitor, Laugh, Ohdear).  Which activation a name stands for is our reading of the name, fixed before any student was
tried; nobody rated the recordings.  The pack Robot is left out (its voice is an effect), and so is every file that
another pack has too (by md5; the first pack of the alphabet keeps it).
"""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from packages import sha256_of

DEB = "hedgewars-data_1.0.2-6_all.deb"
SHA256 = "722225903a72604403e6e0026e40e9a6953f47a74d94efc5f55504bc05bb4761"
FOLDER = "usr/share/games/hedgewars/Data/Sounds/voices"
LEFT_OUT = "Robot"
RATE = 16_000

ANGER = (
    *("Traitor", "Cutitout", "Youllregretthat", "Illgetyou", "Justyouwait", "Gonnagetyou", "Revenge"),
    *("Stupid", "Nutter", "Leavemealone", "Comeonthen"),
)
JOY = ("Amazing", "Brilliant", "Excellent", "Flawless", "Laugh", "Victory", "Firstblood", "Enemydown")
PAIN_AND_FEAR = (
    *("Ooff1", "Ooff2", "Ooff3", "Ow1", "Ow2", "Ow3", "Ow4", "Ouch", "Nooo", "Runaway", "Incoming", "Takecover"),
)
"""Grunts, cries and warnings: the easy part of the high class, left out of the second figure."""
HIGH = frozenset((*ANGER, *JOY, *PAIN_AND_FEAR))
LOW = frozenset(("Missed", "Oops", "Ohdear", "Drat", "Bugger", "Boring", "Hmm", "Byebye", "Solong"))
"""Disappointment, boredom, farewell."""


@dataclass(frozen=True)
class Line:
    """One acted line."""

    pack: str
    name: str
    high: bool
    path: Path

    @property
    def pain(self) -> bool:
        """Whether it is a grunt or cry of pain or fear."""
        return self.name in PAIN_AND_FEAR

    def sound(self) -> NDArray[np.float32]:
        """Return the line as 16 kHz mono, untouched otherwise."""
        sound, rate = soundfile.read(self.path, dtype="float32", always_2d=True)
        result: NDArray[np.float32] = soxr.resample(sound.mean(axis=1), rate, RATE).astype(np.float32)
        return result


def unpacked(cache: Path) -> Path:
    """Return the folder of the packs, fetched by apt and unpacked (not installed) in *cache*."""
    archive, folder = cache / DEB, cache / "hedgewars"
    if not archive.exists():
        subprocess.run(["apt-get", "download", "hedgewars-data=1.0.2-6"], cwd=cache, check=False, timeout=900)
    if not archive.exists() or sha256_of(archive) != SHA256:
        raise SystemExit(f"{DEB} is not in {str(cache)!r} or its sha256 is not {SHA256}; do not use it.")
    if not folder.is_dir():
        subprocess.run(["dpkg", "-x", str(archive), str(folder)], check=True, timeout=600)
    return folder / FOLDER


def lines(folder: Path) -> list[Line]:
    """Return the lines of high and low activation below *folder*, without duplicates, sorted by pack and name."""
    seen: set[str] = set()
    found = []
    for path in sorted(folder.glob("*/*.ogg")):
        if path.parent.name == LEFT_OUT:
            continue
        content = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        if content not in seen and path.stem in HIGH | LOW:
            found.append(Line(path.parent.name, path.stem, path.stem in HIGH, path))
        seen.add(content)
    return found
