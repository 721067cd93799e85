"""Which pieces are mixed with which: decided by seed and number, so that a run that goes on makes the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from openaffect.distill.hearing import Mixture
from openaffect.records import PseudoLabel


def mixtures_of(rows: Sequence[PseudoLabel], folder: Path, *, share: int, softer_db: float, seed: int) -> list[Mixture]:
    """Return *share* mixtures for every 100 pieces of the split train among *rows*, none of them labelled yet.

    Two pieces, of two speakers where there are two; one keeps its level, the other is up to *softer_db* decibels
    softer.  A mixture belongs to the speaker of the first.  ``dev`` and ``test`` stay as they were recorded.
    """
    pieces = sorted((row for row in rows if row.split == "train" and len(row.parts) == 1), key=lambda row: row.id)
    if len(pieces) < 2:
        return []
    return [_mixture(number, pieces, folder, softer_db, seed) for number in range(len(pieces) * share // 100)]


def _mixture(number: int, pieces: Sequence[PseudoLabel], folder: Path, softer_db: float, seed: int) -> Mixture:
    rng = np.random.default_rng((seed, number))
    one = pieces[int(rng.integers(len(pieces)))]
    others = [row for row in pieces if row.speaker != one.speaker] or [row for row in pieces if row is not one]
    other = others[int(rng.integers(len(others)))]
    gains = [1.0, round(float(10 ** (-rng.uniform(0, softer_db) / 20)), 4)]
    if rng.random() < 0.5:
        gains.reverse()
    parts = tuple(row.parts[0].model_copy(update={"gain": gain}) for row, gain in zip((one, other), gains, strict=True))
    groups = {"mixture": "yes", **one.groups}
    return Mixture(
        PseudoLabel(id=f"mixture-{number:06d}", parts=parts, speaker=one.speaker, split="train", groups=groups), folder
    )
