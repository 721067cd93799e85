"""Any OpenAI-compatible server (vLLM, SGLang, llama.cpp, Ollama, commercial services) through the official SDK.

The key comes from the environment (``OPENAI_API_KEY``) alone and appears in no message of ours.
Frames travel as ``image_url`` data, sound as a part of its own, a video file as ``video_url``.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from openaffect.errors import RemoteError
from openaffect.mllm.chat import Message, Options, Reply
from openaffect.mllm.faults import sdk_fault
from openaffect.mllm.wire import SoundPart, broken_reply, in_words, read_answer, request_body

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_PATH = "/chat/completions"
_BROKEN = (ValueError, RecursionError)
"""What the SDK lets through for a body that is no JSON, or JSON nested without end."""


def is_local(host: str) -> bool:
    """Return whether *host* names this machine.

    >>> is_local("127.0.0.1"), is_local("api.example.org")
    (True, False)
    """
    return host in _LOCAL


class _Server:
    """One server and one model: opens clients of the SDK and turns its errors into ours."""

    def __init__(self, model: str, base_url: str | None, timeout_s: float) -> None:
        import openai  # half a second to import; only those who ask for a remote model pay it

        self.sdk = openai
        self.model = model
        self._base_url, self._timeout_s = base_url, timeout_s
        # A local server needs no key, but the SDK insists on some text.
        self._key = os.environ.get("OPENAI_API_KEY") or "none"
        if not model:
            raise RemoteError("no model is named; write it after the colon, as in openai:MODEL.")
        self.host = self._host()

    def _host(self) -> str:
        address = self._base_url or os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
        try:
            parts = urlsplit(address)
            host, secret, _ = parts.hostname, parts.username or parts.password, parts.port
        except ValueError:  # no number where the port stands, a broken IPv6 address
            host, secret = None, None
        if secret:
            raise RemoteError("the server address holds a name or password; set OPENAI_API_KEY instead.")
        if not host:
            shown = address.partition("?")[0]
            raise RemoteError(f"the server address {shown!r} names no host; give one like http://127.0.0.1:8000/v1.")
        return host

    def open(self, client: Any, http: Any, retries: int) -> Any:
        """Return a new *client* of the SDK over a new *http* client; raises `RemoteError` for an unusable address."""
        try:
            return client(
                base_url=self._base_url,
                api_key=self._key,
                timeout=self._timeout_s,
                max_retries=retries,
                # No redirects: media go to the host that was named to the user and to no other.
                http_client=http(follow_redirects=False, timeout=self._timeout_s),
            )
        except (self.sdk.OpenAIError, ValueError, TypeError) as error:
            why = type(error).__name__
            raise RemoteError(f"cannot use the server address {self._base_url!r}: {why}.") from None

    def fault(self, error: Exception) -> RemoteError:
        """Return our error for what the SDK raised."""
        if isinstance(error, self.sdk.OpenAIError):
            return sdk_fault(self.sdk, error, self.host, self.model, self._key)
        return broken_reply(self.host)

    def knows_no_schema(self, error: Exception, body: Mapping[str, Any]) -> bool:
        """Return whether *error* may mean that the server knows no JSON schema."""
        rejected = (self.sdk.BadRequestError, self.sdk.UnprocessableEntityError)
        return isinstance(error, rejected) and "response_format" in body


class OpenAIChat:
    """A `Backend` over the chat-completions interface.

    ``base_url=None`` means the SDK's own default (``OPENAI_BASE_URL`` or OpenAI).
    Raises `RemoteError` with one sentence when the server cannot be reached or does not answer properly.
    """

    def __init__(self, model: str, *, base_url: str | None = None, timeout_s: float = 120.0, retries: int = 2) -> None:
        self._server = _Server(model, base_url, timeout_s)
        self.model, self.host = model, self._server.host
        sdk = self._server.sdk
        self._client = self._server.open(sdk.OpenAI, sdk.DefaultHttpxClient, retries)

    def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,
        max_tokens: int = 1024,
        schema: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Answer *messages* greedily (temperature 0, *seed*), as JSON after *schema* where one is given."""
        body = request_body(self.model, messages, Options(seed=seed, max_tokens=max_tokens, schema=schema))
        start = time.perf_counter()
        answer = self._send(body)
        return read_answer(answer, self.host, time.perf_counter() - start)

    def _send(self, body: dict[str, Any]) -> Any:
        try:
            return self._client.post(_PATH, body=body, cast_to=object)
        except (self._server.sdk.OpenAIError, *_BROKEN) as error:
            if not self._server.knows_no_schema(error, body):
                # The SDK's error quotes the server, and servers quote keys: it stays out of tracebacks.
                raise self._server.fault(error) from None
        return self._send(in_words(body))


class AsyncOpenAIChat:
    """An `AsyncBackend` over the chat-completions interface, for many calls at a time.

    It tries once: `Caller` retries, waits, counts and sets the time limit (*timeout_s* only bounds a silent socket).
    Raises `RateLimited` with the seconds of ``Retry-After``, `ServerFault` for what may pass, `KeyRejected` for a wrong
    key, `RemoteError` otherwise, each one sentence.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        timeout_s: float = 600.0,
        sound: SoundPart = "input_audio",
        revision: str = "",
    ) -> None:
        self._server = _Server(model, base_url, timeout_s)
        self.model, self.host = model, self._server.host
        # A server may hear one form of sound and drop the other, so replies to the two are not the same.
        self.revision = revision if sound == "input_audio" else f"{revision}+{sound}"
        self._sound = sound
        self._client: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._only_words = False
        self._connect()

    def _connect(self) -> Any:
        """Return the client of the running loop: connections cannot move from one loop to another."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if self._client is None or (self._loop is not None and loop is not self._loop):
            sdk = self._server.sdk
            self._client = self._server.open(sdk.AsyncOpenAI, sdk.DefaultAsyncHttpxClient, 0)
        self._loop = loop
        return self._client

    async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
        """Answer *messages*; a server that knows no JSON schema is asked again in words, and from then on at once."""
        body = request_body(self.model, messages, options, self._sound)
        start = time.perf_counter()
        answer = await self._send(in_words(body) if self._only_words and options.schema is not None else body)
        return read_answer(answer, self.host, time.perf_counter() - start)

    async def _send(self, body: dict[str, Any]) -> Any:
        # The endpoint by its path: the SDK's typed method costs 1.4 ms of CPU a call, this 0.9 ms.
        try:
            return await self._connect().post(_PATH, body=body, cast_to=object)
        except (self._server.sdk.OpenAIError, *_BROKEN) as error:
            if not self._server.knows_no_schema(error, body):
                raise self._server.fault(error) from None
        answer = await self._send(in_words(body))
        self._only_words = True
        return answer

    async def aclose(self) -> None:
        """Close the connections; the next call opens new ones."""
        if self._client is not None:
            await self._client.close()
        self._client = self._loop = None


def open_spec(rest: str, *, base_url: str | None = None, revision: str = "") -> AsyncOpenAIChat:
    """Return the backend for ``openai:MODEL``; *rest* is the model's name."""
    return AsyncOpenAIChat(rest, base_url=base_url, revision=revision)
