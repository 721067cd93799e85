"""Runs compared two by two on the items that both have, where their records give their scores again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import TypeVar

from openaffect.bench.held import read_steps
from openaffect.bench.leaderboard.rows import LeaderboardRow, Pair
from openaffect.bench.leaderboard.runs import RunFolder
from openaffect.bench.leaderboard.unibench import answers_of, by_data_set
from openaffect.bench.tasks.mme.report import MmeScores
from openaffect.bench.tasks.mme.rows import Row
from openaffect.errors import InputError
from openaffect.metrics.interval import paired_comparison

ItemScores = Mapping[str, tuple[float, float, float]]
"""Id of an item → recognition, reasoning and chain of thought, in percent."""
T = TypeVar("T")
NAMES = ("recognition, strict", "reasoning, strict", "cot, strict")
_LEAST = 2


def pairs_of(
    runs: Sequence[RunFolder], rows: Sequence[LeaderboardRow], *, resamples: int = 2000, seed: int = 0
) -> tuple[list[Pair], list[str]]:
    """Return the comparisons of *runs*, whose *rows* give the names, and why some are left out.

    MME-Emotion: by item, and clips that occur in several tasks are drawn together.  MER-UniBench: by data set, and the
    mean over data sets.
    """
    if len(runs) < _LEAST:
        return [], []
    names = [row.name for row in rows]
    if isinstance(runs[0].scores, MmeScores):
        return _two_by_two(runs, names, item_scores, partial(by_item, resamples=resamples, seed=seed))
    return _two_by_two(runs, names, answers_of, partial(by_data_set, resamples=resamples, seed=seed))


def _two_by_two(
    runs: Sequence[RunFolder],
    names: Sequence[str],
    read: Callable[[RunFolder], T | str],
    compare: Callable[[str, str, T, T], Iterable[Pair | str]],
) -> tuple[list[Pair], list[str]]:
    pairs, notes = [], []
    known: list[tuple[str, T]] = []
    for run, name in zip(runs, names, strict=True):
        found = read(run)
        if isinstance(found, str):
            notes.append(f"{name} has no paired comparison: {found}.")
        else:
            known.append((name, found))
    for (first, one), (second, two) in combinations(known, 2):
        for each in compare(first, second, one, two):
            if isinstance(each, str):
                notes.append(each)
            else:
                pairs.append(each)
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


def by_item(
    first: str, second: str, one: ItemScores, two: ItemScores, *, resamples: int, seed: int
) -> Iterator[Pair | str]:
    """Yield the comparison of each score on the items that both runs have, and what there is to know of it."""
    shared = [name for name in one if name in two]
    if len(shared) < _LEAST:
        yield f"{first} and {second} share {len(shared)} items, too few for a comparison."
        return
    if len(shared) < max(len(one), len(two)):
        yield f"{first} ({len(one):,} items) and {second} ({len(two):,}): compared on {len(shared):,}."
    clips = [name.partition("/")[2] for name in shared]
    groups = clips if len(set(clips)) < len(clips) else None
    for place, score in enumerate(NAMES):
        a, b = ([scores[name][place] for name in shared] for scores in (one, two))
        drawn = paired_comparison(a, b, groups=groups, n=resamples, seed=seed)
        yield Pair(
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
