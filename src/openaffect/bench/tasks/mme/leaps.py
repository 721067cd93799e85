"""Every so-many-th frame of a clip by number, without decoding what lies between them where that is surely the same.

A group of pictures begins with a key frame and needs nothing before it.  So a group in which no wanted frame lies is
passed over, and the rest of a group after its last wanted frame too.  That gives the frames that decoding everything
gives only if a packet is a frame, stamps are whole, and no frame is shown before the key frame that it follows; where
that is not sure, `Unsure` is raised and everything has to be decoded.  In a damaged file the decoder may hide the
damage in another way than where it decodes everything, and show other pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from av.video.frame import PictureType

from openaffect.media.clip import Clip

_CODECS = ("h264", "hevc")
_CONTAINERS = ("mp4", "matroska")
_LONGEST = 1200
"""Packets that are held before the next key frame."""


class Unsure(Exception):
    """Leaps might give other frames."""


def leaping(clip: Clip, stride: int, most: int) -> Iterator[tuple[int, Any]]:
    """Yield number and frame of every *stride*-th frame of *clip* from 0 on, *most* at most; raises `Unsure`."""
    stream: Any = clip.picture
    if stream.codec_context.name not in _CODECS or not set(_CONTAINERS) & set(clip.container.format.name.split(",")):
        raise Unsure("packets of other files may hold no frame, or several")
    start, found, last = 0, 0, None
    for group in _groups(clip):
        stamps = _stamps(group, last)
        wanted = range(-(-start // stride) * stride, start + len(group), stride)[: most - found]
        if wanted:
            stream.codec_context.flush_buffers()
            yield from _wanted(clip, group, stamps, start, wanted)
        start, found, last = start + len(group), found + len(wanted), stamps[-1]
        if found == most:
            return


def _groups(clip: Clip) -> Iterator[list[Any]]:
    """Yield the packets from each key frame to the next."""
    group: list[Any] = []
    stream: Any = clip.picture
    for packet in clip.packets(stream):
        if packet.is_keyframe and group:
            yield group
            group = []
        group.append(packet)
        if not group[0].is_keyframe or len(group) > _LONGEST or packet.is_discard or packet.is_corrupt:
            raise Unsure("no key frame at the beginning, too few of them, or packets that are not shown")
    if clip.broken:
        raise Unsure("the file breaks off")
    if group:
        yield group


def _stamps(group: Sequence[Any], last: int | None) -> list[int]:
    """Return the time stamps of *group* in the order of showing."""
    stamps = sorted(packet.pts for packet in group if packet.pts is not None)
    whole = len(set(stamps)) == len(group) and stamps[0] == group[0].pts
    if not whole or (last is not None and stamps[0] <= last):
        raise Unsure("stamps are missing, double, or before those of the key frame")
    return stamps


def _wanted(
    clip: Clip, group: Sequence[Any], stamps: Sequence[int], start: int, wanted: Sequence[int]
) -> Iterator[tuple[int, Any]]:
    for at, frame in enumerate(_decoded(clip, group)):
        if at >= len(stamps) or frame.pts != stamps[at]:
            raise Unsure("the decoder shows other frames than the packets say")
        if frame.is_corrupt:
            raise Unsure("a frame is damaged")
        if at == 0 and frame.pict_type != PictureType.I:
            raise Unsure("the group begins where the picture recovers bit by bit")
        if start + at in wanted:
            yield start + at, frame
        if start + at == wanted[-1]:
            return
    raise Unsure("a wanted frame was not decoded")


def _decoded(clip: Clip, group: Sequence[Any]) -> Iterator[Any]:
    for packet in group:
        yield from clip.decode(packet)
        if clip.damaged:
            raise Unsure("a packet cannot be decoded")
    yield from clip.drain(clip.picture)
