"""The questions of a probe: a colour, some beeps, a spoken word, a written word; and how a reply to one is read.

Each question has an answer that only its picture, sound or text holds.  Sounds of one kind are equally long and
pictures equally large, so that the answer does not show from outside.
"""

from __future__ import annotations

import io
import random
import re
import shutil
import subprocess
import tempfile
import unicodedata
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from openaffect.mllm.chat import Message, Picture, Sound, Text, wav_bytes

Modality = Literal["audio", "video", "text"]
Say = Callable[[str], Sound | None]
"""Speaks a word; None where no voice is installed."""

_RATE, _BEEP_S, _PAUSE_S, _LONGEST_S, _SIDE = 16000, 0.25, 0.4, 4.0, 224
_HAN = "\u3400-\u9fff"
COLOURS = {
    "red": ((255, 0, 0), "红紅"),
    "green": ((0, 160, 0), "绿綠"),
    "blue": ((0, 0, 255), "蓝藍"),
    "yellow": ((255, 230, 0), "黄黃"),
    "black": ((0, 0, 0), "黑"),
    "white": ((255, 255, 255), "白"),
}
"""Name → RGB and its Chinese characters."""
COUNTS = {"2": ("two", "twice", "二两兩"), "3": ("three", "thrice", "三"), "4": ("four", "四"), "5": ("five", "五")}
"""Number → how it is written; 1 is left out, because *one* and 一 stand in sentences that count nothing."""
WORDS = {
    "banana": "香蕉",
    "window": "窗",
    "guitar": "吉他",
    "tiger": "老虎",
    "doctor": "医生",
    "river": "河",
}
"""Word → what a Chinese reply may say for it."""


@dataclass(frozen=True)
class Question:
    """One question of a probe."""

    modality: Modality
    kind: str
    """``colour``, ``beeps``, ``spoken word`` or ``written word``."""
    wanted: str
    """The right answer, one of the alternatives of its kind."""
    messages: tuple[Message, ...]

    @property
    def id(self) -> str:
        """Name of the question, unique in a probe."""
        return f"{self.kind}: {self.wanted}"


def questions(modality: Modality, draw: random.Random, say: Say) -> tuple[list[Question], str]:
    """Return the questions for *modality*, two of each kind with different answers, and what was skipped and why."""
    if modality == "video":
        return [_colour(name) for name in draw.sample(sorted(COLOURS), 2)], ""
    if modality == "text":
        return [_written(word) for word in draw.sample(sorted(WORDS), 2)], ""
    tones = [_beeps(count, draw.choice((440, 660, 880))) for count in draw.sample(sorted(COUNTS), 2)]
    words = draw.sample(sorted(WORDS), 2)
    sounds = [say(word) for word in words]
    spoken = [_spoken(word, sound) for word, sound in zip(words, sounds, strict=True) if sound is not None]
    if len(spoken) < len(words):
        return tones, "no spoken word was asked: espeak-ng is not installed or does not work"
    return tones + spoken, ""


def read_choice(kind: str, reply: str) -> str | None:
    """Return the alternative of *kind* that *reply* names; None where it names none, or several in its last sentence.

    What stands in a ``<think>`` part is passed over.  Digits, English and Chinese are read.

    >>> read_choice("beeps", "I hear three beeps."), read_choice("beeps", "一共有三声。"), read_choice("beeps", "13")
    ('3', '3', None)
    >>> read_choice("colour", "It is not red. It is blue."), read_choice("colour", "red, green or blue")
    ('blue', None)
    """
    text = unicodedata.normalize("NFKC", reply).casefold()
    text = re.sub(r"(?s)^.*</think>|<think>.*", "", text)
    sentences = [each for each in re.split(r"[\n。!?;]+|\.(?!\d)", text) if each.strip()]
    for part in (text, *sentences[-1:]):
        named = [name for name, pattern in _patterns(kind).items() if re.search(pattern, part)]
        if len(named) == 1:
            return named[0]
    return None


def espeak(word: str) -> Sound | None:
    """Return *word* spoken by the program espeak-ng; None where it is not installed or does not work."""
    program = shutil.which("espeak-ng")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "word.wav"
        try:
            command = [program, "-v", "en", "-s", "130", "-w", str(path), word]
            subprocess.run(command, check=True, capture_output=True, timeout=20)
            with wave.open(str(path)) as file:
                rate, data = file.getframerate(), file.readframes(file.getnframes())
        except (OSError, subprocess.SubprocessError, wave.Error, EOFError):
            return None
    samples = np.frombuffer(data, "<i2").astype(np.float32) / 32768
    return _sound(np.concatenate([np.zeros(rate // 3, np.float32), samples]), rate)


def _patterns(kind: str) -> Mapping[str, str]:
    if kind == "colour":
        return {name: rf"\b{name}\b|{_han(letters, '色')}" for name, (_, letters) in COLOURS.items()}
    if kind == "beeps":
        return {number: _number(number, written) for number, written in COUNTS.items()}
    return {word: rf"\b{word}s?\b|{chinese}" for word, chinese in WORDS.items()}


def _number(number: str, written: tuple[str, ...]) -> str:
    *english, chinese = written
    return rf"(?<![\d.]){number}(?!\.?\d)|\b(?:{'|'.join(english)})\b|{_han(chinese, '声聲次下个個响響')}"


def _han(letters: str, after: str) -> str:
    """Return a pattern for one of *letters* that is followed by one of *after* or stands alone, but is no ordinal."""
    return rf"(?<![第十])[{letters}](?=[{after}])|(?<![{_HAN}])[{letters}](?![{_HAN}])|(?<=是)[{letters}](?![{_HAN}])"


def _ask(modality: Modality, kind: str, wanted: str, part: Picture | Sound | None, text: str) -> Question:
    media = () if part is None else (part,)
    return Question(modality, kind, wanted, (Message("user", (*media, Text(text))),))


def _one_of(names: Mapping[str, object]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}"


def _colour(name: str) -> Question:
    file = io.BytesIO()
    Image.new("RGB", (_SIDE, _SIDE), COLOURS[name][0]).save(file, "JPEG", quality=95)
    asked = f"Which colour fills this picture: {_one_of(COLOURS)}? Answer with one word."
    return _ask("video", "colour", name, Picture(file.getvalue()), asked)


def _beeps(count: str, hertz: int) -> Question:
    samples = np.zeros(int(_LONGEST_S * _RATE), np.float32)
    length = int(_BEEP_S * _RATE)
    tone = (0.5 * np.sin(2 * np.pi * hertz * np.arange(length) / _RATE) * np.hanning(length) ** 0.25).astype(np.float32)
    for place in range(int(count)):
        start = int((_PAUSE_S + place * (_BEEP_S + _PAUSE_S)) * _RATE)
        samples[start : start + length] = tone
    asked = f"How many beeps are there in this sound: {_one_of(COUNTS)}? Answer with one number."
    return _ask("audio", "beeps", count, _sound(samples, _RATE), asked)


def _spoken(word: str, sound: Sound) -> Question:
    asked = f"Which word is spoken in this sound: {_one_of(WORDS)}? Answer with one word."
    return _ask("audio", "spoken word", word, sound, asked)


def _written(word: str) -> Question:
    return _ask("text", "written word", word, None, f'The word is "{word}". Which word is it? Answer with that word.')


def _sound(samples: np.ndarray[tuple[int, ...], np.dtype[np.float32]], rate: int) -> Sound:
    """Return *samples* as a sound of the length that all sounds of a probe have."""
    whole = np.zeros(int(_LONGEST_S * rate), np.float32)
    whole[: min(samples.size, whole.size)] = samples[: whole.size]
    return Sound(wav_bytes(whole, rate), _LONGEST_S)
