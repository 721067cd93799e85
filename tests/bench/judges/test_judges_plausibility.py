"""The judge without a reference: what it is asked, how replies are read, how ratings are averaged."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.bench.judges.checker import clue_of
from openaffect.bench.judges.plausibility import OPTIONS, SCHEMA, Rating, aggregate, messages, prompt_hashes, read
from openaffect.errors import RemoteError
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Picture, Reply, Text
from openaffect.mllm.fake import Fake

PATH = Path(__file__).parents[2] / "data" / "plausibility.jsonl"
MADE = [json.loads(line) for line in PATH.read_text("utf-8").splitlines()[1:]]
MARKS = {"sound": (5, 1, 0), "contradicted": (1, 0, 0), "invented": (3, 0, 1)}


def reply(support: Any, grounded: Any, alternative: Any, **rest: Any) -> str:
    given = {"reason": "because", "support": support, "grounded": grounded, "alternative": alternative}
    return json.dumps({**given, "other": "", **rest}, ensure_ascii=False)


def asked(row: dict[str, Any]) -> tuple[Message, ...]:
    text = " ".join(each["text"] for each in row["explanation"])
    clues = [clue_of(clue) for clue in row["evidence"]]
    return messages(text, row["labels"], clues=clues, language=row["language"])


def dressed(row: dict[str, Any], at: int) -> str:
    """A scripted reply as judges write them: bare, fenced, with a draft before it, with numbers as text."""
    marks = MARKS[row["kind"]]
    forms = [
        reply(*marks),
        f"```json\n{reply(*marks)}\n```",
        f"A draft: {reply(2, 1, 1)}\nMy answer: {reply(*marks)} That is all.",
        reply(*map(str, marks)),
        reply(float(marks[0]), bool(marks[1]), bool(marks[2]), 理由="因为"),
    ]
    return forms[at % len(forms)]


def words(sent: Sequence[Message]) -> str:
    return "\n".join(part.text for message in sent for part in message.parts if isinstance(part, Text))


def test_the_sixty_are_read_and_averaged_exactly() -> None:
    script = {words(asked(row)): dressed(row, at) for at, row in enumerate(MADE)}
    backend = Fake(lambda sent: script[words(sent)])
    ratings: dict[str, Rating] = {}
    items = [(row["id"], asked(row)) for row in MADE]
    Caller(backend).run(items, lambda name, call: ratings.__setitem__(name, read(call)), OPTIONS)
    for row in MADE:
        found = ratings[row["id"]]
        assert (found.support, found.grounded, found.alternative) == MARKS[row["kind"]]
    scores = aggregate([ratings[row["id"]] for row in MADE])
    assert (scores.support.value, scores.grounded.value, scores.passing.value) == (3.0, 1 / 3, 1 / 3)
    assert scores.alternative.value == pytest.approx(1 / 3)
    assert (scores.support.n, scores.support.n_failed) == (60, 0)
    assert scores.passing.low < 1 / 3 < scores.passing.high  # type: ignore[operator]


def test_two_labels_of_one_clip_may_both_pass() -> None:
    pair = [row for row in MADE if row["id"] in ("sound-18", "sound-19")]
    assert pair[0]["evidence"] == pair[1]["evidence"]
    calls = [asyncio.run(Caller(Fake(reply(4, 1, 1, other="x"))).call(asked(row))) for row in pair]
    assert aggregate([read(call) for call in calls]).passing.value == 1.0


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (reply(6, 1, 0), "support is 6, no whole number from 1 to 5"),
        (reply(3.5, 1, 0), "support is 3.5, no whole number from 1 to 5"),
        (reply("high", 1, 0), "support is 'high', no whole number from 1 to 5"),
        (reply(4, 2, 0), "grounded is 2, no whole number from 0 to 1"),
        ('{"support": 4, "grounded": 1}', "alternative is missing, no whole number from 0 to 1"),
        ('{"support": 4, "grou', "no JSON object with 'support' in the reply: '{\"support\": 4, \"grou'"),
        ("I would say 4 of 5.", "no JSON object with 'support' in the reply: 'I would say 4 of 5.'"),
    ],
)
def test_a_reply_that_is_no_rating_says_why(text: str, cause: str) -> None:
    found = read(Call("", Reply(text)))
    assert (found.outcome, found.cause, found.passes) == ("unreadable", cause, None)


def test_refusals_silence_and_faults_are_counted_and_count_as_the_lowest_mark() -> None:
    calls = [
        Call("", Reply(reply(5, 1, 0))),
        Call("", Reply("", refusal="I must not judge people.")),
        Call("", Reply("  ")),
        Call("", None, "ServerFault", "it broke off."),
        Call("", None, "BudgetSpent", "no money is left."),
    ]
    ratings = [read(call) for call in calls]
    assert [each.outcome for each in ratings] == ["answered", "refused", "empty", "failed", "unasked"]
    assert ratings[1].cause == "I must not judge people."
    assert [each.cause for each in ratings[3:]] == ["it broke off.", "no money is left."]
    scores = aggregate(ratings)
    assert scores.support.value == (5 + 4 * 1) / 5
    assert scores.passing.value == 1 / 5
    assert (scores.support.n, scores.support.n_failed) == (5, 4)
    assert scores.support.note == "mean of the 1 rated: 5; failed: 1 refused, 1 empty, 1 failed, 1 unasked"
    assert (scores.alternative.n, scores.alternative.n_skipped) == (1, 4)


def test_no_rating_at_all_gives_no_figure_and_says_why() -> None:
    scores = aggregate([Rating(outcome="refused"), Rating(outcome="refused")])
    assert scores.support.value is None
    assert scores.support.note == "failed: 2 refused"


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=30), st.integers(0, 5))
def test_aggregation_equals_the_arithmetic(marks: list[tuple[int, bool]], lost: int) -> None:
    ratings = [Rating(support=s, grounded=int(g), alternative=0) for s, g in marks]
    scores = aggregate([*ratings, *[Rating(outcome="failed")] * lost])
    assert scores.support.value == pytest.approx(float(np.mean([s for s, _ in marks] + [1] * lost)))
    passing = sum(s >= 4 and g for s, g in marks) / (len(marks) + lost)
    assert scores.passing.value == pytest.approx(passing)


@given(st.text(max_size=300))
def test_reading_never_raises(text: str) -> None:
    assert read(Call("", Reply(text))).passes is None or "support" in text


def test_the_schema_admits_what_is_read_and_the_backend_gets_it() -> None:
    jsonschema.validate(json.loads(reply(4, 1, 0)), SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(reply(0, 1, 0)), SCHEMA)
    assert OPTIONS.schema is SCHEMA


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_judge_sees_evidence_explanation_and_label_and_nothing_is_filled_twice(language: Any) -> None:
    clue = clue_of({"id": "c7", "name": "f0_level", "value": 33, "baseline": 30, "unit": "semitone"})
    picture = Picture(b"x")
    system, user = messages(
        "{labels} rises", ["calm"], clues=[clue], media=[picture], transcript="早", language=language
    )
    assert system.role == "system" and "support" in system.parts[0].text  # type: ignore[union-attr]
    assert user.parts[0] is picture
    text = user.parts[-1].text  # type: ignore[union-attr]
    assert "{labels} rises" in text and '"id": "c7"' in text and "calm" in text and "早" in text
    assert set(prompt_hashes(language)) == {f"emer.plausibility.{part}{language}" for part in ("", "system.")}


def test_an_error_of_the_server_becomes_a_rating_without_marks() -> None:
    call = asyncio.run(Caller(Fake(RemoteError("the server says no."))).call(asked(MADE[0])))
    assert read(call).cause == "the server says no."
