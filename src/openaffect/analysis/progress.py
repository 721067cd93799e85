"""How a long analysis tells where it is, and how it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Step = Literal["decode", "speech", "words", "faces", "reasoning"]
STEPS: tuple[Step, ...] = ("decode", "speech", "words", "faces", "reasoning")

Tell = Callable[[Step, float], None]
"""Called with a step and the share of it that is done, 0–1; from any thread."""

_Item = TypeVar("_Item")


def silent(step: Step, share: float) -> None:
    """Tell nobody."""


@dataclass
class Watch:
    """Hands progress on, and lets another thread ask for a stop."""

    tell: Tell = silent
    stopped: threading.Event = field(default_factory=threading.Event)

    def through(self, items: Iterable[_Item], step: Step, share: Callable[[_Item], float]) -> Iterator[_Item]:
        """Yield *items*, telling the share of *step* after each; ends early once a stop was asked for."""
        self.tell(step, 0.0)
        for item in items:
            if self.stopped.is_set():
                return
            yield item
            self.tell(step, min(1.0, max(0.0, share(item))))
        self.tell(step, 1.0)
