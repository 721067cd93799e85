"""The labels of a clip, and when a predicted label stands for one of them (stated in full in `mme_extras`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from openaffect.bench.tasks.mme.tasks import MmeTask, find_task
from openaffect.emotion.label_sets import label_set
from openaffect.emotion.wheel import bundled_wheel
from openaffect.errors import DataError, MissingField

Candidates = Mapping[str, Sequence[str]]
"""Clip → the labels it was offered (``label_set`` of the question files)."""
_OUTSIDE = " \t\n\"'`“”‘’「」()[]{}<>*.,;:!?。！？"


def split_labels(labels: str | Sequence[str], task: str) -> tuple[str, ...]:
    """Return the true labels of a clip: split at ``;`` in FG-ER, at ``,`` in ML-ER, one label elsewhere.

    Blanks round a label and empty pieces go, a label twice counts once; *Doubt/Confusion* stays whole.  Raises
    `UsageError` for an unknown task, `DataError` for anything that is no text or list of texts.

    >>> split_labels("Doubt/Confusion;Fear", "FG-ER"), split_labels("happy,sad", "ML-ER")
    (('Doubt/Confusion', 'Fear'), ('happy', 'sad'))
    """
    separator = find_task(task).separator
    pieces = [labels] if isinstance(labels, str) else labels
    if not isinstance(pieces, Sequence) or not all(isinstance(piece, str) for piece in pieces):
        raise DataError(f"true labels must be text or a list of texts, {labels!r:.60} came.")
    if separator is not None:
        pieces = [part for piece in pieces for part in piece.split(separator)]
    return tuple(dict.fromkeys(part.strip() for part in pieces if part.strip()))


def match_label(label: str, candidates: Sequence[str], *, wheel: bool = True) -> str | None:
    """Return the one of *candidates* that *label* stands for, None where it stands for none.

    (1) The same text by `form`; else, with *wheel*, (2) the only candidate with the same label of our wheel.

    >>> match_label("Sad.", ["sadness", "fear"]), match_label("worried", ["sadness", "fear"])
    ('sadness', None)
    """
    forms = {form(name): name for name in candidates}
    wanted = form(label)
    if wanted in forms:
        return forms[wanted]
    place = bundled_wheel().cluster(wanted, level=2) if wheel else None
    same = [name for known, name in forms.items() if place and bundled_wheel().cluster(known, level=2) == place]
    return same[0] if len(same) == 1 else None


def offered(name: str, true: Sequence[str], task: MmeTask, candidates: Candidates | None) -> tuple[str, ...]:
    """Return the labels that clip *name* could be given, its *true* ones among them.

    Without *candidates*: those of the task's label sets that hold all of *true*.  Raises `MissingField` (a
    ``KeyError``) for a clip that *candidates* lacks.
    """
    if candidates is None:
        wanted = {form(label) for label in true}
        sets = [label_set(key).names for key in task.label_sets]
        found = [label for names in sets if wanted <= {form(each) for each in names} for label in names]
    elif name in candidates:
        found = list(candidates[name])
    else:
        raise MissingField(f"candidates has no labels for {name!r}; give those it was offered, or give none at all.")
    return tuple(dict.fromkeys((*true, *found)))


def form(label: object) -> str:
    """Return the text by which labels are compared, "" for anything that is no text.

    >>> form(" **Doubt / Confusion**. ")
    'doubt/confusion'
    """
    if not isinstance(label, str):
        return ""
    plain = re.sub(r"[\s_\-]+", " ", unicodedata.normalize("NFKC", label)).strip(_OUTSIDE)
    return re.sub(r" ?/ ?", "/", plain).casefold()


def is_emotional(task: MmeTask) -> bool:
    """Return whether the labels of *task* are emotions, which the wheel knows."""
    return label_set(task.label_sets[0]).kind == "emotion"
