"""What replies cost: a price table by the token, and the running account of one run."""

from __future__ import annotations

from dataclasses import dataclass, field

from openaffect.errors import UsageError
from openaffect.mllm.chat import Reply


@dataclass(frozen=True)
class Prices:
    """Money for a million tokens read (`input`) and written (`output`), as providers list it."""

    input: float
    output: float
    currency: str = "USD"

    def __post_init__(self) -> None:
        if not (0 <= self.input < float("inf") and 0 <= self.output < float("inf")):
            raise UsageError(f"prices must be 0 or more, {self.input} and {self.output} came; give money per million.")

    def cost(self, reply: Reply) -> float | None:
        """Return what *reply* cost; None when the server did not count its tokens.

        >>> Prices(input=2.0, output=8.0).cost(Reply("yes", input_tokens=1000, output_tokens=500))
        0.006
        """
        if reply.input_tokens is None or reply.output_tokens is None:
            return None
        return (reply.input_tokens * self.input + reply.output_tokens * self.output) / 1e6


@dataclass
class Account:
    """What a `Caller` has done so far; replies from the cache count under `cached` and cost nothing."""

    answered: int = 0
    """Calls that a server replied to, refusals and empty replies included."""
    cached: int = 0
    failed: int = 0
    unasked: int = 0
    """Calls that were not made, because the budget was spent."""
    attempts: int = 0
    """Requests that were sent; more than calls where some were tried again."""
    input_tokens: int = 0
    output_tokens: int = 0
    uncounted: int = 0
    """Replies whose tokens the server did not count; their cost is not in `spent`."""
    spent: float = 0.0
    dearest: float = field(default=0.0, repr=False)
    """The cost of the dearest call so far: what the next one is expected to cost at most."""

    def add(self, reply: Reply, cost: float | None) -> None:
        """Enter one reply of a server and its *cost*."""
        self.answered += 1
        self.input_tokens += reply.input_tokens or 0
        self.output_tokens += reply.output_tokens or 0
        if reply.input_tokens is None or reply.output_tokens is None:
            self.uncounted += 1
        self.spent += cost or 0.0
        self.dearest = max(self.dearest, cost or 0.0)
