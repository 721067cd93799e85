"""Pairwise preference: which of two explanations of one clip is better, each pair asked in both orders.

What the answers come to is in `openaffect.bench.judges.ranking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from openaffect.bench.judges.asking import Language, clues_text, filled, hashes, json_object, no_answer
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Part, Text
from openaffect.records import Clue, Record

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "better": {"type": "string", "enum": ["A", "B", "neither"]}},
    "required": ["reason", "better"],
    "additionalProperties": False,
}
OPTIONS = Options(max_tokens=256, schema=SCHEMA)
Better = Literal["first", "second", "neither"]
_READ: Mapping[str, Better] = {"a": "first", "b": "second", "neither": "neither"}


@dataclass(frozen=True)
class Question:
    """One pair of one clip in one order."""

    clip: str
    first: str
    """Whose explanation stands first."""
    second: str

    @property
    def id(self) -> str:
        """A key for record files, different for the two orders."""
        return f"{self.clip} | {self.first} | {self.second}"


class Answer(Record):
    """Which of the two is better, or why that is not known."""

    better: Better | None = None
    outcome: str = "answered"
    cause: str = ""


def questions(explained: Mapping[str, Mapping[str, str]]) -> list[Question]:
    """Return every pair of every clip in both orders; *explained* is clip → model → explanation.

    >>> [question.id for question in questions({"a": {"m": "...", "n": "..."}})]
    ['a | m | n', 'a | n | m']
    """
    pairs = [(clip, *pair) for clip, models in explained.items() for pair in combinations(models, 2)]
    return [Question(clip, *order) for clip, one, other in pairs for order in ((one, other), (other, one))]


def messages(
    first: str,
    second: str,
    *,
    clues: Sequence[Clue] = (),
    media: Sequence[Part] = (),
    transcript: str = "",
    language: Language = "en",
) -> tuple[Message, ...]:
    """Return the message that asks which of two explanations is better."""
    asked = filled(f"preference.{language}", transcript=transcript, clues=clues_text(clues), first=first, second=second)
    return (Message("user", (*media, Text(asked))),)


def prompt_hashes(language: Language = "en") -> dict[str, str]:
    """Return the sha256 of the prompt of *language*."""
    return hashes((f"preference.{language}",))


def read(call: Call) -> Answer:
    """Return which explanation *call* prefers.

    >>> from openaffect.mllm.chat import Reply
    >>> read(Call("", Reply('{"reason": "B cites what is there", "better": "B"}'))).better
    'second'
    """
    if gone := no_answer(call):
        return Answer(outcome=gone[0], cause=gone[1])
    text = "" if call.reply is None else call.reply.text
    given = (json_object(text, "better") or {}).get("better", text)
    better = _READ.get(given.strip(" .\n\"'`").lower()) if isinstance(given, str) else None
    if better is None:
        return Answer(outcome="unreadable", cause=f"none of A, B, neither: {text[:60]!r}")
    return Answer(better=better)
