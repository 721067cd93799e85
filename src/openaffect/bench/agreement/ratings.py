"""The ratings in a run folder: by measure and place, a number, or why there is none.

A measure is a number or a yes/no in what a judge's stage read from a reply: the value itself, a field of it
(``plausibility.support``), or a list with one rating a step.  Nothing is read anew from the replies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openaffect.bench import prefer
from openaffect.bench.cards import task_of
from openaffect.bench.judges.plausibility import PASS
from openaffect.bench.task import Source, Step, Task
from openaffect.bench.tasks.emer_overlap import overlap_stages
from openaffect.bench.tasks.mme.rows import Row
from openaffect.bench.view.folder import Folder

Place = tuple[str, int]
"""Id of an item, and which of its steps from 1 on; 0 for the item itself."""
Ratings = Mapping[str, Mapping[Place, float | str]]
"""Measure → place → the rating, or why there is none."""
OTHER_TEXT = "other text"
ABSENT = "absent"
NO_EARLIER = "no step before the last"
_MME = ("mme-emotion", "mme-emotion-heard")
_OVERLAP = {stage.name: ("explain",) for stage in overlap_stages("en")}
_SHOWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    **{key: {"judge": ("steps",)} for key in _MME},
    "emer": _OVERLAP,
    "emer-zh": _OVERLAP,
}
"""Task → judge's stage → the stages that it is shown, where those are not all earlier ones of model and extractor."""
_AGAIN: Mapping[str, Mapping[str, str]] = {key: {"judge-again": "judge"} for key in _MME}
"""Task → stage that asks once more → the stage whose place its ratings take."""
LARGEST = 1e150
"""Ratings beyond this, either way, are none: their squares are no numbers any more."""
_PREFERRED = {"first": 1.0, "neither": 0.0, "second": -1.0}
Marks = Mapping[str, Mapping[int, float]]
"""Measure → step, 0 for the item → rating."""


@dataclass(frozen=True)
class Judging:
    """What a judge is asked once, in one stage or in two where it is asked again."""

    stages: tuple[str, ...]
    shown: tuple[str, ...]
    """Stages whose values are what is judged."""


def judgings(folder: Folder, task: Task | None) -> list[Judging]:
    """Return what the judge of the run is asked, in order; *task* is needed where the task is not one of ours.

    Raises `UsageError` for such a task that is not given.
    """
    key = str(folder.card.get("task"))
    if key == prefer.KEY:
        return [Judging((prefer.STAGE,), ())]
    stages = (task or task_of(folder.card)).stages(Source(Path()))
    shown, again = _SHOWN.get(key, {}), _AGAIN.get(key, {})
    found = []
    for at, stage in enumerate(stages):
        if stage.who == "judge" and stage.name not in again:
            earlier = tuple(each.name for each in stages[:at] if each.who != "judge")
            more = (name for name, first in again.items() if first == stage.name)
            found.append(Judging((stage.name, *more), shown.get(stage.name, earlier)))
    return found


def ratings_of(folders: Sequence[Folder], task: Task | None, parts: Sequence[str] = ()) -> list[Ratings]:
    """Return the ratings in each of *folders*, runs of one task; with *parts* only those of their items.

    What was judged must be the same: an item whose judged text is not that of the first run which has a rating for it
    has no rating, but `OTHER_TEXT`.
    """
    found: list[dict[str, dict[Place, float | str]]] = [{} for _ in folders]
    for judging in judgings(folders[0], task):
        texts: dict[str, list[Any]] = {}
        marks = [_marks(folder, judging, texts, parts) for folder in folders]
        read = (each for by_item in marks for each in by_item.values() if not isinstance(each, str))
        measures = list(dict.fromkeys(measure for each in read for measure in each))
        for ratings, by_item in zip(found, marks, strict=True):
            for measure in measures:
                ratings[measure] = _spread(measure, by_item)
    return [dict(each) for each in found]


def _marks(
    folder: Folder, judging: Judging, texts: dict[str, list[Any]], parts: Sequence[str]
) -> dict[str, Marks | str]:
    """Return the ratings of each item, or why it has none; *texts* holds what was judged in the runs before."""
    found: dict[str, Marks | str] = {}
    for stage in judging.stages:
        for name, step in folder.steps.get(stage, {}).items():
            if parts and name.partition("/")[0] not in parts:
                continue
            marks = marks_in(step.value, judging.stages[0], str(folder.card.get("task")))
            if marks:
                text = [_text(folder.steps.get(each, {}).get(name)) for each in judging.shown]
                found[name] = marks if texts.setdefault(name, text) == text else OTHER_TEXT
            else:
                found.setdefault(name, "no number" if step.outcome == "answered" else step.outcome)
    return found


def _text(step: Step | None) -> Any:
    return None if step is None else step.text if step.value is None else step.value


def _spread(measure: str, by_item: Mapping[str, Marks | str]) -> dict[Place, float | str]:
    found: dict[Place, float | str] = {}
    for name, marks in by_item.items():
        if isinstance(marks, str):
            found[name, 0] = marks
        elif measure in marks:
            found.update({(name, step): rating for step, rating in marks[measure].items()})
        else:
            found[name, 0] = NO_EARLIER if measure == "reasoning" else "no number"
    return found


def marks_in(value: Any, stage: str, task: str) -> Marks:
    """Return the ratings in what a judge's *stage* of *task* read from a reply, none where it holds no number.

    >>> marks_in([1, 0.0], "judge", "mme-emotion")
    {'recognition': {0: 0.0}, 'step': {1: 1.0, 2: 0.0}, 'reasoning': {0: 1.0}}
    >>> marks_in({"score": 7, "why": "x"}, "rate", "mine")
    {'rate.score': {0: 7.0}}
    """
    if task == prefer.KEY:
        return {stage: {0: _PREFERRED[value]}} if isinstance(value, str) and value in _PREFERRED else {}
    if (number := _number(value)) is not None:
        return {stage: {0: number}}
    if isinstance(value, Mapping):
        fields = {f"{stage}.{key}": {0: mark} for key, each in value.items() if (mark := _number(each)) is not None}
        support, grounded = (value.get(key) for key in ("support", "grounded"))
        if stage == "plausibility" and isinstance(support, int) and grounded in (0, 1):
            fields[f"{stage}.passing"] = {0: float(support >= PASS and grounded == 1)}
        return fields
    return _steps(value, stage, task) if isinstance(value, list) else {}


def _steps(value: Sequence[Any], stage: str, task: str) -> Marks:
    numbers = [number for each in value if (number := _number(each)) is not None]
    if not numbers or len(numbers) < len(value):
        return {}
    steps = dict(enumerate(numbers, start=1))
    if task not in _MME:
        return {f"{stage}.mean": {0: math.fsum(numbers) / len(numbers)}, f"{stage}.step": steps}
    row = Row(tuple(numbers), "")
    reasoning = {"reasoning": {0: row.reasoning}} if len(numbers) > 1 else {}
    return {"recognition": {0: row.recognition}, "step": steps, **reasoning}


def _number(value: Any) -> float | None:
    # Compared first: a whole number may be too long for a float.  NaN compares as False.
    return float(value) if isinstance(value, int | float) and -LARGEST <= value <= LARGEST else None
