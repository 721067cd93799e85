"""The scores of a run of MME-Emotion: official and strict side by side, with intervals and what was lost where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaffect.bench.estimates import Estimate, estimate
from openaffect.bench.task import Item, Steps
from openaffect.bench.tasks.mme.entries import cause_of, earlier_of, entries_of, is_refused
from openaffect.bench.tasks.mme.guesses import JudgeFree, judge_free
from openaffect.bench.tasks.mme.questions import LEAK
from openaffect.bench.tasks.mme.rows import Mode, Row, rows_of
from openaffect.bench.tasks.mme.scores import overall, score_entries
from openaffect.bench.tasks.mme.tasks import OVERALL, TASKS, find_task
from openaffect.errors import DataError, NothingToScore
from openaffect.records import Record

_RATED = ("recognition", "reasoning")


class Figures(Record):
    """One reading of the ratings; the first three in percent, with 95 % bootstrap intervals over items."""

    recognition: Estimate
    reasoning: Estimate
    cot: Estimate
    steps: float
    """Mean number of ratings, of the items that could be read."""
    n: int
    """Items that count: those that could be read (official), or all (strict)."""
    n_failed: int
    """Items that could not be read: left out (official), or 0 (strict)."""


class TaskReport(Record):
    """One task, or all together."""

    task: str
    title: str
    n: int
    official: Figures | None
    """None where the released scripts would stop with an error, which then stands in `notes`."""
    strict: Figures
    n_refused: int
    """Items of which the model said nothing; their recognition is 0 in both readings."""
    causes: dict[str, int]
    """Where items were lost and how → how many, of the strict reading; the commonest first."""
    judge_free: JudgeFree | None = None
    notes: tuple[str, ...] = ()
    """What was odd about clips, labels and clues, with counts."""


class MmeScores(Record):
    """The scores of a run of MME-Emotion."""

    alpha: float
    """Weight of recognition in ``cot``."""
    clues: str
    """``released`` or ``heard``: whose audio clues the judge got."""
    overall: TaskReport
    """Means over items of all tasks that were run, so large tasks weigh more."""
    tasks: tuple[TaskReport, ...]
    notes: tuple[str, ...] = ()


def mme_scores(items: Sequence[Item], steps: Steps, *, alpha: float = 0.5) -> MmeScores:
    """Return the scores of *items* from the *steps* of a run, whatever stage it reached.

    Raises `NothingToScore` without items, `AlphaOutOfRange` for alpha outside 0–1.
    """
    if not items:
        raise NothingToScore("there is no item of MME-Emotion to score; give at least one.")
    present = [key for key in TASKS if any(item.part == key for item in items)]
    clues = items[0].facts["clues"]
    notes = [f"{LEAK}: reasoning is rated for agreeing with it"] if clues == "released" else []
    if len(present) < len(TASKS):
        notes.append(f"{len(present)} of the {len(TASKS)} tasks: not comparable with published overall scores")
    return MmeScores(
        alpha=alpha,
        clues=clues,
        overall=_report(OVERALL, items, steps, alpha),
        tasks=tuple(_report(key, [item for item in items if item.part == key], steps, alpha) for key in present),
        notes=tuple(notes),
    )


def _report(key: str, items: Sequence[Item], steps: Steps, alpha: float) -> TaskReport:
    strict = _figures(entries_of(items, steps, "strict"), key, alpha, "strict")
    official, notes = None, []
    try:
        official = _figures(entries_of(items, steps, "official"), key, alpha, "official")
    except DataError as error:
        notes.append(f"the released scripts would stop here: {error}")
    earlier = [earlier_of(item, steps) for item in items]
    counts = Counter(note for item in items for note in item.facts["notes"])
    return TaskReport(
        task=key,
        title=find_task(key, overall=True).title,
        n=len(items),
        official=official,
        strict=strict,
        n_refused=sum(map(is_refused, earlier)),
        causes=dict(Counter(filter(None, map(cause_of, earlier))).most_common()),
        judge_free=None if key == OVERALL else judge_free(items, steps, key),
        notes=(*notes, *(note if n == 1 else f"{note} ({n:,} items)" for note, n in counts.most_common())),
    )


def _figures(entries: Mapping[str, list[dict[str, Any]]], key: str, alpha: float, mode: Mode) -> Figures:
    """Return the values of the house's scores, and intervals over the same items."""
    if key == OVERALL:
        score = overall(entries, alpha=alpha, mode=mode)
    else:
        score = score_entries(entries[key], key, alpha, mode)
    rows = _rows(entries, key, mode)
    recognition, reasoning = (np.array([100 * getattr(row, name) for row in rows]) for name in _RATED)
    return Figures(
        recognition=_estimate(score.recognition, recognition),
        reasoning=_estimate(score.reasoning, reasoning),
        cot=_estimate(score.cot, alpha * recognition + (1 - alpha) * reasoning),
        steps=score.steps,
        n=score.count,
        n_failed=score.n_failed,
    )


def _rows(entries: Mapping[str, list[dict[str, Any]]], key: str, mode: Mode) -> list[Row]:
    """Return the entries that count, by the rules that the score of *key* reads them by."""
    rules = {task: OVERALL if key == OVERALL and mode == "official" else task for task in entries}
    found = [rows_of(listed, find_task(rules[task], overall=True), mode, task) for task, listed in entries.items()]
    return [row for rows in found for row in rows if row.ratings or mode == "strict"]


def _estimate(value: float, points: NDArray[np.float64]) -> Estimate:
    """Return *value* with its interval; no value where no item could be read, for a mean of nothing is no 0."""
    if not len(points):
        return Estimate(value=None, n=0)
    drawn = estimate(lambda rows: float(points[rows].mean()), len(points))
    return Estimate(value=value, low=drawn.low, high=drawn.high, n=len(points))
