"""The clip of an item as parts of a message: frames and sound, decoded once and kept in the run's own folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from openaffect.analysis.frames import pictures_at
from openaffect.bench import kept
from openaffect.bench.task import Item, Source
from openaffect.media.audio import read_audio
from openaffect.media.probe import probe
from openaffect.mllm.chat import Part, Picture, Sound, wav_bytes
from openaffect.records import Media

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
    path = item.media
    decoded = kept.kept(path, source.cache, _rule(frames), lambda: _decode(path, frames))
    if "video" in source.modalities:
        found += decoded.pictures
    if "audio" in source.modalities and decoded.sound is not None:
        found.append(decoded.sound)
    return found


def room_of(path: Path, cache: Path, frames: int = FRAMES) -> Path:
    """Return the folder inside *cache* for the frames and the sound of the clip at *path*; it need not exist."""
    return kept.room_of(path, cache, _rule(frames))


def _rule(frames: int) -> str:
    return f"{frames}\n{LONGEST_SOUND_S}"


def _decode(path: Path, frames: int) -> kept.Decoded:
    media = probe(path)
    sound = None
    if media.sound is not None:
        samples = read_audio(path, end=min(media.duration, LONGEST_SOUND_S))
        sound = Sound(wav_bytes(samples), round(len(samples) / 16000, 3)) if len(samples) else None
    return kept.Decoded(tuple(_frames(path, media, frames)), sound)


def _frames(path: Path, media: Media, frames: int) -> list[Picture]:
    if media.picture is None:
        return []
    times = [0.0] if media.kind == "image" else np.linspace(0, media.duration, frames, endpoint=False).tolist()
    return list(pictures_at(path, media, times, blur=False))
