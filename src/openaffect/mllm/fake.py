"""A backend that answers from a script, so that every pipeline runs offline in a test, a tutorial or a dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openaffect.errors import RemoteError
from openaffect.mllm.chat import Message, Reply


class Scripted:
    """Gives *replies* one after the other (a str, a `Reply`, or an error to raise) and keeps what it was sent.

    >>> backend = Scripted(["yes"])
    >>> backend.reply([]).text
    'yes'
    """

    def __init__(
        self, replies: Sequence[str | Reply | RemoteError], *, model: str = "scripted", host: str = ""
    ) -> None:
        self.model = model
        self.host = host
        self.seen: list[Sequence[Message]] = []
        self._replies = list(replies)

    def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,
        max_tokens: int = 1024,
        schema: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Return the next reply of the script; raises `RemoteError` when the script is at its end."""
        self.seen.append(messages)
        if not self._replies:
            raise RemoteError("the script of replies is at its end; give it one reply for each request.")
        answer = self._replies.pop(0)
        if isinstance(answer, RemoteError):
            raise answer
        return Reply(text=answer) if isinstance(answer, str) else answer
