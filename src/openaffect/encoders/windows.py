"""Speech spans into windows for an encoder of at most 30 s, and the words of a window back to the spans.

Short spans share a window, with a little silence between them; a long span is cut where it is quietest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaffect.records import Utterance, Word

RATE = 16000
LONGEST = 20.0
"""Seconds of a window at most: longer ones cost more than they save, and 30 s is the encoder's end."""
GAP = 0.6
"""Seconds of silence between two spans in a window (less where they were nearer to each other)."""
_SEARCH = 8.0
_SENTENCE_ENDS = ".?!。？！…"
_PAUSE, _LONG = 0.35, 10.0


@dataclass(frozen=True)
class Piece:
    """One span in a window: where it begins in the recording, where in the window, and its length, in seconds."""

    start: float
    at: float
    seconds: float

    @property
    def end(self) -> float:
        """End in the recording, in seconds."""
        return self.start + self.seconds


@dataclass(frozen=True)
class Window:
    """The samples that the encoder gets, and the pieces they are made of."""

    samples: NDArray[np.float32]
    pieces: tuple[Piece, ...]

    @property
    def speech(self) -> float:
        """Seconds of speech, without the silence between the pieces."""
        return sum(piece.seconds for piece in self.pieces)

    def split(self) -> list[Window]:
        """Return one window per piece."""
        return [
            Window(
                self.samples[round(piece.at * RATE) : round((piece.at + piece.seconds) * RATE)],
                (Piece(piece.start, 0.0, piece.seconds),),
            )
            for piece in self.pieces
        ]


def plan(chunks: Iterable[tuple[float, NDArray[np.float32]]], *, longest: float = LONGEST) -> Iterator[Window]:
    """Yield windows of at most *longest* seconds from spans ``(start, samples at 16 kHz)`` in order of time.

    >>> second = np.ones(RATE, np.float32)
    >>> [len(window.pieces) for window in plan([(0.0, second), (2.0, second), (60.0, np.ones(19 * RATE, np.float32))])]
    [2, 1]
    """
    held: list[tuple[float, NDArray[np.float32]]] = []
    length = 0.0
    for start, samples in _short(chunks, longest):
        more = len(samples) / RATE + (GAP if held else 0.0)
        if held and length + more > longest:
            yield _window(held)
            held, length, more = [], 0.0, len(samples) / RATE
        held.append((start, samples))
        length += more
    if held:
        yield _window(held)


def _short(
    chunks: Iterable[tuple[float, NDArray[np.float32]]], longest: float
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    for start, samples in chunks:
        rest = np.ascontiguousarray(samples, dtype=np.float32)
        while len(rest) > longest * RATE:
            cut = quiet_place(rest, round((longest - _SEARCH) * RATE), round(longest * RATE))
            yield start, rest[:cut]
            start, rest = start + cut / RATE, rest[cut:]
        if len(rest):
            yield start, rest


def quiet_place(samples: NDArray[np.float32], first: int, last: int) -> int:
    """Return the index between *first* and *last* in the middle of the quietest 0.2 s.

    >>> x = np.ones(RATE * 4, np.float32); x[32000:36000] = 0
    >>> 32000 <= quiet_place(x, RATE, RATE * 4) <= 36000
    True
    """
    step = RATE // 50
    count = (last - first) // step
    power = np.square(samples[first : first + count * step], dtype=np.float64).reshape(count, step).mean(axis=1)
    width = min(10, count)
    smooth = np.convolve(power, np.ones(width) / width, mode="valid")
    return first + (int(np.argmin(smooth)) + width // 2) * step


def _window(held: Sequence[tuple[float, NDArray[np.float32]]]) -> Window:
    parts: list[NDArray[np.float32]] = []
    pieces: list[Piece] = []
    at = 0
    for start, samples in held:
        if pieces:
            gap = round(min(GAP, max(0.0, start - pieces[-1].end)) * RATE)
            parts.append(np.zeros(gap, np.float32))
            at += gap
        pieces.append(Piece(start, at / RATE, len(samples) / RATE))
        parts.append(samples)
        at += len(samples)
    return Window(np.concatenate(parts), tuple(pieces))


def utterances(window: Window, words: Sequence[Word], **about: str | None) -> list[Utterance]:
    """Return the words of a window as utterances on the recording's clock.

    *words* carry times on the window's clock and their text with its leading space, as the tokenizer gave it.
    A word belongs to the piece that it overlaps most, never to an earlier piece than the word before it.
    Inside a piece a new utterance begins after the end of a sentence followed by a pause, or when one is long.
    *about* are further fields of `Utterance`.
    """
    groups: list[list[Word]] = [[] for _ in window.pieces]
    here = 0
    for word in _glue(words):
        here = max(here, _piece_of(word, window.pieces))
        groups[here].append(_placed(word, window.pieces[here], groups[here]))
    found = []
    for group in groups:
        for sentence in _sentences(group):
            found.append(_utterance(sentence, about))
    return found


def _glue(words: Sequence[Word]) -> list[Word]:
    """Punctuation that stands alone joins the word before it and takes none of the time."""
    joined: list[Word] = []
    for word in words:
        if joined and not any(letter.isalnum() for letter in word.text):
            joined[-1] = joined[-1].model_copy(update={"text": joined[-1].text + word.text})
        elif word.text.strip():
            joined.append(word)
    return joined


def _piece_of(word: Word, pieces: Sequence[Piece]) -> int:
    """Index of the piece with the largest overlap, else of the nearest one."""

    def overlap(index: int) -> float:
        piece = pieces[index]
        return min(word.end, piece.at + piece.seconds) - max(word.start, piece.at)

    return max(range(len(pieces)), key=overlap)


def _placed(word: Word, piece: Piece, before: Sequence[Word]) -> Word:
    """The word on the recording's clock, inside its piece and not before the word before."""
    floor = before[-1].end if before else piece.start
    start = min(max(word.start - piece.at + piece.start, floor), piece.end)
    end = min(max(word.end - piece.at + piece.start, start), piece.end)
    return word.model_copy(update={"start": round(start, 3), "end": round(max(start, end), 3)})


def _sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    sentence: list[Word] = []
    for word in words:
        if sentence and sentence[-1].text.rstrip()[-1:] in _SENTENCE_ENDS:
            long = sentence[-1].end - sentence[0].start >= _LONG
            if long or word.start - sentence[-1].end >= _PAUSE:
                yield sentence
                sentence = []
        sentence.append(word)
    if sentence:
        yield sentence


def _utterance(words: Sequence[Word], about: dict[str, str | None]) -> Utterance:
    text = " ".join("".join(word.text for word in words).split())
    plain = tuple(word.model_copy(update={"text": word.text.strip()}) for word in words)
    return Utterance(start=words[0].start, end=words[-1].end, text=text, words=plain, **about)  # type: ignore[arg-type]
