"""Ground truth of a data set in the shape that its metric takes, and the measures of that metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openaffect.bench.measures import (
    Measure,
    grouped_measures,
    hit_measures,
    mapping_measures,
    sentiment_measures,
    wheel_measures,
)
from openaffect.bench.skipped import skipped_labels, skipped_zeros
from openaffect.emotion.wheel import Wheels
from openaffect.errors import DataError
from openaffect.metrics.ceiling import CeilingKind
from openaffect.metrics.grouped import Groups
from openaffect.metrics.open_vocabulary import hit_rate, sentiment_scores, wheel_scores
from openaffect.records import Sample

METRICS = {"EW": "wheel", "HIT": "hit", "WAF": "sentiment", "grouped": "grouped"}
"""Name of a data set's metric → how it is scored here; a benchmark may also ask for ``mappings``."""
CEILINGS: Mapping[str, CeilingKind] = {
    "wheel": "wheel",
    "mappings": "wheel",
    "grouped": "wheel",
    "hit": "uar",
    "sentiment": "ccc",
}
"""How well annotators predict one another, by metric."""


@dataclass(frozen=True)
class Truth:
    """The truth of one data set, by sample name."""

    title: str
    metric: str
    values: Mapping[str, Any]
    """Label lists, or sentiment numbers."""
    speakers: tuple[str, ...] | None
    """Speaker of each sample, where every sample has one."""
    classes: tuple[str, ...] | None = None
    """The closed set of labels, where there is one."""

    def primary(self, predictions: Mapping[str, Any], wheels: Wheels, groups: Mapping[str, Groups] | None) -> float:
        """Return the primary score of *predictions* alone, which costs a fraction of all."""
        if self.metric == "sentiment":
            return sentiment_scores(self.values, predictions, missing="count").waf
        if self.metric == "hit":
            return hit_rate(self.values, predictions, wheels, missing="count").hit
        if self.metric == "wheel":
            return wheel_scores(self.values, predictions, wheels, missing="count").f
        return self.measures(predictions, wheels, groups)[0].value

    def measures(
        self, predictions: Mapping[str, Any], wheels: Wheels, groups: Mapping[str, Groups] | None
    ) -> list[Measure]:
        """Return the measures of *predictions*, the primary one first; a sample without one counts as wrong."""
        if self.metric == "sentiment":
            return sentiment_measures(self.values, predictions)
        if self.metric == "hit":
            return hit_measures(self.values, predictions, wheels, self.classes)
        if self.metric == "mappings":
            return mapping_measures(self.values, predictions, wheels)
        if self.metric == "grouped" and groups is not None:
            return [
                *grouped_measures(self.values, predictions, groups),
                *wheel_measures(self.values, predictions, wheels),
            ]
        return wheel_measures(self.values, predictions, wheels)

    def skipped(self, wheels: Wheels) -> list[dict[str, int]]:
        """Return for each wheel (once for sentiment) how many samples never count, by label."""
        return skipped_zeros(self.values) if self.metric == "sentiment" else skipped_labels(self.values, wheels)


def truth_of(samples: Sequence[Sample], *, title: str, metric: str, classes: Sequence[str] = ()) -> Truth:
    """Return the truth that *metric* needs; raise `DataError` for a sample that lacks it."""
    values: dict[str, Any] = {}
    for sample in samples:
        if metric == "sentiment" and "sentiment" not in sample.ratings:
            raise DataError(f"{sample.origin or sample.dataset}: {sample.id!r} has no sentiment value.")
        values[sample.id] = sample.ratings["sentiment"] if metric == "sentiment" else list(sample.labels)
    speakers = tuple(sample.speaker for sample in samples if sample.speaker is not None)
    return Truth(title, metric, values, speakers if len(speakers) == len(samples) else None, tuple(classes) or None)
