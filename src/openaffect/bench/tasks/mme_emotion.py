"""MME-Emotion (arXiv 2508.09210): eight tasks, judged step by step by a language model.

A judge rates every reasoning step of a reply 0 or 1, the last one (the answer) against the label.  This module reads
such ratings and scores them, in two modes side by side:

- ``official`` equals the released metric scripts (commit 0c265d8) on every input, with their oddities and their errors;
- ``strict`` is ours: any layout is read, ratings are held against the steps, failures count as 0 and say why.

Task keys: ER-Lab, ER-Wild, Noise-ER, FG-ER, ML-ER, SA, FG-SA, IR.  Formulas: docs/reference/mme-emotion.md.
Scores without a judge are in `openaffect.bench.tasks.mme_extras`.
"""

from __future__ import annotations

from typing import Any

from openaffect.bench.tasks.mme.breakdown import ReasoningByRecognition, clip_rows, reasoning_by_recognition
from openaffect.bench.tasks.mme.items import count_steps
from openaffect.bench.tasks.mme.official import official_ratings
from openaffect.bench.tasks.mme.printed import printed_fields
from openaffect.bench.tasks.mme.readings import Reading
from openaffect.bench.tasks.mme.rows import Failure, Mode
from openaffect.bench.tasks.mme.scores import Score, check_mode, overall, score_entries
from openaffect.bench.tasks.mme.strict import strict_reading
from openaffect.bench.tasks.mme.tasks import TASKS, MmeTask, find_task

__all__ = [
    "TASKS",
    "Failure",
    "MmeTask",
    "Mode",
    "Reading",
    "ReasoningByRecognition",
    "Score",
    "clip_rows",
    "count_steps",
    "find_task",
    "overall",
    "parse_ratings",
    "printed_fields",
    "read_ratings",
    "reasoning_by_recognition",
    "score_entries",
]


def parse_ratings(text: Any, task: str, mode: Mode = "official") -> list[float] | None:
    """Return the ratings in a judge's reply, one a step, the last one the recognition; None where it has failed.

    ``mode="official"`` reads the first ``<score>`` block that stands on one line, of ``str(text)``: one digit over 1
    after a colon and one blank, or in FG-ER, ML-ER and ``"Overall"`` any fraction after a colon.  A block without such
    a rating gives ``[]``; the scripts skip it as they skip None.  ``mode="strict"`` gives what `read_ratings` reads,
    numbers between 0 and 1.

    Raises `UsageError` for an unknown task or mode, and in official mode `BrokenRating` (a ``ValueError``) or
    `HugeRating` (an ``OverflowError``) for numbers beyond bounds.

    >>> reply = "<score>Step 1: 1/1, Step 2: 2/3</score>"
    >>> parse_ratings(reply, "ER-Lab"), parse_ratings(reply, "ML-ER"), parse_ratings(reply, "ER-Lab", "strict")
    ([1.0], [1.0, 0.6666666666666666], None)
    """
    rules = find_task(task, overall=True)
    check_mode(mode)
    if mode == "official":
        return official_ratings(text, rules)
    ratings = strict_reading(text, rules).ratings
    return None if ratings is None else list(ratings)


def read_ratings(text: Any, task: str, steps: int | None = None) -> Reading:
    """Return the strict reading of a judge's reply: its ratings, or the cause and a sentence why there are none.

    *steps* is how many steps were to be rated (`count_steps`); None leaves the number unchecked.  Line breaks,
    Markdown, tables, JSON, spacing and tags in any case are read; so is a reply without tags.  Of several blocks the
    last counts.  Steps must be rated once each, from 1 on without a gap, with 0 or 1, and the last step of FG-ER and
    ML-ER with a share of 0 to 1.  Never raises for what *text* is; raises `UsageError` for an unknown task.

    >>> read_ratings("| Step | Rating |\\n|---|---|\\n| 1 | 1/1 |\\n| 2 | 0/1 |", "SA", steps=2).ratings
    (1.0, 0.0)
    >>> found = read_ratings("Step 1: 1/1", "SA", steps=2)
    >>> found.cause, found.detail
    ('step count', '1 rating came for 2 steps.')
    """
    return strict_reading(text, find_task(task, overall=True), steps)
