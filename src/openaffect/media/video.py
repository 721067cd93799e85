"""Frames as RGB arrays on the recording's clock.

The frame of a time is what a viewer sees then: the last frame whose time stamp is not later (stamps count, never
frame numbers, so variable frame rates are exact).  Frames are decoded in sequence and only wanted ones are converted;
where the next wanted time lies past the next key frame, what lies between is skipped undecoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from openaffect.errors import MediaError, UsageError
from openaffect.media.clip import Clip, cause_of, check_file, open_clip
from openaffect.media.images import read_still
from openaffect.media.names import show
from openaffect.media.orientation import display_size, upright
from openaffect.media.timeline import Timeline

ROUNDING = 0.0005
"""A stamp later than the wanted time by less (seconds; at most half a tick) is that time, rounded by the container."""
_MOST_HELD = (64 << 20, 1200)
"""Bytes and packets that are looked at before the next key frame; longer stretches are decoded without a look ahead."""
_BACK = (0.0, 2.0, 20.0)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture: `image` is RGB uint8 (height, width, 3), upright, with square pixels; do not write into it."""

    time: float
    """The wanted time in seconds on the recording's clock."""
    image: NDArray[np.uint8]
    source_time: float = 0.0
    """When the file began to show this picture; two frames of one `source_time` share one image array."""


@dataclass
class _Shown:
    """A decoded frame and, once asked for, its converted image."""

    time: float
    duration: float
    raw: Any
    image: NDArray[np.uint8] | None = None


@dataclass
class _Reader:
    """Decodes the pictures of a clip in the order of showing."""

    clip: Clip
    max_side: int
    threads: int = 1
    wanted: float = 0.0
    """Nothing that ends before this time is needed; set it before asking for the next frame."""
    keys_only: bool = False
    reformatter: VideoReformatter = field(default_factory=VideoReformatter)

    def __post_init__(self) -> None:
        if self.clip.picture is None:
            why = "only cover art, no moving picture" if self.clip.cover else "no pictures"
            raise MediaError(f"{show(self.clip.path)} has {why}; analyse its sound, or give a video.")
        self.stream: Any = self.clip.picture
        tick = float(self.stream.time_base or 0)
        self.rounding = min(tick / 2, ROUNDING)
        fps = self.stream.average_rate
        self.usual = float(1 / fps) if fps else 0.04

    def shown(self) -> Iterator[_Shown]:
        """Yield the decoded frames in order; each lasts until the next."""
        clock = self.clip.timeline(self.stream)
        for raw in self._decoded():
            stamp = raw.pts if raw.pts is not None else raw.dts
            duration = float(raw.duration * raw.time_base) if raw.duration and raw.time_base else self.usual
            time = clock.place(None if stamp is None else float(stamp * self.stream.time_base), duration)
            yield _Shown(time, duration, raw)

    def _decoded(self) -> Iterator[Any]:
        for packet, jumped in self._feed():
            if jumped:
                self.stream.codec_context.flush_buffers()
            yield from self.clip.decode(packet)
        yield from self.clip.drain(self.stream)

    def _feed(self) -> Iterator[tuple[Any, bool]]:
        """Yield packets, leaving out groups that end before the wanted time; the flag marks the first after a leap."""
        group: list[Any] = []
        held, jumped = 0, False
        for packet in self.clip.packets(self.stream):
            if self.keys_only and not packet.is_keyframe and packet.pts is not None:
                continue
            if packet.is_keyframe or held > _MOST_HELD[0] or len(group) > _MOST_HELD[1]:
                if group and self._reached(packet):
                    jumped = True
                else:
                    yield from ((p, jumped and i == 0) for i, p in enumerate(group))
                    jumped = jumped and not group
                group, held = [], 0
            group.append(packet)
            held += packet.size
        yield from ((p, jumped and i == 0) for i, p in enumerate(group))

    def _reached(self, packet: Any) -> bool:
        """Whether *packet* is a key frame shown no later than the wanted time."""
        if not packet.is_keyframe or packet.pts is None or self.keys_only:
            return False
        time = float(packet.pts * self.stream.time_base) + self.clip.timeline(self.stream).shift
        return time <= self.wanted + self.rounding

    def image(self, shown: _Shown) -> NDArray[np.uint8]:
        """Return the frame as an upright RGB array whose longer side is at most `max_side`."""
        if shown.image is None:
            shown.image = self._convert(shown.raw)
            shown.raw = None
        return shown.image

    def _convert(self, raw: Any) -> NDArray[np.uint8]:
        width, height = display_size(raw.width, raw.height, self.stream.sample_aspect_ratio, self.max_side)
        try:
            rgb = self.reformatter.reformat(
                raw, width=width, height=height, format="rgb24", interpolation="AREA", threads=self.threads
            )
            array = rgb.to_ndarray()
        except (av.FFmpegError, ValueError, OverflowError, MemoryError) as error:
            name, form = show(self.clip.path), raw.format.name
            raise MediaError(
                f"{name} has pictures of the form {form} that cannot be shown ({cause_of(error)}); convert it to MP4."
            ) from error
        return upright(np.asarray(array, np.uint8), raw)


def sample_frames(
    path: Path, *, rate: float = 10.0, fast: bool = False, max_side: int = 960, threads: int = 1
) -> Iterator[Frame]:
    """Yield the picture at 0, 1/rate, 2/rate ... seconds, from the first frame to the end of the last.

    With *fast* only key frames are decoded: each is given once, at its own time, at most *rate* per second.
    A picture that stays is given again at each wanted time, as the same array.  Memory does not depend on the length
    of the recording.  Raises `MediaError` when there are no pictures that can be decoded.
    """
    if rate <= 0 or max_side < 16:
        raise UsageError(f"cannot sample {rate} frames per second of at most {max_side} pixels; give more of both.")
    with open_clip(path, threads=threads) as clip:
        reader = _Reader(clip, max_side, threads, keys_only=fast)
        found = False
        for frame in _key_frames(reader, rate) if fast else _exact_frames(reader, rate):
            found = True
            yield frame
        if not found:
            raise MediaError(f"{show(path)} has pictures that cannot be decoded; convert it to MP4 (H.264).")


def _exact_frames(reader: _Reader, rate: float) -> Iterator[Frame]:
    held: _Shown | None = None
    k = given = 0
    for shown in reader.shown():
        while held is not None and k / rate + reader.rounding < shown.time:
            yield Frame(k / rate, reader.image(held), held.time)
            k, given = k + 1, given + 1
            reader.wanted = k / rate
        if held is None:
            while k / rate + reader.rounding < shown.time:
                k += 1
            reader.wanted = k / rate
        held = shown
    if held is None:
        return
    end = held.time + held.duration
    while k / rate + reader.rounding < end or not given:
        # A clip that falls between two wanted times still has a picture, at the time when it is shown.
        yield Frame(k / rate if k / rate < end else held.time, reader.image(held), held.time)
        k, given = k + 1, given + 1


def _key_frames(reader: _Reader, rate: float) -> Iterator[Frame]:
    last: float | None = None
    for shown in reader.shown():
        if not shown.raw.key_frame:  # a stream without stamps is decoded whole, or its clock would stand still
            continue
        time = max(shown.time, 0.0)
        if last is None or time - last >= 1 / rate - reader.rounding:
            yield Frame(time, reader.image(shown), shown.time)
            last = time


def frame_at(path: Path, time: float, *, max_side: int = 960, threads: int = 1) -> Frame | None:
    """Return the picture that is shown at *time* seconds, after the end the last one; None before the first.

    Seeks, so that one frame of a long recording is found fast.  Raises `MediaError` when there are no pictures.
    """
    for back in _BACK:
        with open_clip(path, threads=threads) as clip:
            reader = _Reader(clip, max_side, threads, wanted=time)
            if not _seek(reader, time - back):
                break
            found = _last_until(reader, time)
            if found is not None:
                return Frame(time, reader.image(found), found.time)
    with open_clip(path, threads=threads) as clip:
        reader = _Reader(clip, max_side, threads, wanted=time)
        found = _last_until(reader, time)
        return None if found is None else Frame(time, reader.image(found), found.time)


def read_image(path: Path, *, max_side: int = 1920) -> Frame:
    """Return the still picture at *path* as a `Frame` at time 0; of an animation or a video the first picture.

    Raises `MediaError` when there is none.
    """
    check_file(path)
    image = read_still(path, max_side=max_side)
    if image is not None:
        return Frame(0.0, image)
    for frame in sample_frames(path, rate=1.0, max_side=max_side):
        return Frame(0.0, frame.image)
    raise MediaError(f"{show(path)} has no picture that can be decoded; save it as JPEG or PNG.")


def _last_until(reader: _Reader, time: float) -> _Shown | None:
    held: _Shown | None = None
    for shown in reader.shown():
        if shown.time > time + reader.rounding:
            break
        held = shown
    return held


def _seek(reader: _Reader, time: float) -> bool:
    """Go to a key frame before *time*; False where reading from the start is as good or seeking is not possible."""
    if time < 10.0:
        return False
    stream = reader.stream
    try:
        reader.clip.container.seek(int((time + reader.clip.zero) / stream.time_base), stream=stream)
    except OSError:
        return False
    reader.clip.timelines[stream.index] = Timeline(reader.clip.zero, sought=True)
    return True
