"""Judged entries one by one: as rows for `openaffect.bench.compare`, and reasoning beside recognition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaffect.bench.estimates import Estimate, estimate
from openaffect.bench.published.rows import Row as BoardRow
from openaffect.bench.tasks.mme.rows import Mode, Row, rows_of
from openaffect.bench.tasks.mme.scores import check
from openaffect.bench.tasks.mme.tasks import find_task
from openaffect.records import Record


class ReasoningByRecognition(Record):
    """The mean reasoning of replies, by whether their answer was right; percent."""

    right: Estimate | None
    """Entries whose last step was rated 1; None without such entries."""
    wrong: Estimate | None
    """Entries whose last step was rated 0."""
    partly: Estimate | None
    """Entries with a share between, in the tasks with several labels."""
    difference: Estimate | None
    """Right minus wrong."""
    n_direct: int
    """Entries of one step, which have no reasoning to rate; they count in none of the figures."""
    n_failed: int
    """Entries that could not be read; they count in none either."""


def reasoning_by_recognition(
    entries: Iterable[Any], task: str, mode: Mode = "strict", *, resamples: int = 1000, seed: int = 0
) -> ReasoningByRecognition:
    """Return how well *entries* reason given a right and given a wrong answer, with 95 % intervals over entries.

    Direct answers are left out: their reasoning is 0 by definition and would say how a model answers, not how well.
    Raises as `openaffect.bench.tasks.mme_emotion.score_entries` does.

    >>> replies = ["Step 1: 1/1, Step 2: 1/1", "Step 1: 0/1, Step 2: 0/1", "Step 1: 1/1, Step 2: 0/1", "Step 1: 1/1"]
    >>> found = reasoning_by_recognition([{"score": reply} for reply in replies], "SA")
    >>> found.right.value, found.wrong.value, found.difference.value, found.n_direct
    (100.0, 50.0, 50.0, 1)
    """
    check(0.5, mode)
    rows = rows_of(entries, find_task(task), mode, task)
    reasoned = [row for row in rows if row.ratings and len(row.ratings) > 1]
    reasoning = np.array([100 * row.reasoning for row in reasoned])
    answers = np.array([row.recognition for row in reasoned])

    def mean(wanted: NDArray[np.bool_]) -> Estimate | None:
        values = reasoning[wanted]
        n = int(values.size)
        return estimate(lambda drawn: float(values[drawn].mean()), n, resamples=resamples, seed=seed) if n else None

    def difference(drawn: NDArray[np.int64]) -> float:
        right, wrong = (reasoning[drawn][answers[drawn] == answer] for answer in (1, 0))
        return float(right.mean() - wrong.mean()) if right.size and wrong.size else np.nan

    both = (answers == 1).any() and (answers == 0).any()
    return ReasoningByRecognition(
        right=mean(answers == 1),
        wrong=mean(answers == 0),
        partly=mean((answers != 1) & (answers != 0)),
        difference=estimate(difference, len(reasoned), resamples=resamples, seed=seed) if both else None,
        n_direct=sum(row.ratings is not None and len(row.ratings) == 1 for row in rows),
        n_failed=sum(row.failure is not None for row in rows),
    )


def clip_rows(
    entries: Iterable[Any],
    task: str,
    *,
    name: str,
    alpha: float = 0.5,
    mode: Mode = "strict",
    scenarios: Mapping[str, str] | None = None,
) -> tuple[BoardRow, ...]:
    """Return one row a judged entry, to be compared by ``source`` or ``scenario``; *name* is the model's.

    The source is the corpus, the first part of ``video_id``.  The scenario is the entry's own ``scenario``, else what
    *scenarios* says of its source; the released files name none.  In official mode entries that cannot be read are left
    out, in strict mode they have 0.  Raises as `openaffect.bench.tasks.mme_emotion.score_entries` does.

    >>> entry = {"video_id": "MELD/video/1.mp4", "score": "Step 1: 0/1, Step 2: 1/1"}
    >>> row = clip_rows([entry], "SA", name="mine")[0]
    >>> row.source, row.scores, row.steps
    ('MELD', {'recognition': 100.0, 'reasoning': 0.0, 'cot': 50.0}, 2.0)
    """
    check(alpha, mode)
    listed = list(entries)
    found = zip(listed, rows_of(listed, find_task(task), mode, task), strict=True)
    return tuple(
        _clip_row(entry, row, name, alpha, scenarios or {}) for entry, row in found if row.ratings or mode == "strict"
    )


def _clip_row(entry: Any, row: Row, name: str, alpha: float, scenarios: Mapping[str, str]) -> BoardRow:
    fields = entry if isinstance(entry, Mapping) else {}
    source = str(fields.get("video_id") or "").partition("/")[0]
    cot = alpha * row.recognition + (1 - alpha) * row.reasoning
    figures = {"recognition": row.recognition, "reasoning": row.reasoning, "cot": cot}
    return BoardRow(
        name=name,
        benchmark="mme-emotion",
        scores={key: 100 * value for key, value in figures.items()},
        source=source,
        scenario=str(fields.get("scenario") or scenarios.get(source, "")),
        steps=float(len(row.ratings)) if row.ratings else None,
    )
