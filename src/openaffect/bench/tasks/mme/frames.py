"""The frames that the judge of MME-Emotion sees, by the rule of the released scripts, which use OpenCV.

One frame a second by frame numbers: every ``int(fps)``-th from the first on, ten at most.  So 29.97 frames a second
give a stride of 29, and a clip shorter than a second gives one frame.  Full size, upright, JPEG of quality 95.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import av
from PIL import Image

from openaffect.bench.kept import Decoded, kept
from openaffect.bench.tasks.mme.leaps import Unsure, leaping
from openaffect.errors import MediaError
from openaffect.media.clip import Clip, cause_of, open_clip
from openaffect.media.names import show
from openaffect.media.orientation import upright
from openaffect.mllm.chat import Picture

MOST = 10
_QUALITY = 95
_RULE = f"mme-emotion judge: {MOST} at most, quality {_QUALITY}"


def judge_frames(path: Path, cache: Path | None) -> tuple[Picture, ...]:
    """Return `official_frames` of the clip at *path*, kept in *cache*: a clip is decoded once, not once a question."""
    return kept(path, cache, _RULE, lambda: Decoded(tuple(official_frames(path)))).pictures


def official_frames(path: Path) -> list[Picture]:
    """Return the frames of the clip at *path* as JPEG, ten at most; `Picture.time` is frame number over frame rate.

    The scripts decode all and keep the same ones; what is not needed for them is passed over here.  Raises `MediaError`
    where the scripts fail: no frame rate, one below 1, no frame that can be decoded.
    """
    try:
        found = _taken(path, leaping)
    except Unsure:
        found = _taken(path, _one_after_the_other)
    if not found:
        raise MediaError(f"{show(path)} has no valid frames: no picture can be decoded; convert it to MP4 (H.264).")
    return found


def _taken(path: Path, way: Callable[[Clip, int, int], Iterable[tuple[int, Any]]]) -> list[Picture]:
    with open_clip(path) as clip:
        if clip.picture is None:
            raise MediaError(f"{show(path)} has no pictures, so there are no valid frames; give a video.")
        fps = _frame_rate(clip.picture)
        stride = frame_stride(fps, show(path))
        return [Picture(_jpeg(frame, path), time=round(n / fps, 3)) for n, frame in way(clip, stride, MOST)]


def _one_after_the_other(clip: Clip, stride: int, most: int) -> Iterator[tuple[int, Any]]:
    return islice(((n, frame) for n, frame in enumerate(_frames(clip)) if n % stride == 0), most)


def frame_stride(fps: float, name: str = "the clip") -> int:
    """Return every how many frames one is taken; raises `MediaError` for a rate that gives no stride.

    >>> frame_stride(29.97), frame_stride(23.976), frame_stride(25.0)
    (29, 23, 25)
    """
    if not math.isfinite(fps) or fps < 1:
        raise MediaError(f"{name} has a rate of {fps:g} frames a second, so no frame can be taken each second.")
    return int(fps)


def _frame_rate(stream: Any) -> float:
    return float(stream.average_rate or stream.guessed_rate or 0)


def _frames(clip: Clip) -> Iterator[Any]:
    stream: Any = clip.picture
    for packet in clip.packets(stream):
        yield from clip.decode(packet)
    yield from clip.drain(stream)


def _jpeg(frame: Any, path: Path) -> bytes:
    try:
        image = upright(frame.to_ndarray(format="rgb24"), frame)
    except (av.FFmpegError, ValueError, OverflowError, MemoryError) as error:
        raise MediaError(f"{show(path)} has a picture that cannot be shown ({cause_of(error)}); convert it.") from error
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
