"""Rows of a leaderboard in groups: means with intervals, the best, and whether longer replies go with better scores.

A row is a model, published or your own, or one clip of a model.  The intervals cover the chance of having picked these
rows.  Groups of models are small and hand-picked: their intervals are rough, and a difference says nothing about why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from openaffect.bench.estimates import Draw, Estimate, Figure, estimate, rounded
from openaffect.bench.published.rows import Row
from openaffect.bench.steps import StepRelation, step_relations
from openaffect.errors import DataError, NothingToScore, UsageError
from openaffect.lookup import suggest
from openaffect.records import Finite, Record

__all__ = ["Best", "Estimate", "Group", "RowComparison", "StepRelation", "compare", "rounded"]

By = Literal["kind", "inputs", "size", "source", "scenario"]
Floats = NDArray[np.float64]
NOT_STATED = "not stated"
"""Name of the group of the rows that do not say what they are grouped by."""


class Best(Record):
    """The highest score and whose it is."""

    value: Finite
    names: tuple[str, ...]
    """All rows that have it."""


class Group(Record):
    """The rows that share a kind, inputs, a size, a source or a scenario."""

    name: str
    n: int
    members: tuple[str, ...]
    """Names of the rows, each once."""
    scores: dict[str, Estimate]


class RowComparison(Record):
    """Rows compared by group."""

    benchmark: str
    by: By
    task: str | None
    """The task whose scores these are, None for the overall ones."""
    n: int
    means: dict[str, Estimate]
    """Score → plain mean over all rows."""
    best: dict[str, Best]
    groups: tuple[Group, ...]
    relations: tuple[StepRelation, ...]
    """Rank and linear correlation of steps and *relate*, over all rows and without those of one step."""
    level: float
    resamples: int
    seed: int


def compare(
    rows: Iterable[Row],
    by: By = "kind",
    *,
    task: str | None = None,
    relate: str = "cot",
    single_step: float = 1.0,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> RowComparison:
    """Return group means, best and means over all, and the relation of steps to the score *relate*, with intervals.

    *by* says what makes a group; rows that do not state it form the group ``not stated``, the last one.  *task* takes
    the scores of one task instead of the overall ones.  A row without a score has no part in the mean of that score.
    Rows whose mean number of steps is at most *single_step* are left out of the second pair of relations; a relation
    that fewer than three rows have is not given.  The same *seed* gives the same intervals.

    Raises `UsageError` for an unknown *by* or an impossible interval, `DataError` for rows of several benchmarks and
    for a task that no row has, `NothingToScore` without rows.

    >>> from openaffect.bench.published import published_rows
    >>> found = compare(published_rows("mme-emotion"), by="inputs")
    >>> found.best["cot"].names, rounded(found.means["recognition"].value), [group.name for group in found.groups]
    (('Gemini-2.5-Pro',), '29.42', ['AT', 'AVT', 'VT'])
    """
    listed = tuple(rows)
    if by not in get_args(By):
        raise UsageError(f"unknown grouping {by!r:.40}{suggest(str(by), get_args(By)) or '.'} Known: {_known()}.")
    benchmark = _benchmark(listed)
    tables = [_scores(row, task) for row in listed]
    if not any(tables):
        raise DataError(
            f"no row has scores{'' if task is None else f' of the task {task!r}'}; name one that they have."
        )
    draw = partial(estimate, resamples=resamples, level=level, seed=seed)
    return RowComparison(
        benchmark=benchmark,
        by=by,
        task=task,
        n=len(listed),
        means=_means(tables, draw),
        best=_best(listed, tables),
        groups=_groups(listed, tables, by, draw),
        relations=step_relations(_points(listed, tables, task, relate), relate, single_step, draw),
        level=level,
        resamples=resamples,
        seed=seed,
    )


def _known() -> str:
    return ", ".join(get_args(By))


def _benchmark(rows: Sequence[Row]) -> str:
    names = {row.benchmark for row in rows}
    if not names:
        raise NothingToScore("there are no rows to compare; give at least one.")
    if len(names) > 1:
        raise DataError(f"rows of several benchmarks cannot be compared: {', '.join(sorted(names))}; give one's rows.")
    return names.pop()


def _scores(row: Row, task: str | None) -> Mapping[str, float]:
    if task is None:
        return row.scores
    return {key: value for key, value in row.tasks.get(task, {}).items() if key not in ("steps", "tokens")}


def _steps(row: Row, task: str | None) -> float | None:
    return row.steps if task is None else row.tasks.get(task, {}).get("steps")


def _means(tables: Sequence[Mapping[str, float]], draw: Draw) -> dict[str, Estimate]:
    columns = {key: np.array([table[key] for table in tables if key in table]) for key in _keys(tables)}
    return {key: draw(_mean_of(values), values.size) for key, values in columns.items()}


def _mean_of(values: Floats) -> Figure:
    return lambda drawn: float(values[drawn].mean())


def _keys(tables: Iterable[Mapping[str, float]]) -> list[str]:
    return list(dict.fromkeys(key for table in tables for key in table))


def _best(rows: Sequence[Row], tables: Sequence[Mapping[str, float]]) -> dict[str, Best]:
    found = {}
    for key in _keys(tables):
        value = max(table[key] for table in tables if key in table)
        names = [row.name for row, table in zip(rows, tables, strict=True) if table.get(key) == value]
        found[key] = Best(value=value, names=tuple(dict.fromkeys(names)))
    return found


def _groups(rows: Sequence[Row], tables: Sequence[Mapping[str, float]], by: By, draw: Draw) -> tuple[Group, ...]:
    members: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        members.setdefault(getattr(row, by) or NOT_STATED, []).append(place)

    def order(name: str) -> tuple[bool, float, str]:
        billions = rows[members[name][0]].billions if by == "size" else None
        return name == NOT_STATED, math.inf if billions is None else billions, name

    return tuple(
        Group(
            name=name,
            n=len(members[name]),
            members=tuple(dict.fromkeys(rows[place].name for place in members[name])),
            scores=_means([tables[place] for place in members[name]], draw),
        )
        for name in sorted(members, key=order)
    )


def _points(
    rows: Sequence[Row], tables: Sequence[Mapping[str, float]], task: str | None, relate: str
) -> list[tuple[str, float, float]]:
    """Return name, steps and score of the rows that have both."""
    triples = [(row.name, _steps(row, task), table.get(relate)) for row, table in zip(rows, tables, strict=True)]
    return [(name, steps, score) for name, steps, score in triples if steps is not None and score is not None]
