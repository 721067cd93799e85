"""An event loop whose clock jumps to the next timer, so that a stall of a minute takes no time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jump(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits and no timer is set: a deadlock")
        found = super().select(0)
        if not found:
            self.now += max(timeout, 0.0)
        return found


class SimulatedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jump = _Jump()
        super().__init__(self.jump)

    def time(self) -> float:
        return self.jump.now


def simulated(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* on a simulated clock that starts at 0."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(work)


def now() -> float:
    return asyncio.get_running_loop().time()
