"""Bradley-Terry strengths against a likelihood maximised by scipy, published coefficients, and closed forms."""

from __future__ import annotations

import math
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.metrics.agreement import bradley_terry

# Baseball, American League East 1987 (Agresti, Categorical Data Analysis, table 10.10): wins of row over column.
TEAMS = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
WINS = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]
PUBLISHED = [1.581, 1.436, 1.294, 1.248, 1.107, 0.684, 0.0]
"""Log strengths relative to Baltimore."""


def by_scipy(wins: NDArray[np.float64]) -> NDArray[np.float64]:
    def loss(log_strengths: NDArray[np.float64]) -> float:
        apart = np.subtract.outer(log_strengths, log_strengths)
        return float((wins * np.logaddexp(0, -apart)).sum() + 1e-12 * (log_strengths**2).sum())

    found = np.exp(optimize.minimize(loss, np.zeros(len(wins)), method="BFGS", options={"gtol": 1e-9}).x)
    return np.asarray(found / found.sum())


def test_the_published_strengths_of_the_baseball_teams() -> None:
    table = np.array(WINS)
    assert ((table + table.T)[~np.eye(7, dtype=bool)] == 13).all()  # each pair met 13 times
    found = bradley_terry(table)
    logs = [math.log(found.strengths[i] / found.strengths[6]) for i in range(7)]
    assert [round(one, 3) for one in logs] == pytest.approx(PUBLISHED, abs=1.5e-3)
    assert found.ranking == (0, 1, 2, 3, 4, 5, 6)
    assert found.n == 21 * 13


def test_pairs_are_the_matrix_written_out() -> None:
    pairs = [(TEAMS[i], TEAMS[j]) for i in range(7) for j in range(7) for _ in range(WINS[i][j])]
    found, by_number = bradley_terry(iter(pairs)), bradley_terry(np.array(WINS))
    assert found.ranking == tuple(TEAMS[i] for i in by_number.ranking)
    assert [found.strengths[team] for team in TEAMS] == pytest.approx(list(by_number.strengths.values()))


@given(counts=st.lists(st.integers(0, 6), min_size=12, max_size=12))
def test_is_the_most_likely(counts: list[int]) -> None:
    wins = np.zeros((4, 4))
    wins[~np.eye(4, dtype=bool)] = counts
    reach = np.linalg.matrix_power(wins + np.eye(4), 4)
    if not (reach > 0).all():  # somebody has no path of wins to somebody
        with pytest.raises(DataError, match="never won against"):
            bradley_terry(wins)
        assert len(bradley_terry(wins, prior=0.5).ranking) == 4
        return
    found = bradley_terry(wins)
    strengths = np.array(list(found.strengths.values()))
    assert strengths.sum() == pytest.approx(1)
    assert strengths == pytest.approx(by_scipy(wins), rel=1e-3, abs=1e-5)
    # At the maximum everybody wins as often as the strengths say.
    chances = strengths[:, None] / np.add.outer(strengths, strengths)
    assert ((wins + wins.T) * chances).sum(axis=1) == pytest.approx(wins.sum(axis=1), rel=1e-6)
    ordered = [found.strengths[name] for name in found.ranking]
    assert all(a >= b - 1e-9 for a, b in pairwise(ordered))


@given(counts=st.lists(st.integers(1, 6), min_size=6, max_size=6), order=st.permutations(range(3)))
def test_names_order_and_repetition_do_not_matter(counts: list[int], order: list[int]) -> None:
    wins = np.zeros((3, 3))
    wins[~np.eye(3, dtype=bool)] = counts
    strengths = np.array(list(bradley_terry(wins).strengths.values()))
    moved = bradley_terry(wins[np.ix_(order, order)] * 3)
    assert list(moved.strengths.values()) == pytest.approx(strengths[order].tolist(), rel=1e-7)
    turned = np.array(list(bradley_terry(wins.T).strengths.values()))  # who loses where others won
    assert turned == pytest.approx((1 / strengths) / (1 / strengths).sum(), rel=1e-6)


def test_two_are_as_strong_as_they_win() -> None:
    found = bradley_terry([("a", "b")] * 3 + [("b", "a")])
    assert found.strengths == pytest.approx({"a": 0.75, "b": 0.25})
    assert bradley_terry([("a", "b")] * 3 + [("b", "a")], prior=2).strengths["a"] == pytest.approx(5 / 8)


def test_equals_rank_by_name_order() -> None:
    found = bradley_terry(list(permutations(["c", "a", "b"], 2)))
    assert found.ranking == ("a", "b", "c")
    assert list(found.strengths.values()) == pytest.approx([1 / 3] * 3)


def test_twins_rank_by_order_though_their_strengths_differ_in_the_last_digit() -> None:
    wins = np.array([[0, 4, 3, 2, 2], [1, 0, 1, 1, 1], [4, 5, 0, 4, 4], [4, 4, 3, 0, 4], [2, 4, 3, 2, 0]])
    assert wins[0, 1:4].tolist() == wins[4, 1:4].tolist() and wins[1:4, 0].tolist() == wins[1:4, 4].tolist()
    found = bradley_terry(wins)
    assert found.ranking.index(0) < found.ranking.index(4)


def test_says_who_never_won() -> None:
    pairs = [("a", "b"), ("b", "a"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "c")]
    with pytest.raises(DataError, match=r"\['c', 'd'\] never won against any other; .* prior=0.5"):
        bradley_terry(pairs)
    found = bradley_terry(pairs, prior=0.1)
    assert found.prior == 0.1 and set(found.ranking[:2]) == {"a", "b"}


def test_two_groups_that_never_met() -> None:
    with pytest.raises(DataError, match="never won"):
        bradley_terry([("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")])


def test_a_larger_prior_draws_strengths_together() -> None:
    spreads = [np.ptp(list(bradley_terry(np.array(WINS), prior=prior).strengths.values())) for prior in (0, 1, 10)]
    assert spreads[0] > spreads[1] > spreads[2] > 0


def test_a_lopsided_chain_still_converges() -> None:
    wins = np.zeros((8, 8))
    for i in range(7):
        wins[i, i + 1], wins[i + 1, i] = 50, 1
    strengths = list(bradley_terry(wins).strengths.values())
    # In a chain each pair stands for itself.
    assert [a / b for a, b in pairwise(strengths)] == pytest.approx([50] * 7, rel=1e-4)


@pytest.mark.parametrize(
    ("wins", "prior", "error", "message"),
    [
        ([], 0, NothingToScore, "at least two"),
        ([("a", "a")], 0, NothingToScore, "at least two"),
        ([("a", "b"), ("a", "a")], 0, DataError, "against itself"),
        ([("a", None)], 0, DataError, "None"),
        ([[0, 3], [1, 0]], 0, UsageError, "tuples or a numpy array"),
        ([("a", "b", "c")], 0, UsageError, "tuples or a numpy array"),
        (np.ones((2, 3)), 0, UsageError, r"shape \(2, 3\)"),
        (np.array([[0, -1], [1, 0]]), 0, DataError, "from 0 on"),
        (np.array([[1, 1], [1, 0]]), 0, DataError, "against itself"),
        (np.array([[0, math.nan], [1, 0]]), 0, DataError, "nan"),
        ([("a", "b"), ("b", "a")], -1, UsageError, "prior must be"),
        ([("a", "b"), ("b", "a")], math.nan, UsageError, "prior must be"),
    ],
)
def test_refuses(wins: object, prior: float, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        bradley_terry(wins, prior=prior)  # type: ignore[arg-type]


def test_strengths_that_do_not_settle_are_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaffect.metrics.preference._LIMIT", 3)
    with pytest.raises(DataError, match="still move after 3 steps"):
        bradley_terry(np.array(WINS))
