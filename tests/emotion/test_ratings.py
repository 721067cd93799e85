"""From a judge's reply to a number: as the official script reads it, and as one can trust it."""

import contextlib
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.emotion.ratings import Rating, legacy_rating, read_rating
from openaffect.errors import BrokenRating, DataError, NoRating


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        # the table of the specification
        ("score 8", 8.0),
        ("8.5", 8.5),
        ('"10"', 10.0),
        ("10/10", 10.0),
        ("On a scale of 1-10, I would say 7.", 1.0),
        ("0.5", 0.5),
        # further replies
        ("8.", 8.0),
        ("-3", 3.0),
        ("99", 99.0),
        ("7.5.2", 7.5),
        (".5", 5.0),
        ("step 1: sad; overlap 9", 1.0),
        ("评分:7分", 7.0),
        ("score: ８", 8.0),  # a full-width digit is a digit to the official script as well
    ],
)
def test_the_official_reading(reply: str, value: float) -> None:
    assert legacy_rating(reply) == value


def test_where_the_official_script_dies() -> None:
    with pytest.raises(BrokenRating, match=r"'8\.\.5'") as broken:
        legacy_rating("8..5")
    assert isinstance(broken.value, ValueError) and isinstance(broken.value, DataError)
    for reply in ("", "none", "eight"):
        with pytest.raises(NoRating, match="holds no number") as missing:
            legacy_rating(reply)
        assert isinstance(missing.value, AttributeError) and isinstance(missing.value, DataError)


@pytest.mark.parametrize(
    ("reply", "value", "form"),
    [
        # the table of the specification, read as a person would
        ("score 8", 8, "labelled"),
        ("8.5", 8.5, "first"),
        ('"10"', 10, "first"),
        ("10/10", 10, "first"),
        ("On a scale of 1-10, I would say 7.", 7, "only"),
        # JSON, bare and wrapped
        ('{"score": 8, "reason": "both sad"}', 8, "json"),
        ('```json\n{"score": 7.5}\n```', 7.5, "json"),
        ('Here it is: {"note": {}} {"reason": "1-10", "score": 6} Thanks.', 6, "json"),
        ('{"rating": 4}', 4, "json"),
        # ranges and denominators
        ("range 1-10. Overlap: 7", 7, "labelled"),
        ("from 1 to 10: 6", 6, "only"),
        ("between 1 and 10, 6", 6, "only"),
        ("Score (out of 10): 8", 8, "labelled"),
        ("7 out of 10", 7, "first"),
        ("my rating of it is 7.5/10.", 7.5, "only"),
        ("Rating (1–10): 6", 6, "labelled"),
        # several numbers, one of them marked or first
        ("8; there are 2 clues", 8, "first"),
        ("**8**, since 3 of the 4 words agree", 8, "first"),
        ("1. true: sad\n2. predicted: hurt\n3. 8; both are sad", 8, "only"),
        ("overlap in 2 labels, score 7", 7, "labelled"),
        ("Score:\n\n8", 8, "labelled"),
        ("gpt4 says 6", 6, "only"),
        ("9) fine", 9, "only"),
        # Chinese
        ("评分:8分", 8, "labelled"),
        ("重叠度为8。理由:2人都很难过", 8, "labelled"),
        ("1到10分之间,我给7分", 7, "only"),
    ],
)
def test_the_robust_reading(reply: str, value: float, form: str) -> None:
    found = read_rating(reply)
    assert (found.value, found.form, found.clamped, found.problem) == (value, form, False, "")


def test_the_reason_comes_along() -> None:
    assert read_rating('{"score": 8, "reason": "both sad"}').reason == "both sad"
    assert read_rating('{"score": 8, "reason": 3}').reason == ""


@pytest.mark.parametrize(
    ("reply", "value"), [("0.5", 1), ("11", 10), ("-3", 1), ('{"score": 0}', 1), ("score: 99/100", 10)]
)
def test_outside_the_scale_it_is_moved_to_the_end_and_said(reply: str, value: float) -> None:
    found = read_rating(reply)
    assert (found.value, found.clamped) == (value, True) and "outside the scale from 1 to 10" in found.problem


def test_another_scale() -> None:
    assert read_rating("0.5", 0, 5) == Rating(0.5, form="first")
    assert read_rating("7", 0, 5).value == 5.0


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ("", "no number in the reply"),
        ("I cannot tell.", "no number in the reply"),
        ("8..5", "no number that can be a score"),
        ("from 1 to 10", "no number that can be a score"),
        ("8-9", "no number that can be a score"),
        ("123456789", "no number that can be a score"),
        ("The first is 5, the second 6.", "2 numbers in the reply could be the score"),
        ("label 1 score: 5, label 2 score: 6", "2 numbers in the reply could be the score"),
        ('{"score": null}', "the score is None, no number"),
        ('{"score": true}', "the score is True, no number"),
        ('{"score": NaN}', "the score is nan, no number"),
        ('{"score": 1e999}', "the score is inf, no number"),
        ('{"score": [8]}', "the score is [8], no number"),
        ('{"score": "high"}', "no number in the reply"),
    ],
)
def test_it_says_what_it_could_not_read(reply: str, problem: str) -> None:
    found = read_rating(reply)
    assert found.value is None and problem in found.problem


def test_a_score_written_as_text_is_read_and_said() -> None:
    assert read_rating('{"score": "8/10", "reason": "x"}') == Rating(
        8.0, "x", form="json", problem="the score is written as text"
    )


REPLIES = st.text() | st.text(alphabet='0123456789.-/ \n:{}"scoreNa[],eto', max_size=80)


@given(REPLIES, st.floats(-5, 5), st.floats(0.1, 100))
def test_it_never_raises_and_never_leaves_the_scale(reply: str, low: float, width: float) -> None:
    found = read_rating(reply, low, low + width)
    assert found.value is None or (low <= found.value <= low + width and math.isfinite(found.value))
    assert found.value is not None or found.problem


@given(REPLIES)
def test_the_official_reading_gives_a_number_or_one_of_the_two_errors(reply: str) -> None:
    with contextlib.suppress(BrokenRating, NoRating):
        assert legacy_rating(reply) >= 0


@pytest.mark.parametrize(
    "piece", ["{", "1-", "1 ", "\n", "(", "score ", "/", "9", "1.1", " to", '{"score":', "out ", "1)\n"]
)
def test_a_long_reply_takes_no_long_time(piece: str) -> None:
    start = time.perf_counter()
    read_rating(piece * (200_000 // len(piece)))
    assert time.perf_counter() - start < 1.0


def test_a_number_too_long_for_a_float_is_clamped() -> None:
    found = read_rating('{"score": 1' + "0" * 400 + "}")
    assert found.value == 10 and found.clamped
