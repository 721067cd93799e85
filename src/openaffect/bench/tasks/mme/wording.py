"""What each task is called in the prompts of MME-Emotion, and the prompts themselves.

The prompts are ours, in our own words; what they carry is in docs/reference/mme-emotion-run.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType

from openaffect.mllm.chat import Message, Part, Text

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Wording:
    """The words of one task; a task keeps to them in all of its prompts."""

    noun: str
    """What a label is: an emotion, a sentiment ..."""
    target: str
    """What is asked for."""
    names: str
    """What the last step holds."""
    example: str
    """The prediction in the extractor's worked example."""
    bare: tuple[str, ...]
    """Predictions without reasoning, in its further examples."""
    pairs: tuple[tuple[str, str, str], ...] = ()
    """Examples for the judge: what the last step names, the label, the rating."""
    several: bool = False
    """Whether a clip may have several labels."""

    @property
    def field(self) -> str:
        """What an expert of this task recognises."""
        return f"{self.noun}s"


_EMOTION = Wording("emotion", "the one emotion that stands out most", "the emotion", "surprise", ("happy",))
_EMOTIONS = Wording(
    "emotion", "the emotion, or the several emotions,", "the emotions, with commas between them",
    "surprise, fear", ("happy, excited",), several=True,
)  # fmt: skip
_FINE = (
    ("neutral", "negative", "0/1"),
    ("strong positive", "positive", "0/1"),
    ("strong positive", "strong positive", "1/1"),
    ("strong negative", "weak negative", "0/1"),
    ("very strong negative", "strong negative", "0/1"),
)
_BODY = (
    ("Happiness, Anticipation, Fear, Sadness", "Anticipation; Fear; Peace", "2/3"),
    ("Happiness", "Sadness; Peace", "0/2"),
    ("Anger, Fear, Pain, Sadness, Suffering, Surprise, Yearning", "Sadness", "1/1"),
)
_MANY = (
    ("neutral", "anger; fear", "0/2"),
    ("happy", "happy; anger; disgust", "1/3"),
    ("happy, disgust, sad", "sad; anger; surprise; disgust", "2/4"),
    ("anger, anxiety, contempt, disgust, fear, happiness, sadness, surprise", "anger; fear; sadness", "3/3"),
)


WORDINGS: Mapping[str, Wording] = MappingProxyType(
    {
        "ER-Lab": _EMOTION,
        "ER-Wild": _EMOTION,
        "Noise-ER": _EMOTION,
        "FG-ER": replace(_EMOTIONS, pairs=_BODY),
        "ML-ER": replace(_EMOTIONS, pairs=_MANY),
        "SA": Wording(
            "sentiment", "the one sentiment that stands out most", "the sentiment", "negative", ("positive",),
        ),
        "FG-SA": Wording(
            "fine-grained sentiment", "the one fine-grained sentiment that stands out most",
            "the fine-grained sentiment", "weak negative", ("strong positive", "weak negative"), _FINE,
        ),
        "IR": Wording("intent", "the one intent that stands out most", "the intent", "questioning", ("consoling",)),
    }
)  # fmt: skip
"""Task → its words."""


@cache
def prompt(name: str) -> str:
    """Return the text of ``prompts/mme.NAME.txt``."""
    found = resources.files("openaffect.bench").joinpath("prompts", f"mme.{name}.txt")
    return found.read_text("utf-8").rstrip("\n")


def fill(name: str, **slots: object) -> str:
    """Return the prompt with its slots filled at once, so that braces in what is filled in stay as they are.

    >>> fill("judge.one", noun="{count}")
    '1/1 if its {count} is the label, otherwise 0/1.'
    """
    return _SLOT.sub(lambda slot: str(slots[slot[1]]), prompt(name))


def hashes(*names: str) -> dict[str, str]:
    """Return prompt → sha256 for run cards, with the words of the tasks, which are part of the prompts."""
    words = json.dumps({key: asdict(each) for key, each in WORDINGS.items()}, sort_keys=True)
    texts = {**{f"mme.{name}": prompt(name) for name in names}, "mme.wording": words}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def asked(text: str, *media: Part, first: bool = False) -> tuple[Message, ...]:
    """Return the system message and one question with its *media*; with *first* the media stand before the text."""
    parts = (*media, Text(text)) if first else (Text(text), *media)
    return Message("system", (Text(prompt("system")),)), Message("user", parts)
