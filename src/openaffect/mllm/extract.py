"""From free text to labels: a language model names the emotions in a description, or the sentiment of a label list.

The procedure is that of MER-UniBench (two prompts with two shots each, no system message), the prompts are in our own
words.  `OFFICIAL` samples as the published scores did; `GREEDY`, the default, gives the same labels on every run.
A score that rests on these replies depends on the model that gave them: name it beside the score.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from openaffect.emotion.label_reader import LabelReading, read_labels
from openaffect.emotion.parse import clean_reply, parse_labels
from openaffect.errors import UnreadableLabels
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Text
from openaffect.mllm.stream import each

Step = Literal["extract", "sentiment"]
Given = tuple[str, str]
"""An id and a text."""

GREEDY = Options(max_tokens=512)
OFFICIAL = Options(temperature=0.7, top_p=0.8, repetition_penalty=1.05, max_tokens=512)
_MOST_UNREAD = 3
_LIST = re.compile(r"\[[^\[\]]*\]")
SENTIMENTS = ("positive", "negative", "neutral")


@dataclass(frozen=True)
class Extraction:
    """What one reply says, kept as it came also where it cannot be read."""

    text: str
    """The reply after the official clean-up, which official scorers read; empty when there is no reply."""
    labels: tuple[str, ...]
    """The labels or the sentiment as the robust reader finds them; none where the reply is unreadable."""
    outcome: Literal["answered", "unreadable", "refused", "empty", "failed", "unasked"]
    cause: str | None = None
    """Why it was not answered, or what was passed over."""


def messages_for(step: Step, text: str) -> tuple[Message, ...]:
    """Return the message that asks for the labels in a free *text* (``extract``) or for the sentiment of a label list.

    >>> messages_for("sentiment", "[calm]")[0].parts[0].text.splitlines()[-1]
    'Input: [calm]; Output: '
    """
    before, _, after = _prompt(step).partition("{text}")
    return (Message("user", (Text(before + text + after),)),)


@cache
def _prompt(step: Step) -> str:
    return resources.files("openaffect.mllm").joinpath("prompts", f"{step}.en.txt").read_text("utf-8").rstrip("\n")


def prompt_hashes() -> dict[str, str]:
    """Return the sha256 of each prompt, for run cards."""
    steps: tuple[Step, ...] = ("extract", "sentiment")
    return {f"{step}.en": hashlib.sha256(_prompt(step).encode()).hexdigest() for step in steps}


def read_extraction(call: Call) -> Extraction:
    """Return the labels that *call* gave; a reply in which no label list can be seen is ``unreadable``.

    >>> from openaffect.mllm.chat import Reply
    >>> read_extraction(Call("", Reply("Output: [happy, sad]")))
    Extraction(text='[happy, sad]', labels=('happy', 'sad'), outcome='answered', cause=None)
    """
    if call.reply is None or call.outcome != "answered":
        return _without_answer(call)
    text = clean_reply(call.reply.text)
    lists = _LIST.findall(text)
    # Models wrap the list in a sentence; what is around the only list is no label.
    found = read_labels(lists[0] if len(lists) == 1 else text)
    if why := _unreadable(text, found, bool(lists)):
        return Extraction(text, (), "unreadable", why)
    return Extraction(text, found.labels, "answered", "; ".join(found.unread) or None)


def _unreadable(text: str, found: LabelReading, listed: bool) -> str | None:
    """Return why *text* is no label list, None if it is one (with labels or an empty one)."""
    try:
        parse_labels(text)
    except UnreadableLabels as error:
        return str(error)
    # Where sentences stand outside of brackets, short pieces of them ("I'm sorry") are no labels either.
    return _some(found.unread) if found.unread and not (listed and found.labels) else None


def _some(unread: Sequence[str]) -> str:
    """Return the first of *unread*: a reply that goes in circles holds the same sentence a hundred times."""
    found = list(dict.fromkeys(unread))
    more = f"; and {len(found) - _MOST_UNREAD} more" if len(found) > _MOST_UNREAD else ""
    return "; ".join(found[:_MOST_UNREAD]) + more


def read_sentiment(call: Call) -> Extraction:
    """Return the sentiment that *call* gave as the only label.

    ``Positive.`` is read as *positive*; the official scorers take all but the three exact words in `Extraction.text`
    for neutral.

    >>> from openaffect.mllm.chat import Reply
    >>> read_sentiment(Call("", Reply("mixed"))).outcome
    'unreadable'
    """
    if call.reply is None or call.outcome != "answered":
        return _without_answer(call)
    text = clean_reply(call.reply.text)
    word = text.strip(" .。!\"'*[]").lower()
    if word in SENTIMENTS:
        return Extraction(text, (word,), "answered")
    return Extraction(text, (), "unreadable", f"none of {', '.join(SENTIMENTS)}: {text[:60]!r}")


def _without_answer(call: Call) -> Extraction:
    reply = call.reply
    cause = call.cause or (reply and (reply.refusal or reply.finish_reason)) or None
    return Extraction(clean_reply(reply.text) if reply else "", (), call.outcome, cause)


async def extract(
    caller: Caller, texts: Iterable[Given] | AsyncIterable[Given], step: Step = "extract", options: Options = GREEDY
) -> AsyncGenerator[tuple[str, Extraction, Call], None]:
    """Yield id, extraction and call of each of *texts* as it ends, in no fixed order.

    *texts* are descriptions for the step ``extract``, label lists as strings for ``sentiment``.  Each yields one,
    whatever came of it.  Raises what `Caller.stream` raises.
    """
    read = read_extraction if step == "extract" else read_sentiment
    asked = ((name, messages_for(step, text)) async for name, text in each(texts))
    async with aclosing(caller.stream(asked, options)) as calls:
        async for name, call in calls:
            yield name, read(call), call
