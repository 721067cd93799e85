"""An opened recording: which streams count, where time zero is, packets and frames without surprises.

Files come from strangers.  FFmpeg is allowed only the formats in `FORMATS`, each of which keeps its data in the file
itself: playlists (HLS, DASH, concat) could name other files or hosts and are not read.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from av.audio.stream import AudioStream
from av.stream import Discard, Disposition, Stream
from av.video.stream import VideoStream

from openaffect.errors import MediaError
from openaffect.media.names import show
from openaffect.media.timeline import Timeline

FORMATS = (
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,av1,obu,ivf,m4v,mjpeg,asf,flv,mxf,dv,nut,wav,w64,mp3,flac,"
    "ogg,aac,aiff,au,caf,ac3,eac3,dts,amr,ape,wv,tta,gif,apng,yuv4mpegpipe,tak,mpc,mpc8,rm,oma,voc,sox,truehd,latm"
)
"""Demuxers that may be used; all read one file and nothing beside it."""

MOST_PIXELS = 16384 * 8192
"""Largest frame that is decoded (8K is a quarter of it); more would be an attack on memory."""


@dataclass
class Clip:
    """An open recording.  Use it as a context manager; it must not be shared between threads."""

    path: Path
    container: Any
    sound: AudioStream | None
    picture: VideoStream | None
    cover: bool = False
    """Whether the only picture is cover art, which is not a picture of the recording."""
    unreadable: tuple[str, ...] = ()
    """Kinds of streams ("sound", "picture") that this build of FFmpeg has no decoder for."""
    sounds: int = 0
    zero: float = 0.0
    """The container's own time of our time zero, in seconds."""
    damaged: int = 0
    """Packets that could not be decoded so far."""
    broken: str = ""
    """Why reading ended before the end of the file, if it did."""
    timelines: dict[int, Timeline] = field(default_factory=dict)
    aligned: set[int] = field(default_factory=set)
    """Streams whose first packet has been seen."""

    def __enter__(self) -> Self:
        """Return the clip itself."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Close the file."""
        self.container.close()

    def timeline(self, stream: Stream) -> Timeline:
        """Return the running clock of *stream*, which turns its time stamps into seconds from time zero."""
        return self.timelines.setdefault(stream.index, Timeline(self.zero))

    def packets(self, *streams: Stream) -> Iterator[Any]:
        """Yield the packets of *streams* in file order; a read error ends them and is kept in `broken`."""
        for other in self.container.streams:
            if other not in streams:
                other.discard = Discard.all
        source = self.container.demux(*streams)
        while True:
            try:
                packet = next(source, None)
            except (av.FFmpegError, ValueError, OverflowError) as error:
                self.broken = cause_of(error)
                return
            if packet is None:
                return
            if packet.size:
                self._align(packet)
                yield packet

    def _align(self, packet: Any) -> None:
        """AVI has no stamps: FFmpeg makes them up, too late by the delay of a decoder; both streams begin at 0."""
        stream = packet.stream
        if stream.index in self.aligned:
            return
        self.aligned.add(stream.index)
        if self.container.format.name == "avi" and packet.pts is not None and packet.dts is not None:
            self.timeline(stream).shift -= float((packet.pts - packet.dts) * stream.time_base)

    def decode(self, packet: Any) -> list[Any]:
        """Return the frames that *packet* completes; a packet that cannot be decoded counts in `damaged`."""
        try:
            return list(packet.decode())
        except (av.FFmpegError, ValueError, OverflowError, NotImplementedError):
            self.damaged += 1
            return []

    def drain(self, stream: Any) -> list[Any]:
        """Return the frames that the decoder of *stream* still holds at the end."""
        frames: list[Any] = []
        with contextlib.suppress(av.FFmpegError, ValueError, OverflowError):
            frames = list(stream.codec_context.decode(None))
        for frame in frames:
            frame.time_base = stream.time_base  # without a packet the decoder does not know it
        return frames


def cause_of(error: BaseException) -> str:
    """Return FFmpeg's words for *error*, short.

    >>> cause_of(ValueError("bad width"))
    'bad width'
    """
    return str(getattr(error, "strerror", None) or error).strip().rstrip(".").lower() or type(error).__name__


def open_clip(path: Path, *, threads: int = 1) -> Clip:
    """Open the recording at *path* with at most *threads* decoding threads per stream.

    Raises `MediaError` when the file is absent, empty, of no known format, or has neither sound nor pictures.
    """
    check_file(path)
    container = _open(path)
    try:
        clip = _choose(path, container)
    except BaseException:
        container.close()
        raise
    for stream in (clip.sound, clip.picture):
        if stream is not None:
            context = stream.codec_context
            context.options = {**context.options, "max_pixels": str(MOST_PIXELS)}
            context.thread_count = max(1, threads)
            context.thread_type = "AUTO" if threads > 1 else "NONE"
    return clip


def check_file(path: Path) -> int:
    """Return the size of *path* in bytes; raise `MediaError` unless it is a regular, readable file with content."""
    name = show(path)
    try:
        if path.is_dir():
            raise MediaError(f"{name} is a folder, not a recording; give a file, or the folder on the command line.")
        if not path.exists():
            raise MediaError(f"{name} does not exist; check the path.")
        if not path.is_file():
            raise MediaError(f"{name} is a device or a pipe, not a regular file; save it to a file first.")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
    except (OSError, ValueError) as error:
        raise MediaError(f"{name} cannot be opened: {cause_of(error)}; check the path and its permissions.") from error
    if size == 0:
        raise MediaError(f"{name} is empty (0 bytes); copy or download it again.")
    return size


def _open(path: Path) -> Any:
    name = show(path)
    limits = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    # "file:" keeps names such as "-", "pipe:0" or "http:x" from being understood as anything but a file.
    try:
        return av.open("file:" + os.fspath(path), "r", container_options=limits, metadata_errors="ignore")
    except Exception as error:  # FFmpeg's bindings raise many classes on hostile bytes; all mean the same to the user
        raise MediaError(_why_not_opened(path, name, error)) from error


def _why_not_opened(path: Path, name: str, error: Exception) -> str:
    with path.open("rb") as file:
        head = file.read(64)
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"heic", b"heix", b"mif1", b"hevc"):
            return f"{name} is a HEIC photo, which is not supported; save it as JPEG or PNG."
        return f"{name} is an MP4 or MOV file without its index: it was cut off or never finished; copy it again."
    return (
        f"{name} is no video, sound, picture or text that can be read ({cause_of(error)});"
        " if it plays elsewhere, convert it to MP4 or WAV."
    )


def _choose(path: Path, container: Any) -> Clip:
    streams = list(container.streams)
    cover = [s for s in streams if s.type == "video" and s.disposition & Disposition.attached_pic]
    pictures = [s for s in streams if s.type == "video" and s not in cover]
    sounds = [s for s in streams if s.type == "audio"]
    sound, picture = _best(sounds, _can_hear), _best(pictures, _can_see)
    unreadable = tuple(
        kind for kind, some, one in (("sound", sounds, sound), ("picture", pictures, picture)) if some and one is None
    )
    clip = Clip(path, container, sound, picture, bool(cover) and not pictures, unreadable, len(sounds))
    if sound is None and picture is None:
        raise MediaError(_why_nothing(show(path), clip))
    starts = [s.start_time * s.time_base for s in (sound, picture) if s is not None and s.start_time is not None]
    clip.zero = float(min(starts)) if starts else 0.0
    return clip


def _why_nothing(name: str, clip: Clip) -> str:
    if clip.unreadable:
        kinds = " and ".join(clip.unreadable)
        return f"{name} has {kinds} in a codec that cannot be decoded (or is protected); convert it to MP4."
    if clip.cover:
        return f"{name} holds a cover picture but no sound; nothing in it can be analysed."
    return f"{name} holds neither sound nor pictures; check that it is the right file."


def _best(streams: list[Any], usable: Callable[[Any], bool]) -> Any:
    """The first usable stream that the file marks as default, else the first usable one."""
    good = [s for s in streams if s.codec_context is not None and s.time_base and usable(s.codec_context)]
    return next((s for s in good if s.disposition & Disposition.default), good[0] if good else None)


def _can_hear(context: Any) -> bool:
    return bool(1000 <= context.sample_rate <= 1_536_000)


def _can_see(context: Any) -> bool:
    return bool(0 < context.width * context.height <= MOST_PIXELS)
