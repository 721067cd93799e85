"""What a training leaves in its folder beside weights: the card of the run, and a line a step.

::

    OUT/card.json                options, student, labels, versions; with the result once it is done
    OUT/log.jsonl                loss, rate and gradient of each step; CCC on ``dev`` at each look
    OUT/curves.png               both as curves
    OUT/checkpoint.safetensors   the state after the last steps, from which the same command goes on
    OUT/student/                 the weights that were best on ``dev`` (the last ones without ``dev``)
    OUT/last/                    the weights after the last step
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from openaffect.distill.differences import differences
from openaffect.distill.labels import Labels
from openaffect.distill.options import FitOptions
from openaffect.errors import DataError, UsageError
from openaffect.store import RecordFile, write_card

CARD, LOG, CURVES = "card.json", "log.jsonl", "curves.png"
CHECKPOINT, STUDENT, LAST = "checkpoint.safetensors", "student", "last"
_FREE = ("options.threads", "options.checkpoint_every", "options.memory_mb")
"""What may be other when a run goes on: speed and place, not what is learnt (but for the last digits)."""
_DESCRIPTIVE = ("versions", "result", "unreadable")
_CAUSES = 20


def card_of(student: str, labels: Labels, options: FitOptions, mixing: Mapping[str, str], world: int) -> dict[str, Any]:
    """Return the card of a run; *mixing* says which teacher hears mixtures, if one does."""
    card = {
        "student": student,
        "labels": {"digest": labels.digest, **labels.card.model_dump(mode="json", exclude={"settings", "versions"})},
        "options": asdict(options),
        "mixing": dict(mixing),
        "processes": world,
        "versions": versions(),
    }
    plain: dict[str, Any] = json.loads(json.dumps(card))
    return plain


def versions() -> dict[str, str]:
    """Return the versions of what computes."""
    import platform

    import numpy as np
    import torch

    from openaffect import __version__

    return {
        "openaffect": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def read_run(out: Path) -> dict[str, Any]:
    """Return the card of the run in *out*, empty where there is none; raises `DataError` for a damaged one."""
    try:
        card = json.loads((out / CARD).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{str(out / CARD)!r} is damaged ({error}); choose another --out.") from error
    if not isinstance(card, dict) or "student" not in card:
        raise DataError(f"{str(out / CARD)!r} is not the card of a training; choose another --out.")
    return card


def keep_card(out: Path, card: Mapping[str, Any]) -> None:
    """Write *card* into *out*; raises `UsageError` with the differences where *out* holds another run."""
    there = read_run(out)
    if not there:
        write_card(out / CARD, card)
        return
    different = [
        words
        for key, words in differences(there, card).items()
        if key not in _FREE and key.partition(".")[0] not in _DESCRIPTIVE
    ]
    if different:
        raise UsageError(
            f"{str(out)!r} holds a training with other {', '.join(different)}; choose another --out, or go on with "
            "the same settings."
        )


def finish(out: Path, result: Mapping[str, Any], unreadable: Mapping[str, str]) -> None:
    """Note in the card that the run is done, what came of it, and why the first of the *unreadable* labels are that."""
    causes = dict(islice(unreadable.items(), _CAUSES))
    write_card(out / CARD, {**read_run(out), "result": dict(result), "unreadable": causes})


@contextmanager
def journal(out: Path, *, writes: bool) -> Iterator[Journal]:
    """Yield the log of the run in *out*, locked against a second command; one of several processes *writes*."""
    if not writes:
        yield Journal(None)
        return
    with RecordFile(out / LOG) as file:
        yield Journal(file)


class Journal:
    """Writes lines to the log; what a killed process had written already is not written twice."""

    def __init__(self, file: RecordFile | None) -> None:
        self._file = file

    def note(self, kind: str, step: int, **values: float | None) -> None:
        """Write one line of *kind* (``step`` or ``dev``) after *step* steps."""
        name = f"{kind}-{step:08d}"
        if self._file is not None and name not in self._file.done:
            self._file.append({"id": name, "step": step, **values})
