"""Judged entries, each read once: its ratings or its failure, and the label that it counts under."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from openaffect.bench.tasks.mme.items import count_steps
from openaffect.bench.tasks.mme.official import official_ratings, score_block
from openaffect.bench.tasks.mme.readings import Cause, Reading
from openaffect.bench.tasks.mme.strict import strict_reading
from openaffect.bench.tasks.mme.tasks import OVERALL, MmeTask
from openaffect.errors import MissingField, WrongKind

Mode = Literal["official", "strict"]
"""``official``: as the released scripts count.  ``strict``: every entry counts, one that cannot be read as 0."""
NO_LABEL = "(no label)"
"""Where the strict reading counts an entry whose ``ground_truth`` is no text."""


@dataclass(frozen=True)
class Failure:
    """An entry without ratings: left out by the official reading, 0 in the strict one."""

    task: str
    position: int
    """Place of the entry in its list, from 0."""
    id: str
    """Its ``video_id``, "" where it has none."""
    cause: Cause
    detail: str


@dataclass(frozen=True)
class Row:
    """One entry."""

    ratings: tuple[float, ...] | None
    label: Hashable
    failure: Failure | None = None

    @property
    def recognition(self) -> float:
        """The rating of the last step, 0 for a failure."""
        return self.ratings[-1] if self.ratings else 0.0

    @property
    def reasoning(self) -> float:
        """The mean rating of the steps before the last, 0 where there are none."""
        if self.ratings is None or len(self.ratings) == 1:
            return 0.0
        return total(self.ratings[:-1]) / (len(self.ratings) - 1)


def total(values: Iterable[float]) -> float:
    """Return the sum of *values*, added in their order.

    ``sum`` rounds otherwise from Python 3.12 on, and a printed digit may hang on that.
    """
    found = 0.0
    for value in values:
        found += value
    return found


def rows_of(entries: Iterable[Any], task: MmeTask, mode: Mode, key: str) -> list[Row]:
    """Return one row an entry; *key* is the task that failures are reported for, *task* that whose rules are read.

    Raises `WrongKind` when *entries* is no list, and in official mode what the scripts raise (`score_entries`).
    """
    listed = [] if isinstance(entries, str | bytes | Mapping) and not entries else entries
    if isinstance(listed, str | bytes | Mapping) or not isinstance(listed, Iterable):
        raise WrongKind(f"the entries of {key} must be a list of objects, {type(entries).__name__} came.")
    read = _official if mode == "official" else _strict
    return [read(entry, task, key, position) for position, entry in enumerate(listed)]


def _official(entry: Any, task: MmeTask, key: str, position: int) -> Row:
    value = _field(entry, "score", key, position)
    ratings = official_ratings(value, task)
    if not ratings:
        # The script goes on to the next entry before it looks at the label.
        reading = Reading(None, *_why_skipped(ratings, value))
        return Row(None, None, _failure(entry, reading, key, position))
    label = _field(entry, "ground_truth", key, position)
    if task.key != OVERALL and not isinstance(label, Hashable):
        raise WrongKind(f"entry {position} of {key} has {type(label).__name__} as ground_truth; give one text.")
    return Row(tuple(ratings), task.merged.get(label, label) if isinstance(label, str) else label)


def _why_skipped(ratings: list[float] | None, value: Any) -> tuple[Cause, str]:
    if ratings is None:
        return "no block", "there is no <score> block on one line."
    return "no rating", f"the <score> block holds no rating of the form read here: {score_block(str(value))!r:.60}."


def _field(entry: Any, name: str, key: str, position: int) -> Any:
    try:
        return entry[name]
    except KeyError:
        raise MissingField(f"entry {position} of {key} has no '{name}'; judge it first, or leave it out.") from None
    except (TypeError, IndexError):
        raise WrongKind(
            f"entry {position} of {key} must be an object with 'score' and 'ground_truth', {type(entry).__name__} came."
        ) from None


def _strict(entry: Any, task: MmeTask, key: str, position: int) -> Row:
    if not isinstance(entry, Mapping):
        reading = Reading(None, "not an entry", f"{type(entry).__name__} came where an object with 'score' belongs.")
        return Row(None, NO_LABEL, _failure({}, reading, key, position))
    reading = strict_entry(entry, task)
    failure = None if reading.ratings else _failure(entry, reading, key, position)
    return Row(reading.ratings, _strict_label(entry.get("ground_truth"), task), failure)


def strict_entry(entry: Mapping[str, Any], task: MmeTask) -> Reading:
    """Return the strict reading of one entry, its ratings held against its steps."""
    step = entry.get("step")
    if isinstance(step, str) and step.startswith("Error:"):
        return Reading(None, "no steps", f"the steps could not be extracted, so an error was rated: {step!r:.60}.")
    if "score" not in entry:
        return Reading(None, "no reply", "the entry has no 'score'; it was not judged.")
    return strict_reading(entry["score"], task, count_steps(step))


def _strict_label(label: Any, task: MmeTask) -> str:
    if not isinstance(label, str) or not label.strip():
        return NO_LABEL
    name = label.strip()
    return task.same.get(name.casefold(), name.casefold()) if task.same else name


def _failure(entry: Any, reading: Reading, key: str, position: int) -> Failure:
    identity = entry.get("video_id", "") if isinstance(entry, Mapping) else ""
    return Failure(key, position, str(identity), reading.cause or "no rating", reading.detail)
