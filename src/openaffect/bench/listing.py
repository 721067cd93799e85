"""What can be run and scored: every benchmark with its size, terms, and how to obtain the data."""

from __future__ import annotations

from typing import Any

from openaffect.bench.benchmarks import BENCHMARKS
from openaffect.bench.tasks import TASKS, find_task
from openaffect.datasets import DATASETS, find


def listed() -> list[dict[str, Any]]:
    """Return a row a benchmark: key, title, about, ``by`` (``run`` and ``score``), ``n``, parts, licence and obtain.

    ``n`` is the number of items as published, None where a part has no published size.

    >>> [(row["key"], row["by"], row["n"]) for row in listed()][4:6]
    [('mme-emotion', ['run'], 6500), ('mme-emotion-heard', ['run'], 6500)]
    """
    rows = [_task(key) for key in TASKS] + [_files(key) for key in BENCHMARKS if key not in TASKS]
    return rows


def _task(key: str) -> dict[str, Any]:
    task = find_task(key)
    by = ["run", "score"] if key in BENCHMARKS else ["run"]
    return _row(key, task.title, task.about, by, dict(task.sizes), task.licence, task.obtain)


def _files(key: str) -> dict[str, Any]:
    each = BENCHMARKS[key]
    held = [find(one) for one in each.datasets]
    licence, obtain = (
        "; ".join(dict.fromkeys(words)) for words in zip(*((d.licence, d.obtain) for d in held), strict=True)
    )
    return _row(key, each.title, each.about, ["score"], {one.key: one.n for one in held}, licence, obtain)


def _row(
    key: str, title: str, about: str, by: list[str], sizes: dict[str, int | None], licence: str, obtain: str
) -> dict[str, Any]:
    known = [n for n in sizes.values() if n is not None]
    return {
        "key": key,
        "title": title,
        "about": about,
        "by": by,
        "n": sum(known) if sizes and len(known) == len(sizes) else None,
        "parts": [_part(part, n) for part, n in sizes.items()],
        "licence": licence,
        "obtain": obtain,
    }


def _part(key: str, n: int | None) -> dict[str, Any]:
    if key not in DATASETS:
        return {"key": key, "n": n}
    found = find(key)
    return {"key": key, "title": found.title, "metric": found.metric, "n": n, "licence": found.licence}
