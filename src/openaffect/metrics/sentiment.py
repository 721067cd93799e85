"""Sentiment scores of MER-UniBench: a word (positive, negative, neutral) against a gold number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaffect.brief import brief
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
    """Samples without a prediction, counted as wrong."""


def sentiment_scores(
    truth: Mapping[str, float], predictions: Mapping[str, str], *, missing: Missing = "raise"
) -> SentimentScores:
    """Return the sentiment scores of *predictions* (words) against *truth* (numbers, their sign counts).

    Samples with gold 0 are dropped.  The rest is binary: gold > 0 against predicted *positive*, so that **neutral and
    unknown words count as negative**.  Words are compared exactly, case included.

    With ``missing="count"`` a missing prediction is **wrong**, whatever the gold value: read as an empty word it would
    be right on every negative sample.  Raises `MissingPrediction` (a ``KeyError``) without, `NothingToScore` (an
    ``IndexError``) when every gold value is zero, `DataError` for a gold value that is no number.

    >>> scores = sentiment_scores({"a": -0.2, "b": 0.2, "c": 0.0}, dict.fromkeys("abc", "neutral"))
    >>> round(scores.waf, 4), scores.accuracy, scores.n, scores.n_skipped
    (0.3333, 0.5, 2, 1)
    """
    absent = select(truth, predictions, missing)
    gold = np.array([_number(name, value) for name, value in truth.items()])
    given, unknown = read_signs(truth, predictions)
    counts = gold != 0
    if not counts.any():
        raise NothingToScore(f"none of the {gold.size} gold sentiment values differs from zero, so nothing counts.")
    confusion = cells_of(gold, given).sum(axis=0).reshape(1, 3, 3)
    waf, accuracy = binary_scores(confusion)
    return SentimentScores(
        waf=float(waf[0]),
        accuracy=float(accuracy[0]),
        n=int(counts.sum()),
        n_skipped=int((~counts).sum()),
        n_unknown=int((unknown & counts).sum()),
        three_way_f1=float(macro_f1_of(confusion)[0]),
        missing=absent,
    )


def read_signs(
    truth: Mapping[str, float], predictions: Mapping[str, str]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the predicted sign of each sample of *truth*, and where the prediction is none of the three words.

    A sample without a prediction gets a sign that is wrong for its gold value.
    """
    wrong = {name: -1 if value > 0 else 1 for name, value in truth.items() if name not in predictions}
    signs = [wrong.get(name, sign_of(predictions.get(name))) for name in truth]
    unknown = np.array([sign is None for sign in signs], dtype=np.bool_)
    return np.array([sign or 0 for sign in signs], dtype=np.int64), unknown


def cells_of(gold: NDArray[np.float64], given: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the cell of the confusion (negative, neutral, positive; gold first) in which each sample lies: (n, 9)."""
    return np.asarray(np.eye(9)[(3 * (np.sign(gold) + 1) + given + 1).astype(np.int64)])


def binary_scores(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weighted F1 and accuracy of positive against the rest for each confusion in *counts* (b, 3, 3).

    The row of gold neutral never counts; the columns of predicted negative and neutral are one.
    """
    tn, fp = counts[:, 0, :2].sum(axis=1), counts[:, 0, 2]
    fn, tp = counts[:, 2, :2].sum(axis=1), counts[:, 2, 2]
    wrong = fp + fn
    # A class that occurs on neither side has F1 0, as in scikit-learn; its weight, the support, is 0 as well.
    positive = 2 * tp / np.maximum(2 * tp + wrong, 1)
    negative = 2 * tn / np.maximum(2 * tn + wrong, 1)
    total = tn + fp + fn + tp
    with np.errstate(invalid="ignore"):  # a resample in which no sample counts has no score: NaN
        return ((tp + fn) * positive + (tn + fp) * negative) / total, (tp + tn) / total


def sign_of(word: object) -> int | None:
    """Return 1, -1 or 0 for one of the three words, written exactly so, and None for anything else.

    >>> sign_of("negative"), sign_of("Negative")
    (-1, None)
    """
    return WORDS.get(word) if isinstance(word, str) else None


def _number(name: str, value: float) -> float:
    if not isinstance(value, int | float | np.number) or not math.isfinite(value):
        raise DataError(f"the gold sentiment of {name!r} must be a finite number, {brief(value)} came.")
    return float(value)


def macro_f1_of(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the macro F1 of each confusion in *counts* (..., k, k); a class that occurs on neither side has no say."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    total = counts.sum(axis=-1) + counts.sum(axis=-2)
    return np.asarray((2 * hits / np.maximum(total, 1)).sum(axis=-1) / (total > 0).sum(axis=-1))
