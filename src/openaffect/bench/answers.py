"""One file of predictions against one truth: aligned, scored, with what was missing and what was ignored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openaffect.bench.intervals import take_intervals
from openaffect.bench.results import Answered
from openaffect.bench.truth import Truth
from openaffect.datasets.files import quoted
from openaffect.datasets.predictions import Found, Predictions
from openaffect.emotion.wheel import Wheels
from openaffect.errors import DataError, UsageError
from openaffect.metrics.grouped import Groups
from openaffect.metrics.overlap import Missing, read_lists, select

_MOST_RESAMPLES = 100_000


@dataclass(frozen=True)
class Sampling:
    """How intervals are taken."""

    resamples: int = 1000
    level: float = 0.95
    seed: int = 0
    by: str = "clip"
    """What is resampled: ``clip``, or ``speaker`` with all clips of that speaker."""

    def __post_init__(self) -> None:
        if not 0 <= self.resamples <= _MOST_RESAMPLES:
            raise UsageError(f"resamples must be 0 (no intervals) to {_MOST_RESAMPLES:,}, {self.resamples:,} came.")
        if not 0 < self.level < 1 or self.seed < 0:
            raise UsageError(f"level must lie between 0 and 1 and seed be 0 or more; {self.level}, {self.seed} came.")
        if self.by not in ("clip", "speaker"):
            raise UsageError(f"intervals are taken by 'clip' or by 'speaker', not by '{self.by}'.")


USUAL = Sampling()
_LEAST_SPEAKERS = 5
_KINDS = {"openset": "label lists", "sentiment": "sentiment words", "reasons": "descriptions"}


@dataclass(frozen=True)
class Scorer:
    """What all predictions of a run share."""

    wheels: Wheels
    missing: Missing = "raise"
    groups: Mapping[str, Groups] | None = None
    sampling: Sampling = USUAL

    def primary(self, truth: Truth, answer: Predictions) -> float | None:
        """Return the primary score alone, None where it does not exist; raises as `score` does."""
        value = truth.primary(self._aligned(truth, answer)[0], self.wheels, self.groups)
        return value if math.isfinite(value) else None

    def score(self, truth: Truth, found: Found, answer: Predictions) -> Answered:
        """Return the scores of *answer*, the primary one first, with intervals.

        Raises `MissingPrediction` for samples without a prediction unless ``missing="count"``, `DataError` for
        predictions of the wrong kind.
        """
        given, absent, ignored = self._aligned(truth, answer)
        scores = take_intervals(
            truth.measures(given, self.wheels, self.groups),
            len(truth.values),
            groups=self._groups(truth),
            resamples=self.sampling.resamples,
            level=self.sampling.level,
            seed=self.sampling.seed,
        )
        return Answered(
            checkpoint=found.name,
            epoch=found.epoch,
            run=found.run,
            sha256=answer.sha256,
            scores=tuple(scores),
            missing=absent,
            ignored=ignored,
            notes=answer.notes,
        )

    def _groups(self, truth: Truth) -> tuple[str, ...] | None:
        if self.sampling.by == "clip":
            return None
        if truth.speakers is None or len(set(truth.speakers)) < _LEAST_SPEAKERS:
            n = "no speakers" if truth.speakers is None else f"{len(set(truth.speakers))} speakers"
            raise DataError(
                f"the labels of {truth.title} name {n}; intervals by speaker need {_LEAST_SPEAKERS}: take them by clip."
            )
        return truth.speakers

    def _aligned(self, truth: Truth, answer: Predictions) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
        wanted = "sentiment" if truth.metric == "sentiment" else "openset"
        if answer.kind != wanted:
            raise DataError(
                f"{truth.title} is scored on {_KINDS[wanted]}, but {quoted(answer.path)} holds {_KINDS[answer.kind]}; "
                f"{answer.hint or 'name the file that holds them, or extract them from the descriptions first'}."
            )
        try:
            absent = select(truth.values, answer.labels, self.missing)
            given: dict[str, Any] = {name: answer.labels[name] for name in truth.values if name in answer.labels}
            if wanted == "openset":
                # Parsed once here: each measure would read the strings again.
                given = dict(zip(given, read_lists(given, tuple(given), "the prediction"), strict=True))
        except DataError as error:
            raise type(error)(f"{quoted(answer.path)}: {error}") from error
        return given, absent, tuple(name for name in answer.labels if name not in truth.values)
