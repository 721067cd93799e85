"""Who answers for each role of a run: specs and settings, as plain data that another process can open again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from openaffect.bench.task import Who
from openaffect.errors import OfflineError
from openaffect.mllm import open_backend
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import AsyncBackend
from openaffect.mllm.openai import is_local
from openaffect.mllm.prices import Prices


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
    price_in: float | None = None
    """Money for a million input tokens."""
    price_out: float | None = None
    max_tokens: int | None = None
    """No reply is longer, whatever the benchmark allows: small models do not know when to stop."""

    @property
    def prices(self) -> Prices | None:
        """The price table, None where no price is known."""
        if self.price_in is None and self.price_out is None:
            return None
        return Prices(self.price_in or 0.0, self.price_out or 0.0)


@dataclass(frozen=True)
class Roles:
    """The seats of a run; `open` makes callers of them."""

    seats: Mapping[Who, Seat]
    asking: Asking = field(default_factory=Asking)

    def open(
        self, cache: ReplyCache | None = None, *, opened: Callable[[Seat], AsyncBackend] = open_seat
    ) -> dict[Who, Caller]:
        """Return a caller for each role; roles of the same seat share one, and so its budget.

        *opened* gives the backend of a seat.

        >>> found = Roles({"model": Seat("fake:calm"), "judge": Seat("fake:calm")}).open()
        >>> found["model"] is found["judge"]
        True
        """
        made = {seat: self._caller(opened(seat), cache) for seat in dict.fromkeys(self.seats.values())}
        return {who: made[seat] for who, seat in self.seats.items()}

    def _caller(self, backend: AsyncBackend, cache: ReplyCache | None) -> Caller:
        asking = self.asking
        return Caller(
            backend,
            concurrency=asking.concurrency,
            retries=asking.retries,
            timeout_s=asking.timeout_s,
            cache=cache,
            budget=asking.budget,
            prices=asking.prices,
            max_tokens=asking.max_tokens,
        )


def remote_hosts(callers: Iterable[Caller], *, offline: bool = False) -> list[str]:
    """Return the hosts that clips and texts will be sent to; raise `OfflineError` where they must not be.

    A server on this machine is none of them.
    """
    hosts = dict.fromkeys(caller.backend.host for caller in callers)
    remote = [host for host in hosts if host and not is_local(host)]
    if remote and offline:
        raise OfflineError(f"--offline forbids sending clips to {remote[0]}; use a server on this machine.")
    return remote
