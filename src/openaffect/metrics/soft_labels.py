"""Distributions of labels: what the annotators as a group said, and how near a predicted distribution comes.

Where people disagree, a single consensus label throws away what they saw; a distribution keeps it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.lookup import suggest
from openaffect.metrics.columns import Floats, distinct, finite
from openaffect.records import Annotation, Sample

_SLACK = 1e-4
# How far from 1 a row may sum (single precision, printed digits); it is then divided by its sum.


@dataclass(frozen=True, eq=False)
class SoftScores:
    """How far predicted distributions are from those of the annotators; lower is nearer."""

    cross_entropy: float
    """Mean over samples, in nats; infinite where a class that somebody chose was given probability 0."""
    divergence: float
    """Mean Jensen-Shannon divergence over samples, base 2: 0 for equal, 1 for disjoint distributions."""
    cross_entropies: Floats
    """By sample, shape (n,)."""
    divergences: Floats
    """By sample, shape (n,)."""
    n: int


def label_distribution(views: Sample | Iterable[Annotation], classes: Iterable[str]) -> Floats:
    """Return the share of each of *classes* among the annotators of a sample, shape (k,), sum 1.

    Each annotator counts with their weight, split evenly over their labels (each label once).  One without labels does
    not count.  Raises `DataError` for a label that is not in *classes*, `NothingToScore` where nobody gave a label,
    `UsageError` for no classes or one that stands twice.

    >>> views = [Annotation(annotator="a", labels=("sad",)), Annotation(annotator="b", labels=("sad", "angry"))]
    >>> label_distribution(views, ["angry", "sad"]).tolist()
    [0.25, 0.75]
    """
    place: dict[Hashable, int] = {label: i for i, label in enumerate(distinct(classes, "classes"))}
    shares: Floats = np.zeros(len(place))
    for view in views.annotations if isinstance(views, Sample) else views:
        labels = dict.fromkeys(view.labels)
        for label in labels:
            if label not in place:
                near = suggest(label, [str(known) for known in place])
                raise DataError(f"{view.annotator} gave '{label}', which is no class{near}; add it or drop it first.")
            shares[place[label]] += view.weight / len(labels)
    if not shares.any():
        raise NothingToScore("no annotator gave a label; leave the sample out.")
    return np.asarray(shares / shares.sum())


def soft_scores(distributions: ArrayLike, predictions: ArrayLike) -> SoftScores:
    r"""Return cross-entropy and Jensen-Shannon divergence of *predictions* against the annotators' *distributions*.

    .. math:: H(p, q) = -\sum_k p_k \ln q_k, \quad
              J(p, q) = \tfrac12 \sum_k p_k \log_2 \frac{p_k}{m_k} + \tfrac12 \sum_k q_k \log_2 \frac{q_k}{m_k}, \quad
              m = \tfrac12 (p + q)

    with 0 log 0 = 0; p is a row of *distributions*, q of *predictions*, both of shape (n, k) with rows that sum to 1.
    The least cross-entropy is the entropy of p, not 0, so compare it between models on one set; the divergence is 0 for
    a perfect prediction.

    Raises `UsageError` for shapes that differ, `DataError` for NaN, negative values, or rows that do not sum to 1.
    Source: J. Lin, "Divergence measures based on the Shannon entropy", IEEE Trans. Information Theory 37, 1991.

    >>> scores = soft_scores([[1.0, 0.0], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]])
    >>> round(scores.cross_entropy, 4), round(scores.divergence, 4)
    (0.6931, 0.1556)
    """
    truth, guess = _rows(distributions, "distributions"), _rows(predictions, "predictions")
    if truth.shape != guess.shape:
        raise UsageError(f"distributions and predictions must have one shape, but {truth.shape}, {guess.shape} came.")
    middle = (truth + guess) / 2
    entropies = -_sum_of_logs(truth, guess)
    divergences = (_relative(truth, middle) + _relative(guess, middle)) / (2 * np.log(2))
    divergences = np.clip(divergences, 0.0, 1.0)  # rounding leaves -1e-17
    return SoftScores(float(entropies.mean()), float(divergences.mean()), entropies, divergences, len(truth))


def _rows(values: ArrayLike, name: str) -> Floats:
    rows = finite(values, name, axes=2)
    sums = rows.sum(axis=1, keepdims=True)
    if (rows < 0).any() or (np.abs(sums - 1) > _SLACK).any():
        worst = int(np.argmax(np.abs(sums - 1) + (rows < 0).any(axis=1, keepdims=True)))
        raise DataError(f"{name} must be rows from 0 on that sum to 1; row {worst} is {rows[worst].tolist()}.")
    return np.asarray(rows / sums)


def _sum_of_logs(weights: Floats, values: Floats) -> Floats:
    """Return the sum of weights * ln(values) of each row, where 0 * ln(0) is 0."""
    with np.errstate(divide="ignore"):  # ln 0 is -inf, as it should be where it has weight
        logs = np.log(np.where(weights > 0, values, 1.0))
    return np.asarray((weights * logs).sum(axis=1))


def _relative(one: Floats, other: Floats) -> Floats:
    return _sum_of_logs(one, one) - _sum_of_logs(one, other)
