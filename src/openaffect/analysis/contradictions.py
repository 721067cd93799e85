"""Modalities that disagree: found by rule, reported, and turned into blends; never averaged away.

Two modalities disagree about pleasure when each says enough by itself and they stand on opposite sides; a voice
disagrees with pleasant words when it is flat or when its activation contradicts them.  Which side is believed
follows what people do: pleasant words are easily said, so a displeased face or voice is believed over them; a smile
over words of sorrow or worry is often worn, so the words are believed over it; and hard words said with laughter are
play.  These are tendencies and not laws, so the other side stays on record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openaffect.analysis.fusion import INDEX, NAMES, Stance, stance
from openaffect.analysis.pulls import Pull
from openaffect.emotion.labels import VOCABULARY
from openaffect.records import Modality

ENOUGH = 0.10
"""Least evidence of a modality for its side."""
APART = 0.55
"""Least distance of two positions on the valence axis (-1..1)."""
SAID = 0.25
"""Least evidence of pleasant words before a voice can contradict them."""
FLAT = 0.15
"""Least mass of a flat voice on the valence axis."""
ROUSED = 0.40
"""Least position, and mass, of the voice's activation to contradict the words."""
WORDS_DISCOUNT = 0.4
SMILE_DISCOUNT = 0.5
SIGNED = 0.2
"""Centred valence from which a label counts as pleasant or unpleasant."""
SECOND = 0.85
"""Share of a blend's support that goes to the second blend of a rule."""

_PLEASANT = [i for i, name in enumerate(NAMES) if VOCABULARY[name].anchor[2] > SIGNED]
_UNPLEASANT = [i for i, name in enumerate(NAMES) if VOCABULARY[name].anchor[2] < -SIGNED]
_LOW_SPIRITED = [INDEX[n] for n in ("bored", "tired", "sad", "gloomy", "indifferent", "unenthusiastic", "downcast")]

WORDS_OVER: Mapping[str, tuple[str, ...]] = {
    # pleasant words over a displeased face or voice, by what the face or voice shows
    "anger": ("sarcastic",),
    "disgust": ("sarcastic", "mocking"),
    "sadness": ("forced cheerfulness", "masked sadness"),
    "fear": ("masked anxiety",),
    "flat": ("unenthusiastic", "sarcastic"),
}
DENIAL: Mapping[str, tuple[str, ...]] = {
    "anger": ("suppressed anger",),
    "disgust": ("suppressed anger",),
    "sadness": ("masked sadness",),
    "fear": ("masked anxiety",),
    "flat": ("resigned",),
}
"""Calm words over the same: what they say is that nothing is the matter."""
SMILE_OVER: Mapping[str, tuple[str, ...]] = {
    # a smile over unpleasant words, by what the words say
    "sadness": ("bittersweet", "masked sadness"),
    "fear": ("nervous excitement", "masked anxiety"),
    "anger": ("sarcastic",),
    "disgust": ("sarcastic",),
    "shame": ("self-conscious",),
    "boredom": ("forced cheerfulness",),
    "play": ("teasing", "playful"),
}


@dataclass(frozen=True)
class Conflict:
    """One disagreement: who is on the pleasant side, who on the other, and what follows."""

    pleasant: Modality
    unpleasant: Modality
    kind: str
    """The family of the unpleasant side, ``flat`` for a voice, ``play`` for hard words with laughter."""
    believed: Modality
    discount: float
    """Trust factor of the modality that is not believed."""
    blends: Mapping[str, float] = field(default_factory=dict)

    @property
    def doubted(self) -> Modality:
        """The modality that is not taken at its word."""
        return self.pleasant if self.believed == self.unpleasant else self.unpleasant


def leading_family(stance: Stance, numbers: Sequence[int]) -> str:
    """Return the family of the label among *numbers* with most evidence (first of the vocabulary on a tie)."""
    return VOCABULARY[NAMES[max(numbers, key=lambda i: (stance.evidence[i], -i))]].family


def side(stance: Stance) -> int:
    """Return 1 when the modality says enough for pleasure, -1 for displeasure, 0 when it does neither."""
    pleasant, unpleasant = stance.best(_PLEASANT), stance.best(_UNPLEASANT)
    if max(pleasant, unpleasant) < ENOUGH or pleasant == unpleasant:
        return 0
    return 1 if pleasant > unpleasant else -1


def _blends(names: Sequence[str], plus: float, minus: float) -> dict[str, float]:
    together = math.sqrt(plus * minus)
    return {name: together * SECOND**rank for rank, name in enumerate(names)}


def _face_and_words(stances: Mapping[Modality, Stance], pulls: Sequence[Pull]) -> Conflict | None:
    face, words = stances["visual"], stances["lexical"]
    apart = abs(face.place.get("valence", 0.0) - words.place.get("valence", 0.0))
    if side(face) * side(words) != -1 or apart < APART:
        return None
    if side(words) == 1:
        return _pleasant_words(face, words, stances["acoustic"])
    return _smile(face, words, pulls)


def _pleasant_words(face: Stance, words: Stance, voice: Stance) -> Conflict:
    kind = leading_family(face, _UNPLEASANT)
    calm = leading_family(words, _PLEASANT) == "calm"
    same = [i for i in _UNPLEASANT if VOCABULARY[NAMES[i]].family == kind]
    shown = 1 - (1 - face.best(_UNPLEASANT)) * (1 - voice.best(same))
    names = (DENIAL if calm else WORDS_OVER).get(kind, WORDS_OVER["sadness"])
    blends = _blends(names, words.best(_PLEASANT), shown)
    return Conflict("lexical", "visual", kind, "visual", WORDS_DISCOUNT, blends)


def _smile(face: Stance, words: Stance, pulls: Sequence[Pull]) -> Conflict:
    kind = leading_family(words, _UNPLEASANT)
    laughs = any(pull.clue.name == "laughter" and pull.departure > 0 for pull in pulls)
    if laughs and kind in {"anger", "disgust"}:
        kind = "play"
    names = SMILE_OVER.get(kind, SMILE_OVER["sadness"])
    blends = _blends(names, face.best(_PLEASANT), words.best(_UNPLEASANT))
    believed: Modality = "visual" if kind == "play" else "lexical"
    # In play the words lose no weight, for the laughter is among them.
    discount = 1.0 if kind == "play" else SMILE_DISCOUNT
    return Conflict("visual", "lexical", kind, believed, discount, blends)


def _voice_and_words(stances: Mapping[Modality, Stance]) -> Conflict | None:
    voice, words = stances["acoustic"], stances["lexical"]
    said = words.best(_PLEASANT)
    if side(words) != 1 or said < SAID:
        return None
    calm = leading_family(words, _PLEASANT) == "calm"
    roused = voice.place.get("arousal", 0.0) if voice.mass.get("arousal", 0.0) >= ROUSED else 0.0
    flat = voice.place.get("valence", 0.0) < 0 and voice.mass.get("valence", 0.0) >= FLAT
    lively_words = words.place.get("arousal", 0.0) > 0.1
    names = DENIAL if calm else WORDS_OVER
    if (flat and not calm) or (lively_words and roused <= -ROUSED):
        shown = max(voice.best(_LOW_SPIRITED), voice.mass.get("valence", 0.0))
        return Conflict("lexical", "acoustic", "flat", "acoustic", WORDS_DISCOUNT, _blends(names["flat"], said, shown))
    if calm and words.place.get("arousal", 0.0) < -0.2 and roused >= ROUSED:
        # Which feeling the calm words hold back, the voice cannot tell; the face may.
        return Conflict("lexical", "acoustic", "agitated", "acoustic", WORDS_DISCOUNT, {})
    return None


def _face_and_voice(stances: Mapping[Modality, Stance]) -> Conflict | None:
    face, voice = stances["visual"], stances["acoustic"]
    smile = face.best(_PLEASANT)
    flat = voice.place.get("valence", 0.0) < 0 and voice.mass.get("valence", 0.0) >= FLAT
    sunk = voice.place.get("arousal", 0.0) <= -ROUSED
    if side(face) != 1 or smile < SAID or not (flat and sunk):
        return None
    blends = _blends(("forced cheerfulness",), smile, voice.best(_LOW_SPIRITED))
    return Conflict("visual", "acoustic", "flat", "acoustic", 0.7, blends)


def find_conflicts(stances: Mapping[Modality, Stance], pulls: Sequence[Pull]) -> tuple[Conflict, ...]:
    """Return the disagreements between the modalities, in a fixed order; empty when there are none."""
    # Laughter says how the words are meant; what they say is judged without it.
    spoken = stance([pull for pull in pulls if pull.clue.name != "laughter"], "lexical")
    stances = {**stances, "lexical": spoken}
    found = (_face_and_words(stances, pulls), _voice_and_words(stances), _face_and_voice(stances))
    return tuple(conflict for conflict in found if conflict is not None)


def trust_after(conflicts: Sequence[Conflict]) -> dict[Modality, float]:
    """Return the trust factor of each modality, 1 unless a conflict lowers it."""
    trust: dict[Modality, float] = {"visual": 1.0, "acoustic": 1.0, "lexical": 1.0}
    for conflict in conflicts:
        trust[conflict.doubted] = min(trust[conflict.doubted], conflict.discount)
    return trust
