"""Any OpenAI-compatible server (vLLM, SGLang, llama.cpp, Ollama, commercial services) through the official SDK.

The key comes from the environment (``OPENAI_API_KEY``) alone and appears in no message of ours.
Frames travel as ``image_url`` data, sound as an ``input_audio`` part of its own.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from openaffect.errors import RemoteError
from openaffect.mllm.chat import Message, Part, Reply, Sound, Text

_LOCAL = {"localhost", "127.0.0.1", "::1"}


def is_local(host: str) -> bool:
    """Return whether *host* names this machine.

    >>> is_local("127.0.0.1"), is_local("api.example.org")
    (True, False)
    """
    return host in _LOCAL


def part_payload(part: Part) -> dict[str, Any]:
    """Return the wire form of one part.

    >>> part_payload(Text("hello"))
    {'type': 'text', 'text': 'hello'}
    """
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    data = base64.b64encode(part.data).decode("ascii")
    if isinstance(part, Sound):
        return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    return {"type": "image_url", "image_url": {"url": f"data:{part.mime};base64,{data}"}}


class OpenAIChat:
    """A `Backend` over the chat-completions interface.

    ``base_url=None`` means the SDK's own default (``OPENAI_BASE_URL`` or OpenAI).
    Raises `RemoteError` with one sentence when the server cannot be reached or does not answer properly.
    """

    def __init__(self, model: str, *, base_url: str | None = None, timeout_s: float = 120.0, retries: int = 2) -> None:
        import openai  # half a second to import; only those who ask for a remote model pay it

        self._sdk = openai
        self.model = model
        try:
            # A local server needs no key, but the SDK insists on some text.
            key = os.environ.get("OPENAI_API_KEY") or "none"
            # No redirects: media go to the host that was named to the user and to no other.
            http = openai.DefaultHttpxClient(follow_redirects=False, timeout=timeout_s)
            self._client = openai.OpenAI(
                base_url=base_url, api_key=key, timeout=timeout_s, max_retries=retries, http_client=http
            )
            self.host = urlsplit(str(self._client.base_url)).hostname or ""
        except (openai.OpenAIError, ValueError) as error:
            raise RemoteError(f"cannot use the server address {base_url!r}: {type(error).__name__}.") from error
        if not self.host:
            raise RemoteError(f"the server address {base_url!r} names no host; give one like http://127.0.0.1:8000/v1.")

    def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,
        max_tokens: int = 1024,
        schema: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Answer *messages* greedily (temperature 0, *seed*), as JSON after *schema* where one is given."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": m.role, "content": [part_payload(p) for p in m.parts]} for m in messages],
            "temperature": 0,
            "seed": seed,
            "max_tokens": max_tokens,
        }
        if schema is not None:
            wire = {"name": "reply", "schema": dict(schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": wire}
        return self._read(self._send(body))

    def _send(self, body: dict[str, Any]) -> Any:
        sdk = self._sdk
        try:
            return self._client.chat.completions.create(**body)
        except (sdk.BadRequestError, sdk.UnprocessableEntityError) as error:
            if "response_format" not in body:
                raise RemoteError(self._sentence("rejected the request", error)) from error
            # Older servers know no JSON schema: ask again in words only, the reply is validated anyway.
            return self._send({key: value for key, value in body.items() if key != "response_format"})
        except sdk.AuthenticationError as error:
            raise RemoteError(f"{self.host} refused the key; set OPENAI_API_KEY to a valid one.") from error
        except sdk.APITimeoutError as error:
            raise RemoteError(f"{self.host} did not answer in time; try again or choose a smaller model.") from error
        except sdk.APIConnectionError as error:
            raise RemoteError(f"cannot reach {self.host}; is the server running and --base-url right?") from error
        except sdk.OpenAIError as error:
            raise RemoteError(self._sentence("gave no answer", error)) from error

    def _sentence(self, what: str, error: Exception) -> str:
        status = getattr(error, "status_code", None)
        code = f" (HTTP {status})" if status else ""
        return f"{self.host} {what} for model {self.model!r}{code}; check model and server."

    def _read(self, answer: Any) -> Reply:
        choices = getattr(answer, "choices", None)
        if not choices or getattr(choices[0], "message", None) is None:
            raise RemoteError(f"{self.host} sent a reply without a message; is it an OpenAI-compatible server?")
        choice, usage = choices[0], getattr(answer, "usage", None)
        return Reply(
            text=choice.message.content or "",
            finish_reason=choice.finish_reason or "",
            refusal=getattr(choice.message, "refusal", None),
            input_tokens=getattr(usage, "prompt_tokens", None),
            output_tokens=getattr(usage, "completion_tokens", None),
        )
