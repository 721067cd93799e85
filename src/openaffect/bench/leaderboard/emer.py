"""Runs of EMER: the tables of published scores that they fit, and their figures on the scale of a table.

A run may stand in two tables, for EMER-V1 and EMER-V2 share only 39 clips and are never averaged together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from openaffect.bench.leaderboard.rows import Cell, cell_of
from openaffect.bench.tasks.emer_scores import EmerScores, PartScores
from openaffect.datasets import find

PARTS: Mapping[str, tuple[str, ...]] = {"emer-fine": ("emer-v2", "emer-ov"), "emer-v1": ("emer-v1",)}
"""Table → the parts of a run that fit it; where a run has two of them, the first that has what the table reports."""
REPORTED: Mapping[str, Mapping[str, tuple[str, float]]] = {
    "emer-fine": {
        "average": ("grouped average", 100),
        "accuracy": ("grouped accuracy", 100),
        "recall": ("grouped recall", 100),
    },
    "emer-v1": {"clue_overlap": ("clue overlap", 1), "label_overlap": ("label overlap", 1)},
}
"""Table → published column → name of our score, and what it is multiplied with."""
_LEGACY = {
    f"{column}, legacy reading": (f"{name}, legacy reading", times)
    for column, (name, times) in REPORTED["emer-v1"].items()
}
PASSING, SUPPORT = "plausibility, passing % (ours)", "plausibility, support 1-5 (ours)"
OURS: Mapping[str, tuple[str, float]] = {
    PASSING: ("plausibility, passing", 100),
    SUPPORT: ("plausibility, support 1-5", 1),
    "sound by the checker % (ours)": ("sound by the checker", 100),
    "modality completeness % (ours)": ("modality completeness", 100),
    "EW F % (ours)": ("EW F", 100),
}
"""Column → the same, for what no published row has."""
_BASIS = {"emer-fine": "EW F", "emer-v1": "clue overlap"}
# A score that is there, with or without a value, exactly where the clips have true labels or reference texts.


def tables_that_fit(scores: EmerScores) -> tuple[str, ...]:
    """Return the tables that a run with *scores* may stand in, first those whose figures it has."""
    parts = {table: part for table in PARTS if (part := part_in(scores, table)) is not None}
    return tuple(sorted(parts, key=lambda table: parts[table].score(_BASIS[table]) is None))


def part_in(scores: EmerScores, table: str) -> PartScores | None:
    """Return the part of *scores* that stands in *table*, None where there is none."""
    parts = {part.part: part for part in scores.parts}
    found = [parts[key] for key in PARTS.get(table, ()) if key in parts]
    return min(found, key=lambda part: part.score(_BASIS[table]) is None, default=None)


def figures(scores: EmerScores, table: str) -> dict[str, object]:
    """Return what a row of *table* says of *scores*: figures, counts, what is missing, notes."""
    part = part_in(scores, table)
    if part is None:
        raise ValueError(f"the run has no part that fits {table}")
    reported = REPORTED[table]
    cells = _cells(part, {**reported, **(_LEGACY if table == "emer-v1" else {}), **OURS})
    # What the rows are sorted by; without it, our own first figure.
    first = cells.get(next(iter(reported))) or cells.get(PASSING)
    return {
        "cells": cells,
        "n": part.n if first is None else first.n,
        "n_failed": None if first is None else first.n_failed,
        "missing": [column for column in reported if column not in cells or cells[column].value is None],
        "notes": list(_notes(scores, part, table)),
    }


def _cells(part: PartScores, columns: Mapping[str, tuple[str, float]]) -> dict[str, Cell]:
    found = {column: (part.score(name), times) for column, (name, times) in columns.items()}
    return {column: cell_of(score, times) for column, (score, times) in found.items() if score is not None}


def _notes(scores: EmerScores, part: PartScores, table: str) -> Iterator[str]:
    whole = find(part.part).n
    if whole is not None and part.n != whole:
        yield f"scored on {part.n:,} clips of {find(part.part).title}, the published rows on {whole:,}"
    yield from _of_scores(part, dict.fromkeys(name for name, _ in (*REPORTED[table].values(), *OURS.values())))
    if part.score("EW F") is not None:
        if table == "emer-v1":
            yield "EW F: against the one label that a clip of EMER-V1 has"
        if scores.edition == "openaffect":
            yield "EW F: on openaffect's own wheel, not an official one"


def _of_scores(part: PartScores, names: Iterable[str]) -> Iterator[str]:
    """Yield what the scores *names* say of themselves; those that say the same are named together."""
    told: dict[str, list[str]] = {}
    for score in (found for name in names if (found := part.score(name)) is not None):
        if score.n_skipped:
            told.setdefault(f"left out: {score.n_skipped:,} of {score.n_skipped + score.n:,} clips", []).append(
                score.name
            )
        if score.note:
            told.setdefault(score.note, []).append(score.name)
    for text, named in told.items():
        yield f"{'; '.join(named)}: {text}"
