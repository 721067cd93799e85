"""Scores that papers have published, as rows to stand beside your own: facts, each with source and date.

They are copied, not measured: other checkpoints, prompts and judges may give other numbers.  Which models are
specialists is stated by the paper for two of MME-Emotion's (``kind_source``); the rest is our reading.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from openaffect.bench.published.rows import Kind, Row
from openaffect.bench.published.tables import TABLES, Table
from openaffect.errors import UsageError
from openaffect.lookup import suggest

__all__ = ["TABLES", "Kind", "Row", "Table", "published_rows"]

_TEXTS = ("name", "kind", "kind_source", "inputs", "size", "note")
_NUMBERS = ("steps", "tokens")


@cache
def published_rows(table: str) -> tuple[Row, ...]:
    """Return the published rows of *table*, in the order of the source; the file is read when first asked for.

    *table* is a key of `TABLES`: ``mme-emotion`` (with scores by task), ``mer-unibench``, ``ov-merd``, ``emer-v1``,
    ``emer-fine``.  Every row is marked ``published`` and names its source.  Raises `UsageError` for another key.

    >>> rows = published_rows("mme-emotion")
    >>> len(rows), max(row.scores["cot"] for row in rows), rows[0].tasks["SA"]["recognition"]
    (20, 56.0, 53.6)
    """
    if table not in TABLES:
        raise UsageError(f"unknown table '{table}'{suggest(table, TABLES) or '.'} Known: {', '.join(TABLES)}.")
    about = TABLES[table]
    tasks = _by_task(about.tasks_file)
    return tuple(_row(fields, about, tasks.get(fields["name"], {})) for fields in _read(about.file))


def _row(fields: dict[str, str], about: Table, tasks: dict[str, dict[str, float]]) -> Row:
    known = {key: fields[key] for key in (*_TEXTS, *_NUMBERS) if fields.get(key)}
    scores = {key: value for key, value in fields.items() if key not in (*_TEXTS, *_NUMBERS)}
    return Row.model_validate(
        {
            **known,
            "scores": scores,
            "tasks": tasks,
            "benchmark": about.key,
            "published": True,
            "citation": about.citation,
            "date": about.date,
            "second_hand": about.second_hand,
        }
    )


def _by_task(file: str | None) -> dict[str, dict[str, dict[str, float]]]:
    """Return model → task → scores."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for fields in _read(file) if file else ():
        name, task = fields.pop("name"), fields.pop("task")
        found.setdefault(name, {})[task] = {key: float(value) for key, value in fields.items()}
    return found


def _read(file: str) -> Iterator[dict[str, str]]:
    text = files(__package__).joinpath(file).read_text("utf-8")
    yield from csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
