"""Transcripts: SubRip (.srt), WebVTT (.vtt) and plain text (.txt).

What a file is, is seen from its content, not its name.  A cue that cannot be read is counted and noted, the others are
kept.  Plain text has no times and none are invented: sentence *i* stands at [i, i + 1) on an ordinal clock, and the
transcript says ``timed=False``.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from openaffect.errors import TranscriptError
from openaffect.media.encodings import Decoded, decode_text
from openaffect.media.names import show
from openaffect.media.sentences import guess_language, split_sentences
from openaffect.records import Utterance

__all__ = ["Transcript", "guess_language", "looks_like_text", "read_transcript", "read_transcript_with_notes"]

LARGEST = 32 << 20
"""A transcript of more bytes than this is refused."""
ORDINAL = "the text has no times: times are ordinal numbers, one per sentence, not seconds"

_CLOCK = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,6}))?"
_TIMING = re.compile(rf"^\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?$")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]+)>")
_NAMED = re.compile(r"^(?:-\s*)?([^\W\d_][\w .'’-]{0,29}?|\[[^\[\]]{1,30}\])\s*[::]\s*(?=\S)")
_NOT_A_CUE = ("NOTE", "STYLE", "REGION", "WEBVTT")


@dataclass(frozen=True)
class Transcript:
    """What could be read, what was odd, and what could not."""

    utterances: tuple[Utterance, ...]
    notes: tuple[str, ...] = ()
    unread: int = 0
    """Cues that could not be read."""
    timed: bool = True
    """False for plain text, whose "times" are ordinal numbers."""
    encoding: str = "utf-8"


def read_transcript(path: Path) -> tuple[Utterance, ...]:
    """Return the utterances of the transcript at *path*, ordered by start; see `read_transcript_with_notes`."""
    return read_transcript_with_notes(path).utterances


def read_transcript_with_notes(path: Path) -> Transcript:
    """Return the transcript at *path* with notes on what was odd.

    Tags are removed (``<v Name>`` gives the speaker); ``NAME: words`` gives a speaker when the name is in capitals or
    in brackets, or occurs at least twice.  Raises `TranscriptError` when nothing can be read.
    """
    decoded = _decode(path)
    lines = decoded.text.lstrip("\ufeff").splitlines()
    notes = [f"read as {decoded.encoding}, which is a guess: the file is not UTF-8"] if decoded.guessed else []
    timed = "".join(lines[:1]).startswith("WEBVTT") or any(_TIMING.match(line) for line in lines)
    if timed:
        cues, unread = _cues(lines)
        source = "subtitles"
    elif path.suffix.lower() in (".srt", ".vtt"):
        raise TranscriptError(
            f"{show(path)} has no line such as 00:00:01,000 --> 00:00:02,500; if it is plain text, name it .txt."
        )
    else:
        cues = [_Cue(float(i), float(i + 1), s) for i, s in enumerate(split_sentences(decoded.text))]
        unread, source = [], "text"
        notes.append(ORDINAL)
    if unread:
        notes.append(f"{len(unread)} of {len(unread) + len(cues)} cues could not be read, first line {unread[0]}")
    if not cues:
        raise TranscriptError(f"{show(path)} holds no words that can be read; check that it is the right file.")
    if any(b.start < a.start for a, b in pairwise(cues)):
        notes.append("cues were not in the order of time and have been sorted")
        cues.sort(key=lambda c: (c.start, c.end))
    return Transcript(_utterances(cues, source), tuple(notes), len(unread), timed, decoded.encoding)


def looks_like_text(head: bytes) -> bool:
    """Whether *head* (the first bytes of a file) reads as text; a character cut off at its end is forgiven."""
    return any(decode_text(head[: len(head) - cut]) is not None for cut in range(4) if len(head) > cut)


def _decode(path: Path) -> Decoded:
    name = show(path)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise TranscriptError(f"{name} cannot be opened: {cause}; check the path and its permissions.") from error
    if not raw.strip():
        raise TranscriptError(f"{name} is empty; give a transcript with words in it.")
    if len(raw) > LARGEST:
        raise TranscriptError(f"{name} is larger than {LARGEST >> 20} MB, too large for a transcript; split it.")
    decoded = decode_text(raw)
    if decoded is None:
        raise TranscriptError(f"{name} is not text; give a .txt, .srt or .vtt file, saved as UTF-8.")
    return decoded


@dataclass
class _Cue:
    start: float
    end: float
    text: str
    speaker: str | None = None


def _cues(lines: list[str]) -> tuple[list[_Cue], list[int]]:
    """Return the cues and the numbers (from 1) of the lines where an unreadable one begins."""
    cues: list[_Cue] = []
    unread: list[int] = []
    for number, block in _paragraphs(lines):
        if block[0].startswith(_NOT_A_CUE) and not any("-->" in line for line in block):
            continue
        at = next((i for i, line in enumerate(block) if "-->" in line), None)
        span = None if at is None else _span(block[at])
        if at is None or span is None:
            unread.append(number)
            continue
        raw = "\n".join(block[at + 1 :])
        voice = _VOICE.search(raw)
        text = " ".join(html.unescape(_TAG.sub("", raw)).split())
        if text:
            cues.append(_Cue(*span, text, " ".join(html.unescape(voice.group(1)).split()) if voice else None))
    return cues, unread


def _paragraphs(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Split at blank lines, and before a timing line that follows another cue without one."""
    found: list[tuple[int, list[str]]] = []
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if not line.strip():
            if block:
                found.append((number - len(block), block))
            block = []
            continue
        if _TIMING.match(line) and any("-->" in earlier for earlier in block):
            index = [block.pop()] if block[-1].strip().isdigit() else []
            found.append((number - len(block) - len(index), block))
            block = index
        block.append(line)
    return found


def _span(line: str) -> tuple[float, float] | None:
    match = _TIMING.match(line)
    if match is None:
        return None
    start, end = _seconds(*match.groups()[:4]), _seconds(*match.groups()[4:8])
    return (start, end) if start <= end else None


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    # One division, so that 1.25 s is the float 1.25 and not a sum that is nearly that.
    digits = fraction or "0"
    scale = int("1" + "0" * len(digits))
    return (whole * scale + int(digits)) / scale


def _utterances(cues: list[_Cue], source: str) -> tuple[Utterance, ...]:
    _name_speakers(cues)
    guesses = [guess_language(cue.text) for cue in cues]
    # Script speaks for itself; a short line in Latin letters is what the other such lines are.
    latin = " ".join(cue.text for cue, guess in zip(cues, guesses, strict=True) if guess in (None, "en"))
    overall = guess_language(latin[:100_000])
    found = []
    for cue, own in zip(cues, guesses, strict=True):
        language = own or overall
        found.append(
            Utterance(
                start=cue.start,
                end=cue.end,
                text=cue.text,
                speaker=cue.speaker,
                source=source,
                language=language,
                language_source="identified" if own else "assumed" if language else "unknown",
            )
        )
    return tuple(found)


def _name_speakers(cues: list[_Cue]) -> None:
    """Move ``NAME:`` from the front of the text to the speaker, where it is sure enough to be a name."""
    matches = [None if cue.speaker else _NAMED.match(cue.text) for cue in cues]
    often = Counter(match.group(1) for match in matches if match)
    for cue, match in zip(cues, matches, strict=True):
        if match is None:
            continue
        name, rest = match.group(1), cue.text[match.end() :]
        capitals = name.isupper() and len(name) > 1
        if rest and (capitals or name.startswith("[") or often[name] >= 2):
            cue.speaker, cue.text = name.strip("[] "), rest
