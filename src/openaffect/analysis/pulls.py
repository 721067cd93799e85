"""What one clue speaks for: labels, families, and directions of arousal, dominance and valence.

A clue is read against the person's own baseline in the recording.  A pitch or a level without a baseline describes a
voice and not a feeling, so it pulls nowhere.  Two kinds of clue need no baseline: a pause (its length says enough)
and the words.  Where `Clue.points_to` is filled it replaces the row of this file, so that a clue of somebody's own
needs no line here.

The voice tells activation well and pleasure badly; that is why only a *flat* voice says something about valence, and
faintly.  The numbers stand in `pull_rows`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from openaffect.analysis.pull_rows import AXES, EXPRESSION_AXES, EXPRESSION_FAMILIES, MEASURES, REACH, RELIABILITY
from openaffect.emotion.labels import FAMILIES, VOCABULARY
from openaffect.errors import UsageError
from openaffect.lookup import suggest
from openaffect.records import Clue


@dataclass(frozen=True)
class Pull:
    """What a clue speaks for.  Nothing here contains the clue's confidence yet."""

    clue: Clue
    axes: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Axis → (position -1..1, weight 0..1)."""
    labels: Mapping[str, float] = field(default_factory=dict)
    """Label → -1..1; negative speaks against."""
    families: Mapping[str, float] = field(default_factory=dict)
    """Family → -1..1."""
    departure: float = 0.0
    """Signed strength of what was measured, -1..1, for the wording."""

    @property
    def speaks(self) -> bool:
        """Whether the clue points anywhere (a voice at its usual level does: to the middle)."""
        return bool(self.axes or self.labels or self.families)


def _clip(value: float, low: float = -1.0, high: float = 1.0) -> float:
    return min(high, max(low, value))


def intensity(value: float, baseline: float | None) -> float:
    """Return how strongly an expression shows, 0–1: half its probability, half its rise above the usual.

    >>> round(intensity(0.8, 0.2), 3), intensity(0.8, None)
    (0.775, 0.8)
    """
    value = _clip(value, 0.0)
    if baseline is None:
        return value
    usual = _clip(baseline, 0.0)
    rise = (value - usual) / (1 - usual) if value > usual else 0.0
    return 0.5 * value + 0.5 * rise


def _expression(clue: Clue) -> Pull:
    kind = clue.name.removeprefix("expression_")
    # Neutral is a level and not a departure: a face that is always neutral is still neutral.
    strength = intensity(clue.value, None if kind == "neutral" else clue.baseline)
    presence = _clip((strength - 0.12) / 0.48, 0.0) * RELIABILITY[kind]
    if presence == 0.0:
        return Pull(clue, departure=strength)
    weights = (0.5, 0.3, 1.0)
    places = [offset + gain * strength for offset, gain in EXPRESSION_AXES[kind]]
    axes = {axis: (p, w * presence) for axis, p, w in zip(AXES, places, weights, strict=True)}
    families = {family: share * presence for family, share in EXPRESSION_FAMILIES[kind].items()}
    return Pull(clue, axes, {}, families, strength)


def _level(clue: Clue) -> Pull:
    measure = MEASURES[clue.name]
    if clue.baseline is None or (measure.relative and clue.baseline == 0):
        return Pull(clue)
    change = clue.value - clue.baseline
    if measure.relative:
        change /= abs(clue.baseline)
    departure = math.tanh(change / measure.scale)
    place = REACH * departure
    axes = {"arousal": (math.copysign(place, place * measure.arousal), abs(measure.arousal))}
    if measure.dominance:
        axes["dominance"] = (math.copysign(place, place * measure.dominance), abs(measure.dominance))
    if measure.flatness and departure < 0:
        axes["valence"] = (place, measure.flatness)
    return Pull(clue, axes, departure=departure)


def _affect(clue: Clue) -> Pull:
    entry = VOCABULARY.get(clue.name.removeprefix("affect_"))
    strength = _clip(clue.value, 0.0)
    if entry is None or strength == 0.0:
        return Pull(clue)
    gain = 0.6 + 0.5 * strength
    axes = {axis: (_clip(place * gain), 1.0) for axis, place in zip(AXES, entry.anchor, strict=True)}
    return Pull(clue, axes, {entry.name: strength}, {}, strength)


def _sentiment(clue: Clue) -> Pull:
    value = _clip(clue.value)
    families = {"joy": 0.35 * value} if value > 0 else {"sadness": -0.2 * value, "anger": -0.2 * value}
    return Pull(clue, {"valence": (value, 0.5)}, {}, {k: v for k, v in families.items() if v}, value)


def _pause(clue: Clue) -> Pull:
    # A person who often pauses says nothing with one more pause of the usual length.
    length = _clip((clue.value - max(0.3, clue.baseline or 0.0)) / 1.7, 0.0)
    return Pull(clue, {"arousal": (-length, 0.3)}, {}, {"sadness": 0.1 * length} if length else {}, -length)


def _counted(clue: Clue) -> Pull:
    count = 1 - math.exp(-2 * max(0.0, clue.value))
    if count == 0.0:
        return Pull(clue)
    if clue.name == "emphasis":
        return Pull(clue, {"arousal": (0.3 + 0.6 * count, 0.4)}, departure=count)
    if clue.name == "question":
        return Pull(clue, {}, {"curious": 0.3 * count, "confused": 0.15 * count}, departure=count)
    axes = {"arousal": (0.3, 0.3), "valence": (0.6, 0.4)}
    return Pull(clue, axes, {"amused": count, "playful": 0.8 * count}, departure=count)


def _own(clue: Clue) -> Pull:
    """Read `points_to`; keys that are neither axis nor family nor label are left out (see `check_points_to`)."""
    known = {key: _clip(value) for key, value in clue.points_to.items() if value}
    axes = {key: (value, 1.0) for key, value in known.items() if key in AXES}
    # "calm" and "neutral" name a label and a family; the label, being narrower, is meant.
    labels = {key: value for key, value in known.items() if key in VOCABULARY}
    families = {key: value for key, value in known.items() if key in FAMILIES and key not in VOCABULARY}
    for name, value in labels.items():
        if value > 0 and not axes:
            places = zip(AXES, VOCABULARY[name].anchor, strict=True)
            axes = {axis: (_clip(place * (0.6 + 0.5 * value)), value) for axis, place in places}
    return Pull(clue, axes, labels, families, max(known.values(), default=0.0, key=abs))


def check_points_to(clue: Clue) -> None:
    """Raise `UsageError` when a key of `clue.points_to` is no axis, label or family.

    `pull` itself leaves such keys out, for a report must not fail on one clue; whoever writes a clue calls this.
    """
    known = (*AXES, *FAMILIES, *VOCABULARY)
    for key in clue.points_to:
        if key not in known:
            near = suggest(key, known)
            raise UsageError(f"clue '{clue.name}' points to '{key}', which is no label, family or axis{near}")


def pull(clue: Clue) -> Pull:
    """Return what *clue* speaks for; an unknown name without `points_to` speaks for nothing.

    >>> clue = Clue(id="c1", modality="acoustic", person="P1", name="loudness", value=-18, unit="dB",
    ...             baseline=-24, sentence="", confidence=0.7, start=0, end=2)
    >>> round(pull(clue).axes["arousal"][0], 2)
    0.71
    """
    if clue.points_to:
        return _own(clue)
    if clue.name.removeprefix("expression_") in RELIABILITY and clue.name.startswith("expression_"):
        return _expression(clue)
    if clue.name in MEASURES:
        return _level(clue)
    if clue.name.startswith("affect_"):
        return _affect(clue)
    rows = {"sentiment": _sentiment, "pause": _pause} | dict.fromkeys(("emphasis", "question", "laughter"), _counted)
    return rows[clue.name](clue) if clue.name in rows else Pull(clue)
