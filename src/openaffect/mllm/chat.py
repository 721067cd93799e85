"""What goes to a multimodal language model and what comes back, whatever the server."""

from __future__ import annotations

import hashlib
import io
import json
import math
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from openaffect.errors import MediaError, UsageError


@dataclass(frozen=True)
class Text:
    """A text part."""

    text: str


@dataclass(frozen=True)
class Picture:
    """A still picture, already encoded; `time` is its place in the recording in seconds."""

    data: bytes
    mime: str = "image/jpeg"
    time: float | None = None


@dataclass(frozen=True)
class Sound:
    """Sound as WAV bytes, a part of its own: sound inside a video part is dropped silently by some servers."""

    data: bytes
    seconds: float


@dataclass(frozen=True)
class Clip:
    """A video file as it is, for servers that take one; its path, which is read when it is sent, or its bytes."""

    data: Path | bytes
    mime: str = "video/mp4"

    def read(self) -> bytes:
        """Return the bytes; raises `MediaError` when the file cannot be read."""
        if isinstance(self.data, bytes):
            return self.data
        try:
            return self.data.read_bytes()
        except OSError as error:
            cause = (error.strerror or str(error)).lower()
            raise MediaError(f"cannot read the video {str(self.data)!r}: {cause}; check the path.") from error


Part = Text | Picture | Sound | Clip


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Options:
    """How a model is asked; what is None is not sent, so that the server's own default holds.

    Raises `UsageError` for numbers that no server takes.
    """

    seed: int | None = 0
    max_tokens: int = 1024
    temperature: float = 0.0
    top_p: float | None = None
    repetition_penalty: float | None = None
    """Not part of the OpenAI interface; vLLM, SGLang and llama.cpp know it."""
    schema: Mapping[str, Any] | None = None
    """A JSON schema that the reply must follow."""

    def __post_init__(self) -> None:
        numbers = (self.max_tokens - 1, *(rate for rate in _rates(self) if rate is not None))
        if not all(0 <= number < math.inf for number in numbers):
            raise UsageError(f"max_tokens must be 1 or more and rates finite and not negative; {self} came.")


@dataclass(frozen=True)
class Reply:
    """What a model answered.  `refusal` holds its words when the server marks the reply as a refusal."""

    text: str
    finish_reason: str = "stop"
    refusal: str | None = None
    input_tokens: int | None = None
    """Tokens that were read and written, as the server counts them; None when it does not say."""
    output_tokens: int | None = None
    latency_s: float = field(default=0.0, compare=False)
    """Seconds from sending to the whole reply."""


class Backend(Protocol):
    """Anything that answers messages; `host` is empty for a model on this machine."""

    model: str
    host: str

    def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,
        max_tokens: int = 1024,
        schema: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Answer *messages*, as JSON after *schema* where one is given; raises `RemoteError`."""
        ...


class AsyncBackend(Protocol):
    """Anything that answers several messages at a time; `host` is empty for a model on this machine.

    `revision` is whatever beside the model's name decides its replies (weights, how sound is sent); it is part of a
    reply's `fingerprint`.  A backend with connections also has ``async def aclose()`` and may be used again after it;
    one that answers only so many calls at a time has ``most_at_once``.
    """

    model: str
    revision: str
    host: str

    async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
        """Answer *messages*; raises `RemoteError` (a `PassingFault` where another try may succeed)."""
        ...


def fingerprint(messages: Sequence[Message], options: Options, model: str, revision: str = "") -> str:
    """Return the sha256 (64 hexadecimal digits) of all that decides a reply; media count by their bytes.

    The same in every process and on every machine.  The order of keys in a schema counts: servers that constrain the
    reply write the fields in that order.  Raises `MediaError` when a clip cannot be read.

    >>> fingerprint([Message("user", (Text("hello"),))], Options(), "m")[:8]
    '2935c408'
    """
    asked = [[m.role, [_trace(part) for part in m.parts]] for m in messages]
    numbers = [options.seed, options.max_tokens, *map(_real, _rates(options))]
    text = json.dumps(["openaffect call 1", model, revision, numbers, options.schema, asked], separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _rates(options: Options) -> tuple[float | None, ...]:
    return options.temperature, options.top_p, options.repetition_penalty


def _real(number: float | None) -> float | None:
    """Return 0 and 0.0 as the same number: they are equal, but JSON writes them differently."""
    return None if number is None else float(number)


def _trace(part: Part) -> list[Any]:
    """Return what identifies *part*: its kind, the hash of its bytes and its other fields."""
    if isinstance(part, Text):
        return ["text", part.text]
    if isinstance(part, Clip):
        return ["clip", hashlib.sha256(part.read()).hexdigest(), part.mime]
    digest = hashlib.sha256(part.data).hexdigest()
    if isinstance(part, Sound):
        return ["sound", digest, float(part.seconds)]
    return ["picture", digest, part.mime, _real(part.time)]


def wav_bytes(samples: NDArray[np.float32], rate: int = 16000) -> bytes:
    """Return mono 16-bit WAV bytes of *samples* (−1..1, clipped).

    >>> len(wav_bytes(np.zeros(160, np.float32)))
    364
    """
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes())
    return buffer.getvalue()
