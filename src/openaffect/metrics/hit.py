"""The hit rate of MER-UniBench: does the cluster of the one true label occur among the predicted clusters?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from openaffect.brief import brief
from openaffect.emotion.parse import normalise
from openaffect.emotion.wheel import Wheels
from openaffect.errors import DataError, UsageError
from openaffect.metrics.corpus import Zero, corpus_means, zero_of
from openaffect.metrics.overlap import Counts, Labels, Missing, Overlaps, overlaps, read_lists


@dataclass(frozen=True)
class HitRate:
    """The hit rate on one wheel."""

    hit: float
    """Share of counted samples whose true cluster is among the predicted ones."""
    mscore: float
    """Mean of |P ∩ G| / |P ∩ C|, C the clusters of all candidate labels; 0 where the denominator is empty."""
    discounted: float
    """Mean of hit / |P|: the chance that one predicted cluster, drawn blindly, is the true one.  Unlike `hit` it falls
    when a model names everything.  Our addition; no paper reports it."""
    n: int
    """Samples that count on this wheel."""
    n_skipped: int
    """Samples whose true label lies on no cluster of this wheel (*neutral* always)."""
    n_empty: int
    """Samples of `n` whose prediction maps to nothing here: misses."""


@dataclass(frozen=True)
class HitRates:
    """Plain means over the wheels, although the wheels count different samples; and the wheels themselves."""

    hit: float
    mscore: float
    discounted: float
    per_wheel: tuple[HitRate, ...]
    edition: str
    sha256: str
    n: int
    """Samples that count on at least one wheel."""
    n_skipped: int
    """Samples that count on none."""
    n_empty: int
    """Samples of `n` whose prediction maps to nothing on every wheel on which they count."""
    missing: tuple[str, ...] = ()


def hit_rate(
    truth: Mapping[str, Labels],
    predictions: Mapping[str, Labels],
    wheels: Wheels,
    candidates: Sequence[str] | None = None,
    *,
    zero: Zero | None = None,
    missing: Missing = "raise",
) -> HitRates:
    """Return the hit rate (HIT) at level 1 for each wheel and their mean, with the secondary mscore.

    *truth* maps a name to its one label.  A sample whose label lies on no cluster of a wheel is skipped **for that
    wheel**.  *candidates* are the classes that mscore looks at, used as written (the official scorer does not
    lower-case them); by default the distinct labels of *truth*.  Naming many labels costs nothing in `hit`; see
    `HitRate.discounted`.  Where nothing counts: NaN with the 2025 tables, 0 otherwise, or as *zero* says.

    Raises `MissingPrediction` (a ``KeyError``) unless ``missing="count"``, `DataError` for a truth of several labels.

    >>> from openaffect.emotion.wheel import bundled_wheel
    >>> rates = hit_rate({"a": "happy", "b": "sad"}, {"a": "joyful, calm", "b": "[angry]"}, bundled_wheel())
    >>> rates.hit, rates.mscore, rates.discounted
    (0.5, 0.5, 0.25)
    """
    single = _single(truth)
    if isinstance(candidates, str):
        raise UsageError(f"candidates must be a list of labels, the text {brief(candidates)} came.")
    if candidates is None:
        candidates = sorted({label for labels in single.values() for label in labels})
    mappings = [partial(wheels.cluster, wheel=wheel, level=1) for wheel in range(1, wheels.count + 1)]
    found = overlaps(single, predictions, mappings, missing=missing)
    # As written, so a candidate in capitals is unknown; what is known is lower-case already.
    known = [label for label in candidates if label in wheels.entries]
    among = overlaps(dict.fromkeys(single, known), predictions, mappings, missing=missing).shared
    rates = tuple(_rates(found, among, column, zero_of(wheels, zero)) for column in range(wheels.count))
    n, n_skipped, n_empty = found.tally()
    return HitRates(
        hit=float(np.mean([rate.hit for rate in rates])),
        mscore=float(np.mean([rate.mscore for rate in rates])),
        discounted=float(np.mean([rate.discounted for rate in rates])),
        per_wheel=rates,
        edition=wheels.edition,
        sha256=wheels.sha256,
        n=n,
        n_skipped=n_skipped,
        n_empty=n_empty,
        missing=found.missing,
    )


def _single(truth: Mapping[str, Labels]) -> dict[str, list[str]]:
    """Return the labels of *truth*, none or one a sample."""
    single = dict(zip(truth, read_lists(truth, tuple(truth), "the labels"), strict=True))
    for name, labels in single.items():
        if len(labels) > 1:
            raise DataError(
                f"the hit rate takes one true label a sample; {name!r} has {brief(labels)}; use wheel_scores."
            )
        normalise(labels)
    return single


def _rates(found: Overlaps, among: Counts, column: int, zero: Zero) -> HitRate:
    one = slice(column, column + 1)
    shared, predicted, kept = found.shared[:, one], found.predicted[:, one], found.kept[:, one]
    hit, mscore, discounted = (
        float(corpus_means(values, kept, zero)[0])
        for values in (
            shared,
            np.where(among[:, one] > 0, shared / np.maximum(among[:, one], 1), 0.0),
            shared / np.maximum(predicted, 1),
        )
    )
    n = int(kept.sum())
    return HitRate(hit, mscore, discounted, n, kept.size - n, int((kept & (predicted == 0)).sum()))
