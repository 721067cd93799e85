"""What became of one judge's reply: its ratings, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cause = Literal[
    "no reply",
    "no block",
    "no rating",
    "cut off",
    "ambiguous",
    "out of range",
    "step count",
    "no steps",
    "too long",
    "not an entry",
]
"""Why a reply gives no ratings: nothing came; no ``<score>`` block (official reading only); a block or text without a
rating; a block that never ends; ratings that can be read in two ways; a number that is no rating; more or fewer
ratings than steps; the steps themselves could not be extracted; a text beyond all bounds; no object at all."""


@dataclass(frozen=True)
class Reading:
    """The ratings of one reply, or the reason for none."""

    ratings: tuple[float, ...] | None
    """One a step, 0–1, the last one the recognition; None where the reply failed."""
    cause: Cause | None = None
    detail: str = ""
    """A sentence that says what was wrong; "" where nothing was."""


class Unreadable(Exception):
    """The reply gives no ratings; raised and caught within the strict reader."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(detail)
        self.cause: Cause = cause
        self.detail = detail
