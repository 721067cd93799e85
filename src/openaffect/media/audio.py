"""Sound as mono float32 blocks on the recording's clock.

All channels are averaged (LFE included), so a voice in one of eight channels is heard 18 dB softer: level is
meaningful within a recording, not between recordings.  Resampling is soxr's HQ, which keeps time: an impulse stays
where it was.  What the file does not hold (a late start, lost packets) is silence of the right length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from openaffect.errors import MediaError
from openaffect.media.clip import Clip, open_clip
from openaffect.media.names import show
from openaffect.media.timeline import Timeline

JITTER = 0.02
"""Stamps that disagree by less (seconds) with the count of samples are rounding, not gaps."""
LOUDEST = 1e6
"""A sample beyond this (full scale is 1) is garbage, like NaN."""

_STAMPED = ("mov", "matroska", "ogg", "wav", "w64", "flac", "avi", "flv", "asf", "mpegts")
"""Formats whose stamps are right after a seek (mp3 and bare AAC only estimate them)."""
_SEEK_FROM = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class AudioBlock:
    """Mono samples, float32 of shape (n,), full scale 1.0; `start` in seconds on the recording's clock."""

    start: float
    samples: NDArray[np.float32]
    repaired: int = 0
    """Samples of the source (all channels) that were NaN, infinite or absurd and count as 0."""


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    samples: NDArray[np.float32]
    rate: int
    repaired: int = 0


def stream_audio(path: Path, *, rate: int = 16000, block_s: float = 1.0, threads: int = 1) -> Iterator[AudioBlock]:
    """Yield the sound of *path* as contiguous blocks of *block_s* seconds (the last one shorter) from time 0.

    Memory does not depend on the length of the recording.  Raises `MediaError` when there is no sound that can be
    decoded.
    """
    size = max(1, round(block_s * rate))
    with open_clip(path, threads=threads) as clip:
        yield from _blocks(_resampled(_contiguous(clip, 0.0), rate), size, rate)


def read_audio(path: Path, *, rate: int = 16000, start: float = 0.0, end: float | None = None) -> NDArray[np.float32]:
    """Return the samples of the span [start, end) as float32 (n,), shorter where the sound ends before *end*.

    For short spans: everything is held in memory.  Raises `MediaError` as `stream_audio` does.
    """
    first = max(0, int(start) - 1)  # a whole second: on the grid of samples of every rate
    skip, stop = round((start - first) * rate), None if end is None else round((end - first) * rate)
    held: list[NDArray[np.float32]] = []
    count = 0
    with open_clip(path) as clip:
        _seek(clip, first)
        for piece in _resampled(_contiguous(clip, float(first)), rate):
            held.append(piece.samples)
            count += piece.samples.size
            if stop is not None and count >= stop:
                break
    whole = np.concatenate(held) if held else np.zeros(0, np.float32)
    return whole[skip:stop]


def _seek(clip: Clip, first: float) -> None:
    stream = clip.sound
    known = any(name in _STAMPED for name in clip.container.format.name.split(","))
    if stream is None or stream.time_base is None or first < _SEEK_FROM or not known:
        return
    try:
        clip.container.seek(int((first - 1 + clip.zero) / stream.time_base), stream=stream)
    except OSError:  # not seekable: reading from the start is slower and as good
        return
    clip.timelines[stream.index] = Timeline(clip.zero, sought=True)


def _contiguous(clip: Clip, origin: float) -> Iterator[_Piece]:
    """Yield the samples from *origin* on at the rate of the file, gaps filled, overlaps dropped."""
    rate, written, heard = 0, 0, False
    for time, piece in _frames(clip):
        heard = True
        if piece.rate != rate:
            origin, rate, written = origin + (written / rate if rate else 0.0), piece.rate, 0
        offset = time - (origin + written / rate)
        if written and abs(offset) < JITTER:
            offset = 0.0
        lost = round(offset * rate)
        for size in _portions(lost, rate):
            yield _Piece(np.zeros(size, np.float32), rate)
        rest = piece.samples[max(0, -lost) :]
        written += max(0, lost) + rest.size
        if rest.size:
            yield _Piece(rest, rate, piece.repaired)
    if not heard and origin == 0.0:
        raise MediaError(f"{show(clip.path)} has sound that cannot be decoded; convert it to WAV and try again.")


def _portions(total: int, most: int) -> Iterator[int]:
    while total > 0:
        yield min(total, most)
        total -= most


def _frames(clip: Clip) -> Iterator[tuple[float, _Piece]]:
    stream = clip.sound
    if stream is None:
        raise MediaError(f"{show(clip.path)} has no sound; analyse its pictures, or give a recording with a voice.")
    held: tuple[float, _Piece] | None = None
    end = 0
    for packet in chain(clip.packets(stream), (None,)):
        if packet is not None and packet.pts is not None and packet.duration:
            end = max(end, packet.pts + packet.duration)
        for frame in clip.drain(stream) if packet is None else clip.decode(packet):
            piece = _piece(clip, frame)
            if piece is None:
                continue
            if held is not None:
                yield held
            held = clip.timeline(stream).place(frame.time, piece.samples.size / piece.rate), piece
    if held is not None:
        yield _cut(held, float(end * (stream.time_base or 0)) + clip.timeline(stream).shift)


def _cut(last: tuple[float, _Piece], end: float) -> tuple[float, _Piece]:
    """Cut the filling that a codec adds to the last packet, where the packet says how long it is."""
    time, piece = last
    size = round((end - time) * piece.rate)
    return (time, _Piece(piece.samples[:size], piece.rate, piece.repaired)) if size > 0 else last


def _piece(clip: Clip, frame: Any) -> _Piece | None:
    rate = frame.sample_rate
    try:
        raw = frame.to_ndarray()
    except (KeyError, ValueError):  # a sample format that the bindings do not know
        raw = None
    if raw is None or frame.samples == 0 or not 1000 <= rate <= 1_536_000:
        clip.damaged += 1
        return None
    samples, repaired = to_mono(raw if frame.format.is_planar else raw.reshape(frame.samples, -1).T)
    return _Piece(samples, rate, repaired)


def to_mono(channels: NDArray[Any]) -> tuple[NDArray[np.float32], int]:
    """Return the mean over channels of an array (channels, n) as float32 (n,), and how many samples were repaired.

    Integers are scaled to full scale 1.0 (unsigned bytes around 128).

    >>> to_mono(np.array([[16384, 0], [0, 0]], np.int16))[0].tolist()
    [0.25, 0.0]
    >>> to_mono(np.array([[np.nan, 1.0]], np.float32))
    (array([0., 1.], dtype=float32), 1)
    """
    if channels.dtype.kind in "iu":
        half = 2.0 ** (8 * channels.dtype.itemsize - 1)
        mean = channels.mean(axis=0, dtype=np.float64)
        return ((mean - (half if channels.dtype.kind == "u" else 0.0)) / half).astype(np.float32), 0
    bad = ~(np.abs(channels) <= LOUDEST)
    count = int(np.count_nonzero(bad))
    clean = np.where(bad, 0.0, channels) if count else channels
    mean = clean[0] if len(clean) == 1 else clean.mean(axis=0, dtype=np.float64)
    return mean.astype(np.float32), count


def _resampled(pieces: Iterator[_Piece], rate: int) -> Iterator[_Piece]:
    """Change the rate of each run of pieces that share one, with the filter's state kept between pieces."""
    stream, source = None, 0
    for piece in pieces:
        if piece.rate != source:
            if stream is not None:
                yield _Piece(stream.resample_chunk(np.zeros(0, np.float32), last=True), rate)
            source = piece.rate
            stream = soxr.ResampleStream(source, rate, 1, dtype="float32", quality="HQ") if source != rate else None
        samples = piece.samples if stream is None else stream.resample_chunk(piece.samples)
        yield _Piece(samples, rate, piece.repaired)
    if stream is not None:
        yield _Piece(stream.resample_chunk(np.zeros(0, np.float32), last=True), rate)


def _blocks(pieces: Iterator[_Piece], size: int, rate: int) -> Iterator[AudioBlock]:
    held: list[NDArray[np.float32]] = []
    count = repaired = done = 0
    for piece in pieces:
        held.append(piece.samples)
        count += piece.samples.size
        repaired += piece.repaired
        if count < size:
            continue
        whole = np.concatenate(held)
        while whole.size >= size:
            yield AudioBlock(done / rate, whole[:size].copy(), repaired)
            whole, done, repaired = whole[size:], done + size, 0
        held, count = [whole.copy()], whole.size
    if count:
        yield AudioBlock(done / rate, np.concatenate(held), repaired)
