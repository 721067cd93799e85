"""The human ceiling: one annotator scored as a model would be, against the consensus of all the others.

It says how well a person does on a benchmark's own score, so that a model's score can be read.  It is no upper bound: a
model that learned what most people say can agree with the consensus better than single people do.  And with few
annotators the others' consensus is rougher than the one that models are scored against, so it errs low.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from openaffect.emotion.wheel import Wheels
from openaffect.errors import UsageError
from openaffect.metrics.consensus import Agreement, Gave, PersonScore, by_person, of_classes, of_ratings, on_wheels
from openaffect.records import Annotation, Sample

CeilingKind = Literal["wheel", "uar", "ccc"]


@dataclass(frozen=True)
class HumanCeiling:
    """What one annotator scores against the others: a mean over annotators, weighted by how much they annotated."""

    kind: CeilingKind | None
    """None where there are no annotations to tell it from."""
    value: float | None
    """0–1, for ``ccc`` -1 to 1 and the mean over dimensions; None where it cannot be taken, see `reason`."""
    by_dimension: Mapping[str, float]
    """The ceiling of each dimension that has one (``ccc`` only)."""
    by_annotator: Mapping[str, float]
    """Each annotator's own score (``ccc``: mean over dimensions)."""
    n_annotators: int
    """Annotators with a score."""
    n_samples: int
    """Samples on which their scores rest."""
    n_skipped: int
    """Samples without two annotators who gave what the score needs."""
    n_ties: int
    """Views that do not count: the others were tied (``uar``), or named nothing that lies on a wheel (``wheel``)."""
    reason: str
    """What does not count, or why there is no value; empty where everything counts."""


def human_ceiling(
    samples: Iterable[Sample], *, wheels: Wheels | None = None, kind: CeilingKind | None = None
) -> HumanCeiling:
    r"""Return how well single annotators of one data set agree with the consensus of the others.

    .. math:: \frac{\sum_a n_a S_a}{\sum_a n_a}, \quad S_a = \text{score of a's views against the others' consensus}

    over the annotators a with :math:`n_a` samples that count: people who annotated more weigh more, for a score on few
    samples is rough.  By *kind*, the consensus of the others and the score are

    - ``wheel``: the union of the labels; F at level 1 of *wheels* (`wheel_scores`; 0/0 is 0, and a wheel that knows
      none of the truth is left out)
    - ``uar``: the label with most weight, each view one label; `uar`.  A tie of the others drops the view, counted
    - ``ccc``: the mean of the ratings by weight; `ccc` for each dimension

    By default *kind* is told from the annotations: ``wheel`` where *wheels* are given or labels are lists, else ``uar``
    for labels and ``ccc`` for ratings.  An annotation without labels (or ratings) is no view.  An annotator whose score
    does not exist (``ccc`` of one sample, labels that no wheel knows) is left out and named in `reason`.

    Raises `UsageError` where the kind cannot be told, wheels are missing, or the samples are of several data sets;
    `DataError` where an annotator stands twice in a sample, or gave several labels for ``uar``.

    >>> def sample(name, votes):
    ...     views = [Annotation(annotator=f"rater {i}", labels=(vote,)) for i, vote in enumerate(votes)]
    ...     return Sample(id=name, dataset="made", annotations=tuple(views))
    >>> ceiling = human_ceiling([sample("1", "AAA"), sample("2", "BBB"), sample("3", "BBA")])
    >>> ceiling.kind, round(ceiling.value, 3), ceiling.n_ties
    ('uar', 0.893, 2)
    """
    rows = list(samples)
    if len({row.dataset for row in rows}) > 1:
        raise UsageError("human_ceiling takes one data set at a time: an annotator's id means one person only there.")
    views = [view for row in rows for view in row.annotations]
    kind = kind or _kind(views, wheels)
    if kind is None:
        return HumanCeiling(None, None, {}, {}, 0, 0, len(rows), 0, "no sample holds the views of its annotators")
    parts = {name: by_person(rows, *how) for name, how in _scores(kind, views, wheels).items()}
    return _ceiling(kind, len(rows), parts)


def _kind(views: Sequence[Annotation], wheels: Wheels | None) -> CeilingKind | None:
    labelled, rated = any(view.labels for view in views), any(view.ratings for view in views)
    if wheels is None and labelled and rated:
        raise UsageError("the annotations hold labels and ratings; say which with kind='uar', 'wheel' or 'ccc'.")
    if wheels is not None or any(len(view.labels) > 1 for view in views):
        return "wheel"
    if labelled:
        return "uar"
    return "ccc" if rated else None


def _scores(kind: str, views: Sequence[Annotation], wheels: Wheels | None) -> dict[str, tuple[Gave, Agreement]]:
    """Return how to score each dimension; the one of labels has no name."""
    if kind == "ccc":
        return {name: of_ratings(name) for name in sorted({name for view in views for name in view.ratings})}
    if kind == "uar":
        return {"": of_classes()}
    if kind != "wheel":
        raise UsageError(f"kind must be 'wheel', 'uar' or 'ccc', but {kind!r} came.")
    if wheels is None:
        raise UsageError("the ceiling of label lists needs wheels; give wheels=load_wheels(FOLDER) or bundled_wheel().")
    return {"": on_wheels(wheels)}


def _ceiling(kind: CeilingKind, n: int, parts: Mapping[str, Mapping[str, PersonScore]]) -> HumanCeiling:
    everyone = {person for part in parts.values() for person in part}
    known = {
        name: {person: score for person, score in part.items() if math.isfinite(score.value)}
        for name, part in parts.items()
    }
    means = {
        name: _mean([(one.value, len(one.counted)) for one in part.values()]) for name, part in known.items() if part
    }
    people = sorted({person for part in known.values() for person in part})
    faced = set().union(*(one.faced for part in parts.values() for one in part.values()))
    ties = sum(len(one.faced - one.counted) for part in parts.values() for one in part.values())
    return HumanCeiling(
        kind=kind,
        value=float(np.mean(list(means.values()))) if means else None,
        by_dimension=means if kind == "ccc" else {},
        by_annotator={
            person: float(np.mean([part[person].value for part in known.values() if person in part]))
            for person in people
        },
        n_annotators=len(people),
        n_samples=len(set().union(*(one.counted for part in known.values() for one in part.values()))),
        n_skipped=n - len(faced),
        n_ties=ties,
        reason=_reason(kind, n, n - len(faced), ties, sorted(everyone - set(people))),
    )


def _mean(scores: Sequence[tuple[float, int]]) -> float:
    values, weights = zip(*scores, strict=True)
    return float(np.average(values, weights=weights))


def _reason(kind: CeilingKind, n: int, skipped: int, lost: int, unscored: Sequence[str]) -> str:
    """Return what does not count, in one sentence."""
    parts = []
    if skipped:
        what = "ratings" if kind == "ccc" else "labels"
        parts.append(f"{skipped} of {n} samples lack {what} of two annotators")
    if lost:
        why = "met a tie of the others" if kind == "uar" else "met labels of the others that no wheel has"
        parts.append(f"{lost} views {why}")
    if unscored:
        parts.append(f"no score exists for {', '.join(unscored)}")
    return "; ".join(parts)
