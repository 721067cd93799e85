"""The chat-completions interface as data: what goes over the wire, and what comes back, without any client."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from openaffect.errors import RemoteError, ServerFault
from openaffect.mllm.chat import Clip, Message, Options, Part, Reply, Sound, Text

SoundPart = Literal["input_audio", "audio_url"]
"""How sound travels: OpenAI's own part, or the one that vLLM had first.  Some servers take one and drop the other."""

_IN_WORDS = "Answer with one JSON object and nothing else. It must follow this JSON schema:\n"


def part_payload(part: Part, sound: SoundPart = "input_audio") -> dict[str, Any]:
    """Return the wire form of one part; raises `MediaError` when a clip cannot be read.

    >>> part_payload(Text("hello"))
    {'type': 'text', 'text': 'hello'}
    """
    if isinstance(part, Text):
        return {"type": "text", "text": _sendable(part.text)}
    data = base64.b64encode(part.read() if isinstance(part, Clip) else part.data).decode("ascii")
    if isinstance(part, Sound) and sound == "input_audio":
        return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    if isinstance(part, Sound):
        return {"type": "audio_url", "audio_url": {"url": f"data:audio/wav;base64,{data}"}}
    kind = "video_url" if isinstance(part, Clip) else "image_url"
    return {"type": kind, kind: {"url": f"data:{part.mime};base64,{data}"}}


def _sendable(text: str) -> str:
    """Return *text* without halves of characters, which broken subtitles hold and UTF-8 cannot say."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _content(message: Message, sound: SoundPart) -> str | list[dict[str, Any]]:
    """Return the content of *message*: a plain string where it is one text, since text-only servers know no parts."""
    if len(message.parts) == 1 and isinstance(message.parts[0], Text):
        return _sendable(message.parts[0].text)
    return [part_payload(part, sound) for part in message.parts]


def request_body(
    model: str, messages: Sequence[Message], options: Options, sound: SoundPart = "input_audio"
) -> dict[str, Any]:
    """Return the body of one request; an option that is None is left out."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": m.role, "content": _content(m, sound)} for m in messages],
        "temperature": options.temperature,
        "seed": options.seed,
        "max_tokens": options.max_tokens,
        "top_p": options.top_p,
        "repetition_penalty": options.repetition_penalty,
    }
    if options.schema is not None:
        wire = {"name": "reply", "schema": dict(options.schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": wire}
    return {key: value for key, value in body.items() if value is not None}


def in_words(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return *body* with its JSON schema said in words, for servers that know no ``response_format``.

    >>> found = in_words({"messages": [], "response_format": {"json_schema": {"schema": {"type": "object"}}}})
    >>> found["messages"][0]["content"].splitlines()[-1], "response_format" in found
    ('{"type": "object"}', False)
    """
    schema = body["response_format"]["json_schema"]["schema"]
    asked = {"role": "user", "content": _IN_WORDS + json.dumps(schema, ensure_ascii=False)}
    rest = {key: value for key, value in body.items() if key != "response_format"}
    return rest | {"messages": _with_last(body["messages"], asked)}


def _with_last(messages: Sequence[dict[str, Any]], asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return *messages* with *asked* at the end of the last one: chat templates refuse two user messages in a row."""
    if not messages or messages[-1]["role"] != "user":
        return [*messages, asked]
    content = messages[-1]["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return [*messages[:-1], {"role": "user", "content": [*parts, {"type": "text", "text": asked["content"]}]}]


def read_answer(answer: Any, host: str, latency_s: float = 0.0) -> Reply:
    """Return the reply in *answer*, the parsed body or its text.

    Raises `ServerFault` for text that is no JSON (half a reply, a proxy's page), and `RemoteError` for JSON without
    a message.
    """
    if isinstance(answer, str):
        answer = _parsed(answer, host)
    choice = _first_choice(answer)
    if choice is None:
        raise RemoteError(f"{host} sent a reply without a message; is it an OpenAI-compatible server?")
    message, usage = choice["message"], answer.get("usage")
    usage = usage if isinstance(usage, Mapping) else {}
    return Reply(
        text=_words(message.get("content")),
        finish_reason=_text(choice.get("finish_reason")),
        refusal=_text(message.get("refusal")) or None,
        input_tokens=_count(usage.get("prompt_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
        latency_s=latency_s,
    )


def broken_reply(host: str) -> ServerFault:
    """Return the error for a body that is no JSON."""
    return ServerFault(f"{host} sent half a reply or none that is JSON; try again, or check the server's log.")


def _parsed(text: str, host: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    # Outside of the handler, so that the text that came stays out of tracebacks: it may hold anything.
    raise broken_reply(host)


def _first_choice(answer: Any) -> Mapping[str, Any] | None:
    choices = answer.get("choices") if isinstance(answer, Mapping) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    return choice if isinstance(choice, Mapping) and isinstance(choice.get("message"), Mapping) else None


def _words(content: Any) -> str:
    """Return the text of a reply, which some servers send as a list of parts."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, Mapping))
    return _text(content)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
