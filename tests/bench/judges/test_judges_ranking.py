"""Ties, position bias, the ranking, and intervals over clips."""

import itertools

import numpy as np
import pytest

from openaffect.bench.judges.preference import Answer, Better, Question, messages, questions, read
from openaffect.bench.judges.ranking import aggregate
from openaffect.errors import DataError
from openaffect.metrics.agreement import bradley_terry
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Text
from openaffect.mllm.fake import Fake

TEXTS = {f"clip{i}": {"good": "GOOD", "fair": "FAIR", "poor": "POOR"} for i in range(4)}
RANK = {"good": 3, "fair": 2, "poor": 1}
PAIR = [Question("a", "m", "n"), Question("a", "n", "m")]


def both(there: Better | None, back: Better | None, clip: str = "a") -> list[tuple[Question, Answer]]:
    """The answers to a pair: m first, then n first."""
    asked = [Question(clip, "m", "n"), Question(clip, "n", "m")]
    return list(zip(asked, (Answer(better=there), Answer(better=back)), strict=True))


def test_a_judge_that_looks_at_the_text_gives_its_ranking_through_the_whole_path() -> None:
    def says(sent: list[Message]) -> str:
        (part,) = sent[0].parts
        assert isinstance(part, Text)
        first, second = (part.text.rsplit(f"\n{mark}: ", 1)[1].split("\n")[0].lower() for mark in "AB")
        return f'{{"reason": "", "better": "{"A" if RANK[first] > RANK[second] else "B"}"}}'

    asked = {question.id: question for question in questions(TEXTS)}
    sent = [(q.id, messages(TEXTS[q.clip][q.first], TEXTS[q.clip][q.second])) for q in asked.values()]
    answers: dict[str, Answer] = {}
    Caller(Fake(says)).run(sent, lambda name, call: answers.__setitem__(name, read(call)))  # type: ignore[arg-type]
    found = aggregate((asked[name], answer) for name, answer in answers.items())
    assert found.ranking == ("good", "fair", "poor")
    assert (found.n_pairs, found.n_ties, found.n_inconsistent, found.n_failed) == (12, 0, 0, 0)
    assert (found.first_place.value, found.consistent.value) == (0.5, 1.0)
    wins = [(a, b) for a, b in (("good", "fair"), ("good", "poor"), ("fair", "poor")) for _ in range(4)]
    for name, strength in bradley_terry(wins, prior=0.5).strengths.items():
        assert found.strengths[str(name)].value == pytest.approx(strength)


def test_a_judge_that_looks_at_the_place_gives_ties_and_a_bias() -> None:
    found = aggregate((question, Answer(better="first")) for question in questions(TEXTS))
    assert (found.n_pairs, found.n_ties, found.n_inconsistent) == (12, 12, 12)
    assert (found.first_place.value, found.consistent.value, found.consistent.n) == (1.0, 0.0, 12)
    assert all(strength.value == pytest.approx(1 / 3) for strength in found.strengths.values())


@pytest.mark.parametrize(
    ("there", "back", "ties", "inconsistent", "consistent", "best"),
    [
        ("first", "second", 0, 0, 1.0, "m"),
        ("second", "first", 0, 0, 1.0, "n"),
        ("neither", "neither", 1, 0, 1.0, None),
        ("first", "first", 1, 1, 0.0, None),
        ("second", "second", 1, 1, 0.0, None),
        ("first", "neither", 0, 0, 0.0, "m"),
        ("neither", "first", 0, 0, 0.0, "n"),
    ],
)
def test_every_pair_of_answers(
    there: Better, back: Better, ties: int, inconsistent: int, consistent: float, best: str | None
) -> None:
    found = aggregate(both(there, back))
    assert (found.n_ties, found.n_inconsistent, found.consistent.value) == (ties, inconsistent, consistent)
    strengths = {name: strength.value for name, strength in found.strengths.items()}
    assert (found.ranking[0] if strengths["m"] != strengths["n"] else None) == best
    assert (found.strengths["m"].low, found.consistent.low) == (None, None)  # one clip


def test_a_pair_with_a_failed_or_missing_answer_is_left_out_and_counted() -> None:
    lost = read(Call("", None, "ServerFault", "it broke off."))
    found = aggregate(zip(PAIR, [Answer(better="first"), lost], strict=True))
    assert (found.n_pairs, found.n_failed, found.ranking, found.strengths) == (0, 1, (), {})
    assert (found.consistent.value, found.first_place.value) == (None, 1.0)
    assert aggregate([(PAIR[0], Answer(better="first"))]).n_failed == 1
    assert aggregate([]).ranking == ()


def test_intervals_are_those_of_clips_drawn_with_all_their_pairs() -> None:
    """On two clips every draw is known: both, one twice, or the other twice, in the shares 1/2, 1/4, 1/4."""
    found = aggregate([*both("first", "second", "a"), *both("first", "first", "b")], resamples=400)
    strengths = [_strength(wins) for wins in (1.5, 2.0, 1.0)]
    assert found.strengths["m"].value == pytest.approx(strengths[0])
    assert (found.strengths["m"].high, found.strengths["m"].low) == pytest.approx((strengths[1], strengths[2]))
    assert found.strengths["m"].n == 2
    assert (found.consistent.value, found.consistent.low, found.consistent.high) == (0.5, 0.0, 1.0)
    # The first place won once of two on clip a, and both times on clip b.
    assert (found.first_place.value, found.first_place.low, found.first_place.high) == (0.75, 0.5, 1.0)
    assert found == aggregate([*both("first", "second", "a"), *both("first", "first", "b")], resamples=400)


def _strength(wins: float) -> float:
    """Of two, with a prior of 0.5, the likelihood is highest at the share of wins."""
    return (wins + 0.5) / 3


def test_the_interval_holds_the_true_strength_about_as_often_as_it_says() -> None:
    draw, truth, held = np.random.default_rng(3), 0.7, 0
    for _ in range(60):
        answers = itertools.chain.from_iterable(
            both(*(("first", "second") if won else ("second", "first")), f"clip{at}")
            for at, won in enumerate(draw.random(80) < truth)
        )
        low, high = ((s := aggregate(answers, resamples=200).strengths["m"]).low, s.high)
        assert low is not None and high is not None
        held += low <= truth <= high
    assert 50 <= held <= 60


def test_without_a_prior_there_are_strengths_where_they_exist_and_no_intervals() -> None:
    found = aggregate([*both("first", "second", "a"), *both("second", "first", "b")], prior=0)
    assert (found.strengths["m"].value, found.strengths["m"].low) == (pytest.approx(0.5), None)
    with pytest.raises(DataError, match="never won"):
        aggregate(both("first", "second"), prior=0)


def test_a_model_is_not_compared_with_itself() -> None:
    with pytest.raises(DataError, match="compared with itself"):
        aggregate([(Question("a", "m", "m"), Answer(better="first"))])
