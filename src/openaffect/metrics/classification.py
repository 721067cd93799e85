"""How well predicted classes meet the true ones: one class a sample.

Labels are any hashable objects (text, numbers, booleans; note that Python holds ``True == 1``).  A prediction that is
none of the classes, for instance a model's refusal, is one more label, and wrong.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaffect.metrics.columns import Floats, cross_table, distinct

Labels = Iterable[Hashable]


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often each true label (row) was predicted as each label (column)."""

    labels: tuple[Hashable, ...]
    """The names of the rows and of the columns."""
    counts: NDArray[np.int64]
    """Shape (k, k)."""


@dataclass(frozen=True)
class ClassScore:
    """The scores of one class, 0–1; 0/0 is 0."""

    precision: float
    """Of the samples predicted as the class, the share that is of it."""
    recall: float
    """Of the samples of the class, the share that was predicted as it."""
    f1: float
    """2 TP / (2 TP + FP + FN), the harmonic mean of the two."""
    support: int
    """Samples of the class."""


def confusion(truth: Labels, prediction: Labels, labels: Labels | None = None) -> Confusion:
    """Return the confusion matrix: counts of shape (k, k), rows truth, columns prediction.

    *labels* gives the order; by default all labels of both columns, sorted (in order of appearance where they cannot be
    compared).  Raises `UsageError` for columns of different length, `DataError` for None, NaN, no sample, or a label
    that *labels* lacks (scikit-learn would drop its samples in silence).

    >>> confusion(["sad", "sad", "glad"], ["sad", "glad", "glad"]).counts.tolist()
    [[1, 0], [1, 1]]
    """
    return Confusion(*cross_table(truth, prediction, labels))


def scores_by_class(truth: Labels, prediction: Labels, labels: Labels | None = None) -> dict[Hashable, ClassScore]:
    """Return precision, recall, F1 and support of each class of *labels*, by default of both columns.

    Samples of other classes still count as errors.  A class that stands nowhere scores 0.  Raises as `confusion` does,
    except that *labels* need not be complete.

    >>> scores_by_class(["sad", "sad", "glad"], ["sad", "glad", "glad"])["sad"].recall
    0.5
    """
    table = confusion(truth, prediction)
    hits, support, named = np.diag(table.counts), table.counts.sum(axis=1), table.counts.sum(axis=0)
    columns = (_share(hits, named), _share(hits, support), _share(2 * hits, support + named), support)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    scores = {label: ClassScore(*row) for label, row in zip(table.labels, rows, strict=True)}
    if labels is None:
        return scores
    return {label: scores.get(label, ClassScore(0.0, 0.0, 0.0, 0)) for label in distinct(labels)}


def accuracy(truth: Labels, prediction: Labels) -> float:
    """Return the share of samples that are predicted rightly (the WAR, weighted average recall, of some papers).

    Raises as `confusion` does.

    >>> accuracy(["sad", "sad", "glad", "glad"], ["sad", "glad", "glad", "glad"])
    0.75
    """
    counts = confusion(truth, prediction).counts
    return float(np.trace(counts) / counts.sum())


def weighted_f1(truth: Labels, prediction: Labels) -> float:
    r"""Return the mean F1 of the classes, weighted by how many samples each truly has (WAF).

    .. math:: \sum_k n_k F_k / \sum_k n_k, \quad F_k = 2 TP_k / (2 TP_k + FP_k + FN_k)

    0/0 is 0.  A class that is predicted but never true has weight 0; its samples still lack in the recall of their own
    class.  Equal to scikit-learn's ``f1_score(average="weighted", zero_division=0)``.  Raises as `confusion` does.

    >>> round(weighted_f1(["sad", "sad", "glad"], ["sad", "glad", "glad"]), 4)
    0.6667
    """
    scores = scores_by_class(truth, prediction).values()
    return sum(one.f1 * one.support for one in scores) / sum(one.support for one in scores)


def macro_f1(truth: Labels, prediction: Labels, *, labels: Labels | None = None) -> float:
    r"""Return the plain mean of the F1 of the classes.

    .. math:: \frac{1}{K} \sum_k F_k

    0/0 is 0.  By default the K classes are all that stand in either column, as in scikit-learn's
    ``f1_score(average="macro", zero_division=0)``: **a class that is only ever predicted counts as one with F1 0** and
    lowers the mean.  Give the classes of the task as *labels* to average over those.  Raises as `scores_by_class` does.

    >>> round(macro_f1(["sad", "sad", "glad"], ["sad", "none", "glad"]), 4)
    0.5556
    >>> round(macro_f1(["sad", "sad", "glad"], ["sad", "none", "glad"], labels=["sad", "glad"]), 4)
    0.8333
    """
    return float(np.mean([one.f1 for one in scores_by_class(truth, prediction, labels).values()]))


def uar(truth: Labels, prediction: Labels, *, labels: Labels | None = None) -> float:
    r"""Return the unweighted average recall: the plain mean of the recall of the classes.

    .. math:: \frac{1}{K} \sum_k TP_k / (TP_k + FN_k)

    Chance is 1/K whatever the sizes of the classes.  By default the K classes are **those of the truth**, as in
    scikit-learn's ``balanced_accuracy_score``: a class that is only ever predicted is an error and no class.  With
    *labels*, each of them counts, and one without samples counts as 0, as in audmetric and in scikit-learn's
    ``recall_score(average="macro", zero_division=0)`` (whose default is the classes of both columns).
    Raises as `scores_by_class` does.
    Source: A. Rosenberg, "Classifying skewed data: importance weighting to optimize average recall", Interspeech 2012.

    >>> uar(["sad", "sad", "glad"], ["sad", "none", "glad"])
    0.75
    >>> uar(["sad", "sad", "glad"], ["sad", "none", "glad"], labels=["sad", "glad", "none"])
    0.5
    """
    scores = scores_by_class(truth, prediction, labels).values()
    return float(np.mean([one.recall for one in scores if one.support or labels is not None]))


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Floats:
    return part / np.maximum(whole, 1)  # part is 0 wherever whole is
