"""A leaderboard as Markdown and CSV; names of models and folders are text from outside and escaped."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from openaffect.analysis.escape import csv_text, one_line
from openaffect.bench.estimates import rounded
from openaffect.bench.leaderboard.rows import Cell, Leaderboard, LeaderboardRow, Pair

_MARKS = re.compile(r"([\\`*_\[\]|~#!])")
_SHORT = 12
LEGEND = (
    "Published rows are copied from the papers, not measured here; their prompts, judges and decoding are their own.",
    "[low–high]: bootstrap interval over items, 95 % unless the run was scored otherwise. n: items or clips; failed: "
    "those without an answer or a rating; missing: tasks, data sets or published columns without a score. tables: "
    "edition and hash of the wheel tables.",
)
PAIRED = (
    "First minus second, on the items that both runs have, in points of the score; what could not be read counts as "
    "the lowest mark (MER-UniBench: as wrong). p by sign flips (MER-UniBench: by swapping the two runs' answers clip "
    "by clip), not corrected for the number of pairs."
)


@dataclass(frozen=True)
class Shown:
    """One cell as it is shown, and what it is sorted by."""

    text: str
    order: float | str


def head(board: Leaderboard) -> list[str]:
    """Return the names of the columns."""
    return [
        *("model", "source", "kind", "inputs", "size"),
        *board.columns,
        *("n", "failed", "missing", "tables", "prompts", "judged by"),
    ]


def shown(board: Leaderboard, row: LeaderboardRow) -> list[Shown]:
    """Return the cells of *row*, one a column of `head`."""
    source = "published" if row.published else "run, partial" if row.missing else "run"
    words = [row.name, source, row.kind or "–", row.inputs or "–", row.size or "–"]
    figures = [row.cells.get(name) for name in board.columns]
    counts = [Shown("–" if each is None else f"{each:,}", -math.inf if each is None else each) for each in _counts(row)]
    last = [", ".join(row.missing) or "–", row.tables or "–", row.prompts[:_SHORT] or "–", row.judged_by or "–"]
    return [
        *(Shown(line(each), line(each).casefold()) for each in words),
        *(Shown(figure(each), -math.inf if each is None or each.value is None else each.value) for each in figures),
        *counts,
        *(Shown(line(each), line(each).casefold()) for each in last),
    ]


def line(text: str) -> str:
    """Return *text* on one line, without characters that turn the line around or steer a terminal.

    >>> line("a\\u202eb\\n c")
    'a b  c'
    """
    return "".join(c if c.isprintable() else " " for c in one_line(text))


def figure(cell: Cell | None) -> str:
    """Return a figure with its interval.

    >>> figure(Cell(value=56.0)), figure(Cell(value=40.25, low=38.0, high=42.5)), figure(None)
    ('56.00', '40.25 [38.0–42.5]', '–')
    """
    if cell is None or cell.value is None:
        return "–"
    interval = "" if cell.low is None or cell.high is None else f" [{rounded(cell.low, 1)}–{rounded(cell.high, 1)}]"
    return rounded(cell.value) + interval


def pair_head() -> list[str]:
    """Return the names of the columns of paired comparisons."""
    return ["first", "second", "score", "difference", "interval", "p", "n"]


def pair_cells(pair: Pair) -> list[str]:
    """Return the cells of a paired comparison."""
    interval = f"{pair.low:+.2f} to {pair.high:+.2f}"
    names = [line(pair.first), line(pair.second), pair.score]
    return [*names, f"{pair.difference:+.2f}", interval, f"{pair.p:.3f}", f"{pair.n:,}"]


def remarks(board: Leaderboard) -> list[str]:
    """Return the notes of the board, of its rows, and the sources of the published ones, one sentence each."""
    sources = dict.fromkeys(row.source for row in board.rows if row.published)
    runs = [f"{row.name}: run in {row.source}" for row in board.rows if not row.published]
    own = [f"{row.name}: {note}" for row in board.rows for note in row.notes]
    published = [f"Published rows: {source}" for source in sources]
    return [line(each) for each in (f"Scale: {board.scale}", *board.notes, *published, *runs, *own)]


def markdown(board: Leaderboard) -> str:
    """Return *board* as Markdown."""
    lines = [
        f"# {_safe(board.title)}",
        "",
        f"Sorted by {_safe(board.primary)}, partial runs last. {' '.join(LEGEND)}",
        "",
    ]
    lines += _table(head(board), [[cell.text for cell in shown(board, row)] for row in board.rows])
    if board.pairs:
        lines += ["", "## Runs compared in pairs", "", PAIRED, "", *_table(pair_head(), map_cells(board.pairs))]
    lines += ["", "## Notes", "", *(f"- {_safe(each)}" for each in remarks(board))]
    return "\n".join(lines) + "\n"


def map_cells(pairs: Sequence[Pair]) -> list[list[str]]:
    """Return the cells of all *pairs*."""
    return [pair_cells(pair) for pair in pairs]


def csv_table(board: Leaderboard) -> str:
    """Return *board* as CSV: unrounded figures, low and high in columns of their own, the source in full."""
    file = io.StringIO()
    write = csv.writer(file, lineterminator="\n")
    figures = [f"{name}{part}" for name in board.columns for part in ("", "_low", "_high")]
    last = ("n", "n_failed", "missing", "tables", "prompts_sha256", "judged_by", "notes")
    write.writerow([*("model", "published", "source", "kind", "inputs", "size"), *figures, *last])
    for row in board.rows:
        words = [row.name, "yes" if row.published else "no", row.source, row.kind or "", row.inputs, row.size]
        cells = [row.cells.get(name, Cell(value=None)) for name in board.columns]
        numbers = [part for cell in cells for part in (cell.value, cell.low, cell.high)]
        texts = [" ".join(row.missing), row.tables, row.prompts, row.judged_by, "; ".join(row.notes)]
        # csv writes an empty cell for None.
        write.writerow([*map(csv_text, words), *numbers, *_counts(row), *map(csv_text, texts)])
    return file.getvalue()


def _counts(row: LeaderboardRow) -> tuple[int | None, int | None]:
    return row.n, row.n_failed


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    listed = [names, *rows]
    lines = [f"| {' | '.join(map(_safe, row))} |" for row in listed]
    return [lines[0], f"|{' --- |' * len(names)}", *lines[1:]]


def _safe(text: str) -> str:
    """Return *text* as Markdown that shows it as it is, on one line."""
    plain = line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", plain)
