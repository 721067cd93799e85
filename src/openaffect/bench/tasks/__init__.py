"""The benchmarks that models can be run on: each a file with a `openaffect.bench.task.Task` value, and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openaffect.lookup import resolve

if TYPE_CHECKING:
    from openaffect.bench.task import Task

TASKS = {
    "mer-unibench": "openaffect.bench.tasks.mer_unibench:MER_UNIBENCH",
    "mer-unibench-sampled": "openaffect.bench.tasks.mer_unibench:MER_UNIBENCH_SAMPLED",
    "emer": "openaffect.bench.tasks.emer:EMER",
    "emer-zh": "openaffect.bench.tasks.emer:EMER_ZH",
    "mme-emotion": "openaffect.bench.tasks.mme_task:MME_EMOTION",
    "mme-emotion-heard": "openaffect.bench.tasks.mme_task:MME_EMOTION_HEARD",
}
"""Key → the task; a task of your own is ``FILE.py:NAME`` on the command line."""


def find_task(key: str) -> Task:
    """Return the task called *key*; raise `UsageError` with the nearest name."""
    task: Task = resolve(TASKS, key, kind="task")
    return task
