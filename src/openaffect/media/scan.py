"""One pass over all packets of a recording: how long each stream really is, and whether it can be decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from openaffect.media.clip import Clip

_FIRST_TRIES = 200
"""Packets of a stream that may fail before it counts as one that cannot be decoded."""


@dataclass
class Seen:
    """What the packets of one stream showed."""

    first: Any = None
    """The first frame that could be decoded."""
    packets: int = 0
    encrypted: bool = False
    tries: int = 0
    end: float = 0.0
    start: float | None = None
    frames: int = 0
    latest: float = 0.0
    """When the last frame begins."""


@dataclass
class Scan:
    """The pass itself: make one, call `run`, read `seen` (by index of the stream)."""

    clip: Clip
    seen: dict[int, Seen] = field(default_factory=dict)

    def run(self) -> None:
        """Read all packets; decode until each stream has shown one frame."""
        streams = [s for s in (self.clip.sound, self.clip.picture) if s is not None]
        self.seen = {s.index: Seen() for s in streams}
        for packet in self.clip.packets(*streams):
            seen = self.seen[packet.stream_index]
            self._measure(packet, seen)
            if seen.first is None and seen.tries < _FIRST_TRIES:
                seen.tries += 1
                seen.encrypted |= bool(packet.has_sidedata("encryption_info"))
                self._show(seen, packet.stream, self.clip.decode(packet))
        for stream in streams:
            seen = self.seen[stream.index]
            if seen.first is None and seen.packets:
                self._show(seen, stream, self.clip.drain(stream))

    def _show(self, seen: Seen, stream: Any, frames: list[Any]) -> None:
        """Keep the first frame; its stamp is the true start (the encoder's delay is cut off, as in playing)."""
        if frames:
            seen.first = frames[0]
            if seen.first.time is not None:
                seen.start = seen.first.time + self.clip.timeline(stream).shift

    def _measure(self, packet: Any, seen: Seen) -> None:
        seen.packets += 1
        if packet.is_discard or not packet.time_base:
            return
        seen.frames += 1
        tick = float(packet.time_base)
        stamp = packet.dts if packet.dts is not None else packet.pts
        length = (packet.duration or 0) * tick
        time = self.clip.timeline(packet.stream).place(None if stamp is None else stamp * tick, length)
        if packet.pts is not None and packet.dts is not None:
            time += (packet.pts - packet.dts) * tick
        if seen.first is None:
            seen.start = time if seen.start is None else min(seen.start, time)
        seen.latest = max(seen.latest, time)
        seen.end = max(seen.end, time + length)
