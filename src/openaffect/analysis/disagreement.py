"""How a disagreement between modalities is put into words and onto the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openaffect.analysis.contradictions import Conflict
from openaffect.analysis.fusion import MODALITIES
from openaffect.analysis.pulls import Pull
from openaffect.analysis.sentences import Found, ids
from openaffect.analysis.weighing import Weighing
from openaffect.analysis.wording import Language, shorts
from openaffect.records import Contradiction, Modality

_MODALITY: Mapping[Modality, tuple[str, str]] = {
    "visual": ("face", "面部"),
    "acoustic": ("voice", "声音"),
    "lexical": ("words", "话语"),
}
_VOICE_OF: Mapping[str, int] = {"anger": 1, "fear": 1, "sadness": -1, "boredom": -1}
"""The activation of a voice that goes with a family: it joins a face that speaks against the words."""


def opposing(found_pulls: Sequence[Pull], conflict: Conflict) -> tuple[list[Pull], list[Pull]]:
    """Return the clues of both sides of *conflict*: of the pleasant modality and of the other."""
    pleasant = [p for p in found_pulls if p.clue.modality == conflict.pleasant]
    other = [p for p in found_pulls if p.clue.modality == conflict.unpleasant]
    plus = [p for p in pleasant if _leans(p) >= 0] or pleasant
    if conflict.unpleasant == "acoustic":
        sign = 1 if conflict.kind == "agitated" else -1
        return plus, [p for p in other if p.axes.get("arousal", (0.0, 0.0))[0] * sign > 0.1] or other
    return plus, [p for p in other if _leans(p) < 0] or other


def _leans(pull: Pull) -> float:
    return pull.axes.get("valence", (0.0, 0.0))[0]


def against(found: Found, conflicts: Sequence[Conflict]) -> list[Pull]:
    """Return the clues of face and voice that stand against the words in *conflicts*."""
    stand: list[Pull] = []
    for conflict in conflicts:
        plus, minus = opposing(found.weighing.pulls, conflict)
        stand += [p for p in (minus if conflict.pleasant == "lexical" else plus) if p not in stand]
        sign = _VOICE_OF.get(conflict.kind, 0) if conflict.pleasant == "lexical" else 0
        voice = [p for p in found.weighing.pulls if p.clue.modality == "acoustic" and p not in stand]
        stand += [p for p in voice if p.axes.get("arousal", (0.0, 0.0))[0] * sign >= 0.2]
    return stand


def turned(found: Found, conflicts: Sequence[Conflict], stand: Sequence[Pull]) -> str:
    """Return how the words are read once *stand*, the clues against them, are heard too."""
    listed = shorts(stand, found.language)
    if any(conflict.doubted == "lexical" for conflict in conflicts):
        read = found.labels[0].text if found.labels else ""
        english = f"set against {listed}, they are not taken at their word" + (f" but read as {read}" if read else "")
        return found.pick(english, f"与{listed}对照，不宜按字面理解" + (f"，而更像是{read}" if read else ""))
    return found.pick(f"{listed} beside such words looks worn or mixed", f"{listed}与这样的话并存，像是掩饰或心情复杂")


def contradictions(weighing: Weighing, language: Language) -> tuple[Contradiction, ...]:
    """Return the record of each disagreement, with the clues of both sides named in its text."""
    records = []
    for conflict in weighing.conflicts:
        plus, minus = opposing(weighing.pulls, conflict)
        pair = tuple(m for m in MODALITIES if m in {conflict.pleasant, conflict.unpleasant})
        names = [_MODALITY[m][language == "zh"] for m in pair]
        sides = [shorts(side, language) for side in (plus, minus)]
        text = f"{names[0].capitalize()} and {names[1]} disagree: {sides[0]} against {sides[1]}."
        if language == "zh":
            text = f"{names[0]}与{names[1]}不一致：一边是{sides[0]}，另一边是{sides[1]}。"
        records.append(Contradiction(modalities=pair, clues=ids([*plus, *minus]), text=text))
    return tuple(records)
