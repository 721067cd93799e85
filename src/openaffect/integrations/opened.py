"""A benchmark opened for a harness: its items, what it asks, and whom the stages after the first ask."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from openaffect.bench.roles import Roles, Seat, remote_hosts
from openaffect.bench.task import Item, Modality, Source, Stage, Task, Who
from openaffect.bench.tasks import find_task
from openaffect.brief import brief
from openaffect.errors import DataError, OpenAffectError, UsageError
from openaffect.lookup import suggest
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller

_MOST = 10**18
_NEEDED = {"data": "the folder with labels and clips", "out": "the folder for records and scores"}


@dataclass(frozen=True)
class Bench:
    """A benchmark, its items and whom the later stages ask."""

    task: Task
    source: Source
    stages: tuple[Stage, ...]
    items: Mapping[str, Item]
    """By id, in the order of the benchmark."""
    callers: Mapping[Who, Caller]
    out: Path
    """Folder for decoded clips, stored replies of extractor and judge and, by task and model, the runs."""


def open_bench(
    task: str,
    data: str | Path,
    out: str | Path,
    *,
    extractor: str | None = None,
    judge: str | None = None,
    judge_url: str | None = None,
    modalities: str | Sequence[str] = get_args(Modality),
    parts: str | Sequence[str] = (),
    limit: int | str | None = None,
    wheels: str | int | None = None,
) -> Bench:
    """Return the benchmark *task* on *data*; the options are those of ``openaffect bench run``.

    *extractor* and *judge* are specs such as ``openai:MODEL``, served at *judge_url*; either stands in for the other.
    Lists may be written with commas, numbers as text.  Raises `UsageError` for a setting that cannot be, and when a
    later stage has nobody to ask; `DataError` for data that cannot be used or that hold no item.
    """
    _check_words(data=data, out=out, extractor=extractor, judge=judge, judge_url=judge_url)
    room = Path(out)
    tables = None if wheels is None else str(wheels)
    chosen = _listed("parts", parts)
    source = Source(Path(data), _modalities(modalities), _limit(limit), chosen, tables, room / "clips")
    found = find_task(task)
    stages = found.stages(source)
    later = {stage.who for stage in stages[1:]}
    if stages[0].who != "model" or "model" in later:
        raise UsageError(
            f"a harness asks the model first and once, {found.title} does not: use 'openaffect bench run'."
        )
    items = _items(found, source)
    callers = Roles(_seats(found, later, extractor, judge, judge_url)).open(ReplyCache(room / "replies.sqlite"))
    for host in remote_hosts(caller.backend for caller in callers.values()):
        logging.getLogger(__name__).warning("openaffect: answers, and for a judge clips, will be sent to %s.", host)
    return Bench(found, source, stages, items, callers, room)


def open_as_set(task: str, given: Mapping[str, Any], setting: Callable[[str], str]) -> Bench:
    """Return the benchmark *task* by the options in *given*; *setting* says how the harness' user sets one.

    Ends the program with one sentence where `open_bench` raises: harnesses show a traceback, or hide the cause.
    """
    try:
        for name, what in _NEEDED.items():
            if name not in given:
                raise UsageError(f"{setting(name)} is not set; it names {what}.")
        return open_bench(task, **given)
    except OpenAffectError as error:
        raise SystemExit(f"openaffect: {error}") from error


def _items(task: Task, source: Source) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for item in task.items(source):
        if item.id in items:
            raise DataError(f"two items are called {item.id!r}; every item needs a name of its own.")
        items[item.id] = item
    if not items:
        raise DataError(f"there is nothing to ask in {task.title}: no item was found in {str(source.data)!r}.")
    return items


def _seats(task: Task, later: set[Who], extractor: str | None, judge: str | None, url: str | None) -> dict[Who, Seat]:
    """Return who answers the later stages; the harness' model does not stand in, since it is out of reach by then."""
    specs = {"extractor": extractor or judge, "judge": judge or extractor}
    if later and not any(specs.values()):
        raise UsageError(f"nobody reads the answers of {task.title}: name an extractor or a judge, as in openai:MODEL.")
    return {who: Seat(str(specs[who]), url) for who in sorted(later)}


def _check_words(**given: object) -> None:
    for name, value in given.items():
        if value is not None and not isinstance(value, str | Path):
            raise UsageError(f"{name} must be a text; {brief(value)} came.")


def _listed(name: str, given: str | Sequence[str]) -> tuple[str, ...]:
    listed = given.split(",") if isinstance(given, str) else given
    if not isinstance(listed, Sequence) or not all(isinstance(each, str) for each in listed):
        raise UsageError(f"{name} must be a text with commas or a list of texts; {brief(given)} came.")
    return tuple(each.strip() for each in listed if each.strip())


def _limit(given: int | str | None) -> int | None:
    if given is None:
        return None
    # Python refuses to read a number of thousands of digits.
    readable = isinstance(given, str) and re.fullmatch(r"\d{1,18}", given) is not None
    number = int(given) if readable or type(given) is int else 0
    if not 1 <= number < _MOST:
        raise UsageError(f"limit must be a whole number of 1 or more, of 18 digits at most; {brief(given)} came.")
    return number


def _modalities(given: str | Sequence[str]) -> tuple[Modality, ...]:
    known: tuple[Modality, ...] = get_args(Modality)
    named = _listed("modalities", given) or ("none",)
    for each in named:
        if each not in known:
            raise UsageError(f"unknown modality '{each}'{suggest(each, known) or '.'} Known: {', '.join(known)}.")
    return tuple(each for each in known if each in named)
