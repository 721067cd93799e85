"""The figures of a score as the released scripts write them into their text report."""

from __future__ import annotations

from openaffect.bench.tasks.mme.scores import Score
from openaffect.bench.tasks.mme.tasks import find_task

_PRINTED = ".1f"


def printed_fields(score: Score, task: str, *, alpha: float = 0.5, model: str = "") -> dict[str, object]:
    """Return what the official script of *task* prints for *score*: field names and figures as text.

    Keys are ``model``, ``alpha_printed``, ``overall`` and ``categories`` (label → fields, empty where the script
    reports none).  Percentages, steps and alpha have one decimal, rounded as Python's ``.1f`` does: 6.25 becomes 6.2,
    18.75 becomes 18.8.  The scripts of ML-ER, FG-ER and of all tasks (``"Overall"``) write *Avg Steps*, the others *Avg
    Step*.  Only these fields are known, not the whole layout of the report.

    Raises `UsageError` for an unknown task.

    >>> score = Score(6.25, 18.75, 12.5, 2.0, 16)
    >>> printed_fields(score, "FG-ER")["overall"]["Recognition Score"]
    '6.2'
    """
    rules = find_task(task, overall=True)
    steps = "Avg Step" if rules.categories else "Avg Steps"
    shown = score.categories if rules.categories else {}
    return {
        "overall": {"Total Count": str(score.count), **_fields(score, steps)},
        "categories": {label: _fields(each, steps) for label, each in shown.items()},
        "model": model,
        "alpha_printed": format(alpha, _PRINTED),
    }


def _fields(score: Score, steps: str) -> dict[str, str]:
    figures = {
        "Recognition Score": score.recognition,
        "Reasoning Score": score.reasoning,
        "CoT Score": score.cot,
        steps: score.steps,
    }
    return {name: format(value, _PRINTED) for name, value in figures.items()}
