"""Who may send next: so many at a time, nobody while the server asks to wait, and only while money is left."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from openaffect.errors import BudgetSpent
from openaffect.mllm.prices import Account

_SPREAD_S = 0.25


class Gate:
    """The entrance to one server within one event loop."""

    def __init__(self, concurrency: int, account: Account, budget: float | None, draw: random.Random) -> None:
        self._account, self._budget, self._draw = account, budget, draw
        self._slots = asyncio.Semaphore(concurrency)
        self._left = asyncio.Event()
        self._inside = 0
        self._closed_until = 0.0

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold one of the places inside; raises `BudgetSpent` when no money is left for another call."""
        async with self._slots:
            await self._afford()
            self._inside += 1
            try:
                yield
            finally:
                self._inside -= 1
                self._left.set()

    async def _afford(self) -> None:
        """Wait until the budget covers another call beside those inside; raises `BudgetSpent` when it never will."""
        if self._budget is None:
            return
        while not self._covers_another(self._budget):
            if not self._inside:
                spent = f"({self._account.spent:.6g} so far)"
                raise BudgetSpent(f"the budget of {self._budget:g} is spent {spent}; raise it to go on.")
            self._left.clear()
            await self._left.wait()

    def _covers_another(self, budget: float) -> bool:
        """Return whether one more call is within *budget*, each taken to cost as much as the dearest so far.

        While no cost is known, one call goes alone.  So the budget is passed only by calls dearer than all before.
        """
        account = self._account
        if account.uncounted:
            words = f"the server does not say how many tokens it used, so a budget of {budget:g} cannot be kept"
            raise BudgetSpent(f"{words}; run without a budget, or use a server that reports usage.")
        if not account.answered and not account.dearest:
            return account.spent < budget and not self._inside
        due = (self._inside + 1) * account.dearest
        return budget > 0 and account.spent + due <= budget * (1 + 1e-9)

    def close_for(self, seconds: float) -> None:
        """Let nobody send for *seconds*: a rate limit of one call holds them all."""
        self._closed_until = max(self._closed_until, asyncio.get_running_loop().time() + seconds)

    async def wait_open(self) -> None:
        """Return when nobody is asked to wait; those who waited go on a little apart, not all at once."""
        clock = asyncio.get_running_loop().time
        while (left := self._closed_until - clock()) > 0:
            await asyncio.sleep(left + self._draw.uniform(0, min(_SPREAD_S, left / 4)))
