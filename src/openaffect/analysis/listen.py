"""The sound and the words of a recording: speech spans, voice curves, transcript.

Two streaming passes over the sound, neither keeps it: the first finds speech and measures the voice, the second cuts
the speech out for the recogniser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaffect.analysis import notices
from openaffect.analysis.findings import Heard, Span
from openaffect.analysis.options import Options
from openaffect.analysis.progress import Watch
from openaffect.encoders.prosody import ProsodyStream
from openaffect.encoders.recognisers import SpeechModel, find_recogniser
from openaffect.encoders.words import Recogniser
from openaffect.errors import MissingPart
from openaffect.media.audio import AudioBlock, stream_audio
from openaffect.media.segments import clip
from openaffect.media.subtitles import read_transcript
from openaffect.records import Media, ModalityState, ModelUse, Utterance
from openaffect.runtime.vad import VoiceActivity, speech_spans

RATE = 16000
_LONGEST_S = 120.0
"""Longest span handed on in one piece, so that endless speech does not fill the memory."""


@dataclass(frozen=True)
class Words:
    """The transcript, whether it could be had, and what made it."""

    state: ModalityState
    utterances: tuple[Utterance, ...] = ()
    notes: tuple[str, ...] = ()
    recogniser: ModelUse | None = None


@dataclass(frozen=True)
class Sound:
    """What listening gave."""

    heard: Heard | None
    acoustic: ModalityState
    lexical: ModalityState
    utterances: tuple[Utterance, ...]
    notes: tuple[str, ...]
    recogniser: ModelUse | None


def listen(path: Path, media: Media, *, transcript: Path | None, options: Options, watch: Watch) -> Sound:
    """Measure the voice and get the words of *path*; a given transcript is read instead of recognising speech."""
    written = path if media.kind == "text" else transcript
    given = read_transcript(written) if written is not None else None
    heard = None
    if media.sound is not None and (options.voice or given is None):
        heard = hear(path, duration=media.duration, watch=watch)
    words = _words(path, media, given, heard, options, watch)
    return Sound(heard, _acoustic(media, heard, options), words.state, words.utterances, words.notes, words.recogniser)


def hear(path: Path, *, duration: float, watch: Watch) -> Heard:
    """Run voice activity and prosody over the sound of *path* in one streaming pass."""
    activity, stream = VoiceActivity(threads=1), ProsodyStream()
    probabilities: list[NDArray[np.float32]] = []
    blocks = stream_audio(path, rate=RATE)
    for block in watch.through(blocks, "speech", lambda b: b.start / max(duration, 1e-9)):
        probabilities.append(activity.push(block.samples))
        stream.push(block.samples)
    probabilities.append(activity.flush())
    # The last samples may run some milliseconds past the measured length; spans must not.
    spans = clip(speech_spans(np.concatenate(probabilities)), 0.0, duration)
    return Heard(stream.finish(), tuple(spans))


def _acoustic(media: Media, heard: Heard | None, options: Options) -> ModalityState:
    text = notices.for_language(options.language)
    if media.sound is None:
        return ModalityState(present=False, used=False, reason=text.no_sound)
    if not options.voice or heard is None:
        return ModalityState(present=True, used=False, reason=text.voice_off)
    silent = notices.sound_note(heard, media.duration, text)
    return ModalityState(present=True, used=not silent, reason=silent)


def _words(
    path: Path,
    media: Media,
    given: tuple[Utterance, ...] | None,
    heard: Heard | None,
    options: Options,
    watch: Watch,
) -> Words:
    text = notices.for_language(options.language)
    if given is not None:
        reason = "" if given else text.empty_transcript
        return Words(ModalityState(present=True, used=bool(given), reason=reason), given)
    if heard is None or not heard.speech:
        return Words(ModalityState(present=False, used=False, reason=text.no_speech if heard else text.no_sound))
    try:
        model = find_recogniser(options.asr)
    except MissingPart as error:
        if options.asr != "auto":
            raise
        # The default says what is missing and goes on without words; a recogniser asked for by name must be there.
        return Words(ModalityState(present=True, used=False, reason=str(error)))
    if model is None:
        return Words(ModalityState(present=True, used=False, reason=text.words_off))
    return _recognise(path, media, heard, model, options, watch)


def _recognise(path: Path, media: Media, heard: Heard, model: SpeechModel, options: Options, watch: Watch) -> Words:
    recogniser = Recogniser(model, threads=options.cores, language=options.speech_language)
    pieces = cut(stream_audio(path, rate=RATE), split(heard.speech))
    told = watch.through(recogniser.stream(pieces), "words", lambda u: u.end / max(media.duration, 1e-9))
    found = tuple(sorted(told, key=lambda u: (u.start, u.end)))
    reason = "" if found else notices.for_language(options.language).no_words
    return Words(
        ModalityState(present=True, used=bool(found), reason=reason),
        found,
        tuple(recogniser.notes),
        ModelUse(name=model.name, sha256=model.sha256, licence=model.licence, note=model.note),
    )


def split(spans: Iterable[Span], longest: float = _LONGEST_S) -> Iterator[Span]:
    """Yield *spans* with those over *longest* seconds cut into equal parts.

    >>> list(split([(0.0, 1.0), (2.0, 62.0)], longest=30.0))
    [(0.0, 1.0), (2.0, 32.0), (32.0, 62.0)]
    """
    for start, end in spans:
        parts = max(1, int(np.ceil((end - start) / longest - 1e-9)))
        edges = np.linspace(start, end, parts + 1).tolist()
        yield from pairwise(edges)


def cut(blocks: Iterable[AudioBlock], spans: Iterable[Span]) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Yield ``(start, samples)`` of ordered *spans* from ordered contiguous *blocks*, keeping only what is needed."""
    stream, waiting, kept = iter(blocks), np.zeros(0, np.float32), 0
    for start, end in spans:
        first, last = round(start * RATE), round(end * RATE)
        while kept + len(waiting) < last and (block := next(stream, None)) is not None:
            waiting = np.concatenate([waiting, block.samples])
            passed = min(max(first - kept, 0), len(waiting))
            waiting, kept = waiting[passed:], kept + passed
        piece = waiting[max(first - kept, 0) : max(last - kept, 0)]
        if len(piece):
            yield start, piece
