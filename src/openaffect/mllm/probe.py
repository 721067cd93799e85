"""Do pictures, sound and text reach the model?  A few tiny questions before a benchmark is paid for.

A server that drops sound without a word answers all the same; its answers would be scored as if the model had heard.
Each modality is asked for twice, with different right answers, so that a constant answer fails; both must be right.
Who guesses among the alternatives passes one time in 36 (colour, spoken word) or 16 (beeps).  A wrong answer does not
prove that nothing arrived: a model may hear and be unable to count.  So sound has two kinds of question, and one
kind with both answers right is enough.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import get_args

from openaffect.errors import UsageError
from openaffect.lookup import suggest
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Options
from openaffect.mllm.probe_questions import Modality, Question, Say, espeak, questions, read_choice
from openaffect.records import Record

__all__ = ["Modality", "Probe", "ProbeReply", "probe", "probe_async"]

_ALL: tuple[Modality, ...] = get_args(Modality)


class ProbeReply(Record):
    """One question of a probe and what came of it."""

    modality: Modality
    kind: str
    """``colour``, ``beeps``, ``spoken word`` or ``written word``."""
    wanted: str
    got: str | None
    """The alternative that the reply names, None where it names none or several."""
    text: str
    outcome: str
    """Of the call: ``answered``, ``refused``, ``empty``, ``failed`` or ``unasked``."""
    cause: str = ""

    @property
    def right(self) -> bool | None:
        """Whether the answer is right; None where there is no answer."""
        return self.got == self.wanted if self.outcome == "answered" else None


class Probe(Record):
    """Which modalities reach the model."""

    arrived: dict[str, bool | None]
    """Modality → whether it arrived; None where that could not be found out (failed, refused or empty replies)."""
    replies: tuple[ProbeReply, ...]
    cause: dict[str, str]
    """Modality → why it does not count as arrived, one sentence; only for those."""
    notes: tuple[str, ...] = ()
    """What was skipped and why."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The modalities that did not arrive."""
        return tuple(name for name, there in self.arrived.items() if there is False)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The modalities of which it could not be found out."""
        return tuple(name for name, there in self.arrived.items() if there is None)


def probe(caller: Caller, modalities: Sequence[Modality] = _ALL, *, seed: int = 0, say: Say = espeak) -> Probe:
    """Return which *modalities* reach the model of *caller*, and close its connections; for code without ``await``.

    See `probe_async`; raises `UsageError` where an event loop is running.

    >>> from openaffect.mllm.fake import Fake
    >>> found = probe(Caller(Fake("blue")), ["video"])
    >>> found.arrived, found.cause["video"]
    ({'video': False}, "video did not arrive: the answers to colour are 'blue', 'blue'; right are 'yellow', 'black'.")
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_closed(caller, modalities, seed, say))
    raise UsageError("an event loop is running here; use `await probe_async(caller, modalities)`.")


async def probe_async(
    caller: Caller, modalities: Sequence[Modality] = _ALL, *, seed: int = 0, say: Say = espeak
) -> Probe:
    """Return which *modalities* reach the model of *caller*: two to four tiny questions each, drawn from *seed*.

    *say* speaks a word and gives None where it cannot; then only beeps are asked.  Failed calls are recorded, never
    raised.  Give a caller without a cache or another *seed*: a cached reply says nothing about the server of today.

    Raises `UsageError` for an unknown modality or none, `openaffect.errors.KeyRejected` for a key that is refused.
    """
    wanted = _checked(modalities)
    asked: dict[str, Question] = {}
    notes = []
    for modality in wanted:
        # A generator of its own for each, so that a modality's questions do not depend on which others are asked.
        listed, note = await asyncio.to_thread(questions, modality, random.Random(f"{seed} {modality}"), say)  # noqa: S311
        asked |= {each.id: each for each in listed}
        notes += [note] if note else []
    calls: dict[str, Call] = {}
    stream = caller.stream(((name, each.messages) for name, each in asked.items()), Options())
    async with aclosing(stream) as ended:
        async for name, call in ended:
            calls[name] = call
    replies = [_reply(each, calls[name]) for name, each in asked.items()]
    return _judged(wanted, replies, notes)


async def _closed(caller: Caller, modalities: Sequence[Modality], seed: int, say: Say) -> Probe:
    async with aclosing(caller):
        return await probe_async(caller, modalities, seed=seed, say=say)


def _checked(modalities: Sequence[Modality]) -> tuple[Modality, ...]:
    for each in modalities:
        if each not in _ALL:
            raise UsageError(f"unknown modality '{each}'{suggest(each, _ALL) or '.'} Known: {', '.join(_ALL)}.")
    if not modalities:
        raise UsageError(f"no modality is named; give some of {', '.join(_ALL)}.")
    return tuple(dict.fromkeys(modalities))


def _reply(asked: Question, call: Call) -> ProbeReply:
    text = "" if call.reply is None else call.reply.text
    return ProbeReply(
        modality=asked.modality,
        kind=asked.kind,
        wanted=asked.wanted,
        got=read_choice(asked.kind, text) if call.outcome == "answered" else None,
        text=text,
        outcome=call.outcome,
        cause=call.cause or (call.reply.refusal if call.reply else "") or "",
    )


def _judged(wanted: Sequence[Modality], replies: Sequence[ProbeReply], notes: Sequence[str]) -> Probe:
    arrived: dict[str, bool | None] = {}
    cause: dict[str, str] = {}
    for modality in wanted:
        kinds: dict[str, list[ProbeReply]] = {}
        for reply in replies:
            if reply.modality == modality:
                kinds.setdefault(reply.kind, []).append(reply)
        arrived[modality] = _arrived([_both(pair) for pair in kinds.values()])
        if not arrived[modality]:
            cause[modality] = _cause(modality, arrived[modality], kinds)
    return Probe(arrived=arrived, replies=tuple(replies), cause=cause, notes=tuple(notes))


def _both(pair: Sequence[ProbeReply]) -> bool | None:
    """Return True for two right answers, False for a wrong one, None where answers are lacking."""
    right = [reply.right for reply in pair]
    return False if False in right else None if None in right else True


def _arrived(kinds: Sequence[bool | None]) -> bool | None:
    """Return True when one kind of question was answered; a kind without answers leaves the rest open."""
    return True if True in kinds else None if None in kinds else False


def _cause(modality: str, arrived: bool | None, kinds: Mapping[str, Sequence[ProbeReply]]) -> str:
    if arrived is None:
        lost = next(reply for pair in kinds.values() for reply in pair if reply.right is None)
        return f"it is not known whether {modality} arrives: a question was {lost.outcome}: {lost.cause or 'no words'}"
    said = [
        f"the answers to {kind} are {', '.join(repr(each.text[:40]) for each in pair)}; "
        f"right are {', '.join(repr(each.wanted) for each in pair)}"
        for kind, pair in kinds.items()
    ]
    return f"{modality} did not arrive: {'; '.join(said)}."
