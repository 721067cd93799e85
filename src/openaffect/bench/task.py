"""What a benchmark is to the bench: items, stages that ask models, and a score.  A task is a value.

The river is ``items → stage → stage → ... → score``.  Every stage writes one record an item, so that a stage can be run
again, stopped, diffed and edited by hand; a failure is a record with its cause, never a missing line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options
from openaffect.records import Record

GREEDY = Options()

Who = Literal["model", "extractor", "judge"]
"""Whom a stage asks: the model under test, the language model that takes labels or steps, or the judge."""
Modality = Literal["audio", "video", "text"]


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a benchmark."""

    id: str
    """Unique in the task, with its part: ``meld/test_dia0_utt5``, since clips occur in several parts."""
    part: str
    """Key of the data set or sub-task that it belongs to."""
    media: Path | None = None
    """The clip, where it was found."""
    transcript: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the task needs besides: true labels, candidate labels, an audio clue."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one stage made of one item, as it stands in the stage's record file."""

    id: str
    text: str = ""
    """The reply as it came."""
    value: Any = None
    """What was read from the reply, plain JSON; None where nothing could be read."""
    outcome: str = "answered"
    """``answered``, ``refused``, ``empty``, ``failed``, ``unasked``, ``unreadable``, or ``skipped``."""
    cause: str = ""
    """Why there is no value."""


Earlier = Mapping[str, Step]
"""Name of an earlier stage → its step for the same item."""


Steps = Mapping[str, Mapping[str, Step]]
"""Stage → id of an item → its step."""


@dataclass(frozen=True)
class Stage:
    """One round of questions, one a item."""

    name: str
    who: Who
    messages: Callable[[Item, Earlier], Sequence[Message] | str]
    """What is asked; a string instead says why nothing is asked of this item (it is recorded as ``skipped``)."""
    read: Callable[[Item, Earlier, Call], Step]
    """The step that a finished call gives; never raises for what a model says."""
    options: Options = GREEDY
    prompts: Mapping[str, str] = field(default_factory=dict)
    """Prompt → sha256, for the run card; steps of other prompts are not mixed."""


@dataclass(frozen=True)
class Source:
    """Where the data of a run are, and what of them is used."""

    data: Path
    modalities: tuple[Modality, ...] = ("audio", "video", "text")
    """What the messages may hold; the rest is withheld when they are made, and the run card says so."""
    limit: int | None = None
    parts: tuple[str, ...] = ()
    """Only these data sets or sub-tasks."""
    wheels: str | None = None
    """Wheel tables for the scores, as ``--wheels`` names them."""
    cache: Path | None = None
    """Folder for decoded frames and sound; None decodes each time."""


@dataclass(frozen=True)
class Task:
    """A benchmark that models can be run on."""

    key: str
    title: str
    about: str
    items: Callable[[Source], Iterable[Item]]
    """The items in their order; raises `openaffect.errors.DataError` where the data cannot be used."""
    stages: Callable[[Source], tuple[Stage, ...]]
    score: Callable[[Sequence[Item], Steps, Source], Record]
    """The scores of the run."""
    licence: str = ""
    obtain: str = ""
    sizes: Mapping[str, int | None] = field(default_factory=dict)
    """Part → items as published, None where that is not known."""


def read_text(item: Item, call: Call) -> Step:
    """Return the step of a call whose reply is kept as it is.

    >>> from openaffect.mllm.chat import Reply
    >>> read_text(Item("a", "x"), Call("", Reply("fine"))).value
    'fine'
    """
    text = "" if call.reply is None else call.reply.text
    answered = call.outcome == "answered"
    return Step(item.id, text, text if answered else None, call.outcome, call.cause or "")
