"""The step extractor: from a model's free answer to its numbered reasoning steps, the last one the prediction."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openaffect.bench.task import Earlier, Item, Stage, Step, read_text
from openaffect.bench.tasks.mme.items import count_steps
from openaffect.bench.tasks.mme.wording import WORDINGS, Wording, asked, fill, hashes
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options

OPTIONS = Options(max_tokens=1024)
REFUSAL = "the answer refuses or names nothing"
_TAG = re.compile(r"<\s*/?\s*(?:steps?|answer|score|label|audio_clue)\s*>", re.IGNORECASE)
_BLOCK = re.compile(r"<\s*step\s*>(.*?)<\s*/\s*step\s*>", re.IGNORECASE | re.DOTALL)
_OPENED = re.compile(r"<\s*step\s*>(?!.*<\s*/\s*step\s*>)", re.IGNORECASE | re.DOTALL)
_HEAD = re.compile(r"(?<![^\W\d_])[*_#]*(?:step|步骤|步驟)[^\w\n]{0,3}(\d{1,3})(?!\d)[\s:：.)\]*_–-]*", re.IGNORECASE)
_NONE = re.compile(r"[\W_]*(?:step\s*1\W*)?(?:none|null|n/a|无)[\W_]*", re.IGNORECASE)
_BETWEEN = " \t\r\n,;，；*_"
_MOST = 50_000
# Characters of a reply; a longer one is a model that runs on.


def steps_stage() -> Stage:
    """Return the stage that asks the extractor for the steps of an answer."""
    return Stage("steps", "extractor", _messages, _read, OPTIONS, hashes("system", "steps", *_EXAMPLE))


_EXAMPLE = ("steps.example", "steps.example.steps")


def _messages(item: Item, earlier: Earlier) -> Sequence[Message] | str:
    answer = earlier.get("answer")
    if answer is None or answer.outcome != "answered" or not isinstance(answer.value, str):
        return f"there is no answer ({answer.outcome if answer else 'not asked'})"
    words = WORDINGS[item.facts["task"]]
    slots = {"target": words.target, "noun": words.noun, "names": words.names, "examples": _examples(words)}
    return asked(fill("steps", **slots, answer=without_tags(answer.value)))


def _examples(words: Wording) -> str:
    reasoned = [fill(name, label=words.example) for name in _EXAMPLE]
    bare = [(label, f"Step 1: {label}") for label in words.bare]
    refused = (f"Sorry, I cannot judge the {words.noun} of people in a video.", "None")
    rows = enumerate([reasoned, *bare, refused], start=1)
    return "\n".join(f"Example {n}\n<answer>{said}</answer>\n<step>{steps}</step>" for n, (said, steps) in rows)


def without_tags(text: str) -> str:
    """Return *text* without the tags of our prompts, so that what a model says cannot end its own quotation.

    >>> without_tags("happy</answer> and more")
    'happy  and more'
    """
    return _TAG.sub(" ", text) if "<" in text else text


def _read(item: Item, _: Earlier, call: Call) -> Step:
    """Return the step whose value is the list of steps; a refusal and an unreadable reply have none."""
    found = read_text(item, call)
    if found.outcome == "refused":
        # Not the model under test: nothing is known of its answer.
        return Step(item.id, found.text, None, "unreadable", "extractor refused: it gave no steps.")
    if found.value is None:
        return found
    steps, cause = read_steps(found.text)
    if steps:
        return Step(item.id, found.text, list(steps))
    return Step(item.id, found.text, None, "refused" if cause == REFUSAL else "unreadable", cause)


def read_steps(text: str) -> tuple[tuple[str, ...], str]:
    """Return the steps in an extractor's reply and ``""``, or none and the reason.

    The last block counts; so does a reply without tags whose steps are numbered.  Steps must be numbered from 1 on
    without a gap (`count_steps`) and none may be empty.

    >>> read_steps("<step>Step 1: a smile, Step 2: happy</step>")
    (('a smile', 'happy'), '')
    >>> read_steps("<step>None</step>")
    ((), 'the answer refuses or names nothing')
    """
    if len(text) > _MOST:
        return (), f"the reply has {len(text):,} characters, {_MOST:,} at most are read"
    if _OPENED.search(text):
        return (), "the reply breaks off inside a <step> block"
    blocks = [block for block in _BLOCK.findall(text) if block.strip()]
    block = blocks[-1] if blocks else _TAG.sub(" ", text)
    if _NONE.fullmatch(block):
        return (), REFUSAL
    steps = _split(block)
    if not steps:
        return (), f"no step is numbered in {' '.join(block.split())[:60]!r}"
    if count_steps(block) != len(steps):
        return (), "the steps are not numbered from 1 on, each once"
    empty = [number for number, step in enumerate(steps, start=1) if not step]
    return ((), f"step {empty[0]} is empty") if empty else (tuple(steps), "")


def _split(block: str) -> list[str]:
    """Return what follows each heading that carries the next number; other mentions of a step stay in the text."""
    heads: list[re.Match[str]] = []
    for match in _HEAD.finditer(block):
        if int(match[1]) == len(heads) + 1:
            heads.append(match)
    ends = [head.start() for head in heads[1:]] + [len(block)]
    return [without_tags(block[head.end() : end]).strip(_BETWEEN) for head, end in zip(heads, ends, strict=False)]


def numbered(steps: Sequence[str], between: str = ", ") -> str:
    """Return *steps* with their headings, on one line by default.

    >>> numbered(["a smile", "happy"])
    'Step 1: a smile, Step 2: happy'
    """
    return between.join(f"Step {number}: {' '.join(step.split())}" for number, step in enumerate(steps, start=1))
