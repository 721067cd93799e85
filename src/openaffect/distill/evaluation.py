"""What is known about a student or a teacher after it was put to the test."""

from __future__ import annotations

from openaffect.records import Finite, Record


class Agreement(Record):
    """How well one dimension follows the truth, over all clips pooled."""

    dimension: str
    ccc: Finite | None
    """Concordance, moments divided by n; None where it does not exist (fewer than two clips, no variation)."""
    low: Finite | None = None
    """95 % bootstrap interval of the CCC over `unit`."""
    high: Finite | None = None
    unit: str = "clip"
    """What was drawn: ``speaker`` where speakers are known, else ``clip``."""
    n_units: int = 0
    """How many of them there are; below about 20 the interval is too narrow."""
    pearson: Finite | None = None
    rmse: Finite | None = None
    """On the 0–1 scale."""
    n: int
    """Clips with truth and prediction."""
    n_failed: int = 0
    """Clips with truth and without prediction; no figure counts them."""
    published: Finite | None = None
    """CCC that the Wav2Small paper's teacher card gives for this data set and split."""


class GroupAgreement(Record):
    """The same within a group of clips."""

    group: str
    """What they are grouped by, e.g. ``sex``."""
    value: str
    agreement: tuple[Agreement, ...]


class GainEffect(Record):
    """How far a change of level moves what is said: it should not."""

    decibels: Finite
    n: int
    """Clips about which something was said after the change."""
    largest: dict[str, Finite | None]
    """Largest absolute change by dimension."""


class NoiseEffect(Record):
    """How well the truth is followed under pink noise."""

    snr_db: Finite
    n: int
    """Clips about which something was said under the noise."""
    ccc: dict[str, Finite | None]
    """By dimension; the clips are those of `clean`."""
    clean: dict[str, Finite | None]
    """The same clips without noise."""


class NothingThere(Record):
    """What is said of sound without a voice."""

    sound: str
    refused: str
    """Why the run time gives no value for it; empty where it gives one, which is a fault."""
    raw: dict[str, Finite | None]
    """What comes out when the gate is not asked."""


class Evaluation(Record):
    """All of it."""

    subject: str
    """Name of the student or teacher."""
    licence: str = ""
    data: str
    """Key of the data set, or the name of the labels' folder."""
    split: str
    """Empty: all."""
    truth: str
    """Whose truth it is: ``people``, or the name of a teacher."""
    n: int
    """Clips that were asked for."""
    n_failed: int
    n_skipped: int = 0
    """Clips without any rating, which were left out."""
    causes: dict[str, int]
    """Why there is no prediction, the commonest first."""
    agreement: tuple[Agreement, ...]
    mean_ccc: Finite | None
    """Mean of the CCC of the dimensions."""
    groups: tuple[GroupAgreement, ...] = ()
    gain: tuple[GainEffect, ...] = ()
    noise: tuple[NoiseEffect, ...] = ()
    nothing: tuple[NothingThere, ...] = ()
    versions: dict[str, str]
