"""Distributions of labels and their scores against scipy, scikit-learn and sums by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy
from sklearn.metrics import log_loss

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.metrics.agreement import label_distribution, soft_scores
from openaffect.records import Annotation, Sample

CLASSES = ["angry", "happy", "sad"]
COUNTS = st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3).filter(any), min_size=1, max_size=8)


def shares(counts: list[list[int]]) -> NDArray[np.float64]:
    table = np.array(counts, dtype=float)
    return np.asarray(table / table.sum(axis=1, keepdims=True))


@given(truth=COUNTS, guess=COUNTS)
def test_is_scipys(truth: list[list[int]], guess: list[list[int]]) -> None:
    n = min(len(truth), len(guess))
    p, q = shares(truth[:n]), shares(guess[:n])
    found = soft_scores(p, q)
    divergences = [jensenshannon(a, b, base=2) ** 2 for a, b in zip(p, q, strict=True)]
    entropies = [entropy(a) + entropy(a, b) for a, b in zip(p, q, strict=True)]
    assert found.divergences == pytest.approx(np.array(divergences), abs=1e-7)
    assert found.cross_entropies == pytest.approx(np.array(entropies))
    assert found.divergence == pytest.approx(np.mean(divergences), abs=1e-7)
    assert found.cross_entropy == pytest.approx(np.mean(entropies))
    assert found.n == n


def test_cross_entropy_of_sure_annotators_is_log_loss() -> None:
    guess = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.2, 0.5, 0.3]])
    truth = [0, 2, 0]
    assert soft_scores(np.eye(3)[truth], guess).cross_entropy == pytest.approx(log_loss(truth, guess, labels=[0, 1, 2]))


def test_by_hand() -> None:
    found = soft_scores([[0.5, 0.5, 0.0]], [[0.25, 0.25, 0.5]])
    assert found.cross_entropy == pytest.approx(math.log(4))
    # m = (3/8, 3/8, 1/4): half of log2(4/3), and half of (log2(2/3) / 2 + log2(2) / 2)
    assert found.divergence == pytest.approx(math.log2(4 / 3) / 2 + (math.log2(2 / 3) / 2 + 1 / 2) / 2)


@given(truth=COUNTS, guess=COUNTS, seed=st.integers(0, 3))
def test_what_holds_for_any_distributions(truth: list[list[int]], guess: list[list[int]], seed: int) -> None:
    n = min(len(truth), len(guess))
    p, q = shares(truth[:n]), shares(guess[:n])
    found, turned = soft_scores(p, q), soft_scores(q, p)
    assert (found.divergences >= 0).all() and (found.divergences <= 1).all()
    assert turned.divergences == pytest.approx(found.divergences)
    assert soft_scores(p, p).divergence == pytest.approx(0, abs=1e-12)
    assert found.cross_entropy >= soft_scores(p, p).cross_entropy - 1e-12  # Gibbs
    order = np.random.default_rng(seed).permutation(3)
    assert soft_scores(p[:, order], q[:, order]).divergences == pytest.approx(found.divergences)
    twice = soft_scores(np.vstack([p, p]), np.vstack([q, q]))
    assert (twice.divergence, twice.cross_entropy) == pytest.approx((found.divergence, found.cross_entropy))


def test_disjoint_distributions_are_as_far_as_can_be() -> None:
    found = soft_scores([[1, 0]], [[0, 1]])
    assert (found.divergence, found.cross_entropy) == (1.0, math.inf)


def test_rows_that_nearly_sum_to_one_are_made_to() -> None:
    found = soft_scores([[0.5, 0.5]], [[0.49998, 0.49998]])
    assert found.cross_entropy == pytest.approx(math.log(2), abs=1e-12)


def test_single_precision_rows_are_taken() -> None:
    guess = np.array([[1 / 3, 1 / 3, 1 / 3]], dtype=np.float32)
    assert soft_scores([[1, 0, 0]], guess).cross_entropy == pytest.approx(math.log(3), rel=1e-6)


@pytest.mark.parametrize(
    ("truth", "guess", "error", "message"),
    [
        ([[0.5, 0.5]], [[0.5, 0.4]], DataError, "predictions must be rows .* row 0 is"),
        ([[0.5, 0.5], [1.5, -0.5]], [[1, 0], [1, 0]], DataError, "distributions must be rows .* row 1 is"),
        ([[0.5, 0.5]], [[0.5, 0.5, 0.0]], UsageError, "one shape"),
        ([[0.5, 0.5]], [[0.5, math.nan]], DataError, "nan"),
        ([0.5, 0.5], [0.5, 0.5], UsageError, "2 axis or axes"),
        ([], [], UsageError, "2 axis or axes"),
    ],
)
def test_refuses(truth: object, guess: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        soft_scores(truth, guess)  # type: ignore[arg-type]


def view(name: str, *labels: str, weight: float = 1.0) -> Annotation:
    return Annotation(annotator=name, labels=labels, weight=weight)


def test_annotators_share_by_their_weight() -> None:
    views = (view("a", "sad", weight=2), view("b", "sad", "angry"), view("c"), view("d", "happy", "happy"))
    expected = [0.5 / 4, 1 / 4, (2 + 0.5) / 4]
    assert label_distribution(views, CLASSES) == pytest.approx(np.array(expected))
    sample = Sample(id="1", dataset="made", annotations=views)
    assert label_distribution(sample, CLASSES) == pytest.approx(np.array(expected))
    assert label_distribution(iter(views), reversed(CLASSES)) == pytest.approx(np.array(expected[::-1]))


def test_label_distribution_refuses() -> None:
    with pytest.raises(DataError, match="b gave 'hapy', which is no class, did you mean 'happy'"):
        label_distribution([view("a", "sad"), view("b", "hapy")], CLASSES)
    with pytest.raises(NothingToScore, match="no annotator gave a label"):
        label_distribution([view("a")], CLASSES)
    with pytest.raises(UsageError, match="classes must be"):
        label_distribution([view("a", "sad")], [])
    with pytest.raises(UsageError, match="one text 'sad'"):
        label_distribution([view("a", "sad")], "sad")
