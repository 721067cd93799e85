"""Overlap with a reference text, as the first EMER papers rate it: clue overlap, label overlap, and by modality.

A judge rates from 1 to 10 how far two texts agree.  The number is read in two ways: ``strict``
(`openaffect.emotion.ratings.read_rating`) and ``legacy`` (`legacy_rating`, the first digits, as the official script),
for comparison with old papers.  The official prompts and judge are not to be had, so neither mode gives a published
figure again.  Label overlap takes two steps: the likeliest emotion of each text, then the overlap of the two.
**Modality completeness** has no published procedure; ours is the share of the reference's modalities of which the
predicted text names a concrete sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from openaffect.bench.judges.asking import Language, filled, json_object, no_answer, whole
from openaffect.bench.judges.means import mean_score
from openaffect.emotion.ratings import legacy_rating, read_rating
from openaffect.errors import DataError
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Text
from openaffect.records import Modality, Record, Score

Mode = Literal["strict", "legacy"]
MODALITIES: tuple[Modality, ...] = ("visual", "acoustic", "lexical")
LOWEST, HIGHEST = 1.0, 10.0
_HUGE = 1e300
# Many numbers as large as this have no mean any more.
OPTIONS = Options(max_tokens=512)
COMPLETENESS = Options(
    max_tokens=128,
    schema={
        "type": "object",
        "properties": {each: {"type": "integer", "minimum": 0, "maximum": 1} for each in MODALITIES},
        "required": [*MODALITIES],
        "additionalProperties": False,
    },
)
_NAMED: dict[Language, dict[Modality, str]] = {
    "en": {"visual": "visible", "acoustic": "audible in the voice and the sound", "lexical": "in the words"},
    "zh": {"visual": "画面", "acoustic": "声音", "lexical": "话语"},
}


class Overlap(Record):
    """One rating, or why there is none."""

    value: float | None = None
    outcome: str = "answered"
    cause: str = ""
    note: str = ""
    """What was odd about it: a number outside of the scale, a number among others."""


def _user(text: str) -> tuple[Message, ...]:
    return (Message("user", (Text(text),)),)


def clue_messages(truth: str, predicted: str, language: Language = "en") -> tuple[Message, ...]:
    """Return the question how far two descriptions agree (clue overlap)."""
    return _user(filled(f"clue.{language}", truth=truth, predicted=predicted))


def feeling_messages(text: str, language: Language = "en") -> tuple[Message, ...]:
    """Return the question for the likeliest emotion in *text*, the first step of label overlap."""
    return _user(filled(f"feelings.{language}", text=text))


def label_messages(truth: str, predicted: str, language: Language = "en") -> tuple[Message, ...]:
    """Return the question how far two answers to `feeling_messages` mean the same, the second step."""
    return _user(filled(f"label.{language}", truth=truth, predicted=predicted))


def modality_messages(modality: Modality, truth: str, predicted: str, language: Language = "en") -> tuple[Message, ...]:
    """Return the question how far the signs of one modality agree with *truth*, that part of the reference."""
    named = _NAMED[language][modality]
    return _user(filled(f"modality.{language}", modality=named, truth=truth, predicted=predicted))


def completeness_messages(predicted: str, language: Language = "en") -> tuple[Message, ...]:
    """Return the question of which modalities *predicted* names a concrete sign."""
    return _user(filled(f"completeness.{language}", predicted=predicted))


def read(call: Call, mode: Mode = "strict") -> Overlap:
    """Return the rating that *call* gave, in the reading that *mode* names.

    >>> from openaffect.mllm.chat import Reply
    >>> call = Call("", Reply("On a scale of 1-10: 7"))
    >>> read(call).value, read(call, "legacy").value
    (7.0, 1.0)
    """
    if gone := no_answer(call):
        return Overlap(outcome=gone[0], cause=gone[1])
    text = "" if call.reply is None else call.reply.text
    if mode == "legacy":
        return _legacy(text)
    found = read_rating(text)
    if found.value is None:
        return Overlap(outcome="unreadable", cause=found.problem)
    return Overlap(value=found.value, note=found.problem)


def _legacy(text: str) -> Overlap:
    try:
        value = legacy_rating(text)
    except DataError as error:
        return Overlap(outcome="unreadable", cause=str(error))
    if value > _HUGE:
        return Overlap(outcome="unreadable", cause=f"the number in the reply is too large for a mean: {text[:60]!r}")
    return Overlap(value=value)


def read_completeness(call: Call, present: Sequence[Modality] = MODALITIES) -> Overlap:
    """Return the share of the modalities *present* of which the text names a sign, 0–1.

    >>> from openaffect.mllm.chat import Reply
    >>> read_completeness(Call("", Reply('{"visual": 1, "acoustic": 0, "lexical": 1}')), ["visual", "acoustic"]).value
    0.5
    """
    if gone := no_answer(call):
        return Overlap(outcome=gone[0], cause=gone[1])
    text = "" if call.reply is None else call.reply.text
    found: dict[str, Any] = json_object(text, "visual") or {}
    marks = [whole(found.get(each), 0, 1) for each in present]
    read = [mark for mark in marks if mark is not None]
    if not present or len(read) < len(present):
        return Overlap(outcome="unreadable", cause=f"no mark of 0 or 1 for each of {', '.join(present)}: {text[:60]!r}")
    return Overlap(value=sum(read) / len(read))


def aggregate(name: str, ratings: Sequence[Overlap], *, lowest: float = LOWEST) -> Score:
    """Return the mean with its interval; a rating that failed counts as *lowest* and is counted as failed.

    >>> aggregate("clue overlap", [Overlap(value=8), Overlap(outcome="refused")]).value
    4.5
    """
    causes = [rating.outcome for rating in ratings if rating.value is None]
    return mean_score(name, [rating.value for rating in ratings], low=lowest, causes=causes)
