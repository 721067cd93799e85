"""How `openaffect listen` shows what it hears: a live display, plain lines, or JSON."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from openaffect.cli.terminal import clock
from openaffect.runtime.events import Event
from openaffect.runtime.facts import DIMENSIONS

WORDS = {
    "en": {
        "arousal": "arousal",
        "dominance": "dominance",
        "valence": "valence",
        "level": "level",
        "speech": "speech",
        "silence": "silence",
        "no speech": "no speech",
        "untrained": "not trained",
        "stop": "Ctrl-C ends",
        "purpose": "Apparent, expressed emotion; nobody's inner state is known from it.",
        "experimental": "an experimental index",
    },
    "zh": {
        "arousal": "唤醒度",
        "dominance": "支配度",
        "valence": "效价",
        "level": "电平",
        "speech": "语音",
        "silence": "静音",
        "no speech": "无语音",
        "untrained": "未训练",
        "stop": "Ctrl-C 结束",
        "purpose": "仅为外显的情绪，不能由此得知任何人的内心状态。",
        "experimental": "实验性指标",
    },
}
_STEPS = "▁▂▃▄▅▆▇█"
_BAR = 24
_PAST = 60
"""Events that the trace shows."""


class View(Protocol):
    """Shows events one by one."""

    def __enter__(self) -> View: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...

    def show(self, event: Event) -> None:
        """Show *event* now."""
        ...


def as_json(event: Event) -> str:
    """Return *event* on one line; the level of digital silence, which JSON has no number for, is null.

    >>> as_json(Event(0.0, 0.5, 0.25, None, None, -math.inf, 0.0, "silence"))[:60]
    '{"start": 0.0, "end": 0.5, "arousal": 0.25, "dominance": nul'
    """
    found = asdict(event)
    found["level"] = round(event.level, 2) if math.isfinite(event.level) else None
    return json.dumps(found, ensure_ascii=False, allow_nan=False)


def as_line(event: Event, present: Sequence[str], words: dict[str, str]) -> str:
    """Return *event* as a line: times, values or the reason for none, level, share of speech."""
    if event.reason:
        said = words[event.reason]
    else:
        said = "  ".join(f"{words[name]} {_number(getattr(event, name))}" for name in present)
    return f"{clock(event.start)}–{clock(event.end)}  {said}  {_surroundings(event, words)}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _surroundings(event: Event, words: dict[str, str]) -> str:
    voiced = f"  {words['speech']} {event.voiced:.0%}" if event.voiced is not None else ""
    return f"{words['level']} {max(event.level, -99):.0f} dB{voiced}"


def sparkline(values: Sequence[float | None]) -> str:
    """Return a trace of *values*, 0-1 from low to high block, a dot where there is none.

    >>> sparkline([0.0, 0.5, None, 1.2])
    '▁▅·█'
    """
    return "".join("·" if v is None else _STEPS[min(7, max(0, int(v * 8)))] for v in values)


class Lines:
    """A line an event, as JSON or as text."""

    def __init__(self, present: Sequence[str], words: dict[str, str], *, json_lines: bool) -> None:
        self._present, self._words, self._json = present, words, json_lines

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def show(self, event: Event) -> None:
        """Print *event*."""
        line = as_json(event) if self._json else as_line(event, self._present, self._words)
        print(line, flush=True)  # noqa: T201 - the result itself


class Display:
    """A display that is drawn anew: a bar and a trace for each dimension, level, and why there is no value."""

    def __init__(self, present: Sequence[str], words: dict[str, str], console: Console) -> None:
        self._present, self._words = present, words
        self._past: deque[Event] = deque(maxlen=_PAST)
        self._live = Live(console=console, auto_refresh=False, transient=False)

    def __enter__(self) -> Display:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, event: Event) -> None:
        """Draw with *event* as the latest."""
        self._past.append(event)
        self._live.update(self._drawn(event), refresh=True)

    def _drawn(self, event: Event) -> Group:
        table = Table.grid(padding=(0, 2))
        for name in DIMENSIONS:
            table.add_row(*self._row(name, event))
        head = Text(f"{clock(event.end)}   {_surroundings(event, self._words)}   ", style="bold")
        head.append(self._words[event.reason] if event.reason else "", style="yellow")
        return Group(head, table, Text(self._words["stop"], style="dim"))

    def _row(self, name: str, event: Event) -> tuple[Text, Text, Text, Text]:
        if name not in self._present:
            return Text(self._words[name]), Text("–"), Text(self._words["untrained"], style="dim"), Text("")
        value = getattr(event, name)
        filled = round(_BAR * min(1.0, max(0.0, value or 0.0)))
        bar = Text("█" * filled, style="green").append("░" * (_BAR - filled), style="dim")
        trace = sparkline([getattr(past, name) for past in self._past])
        return Text(self._words[name]), Text(_number(value)), bar, Text(trace, style="cyan")
