"""Pairs in both orders, and what a reply says."""

import pytest

from openaffect.bench.judges.preference import questions, read
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Reply

TEXTS = {f"clip{i}": {"good": "GOOD", "fair": "FAIR", "poor": "POOR"} for i in range(4)}


def test_every_pair_is_asked_in_both_orders() -> None:
    asked = questions(TEXTS)
    assert len(asked) == 4 * 3 * 2 == len({each.id for each in asked})
    assert {(q.clip, q.second, q.first) for q in asked} == {(q.clip, q.first, q.second) for q in asked}


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
