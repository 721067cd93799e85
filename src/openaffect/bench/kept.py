"""What was decoded from a clip, kept in a folder of the run: frames as JPEG, sound as WAV, an index written last."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openaffect.errors import OutputError
from openaffect.mllm.chat import Picture, Sound
from openaffect.store import write_atomic


@dataclass(frozen=True)
class Decoded:
    """Frames in their order, and the sound where there is one."""

    pictures: tuple[Picture, ...]
    sound: Sound | None = None


def kept(path: Path, cache: Path | None, rule: str, decode: Callable[[], Decoded]) -> Decoded:
    """Return what *decode* makes of the clip at *path*, from *cache* where it has been made before.

    *rule* says what is taken from the clip; other rules have folders of their own.  What cannot be kept is decoded
    again.  Raises what *decode* raises.
    """
    room = None if cache is None else _room_or_none(path, cache, rule)
    if room is None:
        return decode()
    if (found := _read(room)) is None:
        found = decode()
        with contextlib.suppress(OutputError):
            _write(room, found)
    return found


def room_of(path: Path, cache: Path, rule: str) -> Path:
    """Return the folder inside *cache* for what *rule* takes from the clip at *path*; it need not exist.

    Another size or time of the file is another folder.  Raises `OSError` for a clip that is not there.
    """
    stat = path.stat()
    what = f"{path.resolve()}\n{stat.st_size}\n{stat.st_mtime_ns}\n{rule}"
    return cache / hashlib.sha256(what.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _room_or_none(path: Path, cache: Path, rule: str) -> Path | None:
    try:
        return room_of(path, cache, rule)
    except OSError:  # the decoder has a sentence for a clip that is gone
        return None


def _write(room: Path, found: Decoded) -> None:
    for number, picture in enumerate(found.pictures):
        write_atomic(room / f"{number}.jpg", picture.data)
    if found.sound is not None:
        write_atomic(room / "sound.wav", found.sound.data)
    seconds = None if found.sound is None else found.sound.seconds
    index = {"times": [picture.time for picture in found.pictures], "seconds": seconds}
    # Written last: a folder with an index is whole.
    write_atomic(room / "index.json", json.dumps(index))


def _read(room: Path) -> Decoded | None:
    try:
        index = json.loads((room / "index.json").read_bytes())
        times, seconds = index["times"], index["seconds"]
        pictures = tuple(Picture((room / f"{n}.jpg").read_bytes(), time=time) for n, time in enumerate(times))
        return Decoded(pictures, None if seconds is None else Sound((room / "sound.wav").read_bytes(), float(seconds)))
    except (OSError, ValueError, KeyError, TypeError):
        return None
