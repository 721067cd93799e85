import base64
import io
import json
import wave
from typing import Any

import numpy as np
import pytest
from tests.mllm.loopback import GOOD, server

from openaffect.errors import RemoteError
from openaffect.mllm.chat import Message, Picture, Reply, Sound, Text, wav_bytes
from openaffect.mllm.fake import Scripted
from openaffect.mllm.openai import OpenAIChat, is_local


def ask(url: str, **options: Any) -> Reply:
    parts = (Text("look"), Picture(b"jpg", time=1.0), Sound(wav_bytes(np.zeros(1600, np.float32)), 0.1))
    return OpenAIChat("m", base_url=url, timeout_s=5, retries=0).reply([Message("user", parts)], **options)


def test_the_three_kinds_of_part_arrive_separately(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with server(lambda body: (200, GOOD)) as (url, bodies, keys):
        reply = ask(url, schema={"type": "object"}, seed=7, max_tokens=9)
    assert reply == Reply("hello", "stop", None, 5, 1)
    content = bodies[0]["messages"][0]["content"]
    assert [part["type"] for part in content] == ["text", "image_url", "input_audio"]
    assert content[1]["image_url"]["url"] == "data:image/jpeg;base64," + base64.b64encode(b"jpg").decode()
    with wave.open(io.BytesIO(base64.b64decode(content[2]["input_audio"]["data"]))) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (16000, 1, 1600)
    assert (bodies[0]["seed"], bodies[0]["max_tokens"], bodies[0]["temperature"]) == (7, 9, 0)
    assert keys == ["Bearer sk-secret"]


def test_a_server_without_schemas_is_asked_again_in_words() -> None:
    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        return (400, {"error": {"message": "no"}}) if "response_format" in body else (200, GOOD)

    with server(answer) as (url, bodies, _):
        assert ask(url, schema={"type": "object"}).text == "hello"
    assert len(bodies) == 2


@pytest.mark.parametrize(
    ("status", "reply", "words"),
    [
        (401, {"error": {"message": "sk-secret is wrong"}}, "refused the key"),
        (404, {"error": {"message": "x"}}, "HTTP 404"),
        (500, {"error": {"message": "x"}}, "HTTP 500"),
        (400, {"error": {"message": "x"}}, "rejected the request"),
        (302, {}, "127.0.0.1"),
        (200, {"choices": []}, "without a message"),
        (200, {"hello": 1}, "without a message"),
    ],
)
def test_faults_are_one_sentence_without_the_key(
    monkeypatch: pytest.MonkeyPatch, status: int, reply: Any, words: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with server(lambda body: (status, reply)) as (url, _, _), pytest.raises(RemoteError, match=words) as caught:
        ask(url)
    assert "sk-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_server_and_no_host() -> None:
    with pytest.raises(RemoteError, match=r"cannot reach 127\.0\.0\.1"):
        ask("http://127.0.0.1:9/v1")
    with pytest.raises(RemoteError, match="server address"):
        OpenAIChat("m", base_url="nonsense")


def test_a_refusal_is_kept() -> None:
    refused = json.loads(json.dumps(GOOD))
    refused["choices"][0]["message"] = {"role": "assistant", "content": None, "refusal": "I will not."}
    with server(lambda body: (200, refused)) as (url, _, _):
        assert ask(url) == Reply("", "stop", "I will not.", 5, 1)


def test_scripted_backend_replays_and_ends() -> None:
    backend = Scripted(["a", Reply("b"), RemoteError("down")])
    assert [backend.reply([]).text, backend.reply([]).text] == ["a", "b"]
    with pytest.raises(RemoteError, match="down"):
        backend.reply([])
    with pytest.raises(RemoteError, match="at its end"):
        backend.reply([Message("user", (Text("x"),))])
    assert len(backend.seen) == 4


def test_local_hosts() -> None:
    assert is_local("::1")
    assert not is_local("127.0.0.1.example.org")
