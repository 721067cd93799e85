"""The measures of one data set.

Every score here is a function of sums over the samples, so that a bootstrap needs one matrix product for all of them:
a measure names its columns (one row a sample) and what to make of their weighted sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from openaffect.emotion.parse import normalise
from openaffect.emotion.wheel import Level, Wheels
from openaffect.metrics.corpus import f_score
from openaffect.metrics.grouped import Groups, grouped_overlap
from openaffect.metrics.hit import hit_rate
from openaffect.metrics.open_vocabulary import mapping_scores_of, wheel_scores_of
from openaffect.metrics.overlap import Labels, Overlaps, overlaps
from openaffect.metrics.sentiment import binary_scores, cells_of, macro_f1_of, read_signs, sentiment_scores

Floats = NDArray[np.float64]
LabelMap = Mapping[str, Labels]
ALL_CLIPS = "F1 of all clips, neutral included"
"""Name of the score from which no clip is left out: wheel F for labels, macro F1 of three classes for sentiment."""
OVER_LENGTH = "HIT over list length"


@dataclass(frozen=True)
class Counted:
    """What a score rests on."""

    n: int
    n_skipped: int = 0
    n_empty: int = 0
    n_failed: int = 0
    """Samples of `n` without a prediction."""


@dataclass(frozen=True, eq=False)
class Sums:
    """A score as a function of weighted sums of columns."""

    columns: Floats
    """(n, c); measures may share one array, which is then summed once."""
    finish: Callable[[Floats], Floats]
    """Weighted sums (b, c) → the score of each weighting, (b,)."""


@dataclass(frozen=True)
class Measure:
    """One score of one data set, before its interval is taken."""

    name: str
    value: float
    counted: Counted
    sums: Sums | None = None
    """None for scores that get no interval."""
    note: str = ""


def wheel_measures(truth: LabelMap, predictions: LabelMap, wheels: Wheels) -> list[Measure]:
    """Return the measures of fine-grained recognition: wheel F at level 1 first, then what stands beside it."""
    found, k = _overlaps(truth, predictions, wheels, (1, 2)), wheels.count
    one, two = found.take(slice(0, k)), found.take(slice(k, None))
    first, second = wheel_scores_of(one, wheels, level=1), wheel_scores_of(two, wheels, level=2)
    counted = Counted(first.n, first.n_skipped, first.n_empty, _failed(one))
    columns = np.hstack([_f_columns(one), _f_columns(two)])

    def of(part: Callable[[Floats], Floats], which: int) -> Sums:
        return Sums(columns, lambda sums: part(sums[:, 3 * k * which : 3 * k * (which + 1)]))

    def both(sums: Floats) -> Floats:
        return (_f(sums[:, : 3 * k]) + _f(sums[:, 3 * k :])) / 2

    return [
        Measure("EW F", first.f, counted, of(_f, 0)),
        Measure("EW precision", first.precision, counted, of(lambda s: _ratio(s[:, :k], s[:, 2 * k :]), 0)),
        Measure("EW recall", first.recall, counted, of(lambda s: _ratio(s[:, k : 2 * k], s[:, 2 * k :]), 0)),
        Measure("EW F level 2", second.f, Counted(second.n, second.n_skipped, second.n_empty, _failed(two)), of(_f, 1)),
        Measure("EW F mean of levels", (first.f + second.f) / 2, counted, Sums(columns, both)),
        all_clips_measure(truth, predictions, wheels),
    ]


def mapping_measures(truth: LabelMap, predictions: LabelMap, wheels: Wheels) -> list[Measure]:
    """Return the table of OV-MER: M-avg, the mean of the F under every mapping, then each F."""
    found = overlaps(truth, predictions, [wheels.mapping(name) for name in wheels.names], missing="count")
    scores = mapping_scores_of(found, wheels)
    columns, k = _f_columns(found), len(wheels.names)
    counts = {
        name: Counted(each.n, each.n_skipped, each.n_empty, _failed(found.take(slice(at, at + 1))))
        for at, (name, each) in enumerate(scores.items())
    }
    average = float(np.mean([each.f for each in scores.values()]))
    return [
        Measure("M-avg", average, counts["M1"], Sums(columns, _f), "n of M1; mappings count different clips"),
        *(
            Measure(f"F {name}", each.f, counts[name], Sums(columns, partial(_f_of, range(at, 3 * k, k))))
            for at, (name, each) in enumerate(scores.items())
        ),
    ]


def hit_measures(
    truth: LabelMap, predictions: LabelMap, wheels: Wheels, classes: Sequence[str] | None = None
) -> list[Measure]:
    """Return the measures of basic emotion recognition: HIT first, then what stands beside it.

    *classes* are all labels that the data set may give, also those that no sample has.
    """
    rates = hit_rate(truth, predictions, wheels, classes, missing="count")
    found, k = _overlaps(truth, predictions, wheels, (1,)), wheels.count
    counted = Counted(rates.n, rates.n_skipped, rates.n_empty, _failed(found))
    discounted = found.shared / np.maximum(found.predicted, 1)
    columns = np.hstack([found.kept * found.shared, found.kept * discounted, found.kept]).astype(np.float64)
    hit = Sums(columns, lambda s: _ratio(s[:, :k], s[:, 2 * k :]))
    over_length = Sums(columns, lambda s: _ratio(s[:, k : 2 * k], s[:, 2 * k :]))
    chance = "chance that one of the predicted clusters, drawn blindly, is the true one"
    return [
        Measure("HIT", rates.hit, counted, hit),
        Measure(OVER_LENGTH, rates.discounted, counted, over_length, chance),
        Measure("mscore", rates.mscore, counted),
        all_clips_measure(truth, predictions, wheels),
    ]


def sentiment_measures(truth: Mapping[str, float], predictions: Mapping[str, str]) -> list[Measure]:
    """Return the measures of sentiment analysis: WAF first, then what stands beside it."""
    scores = sentiment_scores(truth, predictions, missing="count")
    counted = Counted(scores.n, scores.n_skipped, n_failed=sum(truth[name] != 0 for name in scores.missing))
    gold = np.array([float(truth[name]) for name in truth])
    cells = cells_of(gold, read_signs(truth, predictions)[0])
    unknown = f"{scores.n_unknown} predictions are none of the three words; they count as negative"

    def confusion(sums: Floats) -> Floats:
        return sums.reshape(-1, 3, 3)

    return [
        Measure(
            "WAF",
            scores.waf,
            counted,
            Sums(cells, lambda sums: binary_scores(confusion(sums))[0]),
            unknown if scores.n_unknown else "",
        ),
        Measure("ACC", scores.accuracy, counted, Sums(cells, lambda sums: binary_scores(confusion(sums))[1])),
        Measure(
            ALL_CLIPS,
            scores.three_way_f1,
            Counted(gold.size, n_failed=len(scores.missing)),
            Sums(cells, lambda sums: macro_f1_of(confusion(sums))),
            "macro F1 of negative, neutral, positive",
        ),
    ]


def grouped_measures(truth: LabelMap, predictions: LabelMap, groups: Mapping[str, Groups]) -> list[Measure]:
    """Return the set metric of EMER with labels grouped by a language model: average first."""
    scores = grouped_overlap(truth, predictions, groups, missing="count")
    counted = Counted(scores.n, n_empty=scores.n_empty, n_failed=len(scores.missing))
    note = f"{scores.n_ungrouped} labels stand in no group and count as themselves" if scores.n_ungrouped else ""
    pairs = [grouped_overlap({name: truth[name]}, predictions, groups, missing="count") for name in truth]
    columns = np.array([(pair.average, pair.accuracy, pair.recall, 1.0) for pair in pairs])

    def mean(column: int) -> Sums:
        return Sums(columns, lambda sums: sums[:, column] / sums[:, 3])

    return [
        Measure("grouped average", scores.average, counted, mean(0), note),
        Measure("grouped accuracy", scores.accuracy, counted, mean(1)),
        Measure("grouped recall", scores.recall, counted, mean(2)),
    ]


def all_clips_measure(truth: LabelMap, predictions: LabelMap, wheels: Wheels) -> Measure:
    """Return wheel F from which no clip is left out: every true label has a cluster, an empty answer says neutral.

    A prediction that is missing says nothing and is wrong.
    """
    wanted = {name: labels or ["neutral"] for name, labels in truth.items()}
    given = {name: predictions[name] or ["neutral"] if name in predictions else [] for name in truth}
    labels = frozenset(label for each in wanted.values() for label in normalise(each))
    mappings = [partial(_somewhere, wheels, wheel, labels) for wheel in range(1, wheels.count + 1)]
    found = overlaps(wanted, given, mappings, missing="count")
    sums = Sums(_f_columns(found), _f)
    value = float(_f(sums.columns.sum(axis=0, keepdims=True))[0])
    counted = Counted(len(wanted), n_failed=sum(name not in predictions for name in wanted))
    return Measure(ALL_CLIPS, value, counted, sums, "wheel F with a cluster for every true label")


def _somewhere(wheels: Wheels, wheel: int, labels: frozenset[str], label: str) -> str | None:
    """Return the cluster of *label* on *wheel*, else that on the first wheel that has one, else the label itself.

    A word that no wheel has and that is no true label has no place, as in the official scores.
    """
    for other in (wheel, *range(1, wheels.count + 1)):
        if (cluster := wheels.cluster(label, other)) is not None:
            return cluster if other == wheel else f"{cluster} on wheel {other}"
    return label if label in labels else None


def _overlaps(truth: LabelMap, predictions: LabelMap, wheels: Wheels, levels: Sequence[Level]) -> Overlaps:
    names = [f"M3-W{wheel}-L{level}" for level in levels for wheel in range(1, wheels.count + 1)]
    return overlaps(truth, predictions, [wheels.mapping(name) for name in names], missing="count")


def _failed(found: Overlaps) -> int:
    """Return how many samples that count on some mapping have no prediction."""
    absent = set(found.missing)
    return sum(found.names[row] in absent for row in np.flatnonzero(found.kept.any(axis=1))) if absent else 0


def _f_columns(found: Overlaps) -> Floats:
    """Return precision, recall and a one of each kept sample, by column: (n, 3k)."""
    kept = found.kept
    return np.hstack([found.precision * kept, found.recall * kept, kept]).astype(np.float64)


def _f(sums: Floats) -> Floats:
    """Return the mean over the k columns of F; NaN for a resample in which a column counts no sample."""
    k = sums.shape[1] // 3
    with np.errstate(invalid="ignore"):
        precision, recall = sums[:, :k] / sums[:, 2 * k :], sums[:, k : 2 * k] / sums[:, 2 * k :]
    return np.asarray(f_score(precision, recall, "2026").mean(axis=1))


def _f_of(columns: Sequence[int], sums: Floats) -> Floats:
    return _f(sums[:, list(columns)])


def _ratio(total: Floats, count: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray((total / count).mean(axis=1))
