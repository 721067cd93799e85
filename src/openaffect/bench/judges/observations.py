"""What a sentence about a person talks of: pitch, pauses, a smile, hands; and which clues can carry that.

The phrases stand in ``observations.tsv`` beside this file: aspect, move (``+`` raised, ``-`` lowered, ``.`` none said),
regular expressions in English and Chinese.  The list is ours and short; what it does not know is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from openaffect.analysis.pull_rows import MEASURES
from openaffect.records import Clue

Move = Literal["+", "-", "=", "."]

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "pitch": ("f0_level",),
        "pitch_range": ("f0_range",),
        "loudness": ("loudness",),
        "rate": ("speaking_rate",),
        "activation": ("vocal_activation",),
        "quality": ("voice_quality",),
        "head": ("head_motion",),
        "pause": ("pause",),
        "laughter": ("laughter",),
        "question": ("question",),
        "emphasis": ("emphasis",),
        "smile": ("expression_happy",),
        "frown": ("expression_angry", "expression_sad"),
    }
)
"""Aspect → names of the house's clues that carry it."""
LEVELS = frozenset(aspect for aspect, names in NAMES.items() if names[0] in MEASURES)
WHOLE_VOICE = ("f0_level", "loudness", "vocal_activation")
"""What "the voice rises" may mean."""


@dataclass(frozen=True)
class Seen:
    """One phrase that names something observable."""

    aspect: str
    move: Move
    start: int
    end: int


@cache
def _rows() -> tuple[tuple[str, Move, re.Pattern[str]], ...]:
    table = Path(__file__).with_name("observations.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    moves: dict[str, Move] = {"+": "+", "-": "-", ".": "."}
    return tuple((aspect, moves[move], re.compile(phrases, re.I)) for aspect, move, phrases in rows)


def observe(text: str) -> list[Seen]:
    """Return what *text* names, in its order; a phrase with a move hides a plain one in the same place.

    >>> [(seen.aspect, seen.move) for seen in observe("a louder voice, then a pause")]
    [('loudness', '+'), ('voice', '.'), ('pause', '.')]
    """
    found = [Seen(a, move, *m.span()) for a, move, phrases in _rows() for m in phrases.finditer(text)]
    moved = [seen for seen in found if seen.move != "."]
    kept = [
        seen
        for seen in found
        if seen.move != "." or not any(one.start <= seen.start and seen.end <= one.end for one in moved)
    ]
    return sorted(kept, key=lambda seen: seen.start)


def aspects_of(clue: Clue) -> frozenset[str]:
    """Return the aspects that *clue* can carry; a clue of somebody's own is read by its name and sentence.

    >>> clue = Clue(id="c", modality="visual", person="P1", name="hands", value=1, unit="", sentence="Clenched fists.",
    ...             confidence=1, start=0, end=1)
    >>> sorted(aspects_of(clue))
    ['hands']
    """
    whole = {"acoustic": {"voice"}, "lexical": {"words"}, "visual": set()}[clue.modality]
    if clue.name.startswith("expression_"):
        whole |= {"face", "feature"}
    house = {aspect for aspect, names in NAMES.items() if clue.name in names}
    if house or clue.name.startswith(("expression_", "affect_")) or clue.name == "sentiment":
        return frozenset(whole | house)
    return frozenset(whole | {seen.aspect for seen in observe(f"{clue.name.replace('_', ' ')}. {clue.sentence}")})
