"""Backends that answer without a model, so that every pipeline runs offline in a test, a tutorial or a dry run."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openaffect.errors import RemoteError, UsageError
from openaffect.lookup import suggest
from openaffect.mllm.chat import Message, Options, Reply, Text, fingerprint
from openaffect.mllm.fake_faults import FAULTS

Answer = str | Reply | RemoteError
"""What one request gets: text, a whole reply, or an error to raise."""


class Scripted:
    """Gives *replies* one after the other (a str, a `Reply`, or an error to raise) and keeps what it was sent.

    >>> backend = Scripted(["yes"])
    >>> backend.reply([]).text
    'yes'
    """

    def __init__(self, replies: Sequence[Answer], *, model: str = "scripted", host: str = "") -> None:
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
        return _answer(_next(self._replies))


class Fake:
    """An `AsyncBackend` with *replies* for everyone: one text, a list to be used up, or a function of the messages.

    *faults* are either names of `FAULTS` for the first requests, in order (None: no fault), or the share of requests
    that each fault befalls.  Shares are drawn from *seed*, what is asked and how often it was asked, so that the plan
    does not depend on who comes first.  *latency_s* passes before every reply, by the clock of the event loop.
    Replies carry made token counts: one for each four characters.  `sent` counts requests, `most` those at one time.

    >>> asyncio.run(Fake("calm").reply([Message("user", (Text("How is she?"),))], Options())).text
    'calm'
    """

    def __init__(
        self,
        replies: Answer | Sequence[Answer] | Callable[[Sequence[Message]], Answer] = "",
        *,
        latency_s: float = 0.0,
        faults: Sequence[str | None] | Mapping[str, float] = (),
        seed: int = 0,
        model: str = "fake",
        revision: str = "",
        host: str = "",
    ) -> None:
        self.model, self.revision, self.host = model, revision, host
        self.sent = self.most = self._now = 0
        self._give = _giver(replies)
        self._latency_s, self._seed = latency_s, seed
        self._plan = _checked(faults)
        self._asked: dict[str, int] = {}

    async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
        """Return a reply after the latency; raises what the plan of faults holds for this request."""
        self.sent += 1
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            fault = self._fault(messages, options)
            if self._latency_s:
                await asyncio.sleep(self._latency_s)
            answer = await FAULTS[fault](self) if fault is not None else self._give(messages)
            return _counted(_answer(answer), messages, self._latency_s)
        finally:
            self._now -= 1

    def _fault(self, messages: Sequence[Message], options: Options) -> str | None:
        if not isinstance(self._plan, Mapping):
            return self._plan[self.sent - 1] if self.sent <= len(self._plan) else None
        if not self._plan:
            return None
        asked = fingerprint(messages, options, self.model, self.revision)
        times = self._asked.pop(asked, 0)
        drawn = _share(f"{self._seed} {asked} {times}")
        for name, share in self._plan.items():
            drawn -= share
            if drawn < 0:
                # Only what will be asked again is remembered, so that memory stays flat.
                self._asked[asked] = times + 1
                return name
        return None


def _share(text: str) -> float:
    """Return a number in 0–1 that looks drawn at random and is the same for the same *text* in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def _checked(faults: Sequence[str | None] | Mapping[str, float]) -> Sequence[str | None] | Mapping[str, float]:
    for name in faults:
        if name is not None and name not in FAULTS:
            known = ", ".join(FAULTS)
            raise UsageError(f"unknown fault '{name}'{suggest(name, FAULTS) or '.'} Known: {known}.")
    return faults


def _giver(
    replies: Answer | Sequence[Answer] | Callable[[Sequence[Message]], Answer],
) -> Callable[[Sequence[Message]], Answer]:
    if isinstance(replies, str | Reply | RemoteError):
        return lambda messages: replies
    if callable(replies):
        return replies
    left = list(replies)
    return lambda messages: _next(left)


def _next(left: list[Answer]) -> Answer:
    if not left:
        raise RemoteError("the script of replies is at its end; give it one reply for each request.")
    return left.pop(0)


def _answer(answer: Answer) -> Reply:
    if isinstance(answer, RemoteError):
        raise answer
    return Reply(text=answer) if isinstance(answer, str) else answer


def _counted(reply: Reply, messages: Sequence[Message], latency_s: float) -> Reply:
    """Return *reply* with the counts and the latency that a server would give, where it has none."""
    if reply.input_tokens is not None:
        return reply
    read = sum(len(part.text) if isinstance(part, Text) else 1024 for m in messages for part in m.parts)
    counts = (-(-read // 4), -(-len(reply.text) // 4))
    return Reply(reply.text, reply.finish_reason, reply.refusal, *counts, latency_s)


def open_spec(rest: str, *, base_url: str | None = None, revision: str = "") -> Fake:
    """Return the backend for ``fake:TEXT``, which always says TEXT; it needs no address.

    Its revision is a digest of TEXT, so that a cache or a run never takes one script for another.
    """
    return Fake(rest, revision=revision or hashlib.sha256(rest.encode()).hexdigest()[:8])
