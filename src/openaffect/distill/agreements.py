"""CCC, Pearson and RMSE of one dimension over a data set, with an interval over speakers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openaffect.distill.cases import Case
from openaffect.distill.evaluation import Agreement, GroupAgreement
from openaffect.metrics.interval import bootstrap
from openaffect.metrics.regression import ccc, pcc, rmse
from openaffect.runtime.facts import DIMENSIONS

Values = NDArray[np.float64]
RESAMPLES = 1000
LEAST = 10
"""Clips of a group for which figures are shown."""


def ccc_of(truth: Values, said: Values) -> float | None:
    """Return the CCC over the clips that have both values, None where it does not exist.

    >>> ccc_of(np.array([0.0, 1.0, 2.0, np.nan]), np.array([0.0, 1.0, 1.0, 5.0]))
    0.6666666666666665
    """
    both = np.isfinite(truth) & np.isfinite(said)
    return _number(ccc(truth[both], said[both])) if both.sum() > 1 else None


def agreements(
    truth: Values,
    said: Values,
    present: Sequence[str],
    speakers: Sequence[str],
    *,
    published: tuple[float, float, float] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[Agreement, ...]:
    """Return the agreement of *said* with *truth*, both (n, 3) with NaN for nothing, in each of *present*.

    The interval draws *speakers* where each clip has one and there are two; else it draws clips.
    """
    found = []
    for place, name in enumerate(DIMENSIONS):
        known = np.isfinite(truth[:, place])
        if name not in present or not known.any():
            continue
        both = known & np.isfinite(said[:, place])
        voices = [speakers[row] for row in np.flatnonzero(both).tolist()]
        one = _agreement(name, truth[both, place], said[both, place], voices, resamples, seed)
        failed = int(known.sum() - both.sum())
        found.append(
            one.model_copy(update={"n_failed": failed, "published": None if published is None else published[place]})
        )
    return tuple(found)


def by_group(
    truth: Values, said: Values, present: Sequence[str], clips: Sequence[Case], *, resamples: int = RESAMPLES
) -> tuple[GroupAgreement, ...]:
    """Return the agreement within each group that has ten clips or more, in order of names."""
    counts = Counter((group, value) for clip in clips for group, value in clip.groups.items())
    found = []
    for (group, value), count in sorted(counts.items()):
        if count < LEAST or count == len(clips):
            continue
        rows = [row for row, clip in enumerate(clips) if clip.groups.get(group) == value]
        inside = agreements(truth[rows], said[rows], present, [clips[row].speaker for row in rows], resamples=resamples)
        found.append(GroupAgreement(group=group, value=value, agreement=inside))
    return tuple(found)


def _agreement(name: str, truth: Values, said: Values, voices: Sequence[str], resamples: int, seed: int) -> Agreement:
    if len(truth) < 2:
        return Agreement(dimension=name, ccc=None, n=len(truth))
    by_speaker = all(voices) and len(set(voices)) > 1
    low = high = None
    if resamples:
        drawn = bootstrap(
            lambda rows: ccc(truth[rows], said[rows]), len(truth), groups=voices if by_speaker else None,
            n=resamples, seed=seed,
        )  # fmt: skip
        low, high = _number(drawn.low), _number(drawn.high)
    return Agreement(
        dimension=name,
        ccc=_number(ccc(truth, said)),
        low=low,
        high=high,
        unit="speaker" if by_speaker else "clip",
        n_units=len(set(voices)) if by_speaker else len(truth),
        pearson=_number(pcc(truth, said)),
        rmse=rmse(truth, said),
        n=len(truth),
    )


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
