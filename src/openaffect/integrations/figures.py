"""The scores of any benchmark as plain numbers by name, which is all that harnesses show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openaffect.bench.estimates import Estimate
from openaffect.bench.results import DatasetScores, Unscored
from openaffect.bench.task import Steps
from openaffect.records import Record, Score

_SETTINGS = ("resamples", "level", "seed", "alpha")
_NAMES = ("key", "part", "task", "name")
"""Fields by which one of several records is called."""


def figures(scores: Record, steps: Steps) -> dict[str, float]:
    """Return the values in *scores* with their counts, and for each stage of *steps* how many failed.

    Values, ``.n`` and ``.n_failed`` are those of the bench; its intervals, causes and notes stand in ``scores.json``
    alone.  A value that does not exist is absent.

    >>> class Scores(Record):
    ...     parts: tuple[Score, ...]
    >>> figures(Scores(parts=(Score(name="wheel F", value=0.5, n=4, n_failed=1),)), {})
    {'wheel F': 0.5, 'wheel F.n': 4.0, 'wheel F.n_failed': 1.0}
    """
    found = dict(_numbers(scores, ""))
    for stage, by_id in steps.items():
        found[f"failed.{stage}"] = float(sum(step.outcome in ("failed", "unasked") for step in by_id.values()))
    return found


def _numbers(value: Any, name: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, DatasetScores):
        # A run has one answer an item, so the best checkpoint is the fixed one.
        yield from _numbers(value.fixed.primary, name)
    elif isinstance(value, Unscored):
        yield f"{name}.unscored", 1.0
    elif isinstance(value, Score | Estimate):
        yield from _figure(value, name)
    elif isinstance(value, Record):
        for key in value.__class__.model_fields:
            if key not in _SETTINGS:
                yield from _field(getattr(value, key), name, key)
    elif isinstance(value, int | float):
        yield name, float(value)


def _figure(value: Score | Estimate, name: str) -> Iterator[tuple[str, float]]:
    given = {"": value.value, ".n": value.n, ".n_failed": getattr(value, "n_failed", None)}
    yield from ((f"{name}{key}", float(each)) for key, each in given.items() if each is not None)


def _field(value: Any, name: str, key: str) -> Iterator[tuple[str, float]]:
    if not isinstance(value, tuple):
        yield from _numbers(value, _under(name, key))
        return
    for each in value:
        called = next((str(getattr(each, field)) for field in _NAMES if hasattr(each, field)), key)
        yield from _numbers(each, _under(name, called))


def _under(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key
