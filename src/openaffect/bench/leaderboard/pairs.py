"""Runs compared two by two on the items that both have, where their records hold a score an item."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

from openaffect.bench.leaderboard.rows import LeaderboardRow, Pair
from openaffect.bench.leaderboard.runs import RunFolder
from openaffect.bench.river import read_steps
from openaffect.bench.tasks.mme.report import MmeScores
from openaffect.bench.tasks.mme.rows import Row
from openaffect.errors import InputError
from openaffect.metrics.interval import paired_comparison

ItemScores = Mapping[str, tuple[float, float, float]]
"""Id of an item → recognition, reasoning and chain of thought, in percent."""
NAMES = ("recognition, strict", "reasoning, strict", "cot, strict")
_LEAST = 2


def pairs_of(
    runs: Sequence[RunFolder], rows: Sequence[LeaderboardRow], *, resamples: int = 2000, seed: int = 0
) -> tuple[list[Pair], list[str]]:
    """Return the comparisons of *runs*, whose *rows* give the names, and why some are left out.

    Clips that occur in several tasks are drawn together.
    """
    known: list[tuple[str, ItemScores]] = []
    notes = []
    for run, row in zip(runs, rows, strict=True):
        found = item_scores(run) if len(runs) > 1 else "a comparison needs two runs"
        if not isinstance(found, str):
            known.append((row.name, found))
        elif len(runs) > 1:
            notes.append(f"{row.name} has no paired comparison: {found}.")
    pairs = []
    for (first, one), (second, two) in combinations(known, 2):
        shared = [name for name in one if name in two]
        if len(shared) < _LEAST:
            notes.append(f"{first} and {second} share {len(shared)} items, too few for a comparison.")
            continue
        if len(shared) < max(len(one), len(two)):
            notes.append(f"{first} ({len(one):,} items) and {second} ({len(two):,}): compared on {len(shared):,}.")
        pairs += _pair(first, second, one, two, shared, resamples, seed)
    return pairs, notes


def item_scores(run: RunFolder) -> ItemScores | str:
    """Return the strict scores of each item of *run* from its records, or why there are none.

    Only records that give the very scores of the run are used.
    """
    if not isinstance(run.scores, MmeScores):
        return "its records hold no score an item"
    try:
        steps = {stage: read_steps(run.path / f"{stage}.jsonl") for stage in ("answer", "judge", "judge-again")}
    except (InputError, KeyError, TypeError, ValueError) as error:
        return f"its records cannot be read ({str(error).rstrip('.')})"
    ratings: dict[str, tuple[float, ...] | None] = dict.fromkeys(steps["answer"])
    for stage in ("judge", "judge-again"):
        ratings |= {name: read for name, step in steps[stage].items() if (read := _ratings(step.value)) is not None}
    found = {name: _scores(Row(each, ""), run.scores.alpha) for name, each in ratings.items()}
    strict = run.scores.overall.strict
    if len(found) != strict.n or not _agree(found, strict.recognition.value, strict.reasoning.value):
        return "its records do not give the scores that it reports (score it again)"
    return found


def _ratings(value: object) -> tuple[float, ...] | None:
    if not isinstance(value, list) or not value or not all(isinstance(each, int | float) for each in value):
        return None
    return tuple(float(each) for each in value)


def _scores(row: Row, alpha: float) -> tuple[float, float, float]:
    recognition, reasoning = 100 * row.recognition, 100 * row.reasoning
    return recognition, reasoning, alpha * recognition + (1 - alpha) * reasoning


def _agree(found: ItemScores, *reported: float | None) -> bool:
    means = [math.fsum(each[place] for each in found.values()) / max(len(found), 1) for place in range(len(reported))]
    return all(b is not None and math.isclose(a, b, abs_tol=1e-6) for a, b in zip(means, reported, strict=True))


def _pair(
    first: str, second: str, one: ItemScores, two: ItemScores, shared: Sequence[str], resamples: int, seed: int
) -> list[Pair]:
    clips = [name.partition("/")[2] for name in shared]
    found = []
    for place, score in enumerate(NAMES):
        a, b = ([scores[name][place] for name in shared] for scores in (one, two))
        groups = clips if len(set(clips)) < len(clips) else None
        drawn = paired_comparison(a, b, groups=groups, n=resamples, seed=seed)
        found.append(
            Pair(
                first=first,
                second=second,
                score=score,
                difference=drawn.difference,
                low=drawn.low,
                high=drawn.high,
                level=drawn.level,
                p=drawn.p,
                n=len(shared),
            )
        )
    return found
