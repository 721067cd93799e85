"""The asynchronous backend against a server on loopback: parts, schemas, each fault, and where the key never is."""

import asyncio
import base64
import email.utils
import logging
import time
import traceback
from pathlib import Path
from typing import Any

import pytest
from tests.mllm.loopback import DROP, GOOD, HALF, STALL, server

from openaffect.errors import KeyRejected, PassingFault, RateLimited, RemoteError, ServerFault
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Clip, Message, Options, Reply, Sound, Text
from openaffect.mllm.faults import retry_after, server_words, status_fault
from openaffect.mllm.openai import AsyncOpenAIChat
from openaffect.mllm.wire import read_answer

ASKED = [Message("user", (Text("look"),))]
KEY = "sk-secret-0123456789"


def ask(url: str, messages: list[Message] = ASKED, options: Options | None = None, **settings: Any) -> Reply:
    async def once() -> Reply:
        backend = AsyncOpenAIChat("m", base_url=url, timeout_s=5, **settings)
        try:
            return await backend.reply(messages, options or Options())
        finally:
            await backend.aclose()

    return asyncio.run(once())


def test_options_travel_and_what_is_none_does_not() -> None:
    with server(lambda body: (200, GOOD)) as (url, bodies, _):
        reply = ask(url, options=Options(seed=None, temperature=0.7, top_p=0.8, repetition_penalty=1.05, max_tokens=9))
    assert (reply, reply.latency_s > 0) == (Reply("hello", "stop", None, 5, 1), True)
    sent = {"model": "m", "messages": [{"role": "user", "content": "look"}], "temperature": 0.7, "max_tokens": 9}
    assert bodies == [sent | {"top_p": 0.8, "repetition_penalty": 1.05}]


def test_broken_characters_do_not_stop_a_request() -> None:
    with server(lambda body: (200, GOOD)) as (url, bodies, _):
        assert ask(url, [Message("user", (Text("a\ud800b \ud83d\ude00"),))]).text == "hello"
    assert bodies[0]["messages"][0]["content"] == "a\ufffdb 😀"


def test_sound_and_video_travel_as_the_server_wants_them(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"film")
    messages = [Message("user", (Sound(b"RIFF", 1.0), Clip(tmp_path / "a.mp4"), Clip(b"webm", "video/webm")))]
    with server(lambda body: (200, GOOD)) as (url, bodies, _):
        ask(url, messages)
        ask(url, messages, sound="audio_url")
    first, second = (body["messages"][0]["content"] for body in bodies)
    sound = base64.b64encode(b"RIFF").decode()
    assert first[0] == {"type": "input_audio", "input_audio": {"data": sound, "format": "wav"}}
    assert second[0] == {"type": "audio_url", "audio_url": {"url": f"data:audio/wav;base64,{sound}"}}
    assert [part["video_url"]["url"].partition(",")[0] for part in first[1:]] == [
        "data:video/mp4;base64",
        "data:video/webm;base64",
    ]
    assert AsyncOpenAIChat("m", base_url=url).revision != AsyncOpenAIChat("m", base_url=url, sound="audio_url").revision


def test_a_server_without_schemas_is_asked_in_words_from_then_on() -> None:
    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        return (400, {"error": {"message": "no"}}) if "response_format" in body else (200, GOOD)

    async def twice(url: str) -> None:
        backend = AsyncOpenAIChat("m", base_url=url)
        for _ in range(2):
            assert (await backend.reply(ASKED, Options(schema={"type": "object"}))).text == "hello"
        await backend.aclose()

    with server(answer) as (url, bodies, _):
        asyncio.run(twice(url))
    assert ["response_format" in body for body in bodies] == [True, False, False]
    assert '{"type": "object"}' in bodies[1]["messages"][-1]["content"][-1]["text"]
    assert bodies[1]["messages"] == bodies[2]["messages"]


def test_a_request_that_is_wrong_anyway_says_what_the_server_said() -> None:
    words = "maximum context length is 4096 tokens\nyour key is " + KEY
    said = "maximum context length is 4096 tokens your key is"
    with (
        server(lambda body: (400, {"error": {"message": words}})) as (url, bodies, _),
        pytest.raises(RemoteError, match=said) as caught,
    ):
        ask(url, options=Options(schema={}))
    assert len(bodies) == 2
    assert not isinstance(caught.value, PassingFault)
    assert KEY not in str(caught.value)


FAULTS: list[tuple[tuple[Any, ...], type[RemoteError], str]] = [
    ((429, {}), RateLimited, "fewer calls"),
    ((500, {"error": {"message": KEY}}), ServerFault, "HTTP 500"),
    ((503, b"<html>"), ServerFault, "HTTP 503"),
    ((408, {}), ServerFault, "HTTP 408"),
    ((200, DROP), ServerFault, "broke the connection off"),
    ((200, HALF), ServerFault, "broke the connection off"),
    ((200, b'{"choices": [{"mes'), ServerFault, "half a reply"),
    ((200, b"<html>busy</html>", {"Content-Type": "text/html"}), ServerFault, "half a reply"),
    ((200, b"[" * 100_000), ServerFault, "half a reply"),
    ((401, {"error": {"message": f"{KEY} is wrong"}}), KeyRejected, "refused the key"),
    ((403, {}), KeyRejected, "refused the key"),
    ((429, {"error": {"code": "insufficient_quota", "message": KEY}}), KeyRejected, "quota"),
    ((404, {"error": {"message": KEY}}), RemoteError, "HTTP 404"),
    ((302, {}), RemoteError, "HTTP 302"),
    ((200, {"choices": []}), RemoteError, "without a message"),
    ((200, {"choices": [{"message": 3}]}), RemoteError, "without a message"),
    ((200, []), RemoteError, "without a message"),
]


@pytest.mark.parametrize(("reply", "kind", "words"), FAULTS, ids=[str(n) for n, _ in enumerate(FAULTS)])
def test_each_fault_is_one_kind_one_sentence_and_no_key(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, reply: Any, kind: type[RemoteError], words: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    with server(lambda body: reply) as (url, _, keys), pytest.raises(RemoteError, match=words) as caught:
        ask(url)
    assert type(caught.value) is kind
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    assert KEY not in shown
    assert "\n" not in str(caught.value)
    assert keys == [f"Bearer {KEY}"]


def test_a_stall_is_a_server_fault_of_the_caller() -> None:
    with server(lambda body: (200, STALL)) as (url, bodies, _):
        backend = AsyncOpenAIChat("m", base_url=url)
        caller = Caller(backend, timeout_s=0.2, retries=0)
        found: dict[str, Any] = {}
        caller.run([("a", ASKED)], found.__setitem__)
    assert (found["a"].error, found["a"].attempts, len(bodies)) == ("ServerFault", 1, 1)
    assert "did not answer within 0.2 s" in found["a"].cause


def test_no_server_is_a_server_fault_and_no_host_is_not() -> None:
    with pytest.raises(ServerFault, match=r"cannot reach 127\.0\.0\.1"):
        ask("http://127.0.0.1:9/v1")
    for address in ("nonsense", "http://127.0.0.1:99999999/v1", "http://[::1/v1", "http:///v1"):
        with pytest.raises(RemoteError, match="server address"):
            AsyncOpenAIChat("m", base_url=address)
    with pytest.raises(RemoteError, match="no model"):
        AsyncOpenAIChat("", base_url="http://127.0.0.1/v1")


def test_an_address_that_holds_a_password_is_refused_without_saying_it() -> None:
    with pytest.raises(RemoteError, match="OPENAI_API_KEY") as caught:
        AsyncOpenAIChat("m", base_url=f"http://me:{KEY}@127.0.0.1/v1")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("header", ["3", "date"])
def test_retry_after_is_read_in_both_forms(header: str) -> None:
    value = email.utils.formatdate(time.time() + 100, usegmt=True) if header == "date" else header
    with server(lambda body: (429, {}, {"Retry-After": value})) as (url, _, _), pytest.raises(RateLimited) as caught:
        ask(url)
    wait = caught.value.retry_after
    assert wait is not None
    assert wait == 3 if header == "3" else 60 < wait <= 100


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("-3", 0.0), ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0)]
    + [(odd, None) for odd in ("", "nan", "inf", "1e999", "soon", "Thu, 99 Jan 2099 00:00:00 GMT", "9" * 400)],
)
def test_odd_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(value, now=20.0) == seconds


def test_words_of_servers_are_cut_to_one_harmless_line() -> None:
    assert server_words({"message": "a\x1b[31m\nb" + "x y " * 100}, "") == ("a [31m b" + "x y " * 100)[:200]
    assert server_words("Bearer abc and hf_12345 and my word", "word") == "*** and *** and my ***"
    assert server_words({"message": 3}, "") == server_words(None, "") == ""
    assert status_fault(400, "h", "m", said="no").args[0].startswith("h rejected the request for model 'm'")


def test_replies_of_unusual_servers_are_read() -> None:
    parts = {"choices": [{"message": {"content": [{"type": "text", "text": "a"}, {"text": "b"}, 3]}}], "usage": [1]}
    assert read_answer(parts, "h") == Reply("ab", "", None, None, None)
    odd = {"choices": [{"message": {"content": 3, "refusal": ""}}], "usage": {"prompt_tokens": True}}
    assert read_answer(odd, "h") == Reply("", "")


def test_a_backend_goes_on_in_another_loop() -> None:
    with server(lambda body: (200, GOOD)) as (url, bodies, _):
        backend = AsyncOpenAIChat("m", base_url=url)
        for _ in range(2):
            assert asyncio.run(backend.reply(ASKED, Options())).text == "hello"
    assert len(bodies) == 2


def test_the_key_is_in_no_file_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with server(lambda body: (200, GOOD)) as (url, _, _), ReplyCache(tmp_path / "replies.sqlite") as cache:
        backend = AsyncOpenAIChat("m", base_url=url)
        found: dict[str, Any] = {}
        Caller(backend, cache=cache).run([("a", ASKED)], found.__setitem__)
        assert found["a"].reply.text == "hello"
        assert KEY not in repr((backend, cache, found, found["a"].record("a")))
        assert not [path for path in tmp_path.iterdir() if KEY.encode() in path.read_bytes()]
