"""Plausibility, the criterion of the EMER paper, without a reference: does the reasoning support the label?

The judge sees the evidence of a clip, an explanation and its labels, and rates ``support`` (1–5, anchored),
``grounded`` (0/1: the signs that are named are in the evidence, as they are told) and ``alternative`` (0/1: another
label would be carried as well; this lowers nothing).  An explanation passes with support of at least 4 and grounded 1,
so that two different labels for one clip may both pass.  The rubric is ours: the paper gives no text of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from openaffect.bench.judges.asking import (
    NOTHING,
    Language,
    clues_text,
    filled,
    hashes,
    json_object,
    no_answer,
    prompt,
    whole,
)
from openaffect.bench.judges.means import mean_score
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Part, Text
from openaffect.records import Clue, Record, Score

PASS = 4
"""Support from which an explanation passes."""
SCALES = {"support": (1, 5), "grounded": (0, 1), "alternative": (0, 1)}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        **{name: {"type": "integer", "minimum": low, "maximum": high} for name, (low, high) in SCALES.items()},
        "other": {"type": "string"},
    },
    "required": ["reason", *SCALES, "other"],
    "additionalProperties": False,
}
OPTIONS = Options(max_tokens=512, schema=SCHEMA)


class Rating(Record):
    """What a judge says of one explanation, or why nothing could be read."""

    support: int | None = None
    grounded: int | None = None
    alternative: int | None = None
    other: str = ""
    """A label that the evidence carries equally well, in the judge's words."""
    reason: str = ""
    outcome: Literal["answered", "refused", "empty", "failed", "unasked", "unreadable", "skipped"] = "answered"
    cause: str = ""

    @property
    def passes(self) -> bool | None:
        """Whether the explanation is plausible; None where there is no rating."""
        if self.support is None or self.grounded is None:
            return None
        return self.support >= PASS and self.grounded == 1


class PlausibilityScores(Record):
    """Ratings of many explanations; a failed rating counts as the lowest mark and as not passed (see the notes)."""

    support: Score
    """Mean on 1–5."""
    grounded: Score
    passing: Score
    """Share of explanations that pass."""
    alternative: Score
    """Share of the rated for which another label was possible; it judges the clips rather than the model."""

    @property
    def scores(self) -> tuple[Score, ...]:
        """All of them, the share that passes first."""
        return self.passing, self.support, self.grounded, self.alternative


def messages(
    explanation: str,
    labels: Sequence[str],
    *,
    clues: Sequence[Clue] = (),
    media: Sequence[Part] = (),
    transcript: str = "",
    language: Language = "en",
) -> tuple[Message, ...]:
    """Return the messages that ask for a rating; *clues* or *media* (frames, sound), or both, are the evidence.

    >>> messages("She smiles.", ["happy"], transcript="Hi!")[1].parts[-1].text.splitlines()[-1]
    'Label: happy'
    """
    asked = filled(
        f"plausibility.{language}",
        transcript=transcript,
        clues=clues_text(clues),
        explanation=explanation,
        labels=", ".join(labels) or NOTHING,
    )
    system = Message("system", (Text(prompt(f"plausibility.system.{language}")),))
    return (system, Message("user", (*media, Text(asked))))


def prompt_hashes(language: Language = "en") -> dict[str, str]:
    """Return the sha256 of the prompts of *language*."""
    return hashes((f"plausibility.system.{language}", f"plausibility.{language}"))


def read(call: Call) -> Rating:
    """Return the rating that *call* gave; all three marks must be there and on their scales, or there is none.

    >>> from openaffect.mllm.chat import Reply
    >>> read(Call("", Reply('{"reason": "", "support": 4, "grounded": 1, "alternative": 1, "other": "calm"}'))).passes
    True
    >>> read(Call("", Reply('{"support": 7, "grounded": 1, "alternative": 0}'))).cause
    'support is 7, no whole number from 1 to 5'
    """
    if gone := no_answer(call):
        return Rating.model_validate({"outcome": gone[0], "cause": gone[1]})
    text = "" if call.reply is None else call.reply.text
    found = json_object(text, "support")
    if found is None:
        return Rating(outcome="unreadable", cause=f"no JSON object with 'support' in the reply: {text[:60]!r}")
    marks = {name: whole(found.get(name), *scale) for name, scale in SCALES.items()}
    for name, mark in marks.items():
        if mark is None:
            low, high = SCALES[name]
            came = f"is {found[name]!r:.40}" if name in found else "is missing"
            why = f"{name} {came}, no whole number from {low} to {high}"
            return Rating(outcome="unreadable", cause=why)
    words = {name: value for name in ("other", "reason") if isinstance(value := found.get(name), str)}
    return Rating.model_validate(marks | words)


def aggregate(ratings: Sequence[Rating]) -> PlausibilityScores:
    """Return means, shares and intervals over *ratings*, one an explanation.

    >>> good, bad = Rating(support=5, grounded=1, alternative=1), Rating(outcome="refused", cause="no")
    >>> scores = aggregate([good, good, bad])
    >>> scores.passing.value, scores.passing.n_failed, scores.support.value
    (0.6666666666666666, 1, 3.6666666666666665)
    """
    causes = [rating.outcome for rating in ratings if rating.passes is None]
    rated = [rating.alternative for rating in ratings if rating.alternative is not None]
    alternative = mean_score("another label possible", rated, low=0)
    return PlausibilityScores(
        support=mean_score("plausibility, support 1-5", [r.support for r in ratings], low=1, causes=causes),
        grounded=mean_score("plausibility, grounded", [r.grounded for r in ratings], low=0, causes=causes),
        passing=mean_score("plausibility, passing", [r.passes for r in ratings], low=0, causes=causes),
        alternative=alternative.model_copy(update={"n_skipped": len(causes)}),
    )
