"""What a server's failure means: which of our errors it is, whether to try again, and after how long.

Nothing here repeats a key: neither ours nor what a server says about it.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping
from typing import Any

from openaffect.errors import KeyRejected, RateLimited, RemoteError, ServerFault

_LIKE_A_KEY = re.compile(r"(?i)\b(?:bearer\s+\S+|(?:sk|pk|key|hf|gsk|xai)[-_]\S+|[A-Za-z0-9_\-]{32,})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONGEST_WORDS = 200
_LACKS = "not supported"
"""What llama.cpp says, with status 500, to pictures and sound that its model does not take: no other try helps."""
_WRONG_KEY, _TOO_MANY, _PASSING = (401, 403), 429, (408, 409, 425)


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for: a number or an HTTP date; None if it is neither.

    *now* is the present as seconds since 1970 (the clock's, by default).  A date that has passed gives 0.

    >>> retry_after("2.5"), retry_after("Thu, 01 Jan 1970 00:01:40 GMT", now=40.0), retry_after("soon")
    (2.5, 60.0, None)
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, time.time() if now is None else now)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until(date: str, now: float) -> float:
    try:
        return email.utils.parsedate_to_datetime(date).timestamp() - now
    except (ValueError, OverflowError, OSError):
        return math.nan


def status_fault(
    status: int, host: str, model: str, *, wait: float | None = None, said: str = "", code: str = ""
) -> RemoteError:
    """Return the error for an HTTP *status* of *host*.

    *wait* is what ``Retry-After`` asked for, *said* the server's words (from `server_words`), *code* its error code.

    >>> status_fault(503, "example.org", "m")
    ServerFault("example.org gave no answer for model 'm' (HTTP 503); check model and server.")
    """
    if status in _WRONG_KEY:
        return KeyRejected(f"{host} refused the key; set OPENAI_API_KEY to a valid one.")
    if status == _TOO_MANY and code == "insufficient_quota":
        return KeyRejected(f"{host} says that the quota of this key is used up; top it up or use another key.")
    if status == _TOO_MANY:
        asked = f" for {wait:.0f} s" if wait is not None else ""
        words = f"{host} asks for fewer calls{asked} (HTTP 429); lower --concurrency if this goes on."
        return RateLimited(words, retry_after=wait)
    what = "gave no answer" if status >= 500 else "rejected the request"
    words = f"{host} {what} for model {model!r} (HTTP {status}){said and f', saying {said!r}'}; check model and server."
    if (status >= 500 or status in _PASSING) and _LACKS not in said:
        return ServerFault(words, retry_after=wait)
    return RemoteError(words)


def server_words(body: Any, key: str) -> str:
    """Return the server's own explanation in *body* on one line, at most 200 characters, with anything like a key cut.

    >>> server_words({"message": "no such model; your key is sk-12345"}, "")
    'no such model; your key is ***'
    """
    found = body.get("message") if isinstance(body, Mapping) else body
    if not isinstance(found, str):
        return ""
    if key:
        found = found.replace(key, "***")
    return _CONTROL.sub(" ", _LIKE_A_KEY.sub("***", found)).strip()[:_LONGEST_WORDS]


def sdk_fault(sdk: Any, error: Exception, host: str, model: str, key: str) -> RemoteError:
    """Return our error for *error* of the openai package (*sdk*)."""
    if isinstance(error, sdk.APITimeoutError):
        return ServerFault(f"{host} did not answer in time; try again or choose a smaller model.")
    if isinstance(error, sdk.APIConnectionError):
        if type(error.__cause__).__name__ == "ConnectError":
            return ServerFault(f"cannot reach {host}; is the server running and --base-url right?")
        return ServerFault(f"{host} broke the connection off; try again, or check the server's log.")
    if not isinstance(error, sdk.APIStatusError):
        return RemoteError(f"{host} gave no answer for model {model!r}; check model and server.")
    return status_fault(
        error.status_code,
        host,
        model,
        wait=retry_after(error.response.headers.get("retry-after")),
        said=server_words(getattr(error, "body", None), key),
        code=str(getattr(error, "code", None) or ""),
    )
