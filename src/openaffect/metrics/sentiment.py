"""Sentiment scores of MER-UniBench: a word (positive, negative, neutral) against a gold number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaffect.errors import DataError, NothingToScore
from openaffect.metrics.overlap import Missing, select

WORDS = {"positive": 1, "negative": -1, "neutral": 0}
"""What a predicted word stands for; any other word, also *Positive* or *negative.*, counts as neutral."""


@dataclass(frozen=True)
class SentimentScores:
    """Weighted F1 (the primary number) and accuracy of positive against the rest."""

    waf: float
    accuracy: float
    n: int
    """Samples that count: their gold value is not zero."""
    n_skipped: int
    """Samples with the gold value zero, which never count."""
    n_unknown: int
    """Samples of `n` whose prediction is none of the three words; the official scorer takes them for neutral."""
    three_way_f1: float
    """Macro F1 of negative, neutral and positive over all samples, the zeros included.  Our addition."""
    missing: tuple[str, ...] = ()


def sentiment_scores(
    truth: Mapping[str, float], predictions: Mapping[str, str], *, missing: Missing = "raise"
) -> SentimentScores:
    """Return the sentiment scores of *predictions* (words) against *truth* (numbers, their sign counts).

    Samples with gold 0 are dropped.  The rest is binary: gold > 0 against predicted *positive*, so that **neutral and
    unknown words count as negative**.  Words are compared exactly, case included.

    Raises `MissingPrediction` (a ``KeyError``) unless ``missing="count"``, `NothingToScore` (an ``IndexError``) when
    every gold value is zero, `DataError` for a gold value that is no number.

    >>> scores = sentiment_scores({"a": -0.2, "b": 0.2, "c": 0.0}, dict.fromkeys("abc", "neutral"))
    >>> round(scores.waf, 4), scores.accuracy, scores.n, scores.n_skipped
    (0.3333, 0.5, 2, 1)
    """
    absent = select(truth, predictions, missing)
    gold = np.array([_number(name, value) for name, value in truth.items()])
    words = [predictions.get(name, "") for name in truth]
    given = np.array([WORDS.get(word, 0) if isinstance(word, str) else 0 for word in words], dtype=np.int64)
    counts = gold != 0
    if not counts.any():
        raise NothingToScore(f"none of the {gold.size} gold sentiment values differs from zero, so nothing counts.")
    waf, accuracy = binary_scores(confusion_counts(gold[counts], given[counts])[None])
    unknown = np.array([word not in WORDS for word in words])
    return SentimentScores(
        waf=float(waf[0]),
        accuracy=float(accuracy[0]),
        n=int(counts.sum()),
        n_skipped=int((~counts).sum()),
        n_unknown=int((unknown & counts).sum()),
        three_way_f1=_three_way(np.sign(gold), given),
        missing=absent,
    )


def confusion_counts(
    gold: NDArray[np.float64], given: NDArray[np.int64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return how often (gold > 0, given > 0) is (no, no), (no, yes), (yes, no), (yes, yes): shape (4,), or (b, 4)."""
    cells = np.eye(4)[2 * (gold > 0) + (given > 0)]
    counts: NDArray[np.float64] = cells.sum(axis=0) if weights is None else weights @ cells
    return counts


def binary_scores(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weighted F1 and accuracy of each row of *counts* (b, 4), as `confusion_counts` gives them."""
    tn, fp, fn, tp = counts.T
    total = counts.sum(axis=1)
    wrong = fp + fn
    # An F1 without any positive is 0, as in scikit-learn; its weight, the support, is then 0 or the miss is real.
    positive = 2 * tp / np.maximum(2 * tp + wrong, 1)
    negative = 2 * tn / np.maximum(2 * tn + wrong, 1)
    return ((tp + fn) * positive + (tn + fp) * negative) / total, (tp + tn) / total


def _number(name: str, value: float) -> float:
    if isinstance(value, str | bytes) or not math.isfinite(value):
        raise DataError(f"the gold sentiment of {name!r} must be a finite number, {value!r:.40} came.")
    return float(value)


def _three_way(gold: NDArray[np.float64], given: NDArray[np.int64]) -> float:
    scores = []
    for side in (-1, 0, 1):
        if not (gold == side).any() and not (given == side).any():
            continue
        hits = ((gold == side) & (given == side)).sum()
        scores.append(2 * hits / ((gold == side).sum() + (given == side).sum()))
    return float(np.mean(scores))
