"""The fake backend, stored runs, and the table of backends."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.mllm.clock import now, simulated

from openaffect.errors import InputError, KeyRejected, RateLimited, RemoteError, ServerFault, UsageError
from openaffect.mllm import BACKENDS, open_backend
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import AsyncBackend, Message, Options, Reply, Text
from openaffect.mllm.fake import Fake
from openaffect.mllm.fake_faults import FAULTS
from openaffect.mllm.openai import AsyncOpenAIChat
from openaffect.mllm.replay import Replay
from openaffect.store import RecordFile


def messages(text: str = "look") -> list[Message]:
    return [Message("user", (Text(text),))]


def ask(backend: AsyncBackend, text: str = "look", options: Options | None = None) -> Reply:
    return simulated(backend.reply(messages(text), options or Options()))


def test_replies_are_fixed_listed_or_computed() -> None:
    assert ask(Fake("calm")).text == "calm"
    listed = Fake(["a", Reply("b"), RemoteError("down")])
    assert [ask(listed).text, ask(listed).text] == ["a", "b"]
    with pytest.raises(RemoteError, match="down"):
        ask(listed)
    with pytest.raises(RemoteError, match="at its end"):
        ask(listed)
    assert ask(Fake(lambda asked: asked[0].parts[0].text[::-1]), "abc").text == "cba"  # type: ignore[union-attr]


def test_a_fake_reply_counts_its_tokens() -> None:
    assert ask(Fake("12345"), "1234") == Reply("12345", input_tokens=1, output_tokens=2)
    assert ask(Fake(Reply("x", input_tokens=7, output_tokens=9))) == Reply("x", "stop", None, 7, 9)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_by_its_name(fault: str) -> None:
    kinds = {
        RateLimited: {"rate_limit", "rate_limit_after"},
        ServerFault: {"server_error", "overloaded_after", "dropped", "half_reply", "invalid_json", "stall"},
        KeyRejected: {"wrong_key"},
        RemoteError: {"bad_request"},
    }
    kind = next((kind for kind, names in kinds.items() if fault in names), None)
    if kind is None:
        assert isinstance(ask(Fake("calm", faults=[fault])), Reply)
    else:
        with pytest.raises(RemoteError) as caught:
            ask(Fake("calm", faults=[fault]))
        assert type(caught.value) is kind
        assert getattr(caught.value, "retry_after", None) == (2.0 if fault.endswith("_after") else None)


def test_latency_and_a_stall_pass_on_the_clock_of_the_loop() -> None:
    async def work() -> float:
        await Fake("calm", latency_s=1.5).reply(messages(), Options())
        with pytest.raises(ServerFault, match="HTTP 504"):
            await Fake("calm", faults=["stall"]).reply(messages(), Options())
        return now()

    assert simulated(work()) == pytest.approx(61.5)


def test_shares_of_faults_are_about_kept() -> None:
    backend = Fake("calm", faults={"empty": 0.2, "refusal": 0.1}, seed=3)
    replies = [ask(backend, str(number)) for number in range(1000)]
    assert 160 < sum(not reply.text and not reply.refusal for reply in replies) < 240
    assert 70 < sum(bool(reply.refusal) for reply in replies) < 130


def test_an_unknown_fault_has_a_suggestion() -> None:
    for faults in (["server_eror"], {"server_eror": 0.5}):
        with pytest.raises(UsageError, match="did you mean 'server_error'"):
            Fake("calm", faults=faults)  # type: ignore[arg-type]


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    with ReplyCache(tmp_path / "replies.sqlite") as cache:
        Caller(Fake(lambda asked: "to " + asked[0].parts[0].text), cache=cache).run(  # type: ignore[union-attr]
            [(name, messages(name)) for name in "abc"], lambda name, call: None
        )
    return tmp_path / "replies.sqlite"


def test_a_cache_is_answered_again_and_a_miss_is_clear(cached: Path) -> None:
    backend = open_backend(f"replay:{cached}")
    assert (backend.model, ask(backend, "b").text) == ("fake", "to b")
    for text, options in (("d", Options()), ("b", Options(seed=1))):
        with pytest.raises(RemoteError, match="holds no reply of 'fake'"):
            ask(backend, text, options)


def test_a_cache_of_two_models_wants_to_know_which(cached: Path) -> None:
    with ReplyCache(cached) as cache:
        cache.put(Call("x", Reply("y")), "other", "r2")
    with pytest.raises(UsageError, match=r"fake, other@r2"):
        open_backend(f"replay:{cached}")
    assert ask(open_backend(f"replay:{cached}#fake"), "a").text == "to a"
    assert open_backend(f"replay:{cached}#other").revision == "r2"
    assert open_backend(f"replay:{cached}", revision="r2").model == "other"


def test_a_file_of_calls_is_answered_again_failures_too(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    backend = Fake("calm", faults=[None, "bad_request"])
    with RecordFile(path) as file:

        def keep(name: str, call: Call) -> None:
            file.append(call.record(name, model=backend.model, revision=backend.revision))

        Caller(backend, concurrency=1).run([(name, messages(name)) for name in "ab"], keep)
    with path.open("ab") as half:
        half.write(b'{"id":"c","finger')
    again = open_backend(f"replay:{path}")
    assert ask(again, "a").text == "calm"
    with pytest.raises(RemoteError, match=r"in the stored run: .* \(HTTP 400\)"):
        ask(again, "b")
    with pytest.raises(RemoteError, match="holds no reply"):
        ask(again, "c")


def test_files_that_are_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no stored run"):
        Replay(tmp_path / "none")
    for text in ('{"id": "a"}\n', "hello\n", "[1]\n", '{"fingerprint": "x", "reply": {"text": 3}}\n'):
        (tmp_path / "a.jsonl").write_text(text)
        with pytest.raises(InputError, match=r"a\.jsonl' line 1 is no record of a call"):
            Replay(tmp_path / "a.jsonl", model="m")
    (tmp_path / "a.jsonl").write_text(json.dumps(Call("x", Reply("y")).record("a")) + "\n")
    assert Replay(tmp_path / "a.jsonl", model="m").model == "m"
    with pytest.raises(UsageError, match="say which model"):
        Replay(tmp_path / "a.jsonl")


def test_specs_name_backends() -> None:
    assert ask(open_backend("fake:calm: yes")).text == "calm: yes"
    opened = open_backend("openai:org/model:tag", base_url="http://127.0.0.1:1/v1", revision="r")
    assert isinstance(opened, AsyncOpenAIChat)
    assert (opened.model, opened.revision, opened.host) == ("org/model:tag", "r", "127.0.0.1")
    with pytest.raises(UsageError, match="unknown model backend 'opnai', did you mean 'openai'"):
        open_backend("opnai:m")
    for spec in BACKENDS:
        assert ":" not in spec


def test_the_door_is_light_and_each_backend_loads_only_itself() -> None:
    code = (
        "import sys; from openaffect.mllm import open_backend, BACKENDS; first = set(sys.modules);"
        "open_backend('fake:calm'); import openaffect.mllm.caller, openaffect.mllm.extract;"
        "print(int('numpy' in first), *[m for m in ('openai', 'torch', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


def test_asyncio_runs_it_too() -> None:
    assert asyncio.run(Fake("calm").reply(messages(), Options())).text == "calm"
