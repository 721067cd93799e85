"""Measures become scores: all measures of a data set take their intervals from the same resamples."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Literal

import numpy as np

from openaffect.bench.measures import Floats, Measure
from openaffect.metrics.interval import bootstrap_weights
from openaffect.records import Score

_CHUNK = 100
# Resamples that are scored at a time: 100 weights for 20,000 samples are 16 MB.


def take_intervals(
    measures: Sequence[Measure],
    n_samples: int,
    *,
    groups: Sequence[str] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> list[Score]:
    """Return *measures* as scores with percentile bootstrap intervals over samples, or over *groups* (speakers).

    A score that does not exist (0/0) and one without a statistic get no interval.  *resamples* 0 gives none at all.
    """
    wanted = [m for m in measures if m.sums is not None and np.isfinite(m.value)] if resamples else []
    columns = {id(m.sums.columns): m.sums.columns for m in wanted if m.sums is not None}
    totals = dict(zip(columns, _resampled(list(columns.values()), n_samples, groups, resamples, seed), strict=True))
    edges = [(1 - level) / 2, (1 + level) / 2]
    drawn = {m.name: m.sums.finish(totals[id(m.sums.columns)]) for m in wanted if m.sums is not None}
    unit: Literal["clip", "speaker"] = "speaker" if groups else "clip"
    return [_score(measure, drawn.get(measure.name), edges, unit) for measure in measures]


def _resampled(
    columns: list[Floats], n_samples: int, groups: Sequence[str] | None, resamples: int, seed: int
) -> list[Floats]:
    """Return the sums of each of *columns* in every resample, (resamples, c) each, by one product a chunk."""
    if not columns:
        return []
    joined, rows = np.hstack(columns), iter(bootstrap_weights(n_samples, groups=groups, n=resamples, seed=seed))
    sums = []
    while chunk := list(islice(rows, _CHUNK)):
        sums.append(np.stack(chunk) @ joined)
    widths = [each.shape[1] for each in columns]
    return np.split(np.concatenate(sums), np.cumsum(widths)[:-1], axis=1)


def _score(measure: Measure, drawn: Floats | None, edges: Sequence[float], unit: Literal["clip", "speaker"]) -> Score:
    exists = bool(np.isfinite(measure.value))
    known = np.empty(0) if drawn is None else drawn[~np.isnan(drawn)]
    notes = [measure.note, "" if exists else "0/0: no sample counts, or nothing is shared"]
    if drawn is not None and known.size < drawn.size:
        notes.append(f"{drawn.size - known.size} of {drawn.size} resamples have no score and were left out")
    low, high = np.quantile(known, edges).tolist() if known.size else (None, None)
    return Score(
        name=measure.name,
        value=measure.value if exists else None,
        low=low,
        high=high,
        unit=unit,
        n=measure.counted.n,
        n_skipped=measure.counted.n_skipped,
        n_empty=measure.counted.n_empty,
        n_failed=measure.counted.n_failed,
        note="; ".join(filter(None, notes)),
    )
