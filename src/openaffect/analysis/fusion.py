"""From pulls to scores: how well each label of the vocabulary agrees with the evidence.

For each modality *m* and label *L* the clues give evidence ``e[m, L]`` in 0–1; over modalities it accumulates as
``S[L] = 1 - Π(1 - trust[m] · e[m, L])``.  The place in the affect space then grades the label:
``score[L] = S[L] · (0.5 + 0.5 · fit[L])``, where ``fit[L] = exp(-Σ ω[k] (p[k] - a[L, k])² / (2 · 0.5²))`` runs over the
axes that some clue really speaks on.  An axis without evidence has ω = 0 and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from openaffect.analysis.pull_rows import AXES
from openaffect.analysis.pulls import Pull
from openaffect.emotion.labels import FAMILIES, VOCABULARY, closeness
from openaffect.records import Modality

Array = NDArray[np.float64]

MODALITIES: tuple[Modality, ...] = ("visual", "acoustic", "lexical")

AXIS_TRUST: Mapping[str, tuple[float, float, float]] = {
    # arousal, dominance, valence: the voice tells activation, the face and the words tell pleasure
    "visual": (0.4, 0.2, 1.0),
    "acoustic": (1.0, 0.3, 0.3),
    "lexical": (0.5, 0.4, 1.0),
}
SIGMA = 0.5
"""Distance in the centred space (-1..1) at which a label fits at 0.61."""
KIN = 0.8
"""Share of a word's evidence that goes to the labels of its family, times their closeness."""
FURTHER = 0.3
"""Weight of further clues of one modality for one label beside the strongest: they are not independent."""
VOICE_ALONE = 0.45
"""Most that a voice can say for a label: activation is not an emotion."""
LESS_COMMON = 0.92
"""Factor for the words that are not everyday ones, so that ties go to the plain word."""

NAMES: tuple[str, ...] = tuple(VOCABULARY)
INDEX: Mapping[str, int] = {name: i for i, name in enumerate(NAMES)}


@dataclass(frozen=True)
class Stance:
    """What one modality alone says."""

    evidence: Array
    """Per label, 0–1."""
    place: Mapping[str, float] = field(default_factory=dict)
    """Axis → position, -1..1; only axes that were observed."""
    mass: Mapping[str, float] = field(default_factory=dict)
    """Axis → how much of a departure was measured, 0–1 (confidences and weights in it)."""

    def best(self, names: Sequence[int]) -> float:
        """Return the greatest evidence among the labels with the numbers *names*."""
        return float(self.evidence[list(names)].max()) if len(names) else 0.0


@cache
def anchors() -> Array:
    """Return the centred anchors of all labels, shape (labels, 3)."""
    return np.array([entry.anchor for entry in VOCABULARY.values()])


@cache
def _kin() -> Array:
    """Return how far evidence for label i carries to label j, shape (labels, labels)."""
    table = np.zeros((len(NAMES), len(NAMES)))
    for i, first in enumerate(VOCABULARY.values()):
        for j, second in enumerate(VOCABULARY.values()):
            if first.family == second.family and not second.parts:
                table[i, j] = KIN * closeness(first, second)
        table[i, i] = 1.0
    return table


@cache
def _showable() -> Array:
    """Return 1 for the labels that a face or a voice can show, 0 for those that must be named."""
    return np.array([float(entry.use != "named") for entry in VOCABULARY.values()])


def _allowed(pulls: Sequence[Pull]) -> Array:
    """Return 1 for the labels that may come up: the showable ones and those that some clue names."""
    allowed = _showable().copy()
    for pull in pulls:
        for name, value in pull.labels.items():
            allowed[INDEX[name]] = max(allowed[INDEX[name]], float(value > 0))
    return allowed


@cache
def _members() -> Mapping[str, Array]:
    """Return a 0/1 vector per family.  Blends have no place in it: only a contradiction brings them up."""
    plain = [None if entry.parts else entry.family for entry in VOCABULARY.values()]
    return {f: np.array([float(family == f) for family in plain]) for f in FAMILIES}


@cache
def commonness() -> Array:
    """Return 1 for the everyday words and `LESS_COMMON` for the others."""
    return np.array([LESS_COMMON if entry.use == "ordinary" else 1.0 for entry in VOCABULARY.values()])


def _support(pull: Pull) -> tuple[Array, Array]:
    """Return what *pull* says for and against every label, confidence included."""
    speaks_for, against = np.zeros(len(NAMES)), np.zeros(len(NAMES))
    rows = [(_kin()[INDEX[name]], value) for name, value in pull.labels.items()]
    rows += [(_members()[family], value) for family, value in pull.families.items()]
    for row, value in rows:
        side = speaks_for if value > 0 else against
        np.maximum(side, row * abs(value) * pull.clue.confidence, out=side)
    return speaks_for, against


def _evidence(pulls: Sequence[Pull]) -> Array:
    if not pulls:
        return np.zeros(len(NAMES))
    both = [_support(pull) for pull in pulls]
    stacked = np.sort(np.stack([speaks_for for speaks_for, _ in both]), axis=0)[::-1]
    missing = (1 - stacked[0]) * np.prod(1 - FURTHER * stacked[1:], axis=0)
    against = np.prod(1 - np.stack([minus for _, minus in both]), axis=0)
    evidence: Array = (1 - missing) * against
    return evidence


def _place(pulls: Sequence[Pull]) -> tuple[dict[str, float], dict[str, float]]:
    place, mass = {}, {}
    for axis in AXES:
        heard = [(*p.axes[axis], p.clue.confidence) for p in pulls if axis in p.axes]
        total = sum(weight * confidence for _, weight, confidence in heard)
        if total > 0:
            place[axis] = sum(at * weight * confidence for at, weight, confidence in heard) / total
            mass[axis] = float(1 - np.prod([1 - confidence * weight * abs(at) for at, weight, confidence in heard]))
    return place, mass


def fit(place: Mapping[str, float], weights: Mapping[str, float]) -> Array:
    """Return how well each label lies at *place*, 0–1, over the axes with a weight."""
    distance = np.zeros(len(NAMES))
    for axis, weight in weights.items():
        distance += weight * (place[axis] - anchors()[:, AXES.index(axis)]) ** 2
    result: Array = np.exp(-distance / (2 * SIGMA**2))
    return result


def stance(pulls: Sequence[Pull], modality: Modality) -> Stance:
    """Return what the pulls of *modality* say by themselves."""
    mine = [pull for pull in pulls if pull.clue.modality == modality]
    place, mass = _place(mine)
    allowed = _allowed(pulls)
    evidence = _evidence(mine) * allowed
    if modality == "acoustic" and "arousal" in place:
        weights = {axis: AXIS_TRUST["acoustic"][AXES.index(axis)] for axis in place}
        lively = mass["arousal"] * min(1.0, abs(place["arousal"]) / 0.4)
        evidence = 1 - (1 - evidence) * (1 - VOICE_ALONE * lively * fit(place, weights) * allowed)
    return Stance(evidence, place, mass)


def joint_place(stances: Mapping[Modality, Stance], trust: Mapping[Modality, float]) -> dict[str, tuple[float, float]]:
    """Return axis → (position over the modalities, weight ω 0–1) for the axes that were observed.

    A modality that a contradiction casts doubt on has no say: a mean of two opposites is a place where nobody is.
    """
    found = {}
    for k, axis in enumerate(AXES):
        parts = [(s.place[axis], AXIS_TRUST[m][k]) for m, s in stances.items() if axis in s.place and trust[m] == 1]
        total = sum(weight for _, weight in parts)
        if total > 0:
            found[axis] = (sum(at * weight for at, weight in parts) / total, max(weight for _, weight in parts))
    return found


def score(stances: Mapping[Modality, Stance], trust: Mapping[Modality, float]) -> Array:
    """Return the score of every label, 0–1, in the order of `NAMES`."""
    missing = np.ones(len(NAMES))
    for modality, one in stances.items():
        missing *= 1 - trust[modality] * one.evidence
    place = joint_place(stances, trust)
    graded = fit({axis: at for axis, (at, _) in place.items()}, {axis: w for axis, (_, w) in place.items()})
    result: Array = (1 - missing) * (0.5 + 0.5 * graded) * commonness()
    return result
