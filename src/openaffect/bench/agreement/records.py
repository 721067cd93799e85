"""What a comparison of raters returns: plain records, the same for the table, the JSON and the tests."""

from __future__ import annotations

from typing import Literal

from openaffect.bench.estimates import Estimate
from openaffect.records import Finite, Record, Score

Scale = Literal["binary", "ordinal", "interval"]
"""0 and 1 only; whole numbers; or others.  It is told from the ratings."""
NONE = Estimate(value=None, n=0)
"""A figure of nothing."""


class RaterInfo(Record):
    """Who rated."""

    name: str
    kind: Literal["judge", "human"]
    source: str
    """Folder of the run, or the file."""


class LeftOut(Record):
    """Ratings that could not be compared."""

    cause: str
    """``failed``, ``absent``, ``other text``: the outcome of a record, in its own words."""
    rater: str
    """Who has no rating; of a pair of whom neither has one, the first."""
    n: int


class PairAgreement(Record):
    """Two raters on the ratings that both gave; intervals are drawn over clips, each with all its ratings."""

    first: str
    second: str
    n: int
    """Ratings that were compared."""
    left_out: tuple[LeftOut, ...]
    """Ratings that could not be compared, by cause and rater."""
    means: tuple[Finite, Finite] | None
    equal: Estimate
    """Share of exactly equal ratings."""
    kappa: Estimate | None
    """Cohen's kappa, for ordinal ratings with quadratic weights; None for ratings that are no whole numbers."""
    icc: Estimate
    """ICC(2,1), also called ICC(A,1): absolute agreement of single ratings."""
    pearson: Estimate
    bias: Estimate
    """Mean of the first minus mean of the second, in points of the scale."""


class GroupAgreement(Record):
    """More than two raters at once."""

    n: int
    """Ratings' places that two raters or more filled."""
    n_complete: int
    """Places that all filled; ICC and Fleiss' kappa are over these."""
    alpha: Estimate
    """Krippendorff's alpha at the level of the scale (binary: nominal); gaps are allowed."""
    fleiss: Estimate | None
    """Fleiss' kappa, which knows no order; None for ratings that are no whole numbers."""
    icc: Estimate


class MeasureAgreement(Record):
    """All raters on one measure."""

    measure: str
    scale: Scale
    pairs: tuple[PairAgreement, ...]
    together: GroupAgreement | None = None
    """None for two raters."""


class SwapConsistency(Record):
    """Whether the judge of a preference run looked at the texts or at their places."""

    run: str
    """The rater."""
    part: str
    n_pairs: int
    n_inconsistent: int
    n_failed: int
    consistent: Score
    first_place: Score


class Agreement(Record):
    """Judges, and people where they rated, compared with one another."""

    task: str
    raters: tuple[RaterInfo, ...]
    measures: tuple[MeasureAgreement, ...]
    swaps: tuple[SwapConsistency, ...] = ()
    """For preference runs."""
    notes: tuple[str, ...] = ()
    resamples: int
    seed: int
