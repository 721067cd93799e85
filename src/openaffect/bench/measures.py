"""The measures of one data set.

Every score here is a function of sums over the samples, so that a bootstrap needs one matrix product for all of them:
a measure names its columns (one row a sample) and what to make of their weighted sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaffect.emotion.wheel import Level, Wheels
from openaffect.metrics.corpus import f_score
from openaffect.metrics.grouped import Groups, grouped_overlap
from openaffect.metrics.hit import hit_rate
from openaffect.metrics.open_vocabulary import mapping_scores, wheel_scores_of
from openaffect.metrics.overlap import Labels, Overlaps, overlaps
from openaffect.metrics.sentiment import binary_scores, cells_of, macro_f1_of, sentiment_scores, sign_of

Floats = NDArray[np.float64]
LabelMap = Mapping[str, Labels]
NEUTRAL_INCLUDED = "F1 of all clips, neutral included"
"""Name of the score from which no clip is left out."""


@dataclass(frozen=True)
class Counted:
    """What a score rests on."""

    n: int
    n_skipped: int = 0
    n_empty: int = 0


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
    counted = Counted(first.n, first.n_skipped, first.n_empty)
    columns = np.hstack([_f_columns(one), _f_columns(two)])

    def of(part: Callable[[Floats], Floats], which: int) -> Sums:
        return Sums(columns, lambda sums: part(sums[:, 3 * k * which : 3 * k * (which + 1)]))

    def both(sums: Floats) -> Floats:
        return (_f(sums[:, : 3 * k]) + _f(sums[:, 3 * k :])) / 2

    return [
        Measure("EW F", first.f, counted, of(_f, 0)),
        Measure("EW precision", first.precision, counted, of(lambda s: _ratio(s[:, :k], s[:, 2 * k :]), 0)),
        Measure("EW recall", first.recall, counted, of(lambda s: _ratio(s[:, k : 2 * k], s[:, 2 * k :]), 0)),
        Measure("EW F level 2", second.f, Counted(second.n, second.n_skipped, second.n_empty), of(_f, 1)),
        Measure("EW F mean of levels", (first.f + second.f) / 2, counted, Sums(columns, both)),
        neutral_measure(truth, predictions, wheels),
    ]


def mapping_measures(truth: LabelMap, predictions: LabelMap, wheels: Wheels) -> list[Measure]:
    """Return the table of OV-MER: M-avg, the mean of the F under every mapping, then each F."""
    scores = mapping_scores(truth, predictions, wheels)
    found = overlaps(truth, predictions, [wheels.mapping(name) for name in wheels.names])
    counts = {name: Counted(each.n, each.n_skipped, each.n_empty) for name, each in scores.items()}
    average = float(np.mean([each.f for each in scores.values()]))
    return [
        Measure("M-avg", average, counts["M1"], Sums(_f_columns(found), _f), "n of M1; mappings count different clips"),
        *(Measure(f"F {name}", each.f, counts[name]) for name, each in scores.items()),
    ]


def hit_measures(truth: LabelMap, predictions: LabelMap, wheels: Wheels) -> list[Measure]:
    """Return the measures of basic emotion recognition: HIT first, then what stands beside it."""
    rates = hit_rate(truth, predictions, wheels)
    counted = Counted(rates.n, rates.n_skipped, rates.n_empty)
    found, k = _overlaps(truth, predictions, wheels, (1,)), wheels.count
    discounted = found.shared / np.maximum(found.predicted, 1)
    columns = np.hstack([found.kept * found.shared, found.kept * discounted, found.kept]).astype(np.float64)
    hit = Sums(columns, lambda s: _ratio(s[:, :k], s[:, 2 * k :]))
    over_length = Sums(columns, lambda s: _ratio(s[:, k : 2 * k], s[:, 2 * k :]))
    chance = "chance that one of the predicted clusters, drawn blindly, is the true one"
    return [
        Measure("HIT", rates.hit, counted, hit),
        Measure("HIT over list length", rates.discounted, counted, over_length, chance),
        Measure("mscore", rates.mscore, counted),
        neutral_measure(truth, predictions, wheels),
    ]


def sentiment_measures(truth: Mapping[str, float], predictions: Mapping[str, str]) -> list[Measure]:
    """Return the measures of sentiment analysis: WAF first, then what stands beside it."""
    scores = sentiment_scores(truth, predictions)
    counted = Counted(scores.n, scores.n_skipped)
    gold = np.array([float(truth[name]) for name in truth])
    given = np.array([sign_of(predictions[name]) or 0 for name in truth], dtype=np.int64)
    cells = cells_of(gold, given)
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
            NEUTRAL_INCLUDED,
            scores.three_way_f1,
            Counted(gold.size),
            Sums(cells, lambda sums: macro_f1_of(confusion(sums))),
            "macro F1 of negative, neutral, positive",
        ),
    ]


def grouped_measures(truth: LabelMap, predictions: LabelMap, groups: Mapping[str, Groups]) -> list[Measure]:
    """Return the set metric of EMER with labels grouped by a language model: average first."""
    scores = grouped_overlap(truth, predictions, groups)
    counted = Counted(scores.n, n_empty=scores.n_empty)
    note = f"{scores.n_ungrouped} labels stand in no group and count as themselves" if scores.n_ungrouped else ""
    pairs = [grouped_overlap({name: truth[name]}, predictions, groups) for name in truth]
    columns = np.array([(pair.average, pair.accuracy, pair.recall, 1.0) for pair in pairs])

    def mean(column: int) -> Sums:
        return Sums(columns, lambda sums: sums[:, column] / sums[:, 3])

    return [
        Measure("grouped average", scores.average, counted, mean(0), note),
        Measure("grouped accuracy", scores.accuracy, counted, mean(1)),
        Measure("grouped recall", scores.recall, counted, mean(2)),
    ]


def neutral_measure(truth: LabelMap, predictions: LabelMap, wheels: Wheels) -> Measure:
    """Return wheel F in which ``neutral`` is a cluster, and an empty list says neutral: no clip is left out."""
    wanted, given = ({name: side[name] or ["neutral"] for name in truth} for side in (truth, predictions))
    found = _overlaps(wanted, given, wheels.with_neutral(), (1,))
    counted = found.kept.any(axis=1)
    sums = Sums(_f_columns(found), _f)
    return Measure(
        NEUTRAL_INCLUDED,
        float(_f(sums.columns.sum(axis=0, keepdims=True))[0]),
        Counted(int(counted.sum()), int((~counted).sum())),
        sums,
        "wheel F with neutral as a cluster of its own; an empty list counts as neutral",
    )


def _overlaps(truth: LabelMap, predictions: LabelMap, wheels: Wheels, levels: Sequence[Level]) -> Overlaps:
    names = [f"M3-W{wheel}-L{level}" for level in levels for wheel in range(1, wheels.count + 1)]
    return overlaps(truth, predictions, [wheels.mapping(name) for name in names])


def _f_columns(found: Overlaps) -> Floats:
    """Return precision, recall and a one of each kept sample, by column: (n, 3k)."""
    kept = found.kept
    return np.hstack([found.precision * kept, found.recall * kept, kept]).astype(np.float64)


def _f(sums: Floats) -> Floats:
    """Return the mean over the k columns of F, 0/0 as 0: a resample without a hit has the score 0."""
    k = sums.shape[1] // 3
    count = np.maximum(sums[:, 2 * k :], 1)
    return np.asarray(f_score(sums[:, :k] / count, sums[:, k : 2 * k] / count, "2026").mean(axis=1))


def _ratio(total: Floats, count: Floats) -> Floats:
    return np.asarray((total / np.maximum(count, 1)).mean(axis=1))
