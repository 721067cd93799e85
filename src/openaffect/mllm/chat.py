"""What goes to a multimodal language model and what comes back, whatever the server."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray


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


Part = Text | Picture | Sound


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Reply:
    """What a model answered.  `refusal` holds its words when the server marks the reply as a refusal."""

    text: str
    finish_reason: str = "stop"
    refusal: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


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
