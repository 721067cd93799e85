"""One label a clip, without a judge: a plain match, and the distance of fine-grained sentiments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sized
from dataclasses import dataclass

from openaffect.bench.tasks.mme.labels import Candidates, form, is_emotional, match_label, offered
from openaffect.bench.tasks.mme.tasks import find_task
from openaffect.emotion.label_sets import label_set
from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.metrics.overlap import Missing, select

_SENTIMENTS = label_set("mosi-9").names


@dataclass(frozen=True)
class OrdinalScores:
    """Distances on the nine steps from very strong negative to very strong positive."""

    mean_distance: float
    """Mean absolute distance in steps, 0–8."""
    within_one: float
    """Share of clips at most one step away."""
    exact: float
    n: int
    n_unknown: int
    """Clips whose prediction is none of the nine names; each has the largest distance that its truth allows."""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class MatchScores:
    """Judge-free recognition of one label a clip."""

    accuracy: float
    """Share of clips whose predicted label stands for the true one, 0–1."""
    by_label: Mapping[str, float]
    """True label → share of its clips that match, in the order of the code points."""
    n: int
    n_unknown: int
    """Clips whose prediction stands for no candidate."""
    missing: tuple[str, ...] = ()

    @property
    def uar(self) -> float:
        """The plain mean of `by_label`: the unweighted average recall."""
        return sum(self.by_label.values()) / len(self.by_label)


def ordinal_scores(
    truth: Mapping[str, str], predictions: Mapping[str, str], *, missing: Missing = "raise"
) -> OrdinalScores:
    """Return how far predicted fine-grained sentiments (FG-SA) lie from the true ones on the nine ordered names.

    A prediction that is none of them, or absent with ``missing="count"``, lies as far away as its truth allows.  Raises
    `MissingPrediction` (a ``KeyError``) unless ``missing="count"``, `DataError` for a truth that is none of the names,
    `NothingToScore` without clips.

    >>> truth = {"a": "strong negative", "b": "neutral"}
    >>> found = ordinal_scores(truth, {"a": "Negative", "b": "strong positive"})
    >>> found.mean_distance, found.within_one
    (2.0, 0.5)
    """
    absent, last = select(truth, predictions, missing), len(_SENTIMENTS) - 1
    distances, unknown = [], 0
    for name, label in truth.items():
        place, given = _place(label), _place(predictions.get(name, ""))
        if place is None:
            raise DataError(f"{name!r} has {label!r:.40}; FG-SA has the labels {', '.join(_SENTIMENTS)}.")
        unknown += given is None
        distances.append(max(place, last - place) if given is None else abs(place - given))
    n = _counted(distances)
    return OrdinalScores(
        mean_distance=sum(distances) / n,
        within_one=sum(distance <= 1 for distance in distances) / n,
        exact=sum(distance == 0 for distance in distances) / n,
        n=n,
        n_unknown=unknown,
        missing=absent,
    )


def match_scores(
    truth: Mapping[str, str],
    predictions: Mapping[str, str],
    task: str,
    *,
    candidates: Candidates | None = None,
    missing: Missing = "raise",
) -> MatchScores:
    """Return the share of clips whose predicted label stands for the true one (rules of this module), without a judge.

    *predictions* are labels, not sentences: take them out of a model's reply first.  *candidates* are the labels that
    each clip was offered; by default those of the task's label sets that hold its true label.

    Raises `UsageError` for a task with several labels, `MissingPrediction` (a ``KeyError``) unless ``missing="count"``,
    `NothingToScore` without clips.

    >>> found = match_scores({"a": "Sadness", "b": "Neutral"}, {"a": "sad", "b": "calm"}, "ER-Lab")
    >>> found.accuracy, found.by_label, found.n_unknown
    (0.5, {'Neutral': 0.0, 'Sadness': 1.0}, 1)
    """
    rules = find_task(task)
    if rules.separator is not None:
        raise UsageError(f"{task} has several labels a clip; use label_set_scores.")
    absent = select(truth, predictions, missing)
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    unknown = 0
    for name, label in truth.items():
        known = offered(name, (label,), rules, candidates)
        found = match_label(predictions.get(name, ""), known, wheel=is_emotional(rules))
        unknown += found is None
        total[label] += 1
        right[label] += found is not None and form(found) == form(label)
    n = _counted(truth)
    shares = {label: right[label] / total[label] for label in sorted(total)}
    return MatchScores(right.total() / n, shares, n, unknown, absent)


def _place(label: object) -> int | None:
    """Return the place of a fine-grained sentiment among the nine, None for anything else."""
    places = {form(name): place for place, name in enumerate(_SENTIMENTS)}
    return places.get(form(label))


def _counted(clips: Sized) -> int:
    if not len(clips):
        raise NothingToScore("there is no clip to score; give at least one.")
    return len(clips)
