"""One annotator's views beside what all the others said, and the score of these views against the others' consensus."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from openaffect.emotion.parse import normalise
from openaffect.emotion.wheel import Wheels
from openaffect.errors import DataError
from openaffect.metrics.classification import uar
from openaffect.metrics.regression import ccc
from openaffect.records import Annotation, Sample


class View(NamedTuple):
    """One person's look at one sample, and how the others looked at it."""

    sample: int
    own: Annotation
    others: list[Annotation]


class PersonScore(NamedTuple):
    """How one person agrees with the others."""

    value: float
    """NaN where there is no score."""
    counted: set[int]
    """Samples that the score rests on."""
    faced: set[int]
    """All samples of this person that somebody else annotated too."""


Gave = Callable[[Annotation], bool]
"""Whether an annotation holds what a score needs."""
Agreement = Callable[[list[View]], tuple[float, list[View]]]
"""The views of one person → their score and the views that it rests on."""


def by_person(rows: Sequence[Sample], gave: Gave, agreement: Agreement) -> dict[str, PersonScore]:
    """Return the score of each annotator, in the order of their ids, over the samples that two or more annotated."""
    views: dict[str, list[View]] = defaultdict(list)
    for number, row in enumerate(rows):
        for view in _views(number, row, gave):
            views[view.own.annotator].append(view)
    scores = {}
    for person, seen in sorted(views.items()):
        value, kept = agreement(seen)
        scores[person] = PersonScore(value, {view.sample for view in kept}, {view.sample for view in seen})
    return scores


def _views(number: int, row: Sample, gave: Gave) -> Iterator[View]:
    given = [view for view in row.annotations if gave(view)]
    if len({view.annotator for view in given}) < len(given):
        raise DataError(f"an annotator stands twice in sample '{row.id}'; make one annotation of the two.")
    if len(given) > 1:
        for i, own in enumerate(given):
            yield View(number, own, given[:i] + given[i + 1 :])


def of_classes() -> tuple[Gave, Agreement]:
    """UAR against the label of the others with most weight; where they are tied the view does not count."""
    return _labelled, _uar


def on_wheels(wheels: Wheels) -> tuple[Gave, Agreement]:
    """Wheel F against the union of the others' labels, over the wheels that know some of it."""
    return _labelled, partial(_wheel_f, wheels)


def of_ratings(dimension: str) -> tuple[Gave, Agreement]:
    """CCC against the weighted mean of the others' ratings of *dimension*."""
    return (lambda view: dimension in view.ratings), partial(_ccc, dimension)


def _labelled(view: Annotation) -> bool:
    return bool(view.labels)


def _wheel_f(wheels: Wheels, views: list[View]) -> tuple[float, list[View]]:
    # Here because most agreement needs no wheels.
    from openaffect.metrics.open_vocabulary import wheel_scores

    truth = {str(view.sample): [label for other in view.others for label in other.labels] for view in views}
    given = {str(view.sample): view.own.labels for view in views}
    # The 2025 scorer makes NaN of a person who meets the others nowhere; left out, such people would raise the ceiling.
    known = [one.f for one in wheel_scores(truth, given, wheels, zero="2026").per_wheel if one.n]
    kept = [view for view in views if _on_a_wheel(truth[str(view.sample)], wheels)]
    return (float(np.mean(known)) if known else math.nan), kept


def _on_a_wheel(labels: list[str], wheels: Wheels) -> bool:
    clusters = (wheels.cluster(label, k) for label in normalise(labels) for k in range(1, wheels.count + 1))
    return any(cluster is not None for cluster in clusters)


def _uar(views: list[View]) -> tuple[float, list[View]]:
    for view in views:
        for one in (view.own, *view.others):
            if len(one.labels) > 1:
                raise DataError(f"{one.annotator} gave several labels {one.labels}; use kind='wheel' for label lists.")
    decided = [(view, label) for view in views if (label := _majority(view.others)) is not None]
    kept = [view for view, _ in decided]
    if not kept:
        return math.nan, []
    return uar([label for _, label in decided], [view.own.labels[0] for view in kept]), kept


def _majority(others: Iterable[Annotation]) -> str | None:
    weights: dict[str, float] = defaultdict(float)
    for other in others:
        weights[other.labels[0]] += other.weight
    best = max(weights.values())
    first = [label for label, weight in weights.items() if math.isclose(weight, best)]
    return first[0] if len(first) == 1 else None


def _ccc(dimension: str, views: list[View]) -> tuple[float, list[View]]:
    truth = [_mean(view.others, dimension) for view in views]
    return ccc(truth, [view.own.ratings[dimension] for view in views]), views


def _mean(others: list[Annotation], dimension: str) -> float:
    # Summed exactly: one mean must not differ from an equal one in the last digit, or ccc takes that for variation.
    total = math.fsum(other.weight for other in others)
    return math.fsum(other.weight * other.ratings[dimension] for other in others) / total
