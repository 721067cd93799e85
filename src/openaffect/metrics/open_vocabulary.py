r"""Scores of open-vocabulary labels: wheel F, set F, hit rate, and the same-family test.

Sets are compared after a mapping (`openaffect.emotion.wheel`).  For sample i with mapped truth :math:`G_i` and mapped
prediction :math:`P_i`, samples with empty :math:`G_i` are skipped, and

.. math:: P = \operatorname{mean}_i |G_i \cap P_i| / |P_i|, \quad R = \operatorname{mean}_i |G_i \cap P_i| / |G_i|,
          \quad F = 2 P R / (P + R)

with 0 for an empty :math:`P_i`.  F comes from the corpus means, it is not the mean of the samples' F.  All values are
fractions 0–1.  Source: the definitions of OV-MER, AffectGPT (MER-UniBench), MER2025 and MER2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from openaffect.emotion.parse import normalise, parse_labels
from openaffect.emotion.wheel import Level, Wheels
from openaffect.metrics.corpus import Zero, corpus_means, f_score, zero_of
from openaffect.metrics.grouped import GroupedOverlap, grouped_overlap
from openaffect.metrics.hit import HitRate, HitRates, hit_rate
from openaffect.metrics.overlap import Labels, MappingTo, Missing, Overlaps, overlaps
from openaffect.metrics.sentiment import SentimentScores, sentiment_scores

__all__ = [
    "GroupedOverlap",
    "HitRate",
    "HitRates",
    "SentimentScores",
    "SetScores",
    "WheelScores",
    "grouped_overlap",
    "hit_rate",
    "mapping_scores",
    "mapping_scores_of",
    "same_family",
    "sentiment_scores",
    "set_scores",
    "wheel_scores",
    "wheel_scores_of",
]


@dataclass(frozen=True)
class SetScores:
    """F, precision and recall under one mapping, and how many samples they rest on."""

    f: float
    precision: float
    recall: float
    n: int
    """Samples that count: their truth maps to something."""
    n_skipped: int
    """Samples whose truth maps to nothing; they are in no average."""
    n_empty: int
    """Samples that count although their prediction maps to nothing (precision and recall 0)."""
    missing: tuple[str, ...] = ()
    """Samples without a prediction, scored as empty."""


@dataclass(frozen=True)
class WheelScores:
    """Means over the wheels.  `f` is the mean of the wheels' F, not the harmonic mean of `precision` and `recall`."""

    f: float
    precision: float
    recall: float
    per_wheel: tuple[SetScores, ...]
    level: Level
    edition: str
    sha256: str
    """Hash of the tables."""
    n: int
    """Samples that count on at least one wheel."""
    n_skipped: int
    """Samples that count on none."""
    n_empty: int
    """Samples of `n` whose prediction maps to nothing on every wheel on which they count."""
    missing: tuple[str, ...] = ()


def wheel_scores(
    truth: Mapping[str, Labels],
    predictions: Mapping[str, Labels],
    wheels: Wheels,
    *,
    level: Level = 1,
    zero: Zero | None = None,
    missing: Missing = "raise",
) -> WheelScores:
    """Return the wheel scores of *predictions* at *level*, averaged over the wheels.

    *truth* and *predictions* map a sample's name to its labels, a list or a string.  *zero* is what 0/0 gives, by
    default what the scorer of the tables' edition gives (NaN in 2025, 0 in 2026 and for tables that are not official).
    Raises `MissingPrediction` (a ``KeyError``) unless ``missing="count"``.

    >>> from openaffect.emotion.wheel import bundled_wheel
    >>> scores = wheel_scores({"a": "happy, sad"}, {"a": "[joyful]"}, bundled_wheel())
    >>> scores.precision, scores.recall, round(scores.f, 3)
    (1.0, 0.5, 0.667)
    """
    mappings = [wheels.mapping(f"M3-W{wheel}-L{level}") for wheel in range(1, wheels.count + 1)]
    found = overlaps(truth, predictions, mappings, missing=missing)
    return wheel_scores_of(found, wheels, level=level, zero=zero)


def wheel_scores_of(found: Overlaps, wheels: Wheels, *, level: Level, zero: Zero | None = None) -> WheelScores:
    """Return the wheel scores of set sizes that were counted already, a column of *found* for each wheel."""
    per_wheel = _scores(found, zero_of(wheels, zero))
    n, n_skipped, n_empty = found.tally()
    return WheelScores(
        f=_mean([one.f for one in per_wheel]),
        precision=_mean([one.precision for one in per_wheel]),
        recall=_mean([one.recall for one in per_wheel]),
        per_wheel=per_wheel,
        level=level,
        edition=wheels.edition,
        sha256=wheels.sha256,
        n=n,
        n_skipped=n_skipped,
        n_empty=n_empty,
        missing=found.missing,
    )


def set_scores(
    truth: Mapping[str, Labels],
    predictions: Mapping[str, Labels],
    mapping: MappingTo | Mapping[str, str],
    *,
    zero: Zero = "2025",
    missing: Missing = "raise",
) -> SetScores:
    """Return F, precision and recall under one *mapping*: ``wheels.form`` (M1), ``wheels.synonym`` (M2), or any of
    ``wheels.mapping(name)``; a dict does too.  Labels are lower-cased and stripped before they are mapped.

    >>> set_scores({"a": "happy, sad"}, {"a": "sad, bored"}, {"happy": "+", "sad": "-", "bored": "-"}).f
    0.6666666666666666
    """
    to = mapping.get if isinstance(mapping, Mapping) else mapping
    return _scores(overlaps(truth, predictions, [to], missing=missing), zero)[0]


def mapping_scores(
    truth: Mapping[str, Labels],
    predictions: Mapping[str, Labels],
    wheels: Wheels,
    *,
    zero: Zero | None = None,
    missing: Missing = "raise",
) -> dict[str, SetScores]:
    """Return the scores of every mapping by its name: M1, M2, M3-W1-L1, M3-W1-L2, ... (the table of OV-MER, whose
    M-avg is the mean of the twelve F).
    """
    found = overlaps(truth, predictions, [wheels.mapping(name) for name in wheels.names], missing=missing)
    return mapping_scores_of(found, wheels, zero=zero)


def mapping_scores_of(found: Overlaps, wheels: Wheels, *, zero: Zero | None = None) -> dict[str, SetScores]:
    """Return the scores of set sizes that were counted already, a column of *found* for each mapping of *wheels*."""
    return dict(zip(wheels.names, _scores(found, zero_of(wheels, zero)), strict=True))


def same_family(truth: Labels, predictions: Labels, wheels: Wheels) -> bool:
    """Return whether two label lists share a level-1 cluster on any wheel (the filter of MER-Caption+).

    An empty list stands for ``neutral``, and the word ``neutral``, written just so, stands for itself although no
    official table holds it.

    >>> from openaffect.emotion.wheel import bundled_wheel
    >>> same_family(["furious"], "annoyed, sad", bundled_wheel()), same_family([], "neutral", bundled_wheel())
    (True, True)
    """
    sides = []
    for labels in (parse_labels(truth), parse_labels(predictions)):
        labels = labels or ["neutral"]
        extra = {"neutral"} if "neutral" in labels else set()
        words = normalise(labels)
        sides.append([{c for x in words if (c := wheels.cluster(x, k))} | extra for k in range(1, wheels.count + 1)])
    return any(first & second for first, second in zip(*sides, strict=True))


def _scores(found: Overlaps, zero: Zero) -> tuple[SetScores, ...]:
    """Return the scores under each mapping of *found*."""
    kept = found.kept
    precision, recall = (corpus_means(values, kept, zero) for values in (found.precision, found.recall))
    n, empty = kept.sum(axis=0), (kept & (found.predicted == 0)).sum(axis=0)
    columns = zip(f_score(precision, recall, zero), precision, recall, n, len(kept) - n, empty, strict=True)
    return tuple(
        SetScores(float(f), float(p), float(r), int(count), int(skipped), int(blank), found.missing)
        for f, p, r, count, skipped, blank in columns
    )


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
