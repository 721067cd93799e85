"""What the records of a run of EMER hold, checked before it counts: they may be edited by hand, or damaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Never

from openaffect.bench.judges.overlap import Overlap
from openaffect.bench.judges.plausibility import SCALES, Rating
from openaffect.bench.task import Step
from openaffect.brief import brief
from openaffect.errors import DataError


def rating_in(step: Step, stage: str = "plausibility") -> Rating:
    """Return the rating in *step*; raises `DataError` for a value that is none.

    >>> rating_in(Step("a", value={"support": 4, "grounded": 1, "alternative": 0})).passes
    True
    """
    given = step.value
    if given is None:
        return Rating.model_validate({"outcome": step.outcome, "cause": step.cause})
    if not isinstance(given, Mapping):
        _refuse(step, stage, f"{brief(given)}, not the marks of a judge")
    marks: dict[str, Any] = {name: given.get(name) for name in SCALES}
    for name, (low, high) in SCALES.items():
        if type(marks[name]) is not int or not low <= marks[name] <= high:
            _refuse(step, stage, f"{brief(marks[name])} as {name!r}, not a whole number from {low} to {high}")
    words = {name: given.get(name, "") for name in ("other", "reason")}
    for name, each in words.items():
        if not isinstance(each, str):
            _refuse(step, stage, f"{brief(each)} as {name!r}, not a text")
    return Rating.model_validate(marks | words)


def overlap_in(step: Step, stage: str, low: float, high: float) -> Overlap:
    """Return the rating in *step*, from *low* to *high*; raises `DataError` for any other value, NaN among them."""
    value = step.value
    if value is None:
        return Overlap(outcome=step.outcome, cause=step.cause)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        _refuse(step, stage, f"{brief(value)}, not a number from {low:g} to {high:g}")
    return Overlap(value=value, outcome=step.outcome, cause=step.cause)


def labels_in(step: Step | None, stage: str = "labels") -> list[str] | None:
    """Return the labels in *step*, None where there are none to read; raises `DataError` for what is no list of words.

    >>> labels_in(Step("a", value=["happy"])), labels_in(Step("a", outcome="failed"))
    (['happy'], None)
    """
    if step is None or step.value is None:
        return None
    if not _are_words(step.value):
        _refuse(step, stage, f"{brief(step.value)}, not a list of words")
    return list(step.value)


def groups_in(step: Step | None, stage: str = "groups") -> list[list[str]]:
    """Return the groups of labels in *step*, none where there are none; raises `DataError` as `labels_in` does."""
    if step is None or step.value is None:
        return []
    if not isinstance(step.value, list) or not all(map(_are_words, step.value)):
        _refuse(step, stage, f"{brief(step.value)}, not groups of words")
    return [list(group) for group in step.value]


def words_in(step: Step | None, stage: str) -> str:
    """Return the text that was read in *step*, "" where there is none; raises `DataError` for what is no text."""
    if step is None or step.value is None:
        return ""
    if not isinstance(step.value, str):
        _refuse(step, stage, f"{brief(step.value)}, not a text")
    return str(step.value).strip()


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _refuse(step: Step, stage: str, holds: str) -> Never:
    raise DataError(f"the record of {step.id!r:.80} in the stage '{stage}' holds {holds}; repair or remove the line.")
