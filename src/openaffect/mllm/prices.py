"""What replies cost: a price table by the token, and the running account of one run."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openaffect.errors import UsageError
from openaffect.mllm.chat import Reply

_LIKE = 'write ["MODEL"], and below it input = 0.4 and output = 1.6'


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


def read_prices(path: Path) -> dict[str, Prices]:
    """Return model → price from a TOML file: a table a model with ``input`` and ``output``, money for a million tokens.

    ``["*"]`` holds for every other model; ``currency`` may stand in front.  Raises `UsageError` for any other file.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        currency = str(found.pop("currency", "USD"))
        return {model: _price(model, table, currency) for model, table in found.items()}
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read the prices in {str(path)!r}: {cause}; {_LIKE}.") from error


def _price(model: str, table: Any, currency: str) -> Prices:
    if not isinstance(table, dict) or set(table) != {"input", "output"}:
        raise ValueError(f"{model!r} has no table of just input and output")
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in table.values()):
        raise ValueError(f"{model!r} has a price that is no number")
    return Prices(float(table["input"]), float(table["output"]), currency)


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
