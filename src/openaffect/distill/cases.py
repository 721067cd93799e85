"""Clips with a truth: rows of labels, or a corpus with the ratings of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaffect.datasets import find, load
from openaffect.datasets.dataset import Dataset
from openaffect.distill.hearing import mixed
from openaffect.distill.label_rows import targets_of
from openaffect.distill.labels import read_labels, split_named
from openaffect.errors import DataError, UsageError
from openaffect.media.audio import read_audio
from openaffect.records import PseudoLabel, Sample
from openaffect.runtime.facts import DIMENSIONS

PUBLISHED: Mapping[tuple[str, str], tuple[float, float, float]] = {
    ("msp-podcast", "test-1"): (0.762, 0.684, 0.676),
    ("msp-podcast", "test-2"): (0.486, 0.468, 0.423),
}
"""CCC of the paper's teacher on v1.7, from its model card: A, D, V.  Later releases cut their splits anew."""


@dataclass(frozen=True)
class Case:
    """A clip, how it sounds, and the truth about it."""

    id: str
    truth: tuple[float, float, float]
    """A, D, V from 0 to 1; NaN where nobody said."""
    sound: Callable[[], NDArray[np.float32]]
    """Reads it; raises `openaffect.errors.InputError` where that fails."""
    speaker: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cases:
    """The clips that are asked about."""

    data: str
    split: str
    truth: str
    """Whose truth it is: ``people``, or the name of a teacher."""
    clips: tuple[Case, ...]
    n_skipped: int = 0
    """Clips without any truth."""

    @property
    def published(self) -> tuple[float, float, float] | None:
        """The CCC that were published for this data set and split."""
        return PUBLISHED.get((self.data, self.split))


def cases_of_labels(folder: str | Path, split: str = "test") -> Cases:
    """Return the labelled pieces of *split* in the LABELS *folder*; the truth is the teacher's, not people's.

    An empty *split* means all.  Raises `DataError` for labels that cannot be used or without a piece in the split.
    """
    labels = read_labels(folder)
    rows = labels.split(split_named(split)) if split else labels.rows
    home = labels.folder

    def case(row: PseudoLabel, truth: list[float]) -> Case:
        groups = {key: value for key, value in row.groups.items() if value}
        return Case(row.id, _three(truth), lambda: mixed(row.parts, home), row.speaker, groups)

    clips = tuple(map(case, rows, targets_of(rows).tolist()))
    if not clips:
        raise DataError(f"{str(home)!r} has no label in the split {split!r}; name another with --split.")
    return Cases(home.absolute().name, split, labels.card.teacher, clips)


def cases_of_corpus(spec: str, split: str = "") -> Cases:
    """Return the clips of ``KEY:FOLDER`` (``msp-podcast:DIR``) in *split*, all of them for an empty one.

    Ratings run from 0 to 1 here: (x - 1) / 6 of MSP-Podcast's 1–7, (x - 1) / 4 of IEMOCAP's 1–5.
    Raises `UsageError` for another form and for a data set without such ratings, `DataError` for an unknown split.
    """
    key, colon, folder = spec.partition(":")
    if not colon or not folder:
        raise UsageError(f"--data must be KEY:FOLDER such as msp-podcast:DIR; {spec!r} came.")
    dataset = find(key)
    samples = load(key, folder, transcripts=False)
    splits = sorted({sample.split for sample in samples} - {""})
    if split and split not in splits:
        raise DataError(
            f"{dataset.key} in {folder!r} has no split {split!r}; it has {', '.join(splits) or 'one part'}."
        )
    chosen = [sample for sample in samples if not split or sample.split == split]
    rated = [sample for sample in chosen if any(name in sample.ratings for name in DIMENSIONS)]
    if dataset.scale is None or not rated:
        raise UsageError(f"{dataset.key} has no ratings of {', '.join(DIMENSIONS)}; use msp-podcast or iemocap.")
    clips = tuple(_rated(sample, dataset, Path(folder), dataset.scale) for sample in rated)
    return Cases(dataset.key, split, "people", clips, len(chosen) - len(rated))


def _rated(sample: Sample, dataset: Dataset, folder: Path, scale: tuple[float, float]) -> Case:
    low, high = scale
    truth = [(sample.ratings.get(name, np.nan) - low) / (high - low) for name in DIMENSIONS]
    groups = {**sample.groups, **({"class": sample.labels[0]} if sample.labels else {})}
    return Case(
        sample.id,
        _three(truth),
        lambda: read_audio(dataset.sound_file(folder, sample)),
        sample.speaker or "",
        groups,
    )


def _three(values: list[float]) -> tuple[float, float, float]:
    arousal, dominance, valence = values
    return arousal, dominance, valence
