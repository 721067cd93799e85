"""The question put to the model under test: clip, target, candidate labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from openaffect.bench.task import Earlier, Item, Modality, Source, Stage, read_text
from openaffect.bench.tasks.mme.wording import WORDINGS, fill, hashes
from openaffect.mllm.chat import Message, Options, Part, Text

OPTIONS = Options(max_tokens=2048)
NO_CLIP = "there is no clip"
"""Why nothing is asked of an item whose clip was not found."""


def answer_stage(source: Source) -> Stage:
    """Return the stage that asks the model under test."""

    def messages(item: Item, _: Earlier) -> Sequence[Message] | str:
        media = parts_of(item, source, source.modalities)
        return media if isinstance(media, str) else (Message("user", (*media, Text(question(item)))),)

    return Stage(
        "answer", "model", messages, lambda item, _, call: read_text(item, call), OPTIONS, hashes("answer")
    )  # fmt: skip


def question(item: Item) -> str:
    """Return the question of *item*: its target, and the labels to choose from on a line of their own.

    >>> facts = {"task": "IR", "candidates": ("agreeing", "wishing")}
    >>> question(Item("IR/a", "IR", facts=facts)).splitlines()[-1]
    'agreeing, wishing'
    """
    words = WORDINGS[item.facts["task"]]
    choice = "one or several" if words.several else "exactly one"
    labels = ", ".join(item.facts["candidates"])
    return fill("answer", field=words.field, target=words.target, choice=choice, labels=labels)


def parts_of(item: Item, source: Source, modalities: tuple[Modality, ...]) -> tuple[Part, ...] | str:
    """Return the clip of *item* as parts of a message, or why there are none.  What is true of the item stays behind.

    Raises `MediaError` for a clip that cannot be decoded.
    """
    # Loads the media libraries, which scoring does not need.
    from openaffect.bench.clips import parts

    if item.media is None:
        notes = [note for note in item.facts["notes"] if "clip" in note]
        return f"{NO_CLIP}: {notes[0] if notes else 'none was given'}"
    found = tuple(parts(replace(item, facts={}), replace(source, modalities=modalities)))
    return found or f"the clip has nothing of what may be sent ({', '.join(modalities) or 'nothing'})"
