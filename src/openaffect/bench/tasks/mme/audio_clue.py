"""The audio-clue agent: it hears the clip and describes its sound.  It is told nothing else, so that it cannot leak.

The released clues talk as if the label had been given: 58 to 95 % of them, by task, hold a word of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from openaffect.bench.task import Earlier, Item, Source, Stage, read_text
from openaffect.bench.tasks.mme.answer import parts_of
from openaffect.bench.tasks.mme.wording import asked, hashes, prompt
from openaffect.mllm.chat import Message, Options, Sound

OPTIONS = Options(max_tokens=512)
SILENT = "the clip has no sound"


def audio_stage(source: Source) -> Stage:
    """Return the stage that asks for a clue of the sound; its messages hold the sound and one prompt for all tasks."""

    def messages(item: Item, _: Earlier) -> Sequence[Message] | str:
        media = parts_of(item, source, ("audio",))
        if isinstance(media, str):
            return media if item.media is None else SILENT
        sounds = [part for part in media if isinstance(part, Sound)]
        return asked(prompt("audio"), *sounds) if sounds else SILENT

    return Stage(
        "audio", "judge", messages, lambda item, _, call: read_text(item, call), OPTIONS, hashes("system", "audio")
    )  # fmt: skip


def clue_of(item: Item, earlier: Earlier) -> str | None:
    """Return the audio clue that the judge gets, None where there is none."""
    if item.facts["clues"] == "released":
        clue = item.facts["clue"]
    else:
        heard = earlier.get("audio")
        clue = f"{SILENT}." if is_silent(earlier) else heard.value if heard is not None else None
    return clue if isinstance(clue, str) and clue.strip() else None


def is_silent(earlier: Earlier) -> bool:
    """Return whether nothing was asked because there is nothing to hear; the judge is then told so."""
    heard = earlier.get("audio")
    return heard is not None and heard.outcome == "skipped" and heard.cause == SILENT
