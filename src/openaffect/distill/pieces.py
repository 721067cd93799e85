"""A recording in pieces: where somebody speaks, long enough to tell how and short enough to be one mood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaffect.media.audio import stream_audio
from openaffect.media.segments import cut, group
from openaffect.runtime.vad import RATE, VoiceActivity, speech_spans

PAUSE_S = 1.0
"""Utterances that are less apart are one piece, as long as it does not become too long."""
_BLOCK_S = 30.0
Span = tuple[float, float]


def speech_pieces(path: Path, *, shortest: float, longest: float, vad: bool = True) -> tuple[list[Span], float]:
    """Return the pieces with speech in *path* (start, end in seconds, from *shortest* to *longest*) and its length.

    Without *vad* the whole recording counts as speech.  Memory does not grow with the recording, but for one number
    each 32 ms.  Raises `openaffect.errors.MediaError` when there is no sound that can be decoded.
    """
    activity, samples = VoiceActivity(), 0
    probs = []
    for block in stream_audio(path, block_s=_BLOCK_S):
        samples += len(block.samples)
        if vad:
            probs.append(activity.push(block.samples))
    length = samples / RATE
    if not vad:
        return chosen([(0.0, length)], shortest=shortest, longest=longest), length
    probs.append(activity.flush())
    spans = [(start, min(end, length)) for start, end in speech_spans(np.concatenate(probs))]
    return chosen(spans, shortest=shortest, longest=longest), length


def chosen(spans: list[Span], *, shortest: float, longest: float) -> list[Span]:
    """Return *spans* joined over short pauses, cut where too long, left out where too short.

    A long stretch is cut in its pauses where it has some.

    >>> chosen([(0.0, 0.5), (0.8, 2.0), (9.0, 9.4)], shortest=1.0, longest=12.0)
    [(0.0, 2.0)]
    >>> chosen([(0.0, 25.0)], shortest=1.0, longest=12.0)
    [(0.0, 8.333), (8.333, 16.667), (16.667, 25.0)]
    """
    joined = group(spans, longest=longest, pause=PAUSE_S)
    pieces = [piece for span in joined for piece in cut(span, (), longest=longest)]
    rounded = [(round(start, 3), round(end, 3)) for start, end in pieces]
    return [(start, end) for start, end in rounded if end - start >= shortest]


def cut_out(path: Path, pieces: Sequence[Span]) -> Iterator[NDArray[np.float32]]:
    """Yield the sound of each of *pieces* of *path*, which stand in order and do not overlap; one block is held.

    A piece behind the end of the sound is shorter than asked, or empty.  Raises as `speech_pieces` does.
    """
    wanted = [(round(start * RATE), round(end * RATE)) for start, end in pieces]
    held, first = np.zeros(0, np.float32), 0
    for block in stream_audio(path, block_s=_BLOCK_S):
        held = np.concatenate([held, block.samples])
        while wanted and wanted[0][1] <= first + len(held):
            start, end = wanted.pop(0)
            yield held[start - first : end - first].copy()
        if not wanted:
            return
        gone = min(max(0, wanted[0][0] - first), len(held))
        held, first = held[gone:], first + gone
    for start, end in wanted:
        yield held[max(0, start - first) : max(0, end - first)].copy()
