"""Two runs of MER-UniBench on the same clips: the difference of the primary score of each data set, and of the mean.

The primary scores are figures of a whole data set and no means over clips.  So clips are drawn, in each data set by
itself, for the interval; and for p the answers of the two runs are swapped clip by clip, as signs are flipped where
every clip has a score.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from openaffect.bench.benchmarks import BENCHMARKS
from openaffect.bench.leaderboard.rows import Pair
from openaffect.bench.leaderboard.runs import RunFolder, reason, tables_of
from openaffect.bench.measures import Floats, Sums
from openaffect.bench.results import BenchmarkScores
from openaffect.bench.task import Item
from openaffect.bench.tasks.mer_unibench import write_predictions
from openaffect.bench.truth import METRICS, Truth, truth_of
from openaffect.bench.view.folder import Folder, read_folder
from openaffect.datasets import find, load
from openaffect.datasets.predictions import read_predictions
from openaffect.datasets.wheels import find_wheels
from openaffect.emotion.wheel import Wheels
from openaffect.errors import InputError, RemoteError, UsageError
from openaffect.metrics.interval import bootstrap_weights
from openaffect.metrics.overlap import read_lists
from openaffect.metrics.resampling import percentiles

LEVEL = 0.95
LEAST = 2


@dataclass(frozen=True)
class Answered:
    """What a run answered on one data set."""

    truth: Truth
    given: Mapping[str, Any]
    wheels: Wheels

    def on(self, names: Sequence[str]) -> tuple[float, Sums]:
        """Return the primary score on the clips *names*, and that score as a function of sums over them."""
        values = {name: self.truth.values[name] for name in names}
        measure = replace(self.truth, values=values, speakers=None).measures(self.given, self.wheels, None)[0]
        if measure.sums is None:
            raise ValueError(f"the primary score {measure.name!r} is no function of sums")
        return measure.value, measure.sums


def answers_of(run: RunFolder, *, wheels: Wheels | None = None, data: Path | None = None) -> dict[str, Answered] | str:
    """Return data set → what *run* answered, or why that is not known.

    Only records that give the very scores of the run are used, with the labels in *data* (None: where the card says)
    and *wheels* (None: those of the run's edition, from the cache) of the same bytes.
    """
    scores = run.scores
    if not isinstance(scores, BenchmarkScores):
        return "it is no run of MER-UniBench"
    try:
        tables = wheels if wheels is not None else _tables_of_edition(scores.edition)
    except (RemoteError, UsageError) as error:
        return f"its records cannot be compared without its wheel tables ({reason(error)}); --wheels DIR names them"
    if tables.sha256 != scores.tables_sha256:
        at_hand = f"{tables.edition} {tables.sha256[:12]}"
        return f"it was scored with other wheel tables than those at hand ({tables_of(run)}, not {at_hand})"
    try:
        folder = read_folder(run.path)
        labels = data or Path(str(folder.card.get("data", "")))
        found = {each.key: _answered(each.key, folder, labels, tables) for each in scores.datasets}
    except InputError as error:
        return f"its records cannot be compared ({reason(error)}); --data DIR names labels that have moved"
    for each in scores.datasets:
        answered, reported = found[each.key], each.fixed.primary.value
        value, _ = answered.on(tuple(answered.truth.values))
        if not math.isclose(value, math.nan if reported is None else reported, abs_tol=1e-9):
            return f"its records do not give the score that it reports for {each.key} (score it again)"
    return found


def _tables_of_edition(edition: str) -> Wheels:
    return find_wheels(edition if edition.isdigit() else None, offline=True)


def _answered(key: str, folder: Folder, labels: Path, wheels: Wheels) -> Answered:
    asked = [name for name in folder.ids if name.partition("/")[0] == key]
    items = [Item(name, key, facts={"name": name.partition("/")[2]}) for name in asked]
    names = {item.facts["name"] for item in items}
    samples = load(key, labels, transcripts=False)
    truth = truth_of(
        [sample for sample in samples if sample.id in names],
        title=find(key).title,
        metric=METRICS[find(key).metric],
        classes=find(key).labels,
    )
    return Answered(truth, _given(key, items, folder, truth), wheels)


def _given(key: str, items: Sequence[Item], folder: Folder, truth: Truth) -> dict[str, Any]:
    """Return the answers as the scorer reads them: through the file that it reads."""
    with tempfile.TemporaryDirectory() as room:
        write_predictions(items, {"labels": {}, "sentiment": {}, **folder.steps}, Path(room))
        path = Path(room) / f"{key}.jsonl"
        labels = read_predictions(path).labels if path.exists() else {}
    given = {name: labels[name] for name in truth.values if name in labels}
    if truth.metric == "sentiment":
        return given
    return dict(zip(given, read_lists(given, tuple(given), "the prediction"), strict=True))


@dataclass(frozen=True)
class _Drawn:
    """One data set of two runs, in percent."""

    name: str
    difference: float
    bootstrap: Floats
    """The difference in each draw of clips, shape (resamples,)."""
    swapped: Floats
    """The difference after each swap of answers."""
    n: int


def by_data_set(
    first: str, second: str, one: Mapping[str, Answered], two: Mapping[str, Answered], *, resamples: int, seed: int
) -> Iterator[Pair | str]:
    """Yield the comparison of each data set that both runs answered, then of their mean; or why there is none."""
    drawn = []
    for place, key in enumerate(key for key in one if key in two):
        a, b = one[key], two[key]
        shared = [name for name in a.truth.values if name in b.truth.values]
        if len(shared) < LEAST:
            yield f"{first} and {second} share {len(shared)} clips of {key}, too few for a comparison."
            continue
        if len(shared) < max(len(a.truth.values), len(b.truth.values)):
            counts = f"{len(a.truth.values):,} clips) and {second} ({len(b.truth.values):,}"
            yield f"{key}, {first} ({counts}): compared on {len(shared):,}."
        found = _draw(f"{key}, {find(key).metric}", a.on(shared), b.on(shared), len(shared), resamples, [seed, place])
        if math.isfinite(found.difference):
            drawn.append(found)
            yield _pair(first, second, found)
        else:
            yield f"{first} and {second} have no score on the clips of {key} that they share."
    if len(drawn) > 1:
        yield _pair(first, second, _mean(drawn))


def _mean(drawn: Sequence[_Drawn]) -> _Drawn:
    whole = len(drawn) == len(BENCHMARKS["mer-unibench"].datasets)
    return _Drawn(
        "mean" if whole else f"mean of {len(drawn)} data sets",
        math.fsum(each.difference for each in drawn) / len(drawn),
        np.mean([each.bootstrap for each in drawn], axis=0),
        np.mean([each.swapped for each in drawn], axis=0),
        sum(each.n for each in drawn),
    )


def _draw(
    name: str, one: tuple[float, Sums], two: tuple[float, Sums], n: int, resamples: int, seed: Sequence[int]
) -> _Drawn:
    (a, first), (b, second) = one, two
    boot, swap = np.random.SeedSequence(seed).generate_state(2)
    weights = bootstrap_weights(n, n=resamples, seed=int(boot))
    both = np.hstack([first.columns, second.columns])
    sums = np.array([each @ both for each in weights])
    apart = second.columns - first.columns
    rng = np.random.default_rng(swap)
    moved = np.array([rng.integers(0, 2, n) @ apart for _ in range(resamples)])
    swapped = first.finish(first.columns.sum(axis=0) + moved) - second.finish(second.columns.sum(axis=0) - moved)
    width = first.columns.shape[1]
    bootstrap = first.finish(sums[:, :width]) - second.finish(sums[:, width:])
    return _Drawn(name, 100 * (a - b), 100 * bootstrap, 100 * swapped, n)


def _pair(first: str, second: str, found: _Drawn) -> Pair:
    low, high = percentiles(found.bootstrap[~np.isnan(found.bootstrap)], LEVEL)
    known = found.swapped[~np.isnan(found.swapped)]
    # Sums in another order differ in the last digits and would miss a tie.
    hits = int((np.abs(known) >= abs(found.difference) - 1e-9).sum())
    return Pair(
        first=first,
        second=second,
        score=found.name,
        difference=found.difference,
        low=low,
        high=high,
        level=LEVEL,
        p=(hits + 1) / (known.size + 1),
        n=found.n,
    )
