"""How far a command of ``openaffect distill`` is, on stderr: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:  # a teacher without torch labels too
    from openaffect.distill.training import Told

_LINE_EVERY_S = 30.0


@contextmanager
def counting() -> Iterator[Callable[[str, int, int], None]]:
    """Yield what is told after each file: what is counted, how many are done, how many there are."""
    say = Console(stderr=True, soft_wrap=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    rows: dict[str, TaskID] = {}
    with Progress(*columns, console=say, disable=not say.is_terminal) as bars:

        def tell(what: str, done: int, of: int) -> None:
            if what not in rows:
                rows[what] = bars.add_task(what, total=of)
            bars.update(rows[what], completed=done)

        yield tell


@contextmanager
def training(steps: int) -> Iterator[Callable[[Told], None]]:
    """Yield what is told after each of *steps* steps: loss, CCC on dev at the last look, time that is left."""
    say = Console(stderr=True, soft_wrap=True, highlight=False)
    if not say.is_terminal:
        yield _Lines(say)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=say) as bars:
        row = bars.add_task("loss –", total=steps)
        dev = ""

        def tell(told: Told) -> None:
            nonlocal dev
            dev = f"  dev {_scores(told)}" if told.looked else dev
            bars.update(row, completed=told.step, description=f"loss {told.loss:.3f}{dev}")

        yield tell


class _Lines:
    """Says a line at each look at ``dev``, and one every half minute."""

    def __init__(self, say: Console) -> None:
        self._say = say
        self._began = self._said = time.monotonic()
        self._first: int | None = None

    def __call__(self, told: Told) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = told.step - 1
        if not told.looked and told.step != told.steps and now - self._said < _LINE_EVERY_S:
            return
        self._said = now
        left = (now - self._began) / (told.step - self._first) * (told.steps - told.step)
        dev = f", dev {_scores(told)}" if told.looked else ""
        eta = timedelta(seconds=round(left))
        self._say.print(f"step {told.step} of {told.steps}: loss {told.loss:.3f}{dev}, ETA {eta}")


def _scores(told: Told) -> str:
    return " ".join(f"{name[0].upper()} {'–' if value is None else f'{value:.3f}'}" for name, value in told.dev.items())
