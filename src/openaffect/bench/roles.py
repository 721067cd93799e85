"""Who answers for each role of a run: specs and settings, as plain data that another process can open again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from openaffect.bench.task import Who
from openaffect.errors import OfflineError, UsageError
from openaffect.mllm import open_backend
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import AsyncBackend
from openaffect.mllm.openai import is_local
from openaffect.mllm.prices import Account, Prices


@dataclass(frozen=True)
class Seat:
    """A model and where it is served."""

    spec: str
    """As `open_backend` reads it: ``openai:MODEL``."""
    base_url: str | None = None


def open_seat(seat: Seat) -> AsyncBackend:
    """Return the backend of *seat*; raises what `open_backend` raises."""
    return open_backend(seat.spec, base_url=seat.base_url)


@dataclass(frozen=True)
class Asking:
    """How models are asked."""

    concurrency: int = 8
    retries: int = 6
    timeout_s: float = 120.0
    budget: float | None = None
    """Money for all roles together, what the run has cost before included."""
    prices: Mapping[str, Prices] = field(default_factory=dict)
    """Model → price; ``*`` is any other one."""
    max_tokens: int | None = None
    """No reply is longer, whatever the benchmark allows: small models do not know when to stop."""


@dataclass(frozen=True)
class Roles:
    """The seats of a run; `open` makes callers of them."""

    seats: Mapping[Who, Seat]
    asking: Asking = field(default_factory=Asking)

    def open(
        self,
        cache: ReplyCache | None = None,
        *,
        opened: Callable[[Seat], AsyncBackend] = open_seat,
        account: Account | None = None,
    ) -> dict[Who, Caller]:
        """Return a caller for each role; roles of the same seat share one, and all share one *account*.

        *opened* gives the backend of a seat.  Raises `UsageError` for a budget with a model that has no price.

        >>> found = Roles({"model": Seat("fake:calm"), "judge": Seat("fake:calm")}).open()
        >>> found["model"] is found["judge"]
        True
        """
        account = Account() if account is None else account
        made = {seat: self._caller(opened(seat), cache, account) for seat in dict.fromkeys(self.seats.values())}
        return {who: made[seat] for who, seat in self.seats.items()}

    def _caller(self, backend: AsyncBackend, cache: ReplyCache | None, account: Account) -> Caller:
        asking = self.asking
        prices = asking.prices.get(backend.model, asking.prices.get("*"))
        if asking.budget is not None and prices is None:
            raise UsageError(f"a budget needs the price of {backend.model!r}; add it to the file of --prices.")
        return Caller(
            backend,
            concurrency=asking.concurrency,
            retries=asking.retries,
            timeout_s=asking.timeout_s,
            cache=cache,
            budget=asking.budget,
            prices=prices,
            account=account,
            max_tokens=asking.max_tokens,
        )


def remote_hosts(backends: Iterable[AsyncBackend], *, offline: bool = False) -> list[str]:
    """Return the hosts that clips and texts will be sent to; raise `OfflineError` where they must not be.

    A server on this machine is none of them.
    """
    hosts = dict.fromkeys(backend.host for backend in backends)
    remote = [host for host in hosts if host and not is_local(host)]
    if remote and offline:
        raise OfflineError(f"--offline forbids sending clips to {remote[0]}; use a server on this machine.")
    return remote
