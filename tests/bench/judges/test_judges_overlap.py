"""Overlap ratings in both readings, completeness, and their means."""

import pytest

from openaffect.bench.judges import overlap
from openaffect.bench.judges.overlap import Overlap, aggregate, read, read_completeness
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Reply, Text


@pytest.mark.parametrize(
    ("text", "strict", "legacy"),
    [
        ("8", 8, 8),
        ("8.5; both are sad", 8.5, 8.5),
        ("10/10", 10, 10),
        ("From 1-10 I give 7", 7, 1),
        ("0.5", 1, 0.5),
        ("8..5", None, None),
        ("十分接近", None, None),
        ("分数：6，理由：都很悲伤", 6, 6),
        ('{"score": 9, "reason": "alike"}', 9, 9),
    ],
)
def test_the_two_readings_differ_where_the_official_one_errs(
    text: str, strict: float | None, legacy: float | None
) -> None:
    call = Call("", Reply(text))
    assert read(call, "legacy").value == legacy
    if text != "8..5":  # the strict reader says what it makes of it, a value or a problem
        assert read(call).value == strict
    assert all(found.cause for found in (read(call), read(call, "legacy")) if found.value is None)


@pytest.mark.parametrize("digits", [305, 400, 5000])
def test_a_number_without_end_is_unreadable_with_its_cause(digits: int) -> None:
    call = Call("", Reply(f'{{"reason": "r", "support": {"9" * digits}}}'))
    found = [read(call, "legacy") for _ in range(20)]
    assert (found[0].value, found[0].outcome) == (None, "unreadable") and "too large" in found[0].cause
    assert aggregate("clue overlap", [Overlap(value=9), *found]).n_failed == 20
    assert read(call).value is None


def test_failures_keep_their_cause_and_count_as_the_lowest() -> None:
    ratings = [Overlap(value=9), read(Call("", None, "ServerFault", "it broke off.")), read(Call("", Reply("no idea")))]
    score = aggregate("clue overlap", ratings)
    assert (score.value, score.n, score.n_failed) == (pytest.approx(11 / 3), 3, 2)
    assert score.note == "mean of the 1 rated: 9; failed: 1 failed, 1 unreadable"
    assert score.low is not None and score.high is not None and score.low <= 11 / 3 <= score.high


def test_completeness_is_the_share_of_the_reference_modalities() -> None:
    call = Call("", Reply('{"visual": 1, "acoustic": 0, "lexical": 1}'))
    assert read_completeness(call).value == pytest.approx(2 / 3)
    assert read_completeness(call, ["visual", "lexical"]).value == 1.0
    assert read_completeness(Call("", Reply('{"visual": 1}'))).outcome == "unreadable"
    assert read_completeness(Call("", Reply("", refusal="no"))).outcome == "refused"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_question_holds_both_texts(language: overlap.Language) -> None:
    for asked in (
        overlap.clue_messages("TRUE", "GIVEN {truth}", language),
        overlap.label_messages("TRUE", "GIVEN {truth}", language),
        overlap.modality_messages("acoustic", "TRUE", "GIVEN {truth}", language),
    ):
        (part,) = asked[0].parts
        assert isinstance(part, Text) and part.text.count("TRUE") == 1 and "GIVEN {truth}" in part.text
    assert "TEXT" in overlap.feeling_messages("TEXT", language)[0].parts[0].text  # type: ignore[union-attr]
    assert "TEXT" in overlap.completeness_messages("TEXT", language)[0].parts[0].text  # type: ignore[union-attr]
