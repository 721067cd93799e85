"""Runs compared two by two on the items that both have, where their records give their scores again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from openaffect.bench.held import HeldSteps
from openaffect.bench.leaderboard.emer_clips import clip_scores
from openaffect.bench.leaderboard.rows import LeaderboardRow, Pair
from openaffect.bench.leaderboard.runs import RunFolder, reason
from openaffect.bench.leaderboard.unibench import answers_of, by_data_set
from openaffect.bench.results import BenchmarkScores
from openaffect.bench.tasks.mme.report import MmeScores
from openaffect.bench.tasks.mme.rows import Row
from openaffect.emotion.wheel import Wheels
from openaffect.errors import InputError
from openaffect.metrics.interval import Comparison, paired_comparison

ByItem = Mapping[str, float]
"""Id of an item → its score, on the scale of the table."""
T = TypeVar("T")
NAMES = ("recognition, strict", "reasoning, strict", "cot, strict")
_LEAST = 2


def pairs_of(
    runs: Sequence[RunFolder],
    rows: Sequence[LeaderboardRow],
    table: str,
    *,
    wheels: Wheels | None = None,
    data: Path | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[list[Pair], list[str]]:
    """Return the comparisons of *runs*, whose *rows* give the names, and why some are left out.

    MME-Emotion: by item, and clips that occur in several tasks are drawn together.  EMER: by clip.  MER-UniBench: by
    data set, and the mean over data sets.  *wheels* and *data* are wheel tables and labels that do not lie where the
    runs say.
    """
    if len(runs) < _LEAST:
        return [], []
    names = [row.name for row in rows]
    if isinstance(runs[0].scores, BenchmarkScores):
        answers = partial(answers_of, wheels=wheels, data=data)
        return _two_by_two(runs, names, answers, partial(by_data_set, resamples=resamples, seed=seed))
    read = item_scores if isinstance(runs[0].scores, MmeScores) else partial(clip_scores, table=table, data=data)
    return _two_by_two(runs, names, read, partial(by_score, resamples=resamples, seed=seed))


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
    return pairs, list(dict.fromkeys(notes))


def item_scores(run: RunFolder) -> dict[str, ByItem] | str:
    """Return the strict scores of *run* by item from its records, or why there are none.

    Only records that give the very scores of the run are used.
    """
    if not isinstance(run.scores, MmeScores):
        return "its records hold no score an item"
    try:
        steps = {stage: HeldSteps(run.path / f"{stage}.jsonl") for stage in ("answer", "judge", "judge-again")}
    except (InputError, KeyError, TypeError, ValueError) as error:
        return f"its records cannot be read ({reason(error)})"
    ratings: dict[str, tuple[float, ...] | None] = dict.fromkeys(steps["answer"])
    for stage in ("judge", "judge-again"):
        ratings |= {name: read for name, step in steps[stage].items() if (read := _ratings(step.value)) is not None}
    found = {name: _scores(Row(each, ""), run.scores.alpha) for name, each in ratings.items()}
    strict = run.scores.overall.strict
    if len(found) != strict.n or not _agree(found, strict.recognition.value, strict.reasoning.value):
        return "its records do not give the scores that it reports (score it again)"
    return {score: {name: each[place] for name, each in found.items()} for place, score in enumerate(NAMES)}


def _ratings(value: object) -> tuple[float, ...] | None:
    if not isinstance(value, list) or not value or not all(isinstance(each, int | float) for each in value):
        return None
    return tuple(float(each) for each in value)


def _scores(row: Row, alpha: float) -> tuple[float, float, float]:
    recognition, reasoning = 100 * row.recognition, 100 * row.reasoning
    return recognition, reasoning, alpha * recognition + (1 - alpha) * reasoning


def _agree(found: Mapping[str, tuple[float, ...]], *reported: float | None) -> bool:
    means = [math.fsum(each[place] for each in found.values()) / max(len(found), 1) for place in range(len(reported))]
    return all(b is not None and math.isclose(a, b, abs_tol=1e-6) for a, b in zip(means, reported, strict=True))


def by_score(
    first: str,
    second: str,
    one: Mapping[str, ByItem | str],
    two: Mapping[str, ByItem | str],
    *,
    resamples: int,
    seed: int,
) -> Iterator[Pair | str]:
    """Yield the comparison of each score on the items that both runs have, and what there is to know of it."""
    both = [score for score in one if score in two]
    yield from _unknown(first, {score: one[score] for score in both})
    yield from _unknown(second, {score: two[score] for score in both})
    counts: dict[tuple[int, int, int], list[str]] = {}
    for score in both:
        a, b = one[score], two[score]
        if isinstance(a, str) or isinstance(b, str):
            continue
        shared = [name for name in a if name in b]
        counts.setdefault((len(a), len(b), len(shared)), []).append(score)
        if len(shared) >= _LEAST:
            columns = [[each[name] for name in shared] for each in (a, b)]
            drawn = paired_comparison(*columns, groups=_clips(shared), n=resamples, seed=seed)
            yield _pair(first, second, score, drawn)
    yield from _counted(first, second, counts)


def _unknown(name: str, found: Mapping[str, ByItem | str]) -> Iterator[str]:
    causes: dict[str, list[str]] = {}
    for score, each in found.items():
        if isinstance(each, str):
            causes.setdefault(each, []).append(score)
    for cause, scores in causes.items():
        yield f"{name} has no paired comparison of {'; '.join(scores)}: {cause}."


def _counted(first: str, second: str, counts: Mapping[tuple[int, int, int], Sequence[str]]) -> Iterator[str]:
    for (n_one, n_two, n), scores in counts.items():
        named = "; ".join(scores)
        if n < _LEAST:
            yield f"{named}: {first} and {second} share {n} items, too few for a comparison."
        elif n < max(n_one, n_two):
            yield f"{named}: {first} ({n_one:,} items) and {second} ({n_two:,}) are compared on {n:,}."


def _clips(names: Sequence[str]) -> list[str] | None:
    """Return the clip of each of *names*, which are ``<part>/<clip>``; None where each has one of its own."""
    clips = [name.partition("/")[2] for name in names]
    return clips if len(set(clips)) < len(clips) else None


def _pair(first: str, second: str, score: str, drawn: Comparison) -> Pair:
    return Pair(
        first=first,
        second=second,
        score=score,
        difference=drawn.difference,
        low=drawn.low,
        high=drawn.high,
        level=drawn.level,
        p=drawn.p,
        n=drawn.n_samples,
    )
