"""Whether clues speak for a label, by where they pull and where the label lies.

The pulls are those of the house (`openaffect.analysis.pulls`, or the clue's own `points_to`), the place of a label is
its anchor.  A label is opposed only where clues point the other way and none points its way: so of one clip with
an activated voice, *excited* and *alarmed* both stand, and mixed emotions need only a clue for each side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openaffect.analysis.pulls import Pull, pull
from openaffect.emotion.labels import VOCABULARY, Entry, closeness
from openaffect.records import Clue

_FAR = 0.25
"""Distance from the middle from which a label takes sides on an axis."""
_VERY_FAR = 0.45
_AGAINST = 0.12
"""Place times weight from which a clue speaks against."""
_FOR = 0.04
_STRONG = 0.3
_KIN = 0.5
"""Closeness from which two labels say much the same."""


@dataclass(frozen=True)
class Stance:
    """What the clues say of one label."""

    label: str
    supporting: tuple[str, ...]
    opposing: tuple[str, ...]

    @property
    def opposed(self) -> bool:
        """Whether clues speak against the label and none for it."""
        return bool(self.opposing) and not self.supporting


def stance(entry: Entry, clues: Iterable[Clue]) -> Stance:
    """Return which of *clues* speak for and against the label *entry*.

    >>> clue = Clue(id="c1", modality="visual", person="P1", name="expression_happy", value=0.8, unit="probability",
    ...             sentence="", confidence=0.7, start=0, end=2)
    >>> stance(VOCABULARY["sad"], [clue]).opposing, stance(VOCABULARY["happy"], [clue]).supporting
    (('c1',), ('c1',))
    """
    pulls = [pull(clue) for clue in clues]
    named = [one.clue.id for one in pulls if _names(one, entry)]
    arousal, _, valence = entry.anchor
    if named:
        return Stance(entry.name, tuple(named), ())
    if entry.family == "neutral":
        moved = [one.clue.id for one in pulls if abs(_push(one, "valence")) >= _STRONG]
        return Stance(entry.name, (), tuple(moved))
    for_, against = _sides(pulls, "valence", valence, _FAR)
    if not (against and not for_):
        for_, against = _sides(pulls, "arousal", arousal, _VERY_FAR)
    return Stance(entry.name, for_, against)


def _names(one: Pull, entry: Entry) -> bool:
    """Return whether the clue points to the label itself, its family, one of its parts, or a label close to it."""
    families = {entry.family, *entry.parts}
    if any(value >= 0.1 and family in families for family, value in one.families.items()):
        return True
    return any(
        value >= 0.15 and (VOCABULARY[name].family in families or closeness(VOCABULARY[name], entry) >= _KIN)
        for name, value in one.labels.items()
    )


def _push(one: Pull, axis: str) -> float:
    place, weight = one.axes.get(axis, (0.0, 0.0))
    return place * weight


def _sides(pulls: Sequence[Pull], axis: str, place: float, least: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if abs(place) < least:
        return (), ()
    sign = 1.0 if place > 0 else -1.0
    pushes = [(one.clue.id, sign * _push(one, axis)) for one in pulls]
    supporting = tuple(name for name, push in pushes if push >= _FOR)
    return supporting, tuple(name for name, push in pushes if push <= -_AGAINST)
