"""Pairwise preference: two explanations of one clip, each pair asked in both orders, then a ranking.

A pair whose two answers name different explanations is a tie and is counted as inconsistent: the judge looked at the
place and not at the text.  A pair with a failed answer is left out and counted.  How often the first place wins, over
all answers that choose, is the position bias; 0.5 is none.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from openaffect.bench.judges.asking import Language, clues_text, filled, hashes, json_object, no_answer
from openaffect.bench.judges.means import mean_score
from openaffect.errors import DataError
from openaffect.metrics.agreement import bradley_terry
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Part, Text
from openaffect.records import Clue, Record, Score

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


class PreferenceScores(Record):
    """A ranking and what it takes to trust it."""

    ranking: tuple[str, ...]
    strengths: dict[str, float]
    """Bradley-Terry strengths, which sum to 1; empty where no pair was answered."""
    n_pairs: int
    """Pairs that were answered in both orders."""
    n_ties: int
    """Pairs of these that count half for each, the inconsistent ones among them."""
    n_inconsistent: int
    n_failed: int
    """Pairs without two answers; they are in no figure."""
    first_place: Score
    """Share of the answers that choose in which the first place wins."""
    prior: float


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


def aggregate(answers: Iterable[tuple[Question, Answer]], *, prior: float = 0.5) -> PreferenceScores:
    """Return the ranking that *answers* make, each pair in both orders.

    *prior* wins are added to every ordered pair, so that a model that never lost has a strength too.

    >>> good = {"m": "first", "n": "second"}
    >>> asked = questions({"a": {"m": "", "n": ""}})
    >>> found = aggregate((q, Answer(better=good[q.first])) for q in asked)
    >>> found.ranking, found.n_inconsistent
    (('m', 'n'), 0)
    """
    given = {(q.clip, q.first, q.second): answer.better for q, answer in answers}
    names = list(dict.fromkeys(name for _, first, second in given for name in (first, second)))
    table, counts = np.zeros((len(names), len(names))), {"ties": 0, "inconsistent": 0, "failed": 0, "pairs": 0}
    for clip, one, other in _pairs(given):
        there, back = given.get((clip, one, other)), given.get((clip, other, one))
        if there is None or back is None:
            counts["failed"] += 1
            continue
        share = (_credit(there) + 1 - _credit(back)) / 2
        won = 1.0 if share > 0.5 else 0.0 if share < 0.5 else 0.5
        table[names.index(one), names.index(other)] += won
        table[names.index(other), names.index(one)] += 1 - won
        counts["pairs"] += 1
        counts["ties"] += won == 0.5
        counts["inconsistent"] += there == back != "neither"
    chosen = [float(better == "first") for better in given.values() if better in ("first", "second")]
    ranked = bradley_terry(table, prior=prior) if counts["pairs"] else None
    by_number: dict[Hashable, str] = dict(enumerate(names))
    return PreferenceScores(
        ranking=tuple(by_number[i] for i in ranked.ranking) if ranked else (),
        strengths={by_number[i]: value for i, value in ranked.strengths.items()} if ranked else {},
        n_pairs=counts["pairs"],
        n_ties=counts["ties"],
        n_inconsistent=counts["inconsistent"],
        n_failed=counts["failed"],
        first_place=mean_score("first place wins", chosen, low=0),
        prior=prior,
    )


def _pairs(given: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return each pair of each clip once."""
    seen: dict[tuple[str, frozenset[str]], tuple[str, str, str]] = {}
    for clip, one, other in given:
        if one == other:
            raise DataError(f"'{one}' is compared with itself on clip '{clip}'; give two different models.")
        seen.setdefault((clip, frozenset((one, other))), (clip, one, other))
    return list(seen.values())


def _credit(better: Better) -> float:
    return {"first": 1.0, "second": 0.0, "neither": 0.5}[better]
