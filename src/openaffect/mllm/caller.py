"""Many calls to one model: so many at a time, tried again where that helps, cached, counted, within a budget.

Every call ends as a `Call`; a call that failed is one too.  Only what makes further calls pointless is raised:
a rejected key, an unusable cache, a bug.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace

from openaffect.errors import (
    BudgetSpent,
    KeyRejected,
    MediaError,
    PassingFault,
    RateLimited,
    RemoteError,
    ServerFault,
    UsageError,
)
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.calls import Call, failed
from openaffect.mllm.chat import AsyncBackend, Message, Options, Reply, fingerprint
from openaffect.mllm.gate import Gate
from openaffect.mllm.prices import Account, Prices
from openaffect.mllm.stream import spread

Item = tuple[str, Sequence[Message]]
"""An id and the messages to send."""

_FIRST_WAIT_S, _LONGEST_BACKOFF_S, _LONGEST_WAIT_S = 1.0, 60.0, 600.0


class Caller:
    """Calls *backend* at most *concurrency* times at once and keeps the `account`.

    A `PassingFault` is tried again up to *retries* times, after the server's ``Retry-After`` or else after a random
    time between 0 and 1, 2, 4 ... 60 s (full jitter, drawn from *seed*).  A rate limit holds every new request.
    An attempt longer than *timeout_s* seconds is given up as a `ServerFault`.  *cache* answers what was asked before.
    *budget* is money by *prices*; what no longer fits is recorded as `BudgetSpent`.  *max_tokens* cuts replies that may
    be longer.  Callers that share an *account* share the budget.  Raises `UsageError` for settings that cannot be.
    """

    def __init__(
        self,
        backend: AsyncBackend,
        *,
        concurrency: int = 8,
        retries: int = 6,
        timeout_s: float = 120.0,
        cache: ReplyCache | None = None,
        budget: float | None = None,
        prices: Prices | None = None,
        max_tokens: int | None = None,
        account: Account | None = None,
        seed: int = 0,
    ) -> None:
        if concurrency < 1 or retries < 0 or not timeout_s > 0:
            came = f"concurrency {concurrency}, retries {retries}, timeout {timeout_s} s"
            raise UsageError(f"concurrency must be 1 or more, retries 0 or more, the timeout above 0; {came} came.")
        if budget is not None and (prices is None or not budget >= 0):
            raise UsageError(f"a budget needs a price table and must be 0 or more; {budget} came, prices {prices}.")
        self.backend = backend
        # A model in this process answers one call at a time; waiting for it there would count as time.
        self.concurrency = min(concurrency, getattr(backend, "most_at_once", concurrency))
        self.max_tokens = max_tokens
        self.account = Account() if account is None else account
        self._retries, self._timeout_s = retries, timeout_s
        self._cache, self._budget, self._prices = cache, budget, prices
        # Jitter guards against crowds, not against attackers.
        self._draw = random.Random(seed)  # noqa: S311
        self._gate: Gate | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def call(self, messages: Sequence[Message], options: Options | None = None) -> Call:
        """Return what came of asking *messages*.  Raises `KeyRejected`, and what the cache raises."""
        options = options or Options()
        if self.max_tokens is not None and self.max_tokens < options.max_tokens:
            options = replace(options, max_tokens=self.max_tokens)
        try:
            name = fingerprint(messages, options, self.backend.model, self.backend.revision)
        except MediaError as error:
            self.account.failed += 1
            return failed("", error)
        if self._cache is not None and (known := self._cache.get(name)) is not None:
            self.account.cached += 1
            return Call(name, known, cached=True, cost=0.0)
        try:
            async with self._here().enter():
                return await self._ask(name, messages, options)
        except BudgetSpent as error:
            self.account.unasked += 1
            return failed(name, error, cost=0.0)

    def _here(self) -> Gate:
        """Return the gate of the running loop; the account and the budget go on from one loop to the next."""
        loop = asyncio.get_running_loop()
        if self._gate is None or loop is not self._loop:
            self._gate, self._loop = Gate(self.concurrency, self.account, self._budget, self._draw), loop
        return self._gate

    async def _ask(self, name: str, messages: Sequence[Message], options: Options) -> Call:
        clock = asyncio.get_running_loop().time
        start, attempts = clock(), 0
        while True:
            await self._here().wait_open()
            attempts += 1
            self.account.attempts += 1
            try:
                call = self._kept(name, await self._once(messages, options))
                return replace(call, attempts=attempts, latency_s=clock() - start)
            except KeyRejected:
                raise
            except (RemoteError, MediaError) as error:
                wait = self._wait(error, attempts)
                if wait is None:
                    self.account.failed += 1
                    return failed(name, error, attempts=attempts, latency_s=clock() - start)
                if isinstance(error, RateLimited):
                    self._here().close_for(wait)
                else:
                    await asyncio.sleep(wait)

    async def _once(self, messages: Sequence[Message], options: Options) -> Reply:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self.backend.reply(messages, options)
        except TimeoutError:
            who = self.backend.host or self.backend.model
            raise ServerFault(f"{who} did not answer within {self._timeout_s:g} s; raise the time-out.") from None

    def _kept(self, name: str, reply: Reply) -> Call:
        """Enter *reply* in the account and the cache and return its call."""
        # Half of a character, which JSON can say and no encoding can hold, is worth a question mark.
        reply = replace(reply, text=reply.text.encode("utf-8", "replace").decode("utf-8"))
        cost = self._prices.cost(reply) if self._prices is not None else None
        self.account.add(reply, cost)
        call = Call(name, reply, cost=cost)
        if self._cache is not None:
            self._cache.put(call, self.backend.model, self.backend.revision)
        return call

    def _wait(self, error: Exception, attempts: int) -> float | None:
        """Return the seconds to wait before another attempt; None when there is to be none."""
        if not isinstance(error, PassingFault) or attempts > self._retries:
            return None
        # The exponent is bounded, or many retries would pass the largest float.
        longest = min(_LONGEST_BACKOFF_S, _FIRST_WAIT_S * 2.0 ** min(attempts - 1, 16))
        if error.retry_after is None:
            return self._draw.uniform(0, longest)
        return error.retry_after if error.retry_after <= _LONGEST_WAIT_S else None

    def stream(
        self, items: Iterable[Item] | AsyncIterable[Item], options: Options | None = None
    ) -> AsyncGenerator[tuple[str, Call], None]:
        """Yield ``(id, Call)`` of each item as it ends, in no fixed order.

        *items* may be a generator of any length: it is read only as fast as calls end, so memory stays flat.
        An iterable is read in the event loop; one that decodes media should be asynchronous and use threads.
        When it ends early (an error, Ctrl-C), calls under way are cancelled; those that had ended have been yielded.
        """

        async def work(item: Item) -> tuple[str, Call]:
            return item[0], await self.call(item[1], options)

        return spread(items, work, self.concurrency)

    def run(
        self,
        items: Iterable[Item] | AsyncIterable[Item],
        sink: Callable[[str, Call], object],
        options: Options | None = None,
    ) -> Account:
        """Give *sink* each id and `Call` as it ends, then return the account: the way in for code without ``await``.

        >>> from openaffect.mllm.chat import Text
        >>> from openaffect.mllm.fake import Fake
        >>> found = {}
        >>> account = Caller(Fake("calm")).run([("a", [Message("user", (Text("How is she?"),))])], found.__setitem__)
        >>> found["a"].reply.text, account.answered
        ('calm', 1)
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self._drain(items, sink, options))
        raise UsageError("an event loop is running here; use `async for name, call in caller.stream(items)`.")

    async def _drain(
        self,
        items: Iterable[Item] | AsyncIterable[Item],
        sink: Callable[[str, Call], object],
        options: Options | None,
    ) -> Account:
        async with aclosing(self), aclosing(self.stream(items, options)) as calls:
            async for name, call in calls:
                sink(name, call)
        return self.account

    async def aclose(self) -> None:
        """Close the connections of the backend, which belong to an event loop; the next call opens new ones."""
        if (close := getattr(self.backend, "aclose", None)) is not None:
            await close()
