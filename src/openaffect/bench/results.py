"""What a scoring run returns: plain records, the same for the table, the JSON and the tests."""

from __future__ import annotations

from openaffect.records import Record, Score


class Ceiling(Record):
    """How well one annotator predicts the others.  A model may lie above it: it has learnt the consensus."""

    kind: str
    """``wheel`` (wheel F), ``uar``, or ``ccc``."""
    value: float | None
    n_annotators: int
    n_samples: int
    n_skipped: int = 0
    """Samples without two annotators."""
    note: str = ""


class Answered(Record):
    """One file of predictions for one data set, scored."""

    checkpoint: str
    epoch: int | None = None
    run: str | None = None
    """Folder of the run, in the official layout."""
    sha256: str
    scores: tuple[Score, ...]
    """The primary score first."""
    missing: tuple[str, ...] = ()
    """Samples without a prediction, counted as wrong."""
    ignored: tuple[str, ...] = ()
    """Predictions for names that have no label; they count nowhere."""
    notes: tuple[str, ...] = ()

    @property
    def primary(self) -> Score:
        """The score that the benchmark reports."""
        return self.scores[0]


class DatasetScores(Record):
    """One data set: the official choice of checkpoint and the fixed one."""

    key: str
    title: str
    metric: str
    n: int
    """Labelled samples in the file."""
    best: Answered
    """The checkpoint with the best primary score **on the test set** (the protocol of the paper)."""
    fixed: Answered
    """The one checkpoint that is used for all data sets."""
    by_checkpoint: dict[str, float | None]
    """Primary score of every checkpoint."""
    skipped: str = ""
    """Why samples never count, as a sentence."""
    skipped_labels: tuple[dict[str, int], ...] = ()
    """The same as counts: for each wheel, label → samples that are skipped on it (once for sentiment)."""
    ceiling: Ceiling | None = None
    notes: tuple[str, ...] = ()


class Unscored(Record):
    """A data set without a score, and why."""

    key: str
    title: str
    cause: str
    absent: bool
    """True when nothing was given for it, False when what was given cannot be used."""


class BenchmarkScores(Record):
    """All data sets of a benchmark."""

    benchmark: str
    title: str
    edition: str
    """Edition of the wheel tables: 2025, 2026, or ``openaffect`` (never official)."""
    tables_sha256: str
    official: bool
    checkpoint: str | None
    """The fixed checkpoint, None when the data sets share none."""
    datasets: tuple[DatasetScores, ...]
    unscored: tuple[Unscored, ...] = ()
    mean_best: float | None = None
    """Plain mean of the primaries, official choice; None unless every data set of the benchmark has one."""
    mean_fixed: float | None = None
    """The same for the fixed checkpoint."""
    resamples: int
    level: float
    seed: int
    notes: tuple[str, ...] = ()
