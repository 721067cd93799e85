"""What the judge of MME-Emotion is asked: one rubric, with the words, the last rule and the examples of each task."""

from __future__ import annotations

from collections.abc import Sequence

from openaffect.bench.tasks.mme.extractor import numbered, without_tags
from openaffect.bench.tasks.mme.wording import WORDINGS, Wording, fill

PROMPTS = ("judge", "judge.one", "judge.several")
_EACH = "Give every step 0/1 or 1/1."
_BUT_LAST = "Give every step before the last 0/1 or 1/1; rule 2 says how the last one is rated."
_SHOWN = 4
# Steps that are written out in the form of the reply.


def rubric(task: str, steps: Sequence[str], labels: Sequence[str], clue: str) -> str:
    """Return the judge's question: rules, audio clue, label and steps.

    >>> rubric("SA", ["a smile", "positive"], ["positive"], "A loud voice.").splitlines()[-3:]
    ['Step 1: a smile', 'Step 2: positive', '</steps>']
    """
    words = WORDINGS[task]
    return fill(
        "judge",
        noun=words.noun,
        count=len(steps),
        scale=_BUT_LAST if words.several else _EACH,
        last=_last_rule(words, len(labels)),
        shape=shape(task, len(steps), len(labels)),
        examples=_examples(words),
        clue=without_tags(clue),
        label="; ".join(labels),
        steps=without_tags(numbered(steps, "\n")),
    )


def again(task: str, came: str, n_steps: int, n_labels: int) -> str:
    """Return the one question that follows a reply with too many or too few ratings; *came* says what was wrong."""
    return fill("judge.again", came=came, count=n_steps, shape=shape(task, n_steps, n_labels))


def shape(task: str, n_steps: int, n_labels: int) -> str:
    """Return the form of the reply, with letters for numbers.

    >>> shape("ML-ER", 3, 2), shape("IR", 1, 1)
    ('<score>Step 1: N/1, Step 2: N/1, Step 3: C/2</score>', '<score>Step 1: N/1</score>')
    """
    last = f"C/{n_labels}" if WORDINGS[task].several else "N/1"
    before = [f"Step {number}: N/1" for number in range(1, n_steps)]
    if len(before) > _SHOWN:
        before[_SHOWN - 1 :] = ["..."]
    return f"<score>{', '.join([*before, f'Step {n_steps}: {last}'])}</score>"


def _last_rule(words: Wording, n_labels: int) -> str:
    return fill("judge.several", labels=n_labels) if words.several else fill("judge.one", noun=words.noun)


def _examples(words: Wording) -> str:
    """Return examples of rule 2; none where there is nothing to say beyond the rule."""
    if not words.pairs:
        return "Example of rule 2: a last step that names the label is 1/1, one that names any other is 0/1."
    lines = [f'- last step "{said}", label "{label}": {rating}' for said, label, rating in words.pairs]
    return "\n".join(["Examples of rule 2", *lines])
