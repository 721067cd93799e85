"""MME-Emotion without a judge: label sets for FG-ER and ML-ER, distance for FG-SA, a plain match for one label.

The official recognition of the tasks with several labels is pure recall, so naming every label scores 100; F1 and
Jaccard do not forgive that.  The official FG-SA counts a neighbour as wrong as the opposite end; the distance does not.
None of these scores is official and no paper reports them.

**What counts as equal.**  A predicted label stands for a candidate when (1) the two are the same text, after Unicode
normalisation, whatever their case, outer quotation marks and points, hyphens, underscores and the number of blanks; or
else, for emotions, when (2) it is the *only* candidate with the same label of our wheel
(`openaffect.emotion.wheel.bundled_wheel`, level 2), so *sad* stands for *sadness*.  A wider or narrower word never
stands for another; sentiments and intents match by (1) alone.  A label that stands for no candidate is wrong.
"""

from __future__ import annotations

from openaffect.bench.tasks.mme.labels import Candidates, match_label, split_labels
from openaffect.bench.tasks.mme.several import LabelSetScores, label_set_scores
from openaffect.bench.tasks.mme.single import MatchScores, OrdinalScores, match_scores, ordinal_scores

__all__ = [
    "Candidates",
    "LabelSetScores",
    "MatchScores",
    "OrdinalScores",
    "label_set_scores",
    "match_label",
    "match_scores",
    "ordinal_scores",
    "split_labels",
]
