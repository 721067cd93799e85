"""What each clip of a run of EMER scored, read from its records again: for comparisons of runs clip by clip.

Ratings stand in the records.  The grouped scores need the true labels too, which lie with the data.  A figure is used
only where its clips give the very value that the run reports.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from openaffect.bench.cards import source_of, task_of
from openaffect.bench.judges.overlap import LOWEST
from openaffect.bench.judges.plausibility import Rating
from openaffect.bench.leaderboard.emer import OURS, PASSING, REPORTED, SUPPORT, part_in
from openaffect.bench.leaderboard.runs import RunFolder, reason
from openaffect.bench.measures import grouped_measures
from openaffect.bench.task import Step
from openaffect.bench.tasks.emer_overlap import NO_REFERENCE
from openaffect.bench.tasks.emer_scores import EmerScores
from openaffect.bench.view.folder import Folder, read_folder
from openaffect.datasets.files import quoted
from openaffect.errors import DataError, InputError, OpenAffectError
from openaffect.records import Score

ByClip = Mapping[str, float]
"""Name of a clip → its score, on the scale of the table."""
Read = Callable[[Folder, str, Path | None], dict[str, dict[str, float]]]
_STRICT = ConfigDict(strict=True, allow_inf_nan=False)
_MARK: TypeAdapter[float | None] = TypeAdapter(float | None, config=_STRICT)
_LABELS: TypeAdapter[list[str]] = TypeAdapter(list[str], config=_STRICT)
_GROUPS: TypeAdapter[list[list[str]]] = TypeAdapter(list[list[str]], config=_STRICT)


def clip_scores(run: RunFolder, table: str, data: Path | None = None) -> dict[str, ByClip | str] | str:
    """Return the columns of *run* in *table* that are means over clips: each clip by clip, or why it is not known.

    *data* is where the labels lie, where that is not the folder that the card names.  Clips are called
    ``<table>/<name>``, for one clip may stand in several parts of EMER.
    """
    part = part_in(run.scores, table) if isinstance(run.scores, EmerScores) else None
    if part is None:
        return "it is no run of EMER"
    try:
        folder = read_folder(run.path)
    except InputError as error:
        return f"its records cannot be read ({reason(error)})"
    found: dict[str, ByClip | str] = {}
    for read, columns in _READERS[table]:
        reported = {column: score for column in columns if (score := part.score(_NAMES[column][0])) is not None}
        if reported:
            found |= _read(read, reported, folder, part.part, table, data)
    return found


def _read(
    read: Read, reported: Mapping[str, Score], folder: Folder, part: str, table: str, data: Path | None
) -> dict[str, ByClip | str]:
    try:
        values = read(folder, part, data)
    except ValidationError:
        return dict.fromkeys(reported, "a record does not hold what a run writes")
    except OpenAffectError as error:
        return dict.fromkeys(reported, reason(error))
    return {column: _checked(values[column], score, column, part, table) for column, score in reported.items()}


def _checked(values: dict[str, float], score: Score, column: str, part: str, table: str) -> ByClip | str:
    if score.value is None:
        return f"it has no value ({score.note})"
    mean = math.fsum(values.values()) / max(len(values), 1)
    if len(values) != score.n or not math.isclose(mean, score.value, abs_tol=1e-9):
        return "the records do not give the score that the run reports (score it again)"
    times = _NAMES[column][1]
    return {f"{table}/{name.removeprefix(f'{part}/')}": times * value for name, value in values.items()}


def _steps(folder: Folder, part: str, stage: str) -> dict[str, Step]:
    """Return the step of each clip of *part*; one without a record was not asked."""
    there = folder.steps.get(stage, {})
    asked = [name for name in folder.ids if name.partition("/")[0] == part]
    return {name: there.get(name) or Step(name, outcome="unasked") for name in asked}


def _plausible(folder: Folder, part: str, data: Path | None) -> dict[str, dict[str, float]]:
    steps = _steps(folder, part, "plausibility")
    # What failed is rated as `mean_score` rates it: not passing, lowest support.
    given = {name: Rating.model_validate(step.value or {}) for name, step in steps.items()}
    return {
        PASSING: {name: float(rating.passes or False) for name, rating in given.items()},
        SUPPORT: {name: LOWEST if rating.support is None else rating.support for name, rating in given.items()},
    }


def _overlapping(folder: Folder, part: str, data: Path | None) -> dict[str, dict[str, float]]:
    return {column: _marks(_steps(folder, part, column)) for column in REPORTED["emer-v1"]}


def _marks(steps: Mapping[str, Step]) -> dict[str, float]:
    given = {name: _MARK.validate_python(step.value) for name, step in steps.items() if step.cause != NO_REFERENCE}
    return {name: LOWEST if mark is None else mark for name, mark in given.items()}


def _grouped(folder: Folder, part: str, data: Path | None) -> dict[str, dict[str, float]]:
    truth = _truth(folder, part, data)
    given, grouped = (_values(folder, stage, kind) for stage, kind in (("labels", _LABELS), ("groups", _GROUPS)))
    # As in the scores: a clip without a prediction is wrong, one whose labels could not be grouped is left out.
    names = [name for name in truth if grouped.get(name) or name not in given]
    measures = grouped_measures(
        {name: truth[name] for name in names}, given, {name: grouped.get(name) or [] for name in names}
    )
    columns = [measure.sums.columns for measure in measures if measure.sums is not None]
    return {
        column: {name: float(row[place]) for name, row in zip(names, columns[place], strict=True)}
        for place, column in enumerate(REPORTED["emer-fine"])
    }


def _truth(folder: Folder, part: str, data: Path | None) -> dict[str, list[str]]:
    source = source_of(folder.card, folder.path, data)
    items = task_of(folder.card).items(source)
    found = {item.id: labels for item in items if item.part == part and (labels := item.facts.get("labels"))}
    if not found:
        raise DataError(f"{quoted(source.data)} holds no labels of {part}; --data DIR names labels that have moved.")
    return found


def _values(folder: Folder, stage: str, kind: TypeAdapter[Any]) -> dict[str, Any]:
    steps = folder.steps.get(stage, {})
    return {name: kind.validate_python(step.value) for name, step in steps.items() if step.value is not None}


_NAMES = {**REPORTED["emer-v1"], **REPORTED["emer-fine"], **OURS}
_READERS: Mapping[str, tuple[tuple[Read, tuple[str, ...]], ...]] = {
    "emer-fine": ((_grouped, tuple(REPORTED["emer-fine"])), (_plausible, (PASSING, SUPPORT))),
    "emer-v1": ((_overlapping, tuple(REPORTED["emer-v1"])), (_plausible, (PASSING, SUPPORT))),
}
