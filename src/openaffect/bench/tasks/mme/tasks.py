"""The eight tasks of MME-Emotion: facts about their labels and about the script that scores each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from openaffect.errors import UsageError
from openaffect.lookup import suggest

OVERALL = "Overall"
"""Key of the ninth script, which reads the judged files of all tasks at once."""


@dataclass(frozen=True)
class MmeTask:
    """One task, as far as its labels and its scores differ from the others."""

    key: str
    title: str
    n: int
    """Clips as published."""
    label_sets: tuple[str, ...]
    """Keys of `openaffect.emotion.label_sets`; a clip has the set of its own corpus."""
    separator: str | None = None
    """What parts the labels of one clip; None where a clip has one."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Labels that the official script counts under another name."""
    same: Mapping[str, str] = field(default_factory=dict)
    """The same for the strict reading, which does not look at case; empty where labels stay as they are."""

    @property
    def fractions(self) -> bool:
        """Whether the official script reads any fraction; otherwise it reads one digit over 1."""
        return self.separator is not None or self.key == OVERALL

    @property
    def categories(self) -> bool:
        """Whether the official script reports each label by itself."""
        return not self.fractions


# joy, scared and capitalised words are left alone by the script, so joy stands beside happiness.
_MERGED = MappingProxyType(
    {"angry": "anger", "disgusted": "disgust", "happy": "happiness", "sad": "sadness", "surprised": "surprise"}
)
_SAME = MappingProxyType({**_MERGED, "joy": "happiness", "scared": "fear"})
_WILD = ("caer-7", "mc-eiu-7", "e3-8", "meld-7", "dfew-7", "mafw-11")
_ALL = (
    MmeTask("ER-Lab", "emotion recognition in the laboratory", 500, ("iemocap-9",)),
    MmeTask("ER-Wild", "emotion recognition in the wild", 1800, _WILD, merged=_MERGED, same=_SAME),
    MmeTask("Noise-ER", "emotion recognition under noise", 500, ("mer-6",)),
    MmeTask("FG-ER", "fine-grained emotion recognition", 500, ("bold-26",), ";"),
    MmeTask("ML-ER", "multi-label emotion recognition", 600, ("mafw-10", "mosei-6"), ","),
    MmeTask("SA", "sentiment analysis", 1600, ("sentiment-3",)),
    MmeTask("FG-SA", "fine-grained sentiment analysis", 500, ("mosi-9",)),
    MmeTask("IR", "intent recognition", 500, ("mc-eiu-intent-8",)),
)
TASKS: Mapping[str, MmeTask] = MappingProxyType({each.key: each for each in _ALL})
"""Key → task, in the order of the papers' tables."""
ORDER = ("ER-Lab", "ER-Wild", "ML-ER", "FG-ER", "Noise-ER", "IR", "SA", "FG-SA")
"""The order in which the official script joins the tasks for the overall score."""
_OVERALL = MmeTask(OVERALL, "all tasks together", 6500, ())


def find_task(key: str, *, overall: bool = False) -> MmeTask:
    """Return the task called *key*, with *overall* also the reading of the script for all tasks together.

    Raises `UsageError` with the nearest key for an unknown one; case counts.

    >>> find_task("FG-ER").separator
    ';'
    """
    known = (*TASKS, OVERALL) if overall else tuple(TASKS)
    if not isinstance(key, str) or key not in known:
        raise UsageError(f"unknown task {key!r}{_near(key, known)} Known: {', '.join(known)}.")
    return TASKS.get(key, _OVERALL)


def _near(key: object, known: tuple[str, ...]) -> str:
    # Most slips are of case, which the comparison of letters would take for other letters.
    folded = {name.casefold(): name for name in known}
    near = suggest(str(key).casefold(), folded)
    for small, name in folded.items():
        near = near.replace(f"'{small}'", f"'{name}'")
    return near or "."
