"""The judge of MME-Emotion: frames, audio clue, label and steps in; one rating a step out, asked again once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from openaffect.bench.task import Earlier, Item, Source, Stage, Step, read_text
from openaffect.bench.tasks.mme.answer import NO_CLIP
from openaffect.bench.tasks.mme.audio_clue import clue_of
from openaffect.bench.tasks.mme.readings import Reading
from openaffect.bench.tasks.mme.rubrics import PROMPTS, again, rubric
from openaffect.bench.tasks.mme.strict import strict_reading
from openaffect.bench.tasks.mme.tasks import find_task
from openaffect.bench.tasks.mme.wording import asked, hashes
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Text

OPTIONS = Options(max_tokens=1024)
COUNT: str = "step count"
"""The cause by which a reply is asked for again."""


def judge_stage(source: Source) -> Stage:
    """Return the stage that asks the judge for its ratings."""
    return Stage("judge", "judge", partial(_messages, source), _read, OPTIONS, hashes("system", *PROMPTS))


def again_stage(source: Source) -> Stage:
    """Return the stage that asks once more where the number of ratings was not that of the steps."""
    return Stage(
        "judge-again",
        "judge",
        partial(_messages_again, source),
        _read,
        OPTIONS,
        hashes("system", *PROMPTS, "judge.again"),
    )


def _messages(source: Source, item: Item, earlier: Earlier) -> Sequence[Message] | str:
    # Loads the media libraries, which scoring does not need.
    from openaffect.bench.tasks.mme.frames import judge_frames

    steps, clue = steps_of(earlier), clue_of(item, earlier)
    if not steps:
        found = earlier.get("steps")
        return f"there are no steps to rate ({found.outcome if found else 'not asked'})"
    if clue is None:
        return "there is no audio clue"
    if item.media is None:
        return NO_CLIP
    # What cannot be decoded is raised, so that the run records a failure.
    frames = judge_frames(item.media, source.cache)
    return asked(rubric(item.facts["task"], steps, item.facts["labels"], clue), *frames)


def _messages_again(source: Source, item: Item, earlier: Earlier) -> Sequence[Message] | str:
    first = earlier.get("judge")
    if first is None or first.outcome != "unreadable":
        return "the judge was not asked" if first is None else f"the first reply stands ({first.outcome})"
    steps = steps_of(earlier)
    reading = _reading(first.text, item, steps)
    if reading.cause != COUNT:
        return f"the number of ratings was not what was wrong ({reading.cause})"
    messages = _messages(source, item, earlier)
    if isinstance(messages, str):
        return messages
    more = again(item.facts["task"], reading.detail, len(steps), len(item.facts["labels"]))
    return (*messages, Message("assistant", (Text(first.text),)), Message("user", (Text(more),)))


def _read(item: Item, earlier: Earlier, call: Call) -> Step:
    """Return the step whose value is the list of ratings, by the strict reading."""
    found = read_text(item, call)
    if found.value is None:
        return found
    reading = _reading(found.text, item, steps_of(earlier))
    if reading.ratings is None:
        return Step(item.id, found.text, None, "unreadable", f"{reading.cause}: {reading.detail}")
    return Step(item.id, found.text, list(reading.ratings))


def _reading(text: str, item: Item, steps: Sequence[str]) -> Reading:
    return strict_reading(text, find_task(item.facts["task"]), len(steps))


def steps_of(earlier: Earlier) -> tuple[str, ...]:
    """Return the steps that the extractor gave, none where it gave none."""
    found = earlier.get("steps")
    return tuple(found.value) if found is not None and isinstance(found.value, list | tuple) else ()
