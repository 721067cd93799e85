"""From scores to labels: which are given, which compete, which clues carry them, and how sure that may be called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from openaffect.analysis.contradictions import Conflict, find_conflicts, trust_after
from openaffect.analysis.fusion import INDEX, MODALITIES, NAMES, Array, Stance, score, stance
from openaffect.analysis.pulls import Pull
from openaffect.emotion.labels import VOCABULARY, Entry, closeness
from openaffect.records import Modality

WEAK = 0.3
"""Clues with less confidence than this are shown and decide nothing."""
LEAST = 0.08
"""Least confidence of a label; below it the reasoner abstains."""
CAP = {1: 0.6, 2: 0.8, 3: 0.9}
"""Highest confidence by the number of modalities that carry a label."""
DISAGREEING = 0.85
"""Factor on every score while modalities disagree."""
BESIDE = 0.8
"""Labels with this share of the leader's score stand beside it when they are compatible."""
COMPETING = 0.6
"""Labels of other families with this share of the leader's score are shown as competing."""
MOST = 3
"""Most labels that are given, and most that compete; one modality alone gives two at most."""
SYNONYM = 0.88
"""Labels closer than this say the same; only the better one is given."""
CARRIES = 0.002
"""A clue carries a label when the label's score falls by at least this without the clue."""


@dataclass(frozen=True)
class Weighing:
    """All that follows from one set of pulls."""

    pulls: tuple[Pull, ...]

    @cached_property
    def stances(self) -> dict[Modality, Stance]:
        """What each modality says by itself."""
        return {modality: stance(self.pulls, modality) for modality in MODALITIES}

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """The modalities that disagree."""
        return find_conflicts(self.stances, self.pulls)

    @cached_property
    def scores(self) -> Array:
        """Score of every label, 0–1; a blend gets at least the support that the conflict gives it."""
        scores = score(self.stances, trust_after(self.conflicts))
        for conflict in self.conflicts:
            for name, support in conflict.blends.items():
                scores[INDEX[name]] = max(scores[INDEX[name]], support)
        return scores * DISAGREEING if self.conflicts else scores

    @cached_property
    def without(self) -> tuple[Array, ...]:
        """Scores with each pull left out in turn."""
        rest = (Weighing(self.pulls[:i] + self.pulls[i + 1 :]) for i in range(len(self.pulls)))
        return tuple(weighing.scores for weighing in rest)

    def carriers(self, name: str) -> tuple[Pull, ...]:
        """Return the pulls without which the label *name* scores lower; where all are redundant, all that score."""
        i = INDEX[name]
        drops = [float(self.scores[i] - scores[i]) for scores in self.without]
        found = tuple(pull for pull, drop in zip(self.pulls, drops, strict=True) if drop >= CARRIES)
        return found or self.pulls

    def confidence(self, name: str) -> float:
        """Return the uncalibrated confidence of the label *name*, 0–1, rounded to 3 digits."""
        carriers = self.carriers(name)
        if not carriers:
            return 0.0
        modalities = {pull.clue.modality for pull in carriers}
        sure = CAP[len(modalities)] * float(self.scores[INDEX[name]])
        return round(min(sure, max(pull.clue.confidence for pull in carriers)), 3)

    def ranking(self) -> list[str]:
        """Return all labels with a score, best first; ties go by the order of the vocabulary."""
        order = np.lexsort((np.arange(len(NAMES)), -np.round(self.scores, 9)))
        return [NAMES[i] for i in order if self.scores[i] > 0]


def _compatible(entry: Entry, chosen: Sequence[Entry]) -> bool:
    """Return whether *entry* adds something to *chosen* without pulling the other way; a blend pulls both ways."""
    return bool(entry.parts) or all(
        abs(entry.valence - other.valence) <= 0.3 and "neutral" not in {entry.family, other.family} for other in chosen
    )


def choose(weighing: Weighing) -> tuple[list[str], list[str]]:
    """Return the labels that are given and the labels that compete, best first; both empty without a score.

    Beside the leader stand compatible labels of nearly its score, each distinct from the others; competing are the
    best labels of families that are not given.
    """
    ranking = weighing.ranking()
    if not ranking:
        return [], []
    top = float(weighing.scores[INDEX[ranking[0]]])
    most = min(MOST, 1 + len({pull.clue.modality for pull in weighing.pulls}))
    given: list[str] = []
    rivals: list[str] = []
    for name in ranking:
        share = float(weighing.scores[INDEX[name]]) / top
        entry, chosen = VOCABULARY[name], [VOCABULARY[other] for other in given]
        if share < COMPETING:
            break
        if not given or (share >= BESIDE and len(given) < most and _compatible(entry, chosen)):
            if not any(closeness(entry, other) > SYNONYM for other in chosen):
                given.append(name)
        elif entry.family not in {VOCABULARY[n].family for n in (*given, *rivals)} and len(rivals) < MOST:
            rivals.append(name)
    taken = {VOCABULARY[name].family for name in given}
    return given, [name for name in rivals if VOCABULARY[name].family not in taken]
