"""Speech to words with times, by Whisper through CTranslate2 on the CPU.

What makes it cheap: several speech spans share one window of the encoder, the encoder sees only as much time as
there is sound (plus some silence) instead of the customary 30 s, one pass of the encoder serves language, words
and word times, and decoding is greedy.  A transcript that looks wrong (a loop, too little certainty) is read once
more with the full 30 s; if it still looks wrong it is dropped with a note.  There is no sampling and no text is
carried from window to window, so the same sound gives the same words.

What it does not know: who speaks, overlapping speech, two languages inside one window.  Word times come from the
decoder's attention and are good to about 0.1-0.2 s.  int8 arithmetic differs between kinds of processors, so the
last digits of a probability may differ between machines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaffect.encoders.doubt import reason_to_drop, suspicious, weak_words
from openaffect.encoders.recognisers import SpeechModel, find_recogniser
from openaffect.encoders.spoken_language import SURE, LanguageVotes
from openaffect.encoders.windows import RATE, Piece, Window, plan, utterances
from openaffect.errors import UsageError
from openaffect.records import Utterance, Word

Samples = NDArray[np.float32]
FRAME = 0.01
"""Seconds per frame of the log-mel spectrogram."""
FULL = 3000
"""Frames of the 30 s that the encoder was trained on."""
_TAIL, _LEAST = 300, 1000
"""Silent frames behind the sound, and the fewest frames in all: with less, the decoder starts to loop."""
_ROOM, _MOST = 12, 448
"""Tokens per second that the decoder may write, and the most that fit."""
PROMPTS = {"zh": "以下是普通话的句子。"}
"""A Mandarin sentence in simplified characters makes the model answer in them, with punctuation."""


@dataclass(frozen=True)
class _Decoded:
    """What the decoder wrote for one window."""

    tokens: list[int]
    text: str
    log_probability: float
    no_speech: float
    full: bool


class Recogniser:
    """Words, word times and language of speech at 16 kHz.

    *name* as in `find_recogniser` (not ``none``), or a `SpeechModel`; *language* an ISO 639-1 code, or None to have
    it identified; *beam* 1 is greedy.  `notes` says in sentences what was dropped and why.
    The language is identified over all windows so far (`LanguageVotes`), so use one recogniser per recording, or
    call `forget` between two.  Raises `MissingPart`, `OutputError` or `UsageError` as `find_recogniser` does.
    """

    def __init__(
        self, name: str | SpeechModel = "auto", *, threads: int = 2, language: str | None = None, beam: int = 1
    ) -> None:
        found = find_recogniser(name) if isinstance(name, str) else name
        if found is None:
            raise UsageError("there is no recogniser called 'none'; leave the words out or name a model.")
        import faster_whisper  # late: it takes half a second and is an optional part

        self.model = found
        self.notes: list[str] = []
        self._beam = beam
        self._whisper = faster_whisper.WhisperModel(
            str(found.folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )
        known = self._whisper.supported_languages
        if language is not None and language not in known:
            raise UsageError(
                f"the recogniser '{found.name}' does not know the language '{language}'; known: {', '.join(known)}."
            )
        self._given = language
        self._votes = LanguageVotes()
        self._tokenizers: dict[str, Any] = {}

    def forget(self) -> None:
        """Forget the language and the notes of the recording before."""
        self._votes = LanguageVotes()
        self.notes.clear()

    def transcribe(self, samples: Samples, *, start: float = 0.0) -> list[Utterance]:
        """Return the utterances in *samples* (mono, float32, 16 kHz) that begin at *start* seconds.

        Long sound is cut at quiet places.  Give speech only: `transcribe_spans` with the spans of a voice
        activity detector is both faster and safer on recordings with silence, noise or music.
        """
        return self.transcribe_spans([(start, samples)])

    def transcribe_spans(self, chunks: Iterable[tuple[float, Samples]]) -> list[Utterance]:
        """Return the utterances in speech spans ``(start in seconds, samples)``, ordered and not overlapping.

        Utterances and words lie inside the spans; no utterance reaches over two spans.
        """
        return list(self.stream(chunks))

    def stream(self, chunks: Iterable[tuple[float, Samples]]) -> Iterator[Utterance]:
        """Yield the same utterances window by window, so that the first ones come early."""
        for window in plan(chunks):
            yield from self._read(window)

    def _read(self, window: Window) -> Iterator[Utterance]:
        samples = np.nan_to_num(window.samples, nan=0.0, posinf=0.0, neginf=0.0)
        if not np.any(samples):
            return
        seconds = len(samples) / RATE
        mel = self._whisper.feature_extractor(samples, padding=160)
        frames = min(FULL, max(_LEAST, round(seconds / FRAME) + _TAIL))
        encoded = self._encode(mel, frames)
        language, probability = self._language(encoded, seconds)
        decoded = self._decode(encoded, language, seconds)
        if _doubtful(decoded, window.speech):
            frames, encoded = FULL, self._encode(mel, FULL)
            decoded = self._decode(encoded, language, seconds, room=_MOST)
        if reason := _reason(decoded, window.speech):
            yield from self._one_by_one(window, reason)
            return
        words = self._words(encoded, language, decoded.tokens, min(frames, mel.shape[-1]))
        for utterance in utterances(window, words, **self._about(language, probability)):
            if reason := weak_words(utterance.text, [word.probability or 0.0 for word in utterance.words]):
                self._note(utterance, reason)
            else:
                yield utterance

    def _one_by_one(self, window: Window, reason: str) -> Iterator[Utterance]:
        """A bad piece must not take its neighbours with it: each is read alone before it is given up."""
        if len(window.pieces) == 1:
            self._note(window.pieces[0], reason)
            return
        for alone in window.split():
            yield from self._read(alone)

    def _encode(self, mel: Any, frames: int) -> Any:
        cut = mel[:, :frames]
        return self._whisper.encode(np.pad(cut, ((0, 0), (0, frames - cut.shape[-1]))))

    def _language(self, encoded: Any, seconds: float) -> tuple[str, float]:
        """Language to decode in and its probability."""
        if self._given or not self._whisper.model.is_multilingual:
            return self._given or "en", 1.0
        found = {token[2:-2]: p for token, p in self._whisper.model.detect_language(encoded)[0]}
        return self._votes.cast(found, seconds=seconds)

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        if language not in self._tokenizers:
            multilingual = self._whisper.model.is_multilingual
            self._tokenizers[language] = Tokenizer(
                self._whisper.hf_tokenizer, multilingual, task="transcribe", language=language
            )
        return self._tokenizers[language]

    def _decode(self, encoded: Any, language: str, seconds: float, room: int | None = None) -> _Decoded:
        from faster_whisper.transcribe import get_suppressed_tokens

        tokenizer = self._tokenizer(language)
        prompt = [tokenizer.sot_prev, *tokenizer.encode(" " + PROMPTS[language])] if language in PROMPTS else []
        prompt += [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        longest = min(_MOST, len(prompt) + (room or 24 + int(_ROOM * seconds)))
        result = self._whisper.model.generate(
            encoded,
            [prompt],
            beam_size=self._beam,
            max_length=longest,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
        )[0]
        tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
        full = len(prompt) + len(tokens) >= longest - 1
        return _Decoded(tokens, tokenizer.decode(tokens), float(result.scores[0]), float(result.no_speech_prob), full)

    def _words(self, encoded: Any, language: str, tokens: list[int], frames: int) -> list[Word]:
        """Words with times on the window's own clock, by the alignment of the decoder's attention."""
        tokenizer = self._tokenizer(language)
        aligned = self._whisper.model.align(encoded, tokenizer.sot_sequence, [tokens], frames)[0]
        texts, groups = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
        index, ticks = np.array(aligned.alignments).T
        jumps = ticks[np.diff(index, prepend=-1) > 0] * 2 * FRAME
        at = np.cumsum([0, *(len(group) for group in groups)])
        chances = np.asarray(aligned.text_token_probs)
        return [
            Word(
                start=float(jumps[a]),
                end=float(max(jumps[a], jumps[b])),
                text=text,
                probability=round(float(np.clip(chances[a:b].mean(), 0, 1)), 4),
            )
            for text, a, b in zip(texts[:-1], at[:-2], at[1:-1], strict=True)
        ]

    def _about(self, language: str, probability: float) -> dict[str, str | None]:
        source = "asr:" + self.model.name
        if not self._whisper.model.is_multilingual:
            return {"language": "en", "language_source": "assumed", "source": source}
        if self._given:
            return {"language": self._given, "language_source": "given", "source": source}
        if probability < SURE:
            return {"language": None, "language_source": "unknown", "source": source}
        return {"language": language, "language_source": "identified", "source": source}

    def _note(self, span: Piece | Utterance, reason: str) -> None:
        self.notes.append(f"Words between {span.start:.2f} and {span.end:.2f} s were left out: {reason}.")


def _doubtful(decoded: _Decoded, seconds: float) -> bool:
    return suspicious(decoded.text, seconds=seconds, log_probability=decoded.log_probability, full=decoded.full)


def _reason(decoded: _Decoded, seconds: float) -> str | None:
    return reason_to_drop(
        decoded.text,
        seconds=seconds,
        log_probability=decoded.log_probability,
        no_speech=decoded.no_speech,
        full=decoded.full,
    )


__all__ = ["Piece", "Recogniser", "SpeechModel", "find_recogniser"]
