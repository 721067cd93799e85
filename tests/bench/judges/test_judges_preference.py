"""Pairs in both orders, ties, position bias, and the ranking."""

import pytest

from openaffect.bench.judges.preference import Answer, Question, aggregate, messages, questions, read
from openaffect.errors import DataError
from openaffect.metrics.agreement import bradley_terry
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Reply, Text
from openaffect.mllm.fake import Fake

TEXTS = {f"clip{i}": {"good": "GOOD", "fair": "FAIR", "poor": "POOR"} for i in range(4)}
RANK = {"good": 3, "fair": 2, "poor": 1}


def test_every_pair_is_asked_in_both_orders() -> None:
    asked = questions(TEXTS)
    assert len(asked) == 4 * 3 * 2 == len({each.id for each in asked})
    assert {(q.clip, q.second, q.first) for q in asked} == {(q.clip, q.first, q.second) for q in asked}


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
    assert found.first_place.value == 0.5
    wins = [(a, b) for a, b in (("good", "fair"), ("good", "poor"), ("fair", "poor")) for _ in range(4)]
    for name, strength in bradley_terry(wins, prior=0.5).strengths.items():
        assert found.strengths[str(name)] == pytest.approx(strength)


def test_a_judge_that_looks_at_the_place_gives_ties_and_a_bias() -> None:
    found = aggregate((question, Answer(better="first")) for question in questions(TEXTS))
    assert (found.n_pairs, found.n_ties, found.n_inconsistent) == (12, 12, 12)
    assert found.first_place.value == 1.0
    assert all(strength == pytest.approx(1 / 3) for strength in found.strengths.values())


def test_neither_is_a_tie_but_not_inconsistent_and_one_choice_beside_it_decides() -> None:
    pair = [Question("a", "m", "n"), Question("a", "n", "m")]
    found = aggregate(zip(pair, [Answer(better="neither"), Answer(better="neither")], strict=True))
    assert (found.n_ties, found.n_inconsistent, found.first_place.value) == (1, 0, None)
    found = aggregate(zip(pair, [Answer(better="first"), Answer(better="neither")], strict=True))
    assert (found.n_ties, found.ranking) == (0, ("m", "n"))


def test_a_pair_with_a_failed_or_missing_answer_is_left_out_and_counted() -> None:
    pair = [Question("a", "m", "n"), Question("a", "n", "m")]
    lost = read(Call("", None, "ServerFault", "it broke off."))
    found = aggregate(zip(pair, [Answer(better="first"), lost], strict=True))
    assert (found.n_pairs, found.n_failed, found.ranking, found.strengths) == (0, 1, (), {})
    assert aggregate([(pair[0], Answer(better="first"))]).n_failed == 1


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ('{"reason": "x", "better": "A"}', "first"),
        ('```json\n{"better": "b"}\n```', "second"),
        ("Neither.", "neither"),
        ("A", "first"),
        ("A or B", None),
        ('{"better": 1}', None),
    ],
)
def test_replies(text: str, better: str | None) -> None:
    found = read(Call("", Reply(text)))
    assert found.better == better
    assert bool(found.cause) == (better is None)


def test_a_model_is_not_compared_with_itself() -> None:
    with pytest.raises(DataError, match="compared with itself"):
        aggregate([(Question("a", "m", "m"), Answer(better="first"))])
