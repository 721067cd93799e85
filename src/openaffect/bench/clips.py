"""The clip of an item as parts of a message: frames and sound, decoded once and kept in the run's own folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

import numpy as np

from openaffect.analysis.frames import pictures_at
from openaffect.bench.task import Item, Source
from openaffect.errors import OutputError
from openaffect.media.audio import read_audio
from openaffect.media.probe import probe
from openaffect.mllm.chat import Part, Picture, Sound, wav_bytes
from openaffect.records import Media
from openaffect.store import write_atomic

FRAMES = 8
LONGEST_SOUND_S = 60.0
ENDINGS = (".mp4", ".avi", ".mkv", ".mov", ".webm", ".wav")


def find_clip(folder: Path, name: str) -> Path | None:
    """Return the clip called *name* in *folder* or its ``video``, ``videos`` or ``audio`` folder, None where it is not.

    A *name* that would lead out of the folder finds nothing.
    """
    if not name or "/" in name or "\\" in name or name in (".", "..") or "\0" in name:
        return None
    for room in ("video", "videos", "", "audio"):
        for ending in ENDINGS:
            if (path := folder / room / f"{name}{ending}").is_file():
                return path
    return None


def parts(item: Item, source: Source, *, frames: int = FRAMES) -> list[Part]:
    """Return the frames (*frames* of them, evenly placed) and the sound of *item*, as far as *source* admits them.

    What a clip does not have is left out; an item without a clip has no parts.  Raises `MediaError` for a clip that
    cannot be decoded.
    """
    if item.media is None:
        return []
    found: list[Part] = []
    pictures, sound = _decoded(item.media, source.cache, frames)
    if "video" in source.modalities:
        found += pictures
    if "audio" in source.modalities and sound is not None:
        found.append(sound)
    return found


def room_of(path: Path, cache: Path, frames: int = FRAMES) -> Path:
    """Return the folder inside *cache* for the frames and the sound of the clip at *path*; it need not exist.

    Another size, time or number of frames is another folder.  Raises `OSError` for a clip that is not there.
    """
    stat = path.stat()
    what = f"{path.resolve()}\n{stat.st_size}\n{stat.st_mtime_ns}\n{frames}\n{LONGEST_SOUND_S}"
    return cache / hashlib.sha256(what.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _decoded(path: Path, cache: Path | None, frames: int) -> tuple[list[Picture], Sound | None]:
    if cache is None:
        return _decode(path, frames)
    room = room_of(path, cache, frames)
    if (kept := _kept(room)) is not None:
        return kept
    pictures, sound = _decode(path, frames)
    with contextlib.suppress(OutputError):  # what cannot be kept is decoded again
        _keep(room, pictures, sound)
    return pictures, sound


def _decode(path: Path, frames: int) -> tuple[list[Picture], Sound | None]:
    media = probe(path)
    sound = None
    if media.sound is not None:
        samples = read_audio(path, end=min(media.duration, LONGEST_SOUND_S))
        sound = Sound(wav_bytes(samples), round(len(samples) / 16000, 3)) if len(samples) else None
    return _frames(path, media, frames), sound


def _frames(path: Path, media: Media, frames: int) -> list[Picture]:
    if media.picture is None:
        return []
    times = [0.0] if media.kind == "image" else np.linspace(0, media.duration, frames, endpoint=False).tolist()
    return list(pictures_at(path, media, times, blur=False))


def _keep(room: Path, pictures: list[Picture], sound: Sound | None) -> None:
    for number, picture in enumerate(pictures):
        write_atomic(room / f"{number}.jpg", picture.data)
    if sound is not None:
        write_atomic(room / "sound.wav", sound.data)
    index = {"times": [picture.time for picture in pictures], "seconds": None if sound is None else sound.seconds}
    # Written last: a folder with an index is whole.
    write_atomic(room / "index.json", json.dumps(index))


def _kept(room: Path) -> tuple[list[Picture], Sound | None] | None:
    try:
        index = json.loads((room / "index.json").read_bytes())
        pictures = [Picture((room / f"{n}.jpg").read_bytes(), time=time) for n, time in enumerate(index["times"])]
        seconds = index["seconds"]
        return pictures, None if seconds is None else Sound((room / "sound.wav").read_bytes(), float(seconds))
    except (OSError, ValueError, KeyError, TypeError):
        return None
