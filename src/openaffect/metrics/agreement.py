"""Agreement between people, and how far a model can be expected to agree with them.

- two raters, one class each: `cohen_kappa`; several: `fleiss_kappa`; with gaps, or on a scale: `krippendorff_alpha`
- ratings without gaps: `icc`
- who wins pairwise comparisons: `bradley_terry`
- distributions of labels instead of one consensus: `label_distribution`, `soft_scores`
- how well one person agrees with the others, on the score that models get: `human_ceiling`

Agreement says that people see the same, not that they see what somebody felt.
"""

from openaffect.metrics.ceiling import HumanCeiling, human_ceiling
from openaffect.metrics.label_agreement import cohen_kappa, fleiss_kappa
from openaffect.metrics.preference import BradleyTerry, bradley_terry
from openaffect.metrics.rating_agreement import icc, krippendorff_alpha
from openaffect.metrics.soft_labels import SoftScores, label_distribution, soft_scores

__all__ = [
    "BradleyTerry",
    "HumanCeiling",
    "SoftScores",
    "bradley_terry",
    "cohen_kappa",
    "fleiss_kappa",
    "human_ceiling",
    "icc",
    "krippendorff_alpha",
    "label_distribution",
    "soft_scores",
]
