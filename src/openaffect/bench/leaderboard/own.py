"""Runs as rows of a leaderboard, on the scale of the published ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openaffect.bench.estimates import Estimate
from openaffect.bench.leaderboard import emer
from openaffect.bench.leaderboard.rows import Cell, LeaderboardRow, cell_of
from openaffect.bench.leaderboard.runs import RunFolder, ScoresOf, tables_of
from openaffect.bench.results import BenchmarkScores
from openaffect.bench.tasks.emer_scores import EmerScores
from openaffect.bench.tasks.mme.report import Figures, MmeScores
from openaffect.bench.tasks.mme.tasks import TASKS

STRICT = "cot, strict"
"""The chain-of-thought score over all items, those that could not be read as 0; no paper reports it."""
_LETTERS = {"A": "audio", "V": "video", "T": "text"}
_RATED = ("recognition", "reasoning", "cot")


def own_rows(runs: Sequence[RunFolder], table: str) -> list[LeaderboardRow]:
    """Return one row of *table* a run; where two have one name, each gets the name of its folder beside it."""
    names = [_name(run) for run in runs]
    return [
        _row(run, table, name if names.count(name) == 1 else f"{name} ({run.path})")
        for run, name in zip(runs, names, strict=True)
    ]


def _name(run: RunFolder) -> str:
    model = run.card.models.get("model")
    return run.about.name or (model.full if model else "") or "unnamed"


def _row(run: RunFolder, table: str, name: str) -> LeaderboardRow:
    return LeaderboardRow.model_validate(
        {
            "name": name,
            "published": False,
            "source": str(run.path),
            "kind": run.about.kind,
            "inputs": "".join(letter for letter, word in _LETTERS.items() if word in run.card.modalities),
            "size": run.about.size or size_in(_name(run)),
            "tables": tables_of(run),
            "prompts": run.prompts,
            "judged_by": run.judged_by,
            **_figures(run.scores, table),
        }
    )


def _figures(scores: ScoresOf, table: str) -> dict[str, object]:
    if isinstance(scores, BenchmarkScores):
        return _unibench(scores)
    return emer.figures(scores, table) if isinstance(scores, EmerScores) else _mme(scores)


def size_in(name: str) -> str:
    """Return the number of parameters that the *name* of a model states, "" where it states none.

    >>> size_in("Qwen2.5-Omni-7B"), size_in("Qwen3-30B-A3B"), size_in("GPT-4o")
    ('7B', '30B', '')
    """
    found = re.search(r"(?<![A-Za-z\d.])(\d+(?:\.\d+)?[BM])(?![A-Za-z\d])", name, re.IGNORECASE)
    return found[1].upper() if found else ""


def _unibench(scores: BenchmarkScores) -> dict[str, object]:
    primaries = {each.key: each.fixed.primary for each in scores.datasets}
    cells = {key: cell_of(score) for key, score in primaries.items()}
    cells["mean"] = Cell(value=None if scores.mean_fixed is None else 100 * scores.mean_fixed)
    notes = [f"{each.title}: {note}" for each in scores.datasets for note in (*each.notes, *each.fixed.notes)]
    if not scores.official:
        notes.insert(0, "scored on openaffect's own wheel: not comparable with published scores")
    return {
        "cells": cells,
        "n": sum(score.n for score in primaries.values()),
        "n_failed": sum(score.n_failed for score in primaries.values()),
        "missing": [each.key for each in scores.unscored],
        "notes": [*scores.notes, *notes],
    }


def _mme(scores: MmeScores) -> dict[str, object]:
    """Return the official figures, which published rows have, and one strict one."""
    overall = scores.overall
    cells = {name: _rated(overall.official, name) for name in _RATED}
    cells |= {STRICT: _rated(overall.strict, "cot")}
    cells |= {each.task: _rated(each.official, "cot") for each in scores.tasks}
    if overall.official is not None:
        cells["steps"] = Cell(value=overall.official.steps)
    return {
        "cells": cells,
        "n": overall.n,
        "n_failed": overall.strict.n_failed,
        "missing": [key for key in TASKS if key not in cells],
        "notes": [*scores.notes, *overall.notes],
    }


def _rated(figures: Figures | None, name: str) -> Cell:
    if figures is None:
        return Cell(value=None)
    found: Estimate = getattr(figures, name)
    return Cell(value=found.value, low=found.low, high=found.high, n=figures.n, n_failed=figures.n_failed)
