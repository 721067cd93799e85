"""The faults of real servers, for `Fake`: each raises what the real backend would raise, or answers as a bad model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from openaffect.errors import RemoteError, ServerFault
from openaffect.mllm.chat import Reply
from openaffect.mllm.faults import status_fault
from openaffect.mllm.wire import broken_reply

RETRY_AFTER_S = 2.0
STALL_S = 60.0


class _Who(Protocol):
    model: str
    host: str


Fault = Callable[[_Who], Awaitable[Reply | RemoteError]]


def _host(who: _Who) -> str:
    return who.host or "the fake server"


def _status(status: int, wait: float | None = None) -> Fault:
    async def fault(who: _Who) -> RemoteError:
        return status_fault(status, _host(who), who.model, wait=wait)

    return fault


def _says(reply: Reply) -> Fault:
    async def fault(who: _Who) -> Reply:
        return reply

    return fault


async def _dropped(who: _Who) -> RemoteError:
    return ServerFault(f"{_host(who)} broke the connection off; try again, or check the server's log.")


async def _broken(who: _Who) -> RemoteError:
    return broken_reply(_host(who))


async def _stall(who: _Who) -> RemoteError:
    """Stall, then fail as a proxy in front of a dead server does."""
    await asyncio.sleep(STALL_S)
    return status_fault(504, _host(who), who.model)


FAULTS: dict[str, Fault] = {
    "rate_limit": _status(429),
    "rate_limit_after": _status(429, RETRY_AFTER_S),
    "server_error": _status(500),
    "overloaded_after": _status(503, RETRY_AFTER_S),
    "dropped": _dropped,
    "half_reply": _broken,
    "invalid_json": _broken,
    "stall": _stall,
    "wrong_key": _status(401),
    "bad_request": _status(400),
    "empty": _says(Reply("", input_tokens=8, output_tokens=0)),
    "cut": _says(Reply('{"labels": ["hap', "length", input_tokens=8, output_tokens=5)),
    "refusal": _says(Reply("", "stop", "I cannot help with that.", 8, 7)),
    "refusal_in_words": _says(Reply("I'm sorry, but I cannot judge people's emotions.", "stop", None, 8, 12)),
    "other_language": _says(Reply("Er wirkt ruhig und zufrieden.", "stop", None, 8, 9)),
    "no_json": _says(Reply("Sure! Here is the JSON: {labels: happy,}", "stop", None, 8, 11)),
}
"""Name → what happens.  The first ten end the request, the others are replies that a reader must cope with."""
