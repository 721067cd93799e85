"""Which checkpoint speaks for a model: the paper's choice on the test set, and one choice for all data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openaffect.bench.truth import Truth
from openaffect.datasets.predictions import Found, Predictions
from openaffect.errors import DataError
from openaffect.lookup import suggest
from openaffect.records import Sample


@dataclass(frozen=True)
class Answers:
    """One data set: its truth and the answers of every checkpoint."""

    samples: Sequence[Sample]
    truth: Truth
    files: Mapping[str, tuple[Found, Predictions]]
    """Checkpoint → its file and what it holds, by epoch."""
    primary: Mapping[str, float | None]
    """Checkpoint → primary score, None where it does not exist."""
    notes: tuple[str, ...] = ()


def best_of(answers: Answers) -> str:
    """Return the checkpoint with the best primary score on the test set; the first of equals."""
    known = {name: value for name, value in answers.primary.items() if value is not None}
    return max(known, key=known.__getitem__) if known else next(iter(answers.primary))


def shared_checkpoint(answers: Sequence[Answers]) -> str | None:
    """Return the last checkpoint that all data sets have, None when they share none; scores play no part in it."""
    first, *others = ([found.shared_name for found, _ in each.files.values()] for each in answers)
    shared = [name for name in first if all(name in names for names in others)]
    return shared[-1] if shared else None


def fixed_of(answers: Answers, checkpoint: str | None, title: str) -> str:
    """Return the checkpoint of *answers* that *checkpoint* (an epoch or a name) stands for.

    Raises `DataError` when it is none of them, or when nothing is asked for and there are several.
    """
    named = [name for name, (found, _) in answers.files.items() if checkpoint in (name, found.shared_name)]
    if len(named) > 1:
        raise DataError(f"{title} has {len(named)} files of checkpoint {checkpoint}: {', '.join(named)}; keep one.")
    if named:
        return named[0]
    if checkpoint is None and len(answers.files) == 1:
        return next(iter(answers.files))
    known = [found.shared_name for found, _ in answers.files.values()]
    listed = f"It has: {', '.join(known)}."
    if checkpoint is None:
        raise DataError(f"{title} shares no checkpoint with the other data sets; name one with --checkpoint. {listed}")
    raise DataError(f"{title} has no checkpoint '{checkpoint}'{suggest(checkpoint, known) or '.'} {listed}")
