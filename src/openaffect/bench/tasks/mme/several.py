"""Set scores of several labels a clip, without a judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openaffect.bench.tasks.mme.labels import Candidates, form, match_label, offered, split_labels
from openaffect.bench.tasks.mme.tasks import find_task
from openaffect.emotion.parse import read_labels
from openaffect.errors import NothingToScore, UndefinedScore, UsageError
from openaffect.metrics.overlap import Missing, select


@dataclass(frozen=True)
class LabelSetScores:
    """Set scores of several labels a clip: means over the clips, 0–1, except `micro_f1`."""

    f1: float
    """Mean of 2 |G ∩ P| / (|G| + |P|)."""
    jaccard: float
    """Mean of |G ∩ P| / |G ∪ P|."""
    precision: float
    """Mean of |G ∩ P| / |P|, 0 where nothing is predicted."""
    recall: float
    """Mean of |G ∩ P| / |G|: what the official recognition asks a judge for."""
    micro_f1: float
    """F1 of all labels of all clips together."""
    exact: float
    """Share of clips whose sets are equal."""
    n: int
    n_empty: int
    """Clips of `n` without a predicted label."""
    n_unknown: int
    """Predicted labels that stand for no candidate, counted by clip; each is one wrong label."""
    missing: tuple[str, ...] = ()


def label_set_scores(
    truth: Mapping[str, str | Sequence[str]],
    predictions: Mapping[str, str | Sequence[str]],
    task: str,
    *,
    candidates: Candidates | None = None,
    missing: Missing = "raise",
) -> LabelSetScores:
    """Return F1, Jaccard and further set scores of FG-ER or ML-ER.

    *truth* maps a clip to its labels as in the files (`split_labels`), *predictions* to labels, a list or text with any
    usual separators (`openaffect.emotion.parse.read_labels`).  *candidates* are the labels that each clip was offered;
    by default those of the task's label sets that hold all of its true labels.

    Raises `UsageError` for a task with one label a clip, `MissingPrediction` (a ``KeyError``) unless
    ``missing="count"``, `UndefinedScore` (a ``ZeroDivisionError``) for a clip without true labels, `NothingToScore`
    without clips.

    >>> found = label_set_scores({"a": "Fear;Pain", "b": "Peace"}, {"a": "fear, anger", "b": "peace"}, "FG-ER")
    >>> found.f1, round(found.jaccard, 3), found.recall
    (0.75, 0.667, 0.75)
    """
    rules = find_task(task)
    if rules.separator is None:
        raise UsageError(f"{task} has one label a clip; use match_scores, label_set_scores is for FG-ER and ML-ER.")
    absent, sizes, unknown = select(truth, predictions, missing), [], 0
    for name, labels in truth.items():
        true = split_labels(labels, task)
        if not true:
            raise UndefinedScore(f"{name!r} has no true label, so its recall does not exist; leave it out or label it.")
        known = offered(name, true, rules, candidates)
        given = {label: match_label(label, known) for label in read_labels(predictions.get(name, "")).labels}
        unknown += sum(found is None for found in given.values())
        wanted, predicted = {form(label) for label in true}, {form(found or label) for label, found in given.items()}
        sizes.append((len(wanted & predicted), len(wanted), len(predicted)))
    return _set_scores(sizes, unknown, absent)


def _set_scores(sizes: Sequence[tuple[int, int, int]], unknown: int, missing: tuple[str, ...]) -> LabelSetScores:
    """Return the scores of clips with |G ∩ P|, |G| and |P|."""
    if not sizes:
        raise NothingToScore("there is no clip to score; give at least one.")
    n = len(sizes)
    shared, true, given = (sum(column) for column in zip(*sizes, strict=True))
    return LabelSetScores(
        f1=sum(2 * both / (g + p) for both, g, p in sizes) / n,
        jaccard=sum(both / (g + p - both) for both, g, p in sizes) / n,
        precision=sum(both / p for both, _, p in sizes if p) / n,
        recall=sum(both / g for both, g, _ in sizes) / n,
        micro_f1=2 * shared / (true + given),
        exact=sum(both == g == p for both, g, p in sizes) / n,
        n=n,
        n_empty=sum(p == 0 for _, _, p in sizes),
        n_unknown=unknown,
        missing=missing,
    )
