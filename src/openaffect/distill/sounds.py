"""The sound of all pieces, decoded once: 16 bits a sample, each piece scaled to its own peak.

Each file is read once from its start on, however many pieces lie in it.  What is too large for memory lies in a file
that is mapped into it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaffect.distill.label_rows import RATE, SHORTEST, samples_of
from openaffect.distill.labels import Labels
from openaffect.errors import DataError, MediaError
from openaffect.media.audio import stream_audio
from openaffect.records import AudioPart, PseudoLabel
from openaffect.store import write_atomic

Floats = NDArray[np.float32]
_LOUDEST = 32_767
_BLOCK_S = 10.0
_Key = tuple[str, float, float]
"""File, start and end: a span of sound, whatever its gain."""


@dataclass(frozen=True)
class Sounds:
    """The sound of a list of rows; rows are numbered as they were given."""

    rows: tuple[PseudoLabel, ...]
    """The rows whose sound could be read."""
    unreadable: dict[str, str]
    """Cause by id of the others."""
    _samples: NDArray[np.int16]
    _spans: dict[_Key, _Span]

    def length(self, row: int) -> int:
        """Return the samples of *row*; of a mixture those of its longest part."""
        return max(self._spans[_key(part)].length for part in self.rows[row].parts)

    def crop(self, row: int, start: int, size: int) -> Floats:
        """Return *size* samples of *row* from *start* on; what is shorter is repeated from its beginning.

        Parts of a mixture are added from their first samples on.
        """
        total = self.length(row)
        if start + size <= total:
            return self._mixed(row, start, size)
        whole = self._mixed(row, 0, total)
        return np.take(whole, np.arange(start, start + size), mode="wrap")

    def whole(self, row: int) -> Floats:
        """Return all samples of *row*."""
        return self._mixed(row, 0, self.length(row))

    def _mixed(self, row: int, start: int, size: int) -> Floats:
        mixed = np.zeros(size, np.float32)
        for part in self.rows[row].parts:
            span = self._spans[_key(part)]
            piece = self._samples[span.first + start : span.first + min(start + size, span.length)]
            mixed[: len(piece)] += piece * np.float32(span.scale * part.gain)
        return mixed


@dataclass
class _Span:
    """A span of sound and where it lies in the array."""

    start: int
    """First sample, counted in its file."""
    first: int
    """First sample, counted in the array."""
    planned: int
    length: int = 0
    """Samples that the file has of it."""
    scale: float = 0.0
    """What a 16-bit step stands for."""
    held: list[Floats] = field(default_factory=list)


def load_sounds(labels: Labels, rows: Sequence[PseudoLabel], *, memory_mb: int = 2048, cache: Path) -> Sounds:
    """Return the sound of *rows*.

    More than *memory_mb* megabytes (10^6 bytes) lie in the file *cache*, which is used again when the same rows are
    asked for.  A row whose file cannot be decoded, or ends before the piece begins, is in `Sounds.unreadable`.
    Raises `DataError` when not one row is left.
    """
    spans, total = _laid_out(labels, rows)
    mapped = 2 * total > memory_mb * 1_000_000
    causes: dict[str, str] = {}
    samples = _mapped(cache, total) if mapped else np.empty(total, np.int16)
    if not (mapped and _remembered(cache, labels, spans, causes)):
        for name in dict.fromkeys(key[0] for key in spans):
            inside = [span for key, span in spans.items() if key[0] == name]
            if cause := _decode(labels.folder / name, inside, samples):
                causes[name] = cause
        if mapped:
            _remember(cache, labels, spans, causes)
    return _sorted_out(rows, spans, causes, samples)


def _laid_out(labels: Labels, rows: Iterable[PseudoLabel]) -> tuple[dict[_Key, _Span], int]:
    spans: dict[_Key, _Span] = {}
    total = 0
    for row in rows:
        for part in row.parts:
            if _key(part) not in spans:
                spans[_key(part)] = _Span(round(part.start * RATE), total, samples_of(part))
                total += samples_of(part)
    return spans, total


def _key(part: AudioPart) -> _Key:
    return part.file, part.start, part.end


def _decode(path: Path, spans: list[_Span], samples: NDArray[np.int16]) -> str:
    """Fill *samples* with the *spans* of the file at *path*; return why that failed, empty where it did not."""
    at, last = 0, max(span.start + span.planned for span in spans)
    try:
        for block in stream_audio(path, block_s=_BLOCK_S):
            end = at + len(block.samples)
            for span in spans:
                if span.start < end and span.start + span.planned > at:
                    inside = slice(max(0, span.start - at), span.start + span.planned - at)
                    span.held.append(block.samples[inside])
                    if span.start + span.planned <= end:
                        _keep(span, samples)
            at = end
            if at >= last:
                break
    except MediaError as error:
        return str(error)
    for span in spans:
        if span.held:  # the file ends inside
            _keep(span, samples)
    return ""


def _keep(span: _Span, samples: NDArray[np.int16]) -> None:
    sound = np.concatenate(span.held)
    span.held.clear()
    peak = float(np.abs(sound).max(initial=0.0))
    span.length, span.scale = len(sound), peak / _LOUDEST
    steps = np.rint(sound * (_LOUDEST / peak)) if peak > 0 else sound
    samples[span.first : span.first + span.length] = steps.astype(np.int16)


def _mapped(cache: Path, total: int) -> NDArray[np.int16]:
    cache.parent.mkdir(parents=True, exist_ok=True)
    mode = "r+" if cache.exists() and cache.stat().st_size == 2 * total else "w+"
    return np.memmap(cache, np.int16, mode, shape=(total,))  # type: ignore[call-overload, no-any-return]


def _note_of(cache: Path) -> Path:
    return cache.with_suffix(".json")


def _remember(cache: Path, labels: Labels, spans: dict[_Key, _Span], causes: dict[str, str]) -> None:
    sizes = [[span.first, span.length, span.scale] for span in spans.values()]
    write_atomic(_note_of(cache), json.dumps({"labels": labels.digest, "spans": sizes, "causes": causes}))


def _remembered(cache: Path, labels: Labels, spans: dict[_Key, _Span], causes: dict[str, str]) -> bool:
    """Take lengths, scales and causes from the note beside *cache*, if it is of the same spans."""
    note: dict[str, object] = {}
    with suppress(OSError, ValueError):
        note = json.loads(_note_of(cache).read_bytes())
    sizes, there = note.get("spans"), note.get("causes")
    if note.get("labels") != labels.digest or not isinstance(sizes, list) or not isinstance(there, dict):
        return False
    if [size[0] for size in sizes] != [span.first for span in spans.values()]:
        return False
    for span, (_, length, scale) in zip(spans.values(), sizes, strict=True):
        span.length, span.scale = min(int(length), span.planned), float(scale)
    causes.update(there)
    return True


def _sorted_out(
    rows: Sequence[PseudoLabel], spans: dict[_Key, _Span], causes: dict[str, str], samples: NDArray[np.int16]
) -> Sounds:
    good, unreadable = [], {}
    for row in rows:
        short = [part for part in row.parts if spans[_key(part)].length < SHORTEST]
        if short:
            ended = f"{short[0].file!r} ends before the piece at {short[0].start} s"
            unreadable[row.id] = causes.get(short[0].file, ended)
        else:
            good.append(row)
    if rows and not good:
        cause = next(iter(unreadable.values()))
        raise DataError(f"the sound of not one of {len(rows)} labels can be read; the first: {cause}")
    return Sounds(tuple(good), unreadable, samples, spans)
