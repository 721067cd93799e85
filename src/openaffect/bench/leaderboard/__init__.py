"""Runs beside the published rows of their benchmark, as Markdown, CSV and one HTML page that fetches nothing.

Rows of one leaderboard were measured alike: runs with other prompts or rubrics, wheel tables, audio clues or alpha are
refused.  That holds for runs only; how a published row was measured is known as far as its paper says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from openaffect.bench.leaderboard.html import html_page
from openaffect.bench.leaderboard.own import STRICT, own_rows
from openaffect.bench.leaderboard.pairs import pairs_of
from openaffect.bench.leaderboard.rows import Cell, Leaderboard, LeaderboardRow, Pair, published_row
from openaffect.bench.leaderboard.runs import About, RunFolder, check_alike, differences, read_run
from openaffect.bench.leaderboard.text import csv_table, markdown
from openaffect.bench.published import TABLES, published_rows
from openaffect.bench.tasks.mme.tasks import ORDER
from openaffect.datasets.files import quoted
from openaffect.datasets.wheels import find_wheels
from openaffect.errors import UsageError
from openaffect.store import write_atomic

__all__ = ["About", "Cell", "Leaderboard", "LeaderboardRow", "Pair", "leaderboard"]

PRIMARY = {
    "mme-emotion": "cot",
    "mer-unibench": "mean",
    "ov-merd": "m_avg",
    "emer-v1": "clue_overlap",
    "emer-fine": "average",
}
"""Table → the column that its rows are sorted by."""


def leaderboard(
    runs: Sequence[Path],
    table: str | None = None,
    out: Path | None = None,
    *,
    wheels: str | None = None,
    data: Path | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> Leaderboard:
    """Return *runs* (folders that ``bench run`` wrote) and the published rows of *table*, the best first.

    Runs that lack a task, data set or published column stand after the others, marked as partial.

    *table* is a key of `openaffect.bench.published.TABLES`; None takes that of the runs.  Runs of EMER may fit two:
    None takes ``emer-fine`` where they have open-vocabulary labels, else ``emer-v1``, and a note names the other.  With
    *out*, ``leaderboard.md``, ``.csv`` and ``.html`` are written there.  Kind and size of a model of your own come from
    ``about.json`` in the run's folder (``{"kind": "specialist", "size": "7B"}``), the size else from its name.

    Runs are compared two by two, with intervals from *resamples* draws, where their records hold a score an item
    (MME-Emotion, strict reading; EMER) or the answers (MER-UniBench).  Labels are read where the runs say that they
    are, or in *data*; wheel tables by their edition, or as *wheels* names them (`openaffect.datasets.wheels`).

    Raises `UsageError` for runs that were not measured alike, that do not belong in *table*, or that come twice,
    `openaffect.errors.DataError` for a folder that holds no finished run or no wheel tables.

    >>> board = leaderboard([], "mme-emotion")
    >>> board.rows[0].name, board.rows[0].cells["cot"].value, board.rows[0].published, len(board.rows)
    ('Gemini-2.5-Pro', 56.0, True, 20)
    """
    found = _read(runs)
    check_alike(found)
    key = _table(found, table)
    own = own_rows(found, key)
    tables = None if wheels is None else find_wheels(wheels, offline=True)
    pairs, unpaired = pairs_of(found, own, key, wheels=tables, data=data, resamples=resamples, seed=seed)
    notes = [*(TABLES[key].unlike if own else ()), *_elsewhere(found, own, key), *differences(found, key), *unpaired]
    board = _board(key, [*own, *map(published_row, published_rows(key))], pairs, notes)
    if out is not None:
        for ending, write in (("md", markdown), ("csv", csv_table), ("html", html_page)):
            write_atomic(out / f"leaderboard.{ending}", write(board))
    return board


def _read(runs: Sequence[Path]) -> list[RunFolder]:
    places = [path.resolve() for path in runs]
    for path, place in zip(runs, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(f"the run {quoted(path)} is named twice; name each once.")
    return [read_run(path) for path in runs]


def _table(runs: Sequence[RunFolder], table: str | None) -> str:
    if table is not None:
        published_rows(table)  # raises for an unknown one
        for run in runs:
            if table not in run.fits:
                has = " and ".join(run.fits) or "no table"
                raise UsageError(f"{quoted(run.path)} is a run for {has}, which does not belong in {table}.")
        return table
    if not runs:
        raise UsageError(f"name a run or a table. Tables: {', '.join(TABLES)}.")
    fitting = [key for key in runs[0].fits if all(key in run.fits for run in runs)]
    if not fitting:
        each = ", ".join(f"{quoted(run.path)} in {' and '.join(run.fits) or 'none'}" for run in runs)
        raise UsageError(f"no table has a place for every run: {each}; make a leaderboard of each.")
    return fitting[0]


def _elsewhere(runs: Sequence[RunFolder], rows: Sequence[LeaderboardRow], table: str) -> list[str]:
    """Return which runs have scores for another table too."""
    others = dict.fromkeys(key for run in runs for key in run.fits if key != table)
    return [
        f"{', '.join(row.name for run, row in zip(runs, rows, strict=True) if key in run.fits)}: also in the table "
        f"{key}, with scores of other clips; --table {key} shows it."
        for key in others
    ]


def _board(key: str, rows: Sequence[LeaderboardRow], pairs: Sequence[Pair], notes: Sequence[str]) -> Leaderboard:
    primary = PRIMARY[key]

    def order(row: LeaderboardRow) -> tuple[bool, float]:
        value = row.cells[primary].value if primary in row.cells else None
        # A mean over some of the tasks is no match for one over all of them.
        return bool(row.missing), math.inf if value is None else -value

    about = TABLES[key]
    unstated = [f"What the source of the published rows does not say: {about.missing}."] if about.missing else []
    return Leaderboard(
        table=key,
        title=about.title,
        scale=about.scale,
        primary=primary,
        columns=_columns(key, rows),
        rows=tuple(sorted(rows, key=order)),
        pairs=tuple(pairs),
        notes=(*notes, *unstated),
    )


def _columns(key: str, rows: Sequence[LeaderboardRow]) -> tuple[str, ...]:
    present = dict.fromkeys(name for row in reversed(rows) for name in row.cells)
    if key != "mme-emotion":
        return tuple(present)
    return tuple(each for each in ("recognition", "reasoning", "cot", STRICT, *ORDER, "steps") if each in present)
