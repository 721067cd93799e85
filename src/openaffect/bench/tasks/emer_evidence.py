"""What a judge of EMER is shown of a clip: measured clues, or else frames and sound, and what is said in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from openaffect.bench.task import Item, Source
from openaffect.bench.tasks.emer_answers import clues_of
from openaffect.mllm.chat import Part
from openaffect.records import Clue

NO_EVIDENCE = "there is no evidence to judge by"


@dataclass(frozen=True)
class Shown:
    """The evidence of one clip."""

    clues: tuple[Clue, ...]
    media: tuple[Part, ...]
    said: str


def evidence_of(item: Item, source: Source) -> Shown | None:
    """Return the evidence of *item*, None where there is none; raises `MediaError` for a clip that cannot be decoded.

    What is withheld from the model is shown to the judge: it has to see what there is.
    """
    # Loads the media libraries, which scoring does not need.
    from openaffect.bench import clips

    clues, said = clues_of(item), str(item.facts.get("said", ""))
    whole = replace(source, modalities=("audio", "video", "text"))
    media = () if clues else tuple(clips.parts(item, whole))
    return Shown(clues, media, said) if clues or media or said else None
