"""Parts of a message to arrays: pictures, runs of frames, sound, video files.

A run of two or more pictures that carry times, rising in like steps, and have one size is a film, for models that take
films: that is how such models learn time.  A video file gives its pictures alone; its sound is to be a part of its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaffect.errors import MediaError, RemoteError
from openaffect.media.audio import read_audio
from openaffect.media.images import read_still
from openaffect.media.video import sample_frames
from openaffect.mllm.chat import Clip, Part, Picture, Sound, Text
from openaffect.mllm.local.family import Family, Film, Kind

FILM_RATE = 2.0
"""Frames a second that are taken of a video file, as these models were trained."""
MOST_FRAMES = 64
"""A longer film gives every second frame of that, or every fourth, ... so that it never has more frames than this."""
_FILM_SIDE, _PICTURE_SIDE = 640, 4096
_SHORTEST = 1600
_UNEVEN, _LONGEST_STEP = 3.0, 3600.0
"""How much longer than another a step in time may be, and how many seconds; else frames are stills."""

Medium = tuple[Kind, Any] | tuple[None, str]
"""A text, or a medium with its kind as a `openaffect.mllm.local.family.Sense` takes it."""


def media_of(parts: Sequence[Part], family: Family) -> Iterator[Medium]:
    """Yield *parts* in order as texts and media.

    A sound that is longer than the encoder takes gives several media of like length, one that is shorter than 0.1 s is
    followed by silence.  Raises `RemoteError` for a part that *family* does not take, `MediaError` for one that
    cannot be decoded.
    """
    for timed, run in groupby(parts, key=lambda part: isinstance(part, Picture) and part.time is not None):
        if timed:
            yield from _pictures([part for part in run if isinstance(part, Picture)], family)
        else:
            for part in run:
                yield from _one(part, family)


def _one(part: Part, family: Family) -> Iterator[Medium]:
    if isinstance(part, Text):
        yield None, part.text
    elif isinstance(part, Picture):
        yield from _pictures([part], family)
    elif isinstance(part, Sound):
        yield from (("audio", samples) for samples in _sound(part, family))
    else:
        _must_take(family, "video", "a video")
        yield "video", read_film(part)


def _must_take(family: Family, kind: Kind, what: str) -> None:
    if kind not in family.senses:
        raise RemoteError(f"{family.title} takes {family.takes}, but {what} came; withhold it or use another model.")


def _pictures(pictures: Sequence[Picture], family: Family) -> Iterator[Medium]:
    _must_take(family, "image", "a picture")
    images = [_picture(picture) for picture in pictures]
    times = [picture.time for picture in pictures if picture.time is not None]
    if "video" in family.senses and _is_paced(times) and len({image.shape for image in images}) == 1:
        yield "video", Film(np.stack(images), (times[-1] - times[0]) / (len(times) - 1))
    else:
        yield from (("image", image) for image in images)


def _is_paced(times: Sequence[float]) -> bool:
    """Return whether *times* rise in steps that one number can stand for: a film has no other.

    >>> _is_paced([0.0, 0.5, 1.0]), _is_paced([0.0, 0.1, 9.0]), _is_paced([0.0, float("inf")])
    (True, False, False)
    """
    steps = [after - before for before, after in pairwise(times)]
    return bool(steps) and min(steps) > 0 and max(steps) <= min(_UNEVEN * min(steps), _LONGEST_STEP)


def _picture(picture: Picture) -> NDArray[np.uint8]:
    with _on_disk(picture.data, "picture") as path:
        image = read_still(path, max_side=_PICTURE_SIDE)
    if image is None:
        raise MediaError("a picture of the message cannot be read; send it as JPEG or PNG.")
    return image


def _sound(sound: Sound, family: Family) -> list[NDArray[np.float32]]:
    _must_take(family, "audio", "sound")
    with _on_disk(sound.data, "sound") as path:
        samples = read_audio(path)
    samples = np.pad(samples, (0, max(0, _SHORTEST - samples.size)))
    return np.array_split(samples, -(-samples.size // family.longest_sound))


def read_film(clip: Clip) -> Film:
    """Return the pictures of *clip* at `FILM_RATE` a second, at most `MOST_FRAMES`, at most 640 pixels a side.

    Raises `MediaError` when there are none that can be decoded.
    """
    frames: list[NDArray[np.uint8]] = []
    step = 1
    with _on_disk(clip.data, "video") as path:
        for number, frame in enumerate(sample_frames(path, rate=FILM_RATE, max_side=_FILM_SIDE)):
            if number % step:
                continue
            if len(frames) == MOST_FRAMES:
                frames, step = frames[::2], 2 * step
            frames.append(frame.image)
    if len({image.shape for image in frames}) > 1:
        raise MediaError("the pictures of a video change their size; convert it to MP4 with one size.")
    return Film(np.stack(frames), step / FILM_RATE)


@contextmanager
def _on_disk(data: Path | bytes, name: str) -> Iterator[Path]:
    """Give the path of a file with *data*: the readers of media want one, and FFmpeg is kept from all but files."""
    if isinstance(data, Path):
        yield data
        return
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / name
        path.write_bytes(data)
        yield path
