"""The backend for local models: replies, options, one generation at a time, cancellation, calls and their cache."""

import asyncio
import dataclasses
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.mllm.tiny_models import IDS, MODELS, NEVER_SAID, ask, frames, picture, sound

from openaffect.errors import RemoteError, UsageError
from openaffect.mllm import open_backend
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Options, Reply
from openaffect.mllm.local.generation import generation_config
from openaffect.mllm.probe import probe
from openaffect.mllm.transformers import AsyncLocalChat

SHORT = Options(max_tokens=8)
LONG = Options(max_tokens=4000)
ASKED = {
    "text": ask("hello"),
    "vl": ask(*frames(4), picture(9), "hello"),
    "omni": ask(*frames(2), sound(), picture(9), "hello"),
    "thinker": ask(*frames(2), sound(), picture(9), "hello"),
    "audio": ask(sound(), "hello"),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    room = tmp_path_factory.mktemp("models")
    return {name: make(room / name) for name, make in MODELS.items()}


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text model that never ends a reply by itself: the tokens that would are made impossible."""
    folder = MODELS["text"](tmp_path_factory.mktemp("endless"))
    settings = json.loads((folder / "generation_config.json").read_text())
    settings["suppress_tokens"] = list(IDS.values())
    (folder / "generation_config.json").write_text(json.dumps(settings))
    return folder


def said(backend: Any, messages: list[Message], options: Options = SHORT) -> Reply:
    return asyncio.run(backend.reply(messages, options))


class Watch:
    """Counts the steps of a backend's network, and whether two were ever under way at once."""

    def __init__(self, backend: AsyncLocalChat) -> None:
        said(backend, ask("warm up"), Options(max_tokens=1))
        self.steps = self.inside = self.most = 0
        self.begun = threading.Event()
        backend._network.register_forward_pre_hook(self._enter)
        backend._network.register_forward_hook(self._leave)

    def _enter(self, *_: Any) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)

    def _leave(self, *_: Any) -> None:
        self.inside -= 1
        self.steps += 1
        self.begun.set()


# ---------------------------------------------------------------- replies


@pytest.mark.parametrize("name", list(MODELS))
def test_a_greedy_reply_is_the_likeliest_token_each_time(folders: dict[str, Path], name: str) -> None:
    import torch

    backend = AsyncLocalChat(str(folders[name]))
    reply = said(backend, ASKED[name])
    tensors = {key: torch.from_numpy(value) for key, value in backend._prompter.tensors(ASKED[name], SHORT).items()}
    read = tensors["input_ids"].shape[1]
    for _ in range(SHORT.max_tokens):
        with torch.inference_mode():
            scores = backend._network(**tensors, use_cache=False).logits[0, -1].clone()
            scores[NEVER_SAID] = -torch.inf
            best = int(scores.argmax())
        for key, more in (("input_ids", best), ("attention_mask", 1), ("mm_token_type_ids", 0)):
            if key in tensors:
                tensors[key] = torch.cat([tensors[key], torch.tensor([[more]])], dim=1)
        if best == IDS["<|im_end|>"]:
            break
    written = tensors["input_ids"][0, read:].tolist()
    text = backend._prompter.tokenizer.decode(written, skip_special_tokens=True)
    ended = "stop" if written[-1] == IDS["<|im_end|>"] else "length"
    assert reply == Reply(text, ended, None, read, len(written))
    assert reply.latency_s > 0


def test_greedy_replies_are_the_same_in_every_backend(folders: dict[str, Path]) -> None:
    for name, asked in ASKED.items():
        one, other = (open_backend(f"transformers:{folders[name]}") for _ in range(2))
        assert said(one, asked) == said(other, asked) == said(one, asked)


def test_a_whole_omni_answers_as_its_thinker_alone(folders: dict[str, Path]) -> None:
    whole, alone = (AsyncLocalChat(str(folders[name])) for name in ("omni", "thinker"))
    assert said(whole, ASKED["omni"]) == said(alone, ASKED["omni"])
    assert type(whole._network).__name__ == "Qwen2_5OmniThinkerForConditionalGeneration"


def test_seeds_decide_what_is_drawn_and_nothing_else_does(folders: dict[str, Path]) -> None:
    import torch

    backend = AsyncLocalChat(str(folders["text"]))
    hot = [Options(seed=seed, max_tokens=16, temperature=1.5) for seed in (1, 2, 1)]
    torch.manual_seed(5)
    replies = [said(backend, ask("hello"), options) for options in hot]
    after = torch.rand(3)
    assert replies[0] == replies[2] != replies[1]
    torch.manual_seed(5)
    assert torch.equal(after, torch.rand(3))
    free = [said(backend, ask("hello"), Options(seed=None, max_tokens=16, temperature=1.5)) for _ in range(4)]
    assert len({reply.text for reply in free}) > 1
    torch.manual_seed(5)
    said(backend, ask("hello"), Options(seed=None, max_tokens=16, temperature=1.5))
    assert torch.equal(after, torch.rand(3))  # the process's own generator was put back


def test_options_change_what_is_drawn(folders: dict[str, Path]) -> None:
    backend = AsyncLocalChat(str(folders["text"]))

    def text(**options: Any) -> str:
        return said(backend, ask("hello"), Options(max_tokens=24, **options)).text

    greedy = text()
    assert text(temperature=1.5, top_p=1e-6) == greedy
    assert text(temperature=1e-4) == greedy
    assert text(temperature=1.5) != greedy
    assert text(repetition_penalty=1e6) != text(repetition_penalty=1.0) == greedy


def test_what_is_none_is_as_the_model_came_with_it(folders: dict[str, Path], tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "x"
    shutil.copytree(folders["text"], folder)
    plain = said(AsyncLocalChat(str(folder)), ask("hello"))
    own = {"repetition_penalty": 1e6, "do_sample": True, "temperature": 3.0, "top_k": 3, "max_length": 5}
    settings = json.loads((folder / "generation_config.json").read_text()) | own
    (folder / "generation_config.json").write_text(json.dumps(settings))
    backend = AsyncLocalChat(str(folder))
    penalised = said(AsyncLocalChat(str(folders["text"])), ask("hello"), Options(max_tokens=8, repetition_penalty=1e6))
    assert said(backend, ask("hello")) == penalised  # greedy all the same: temperature is 0, not None
    assert said(backend, ask("hello"), Options(max_tokens=8, repetition_penalty=1.0)) == plain


def test_other_settings_of_the_model_change_no_reply(folders: dict[str, Path], tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "x"
    shutil.copytree(folders["text"], folder)
    plain = said(AsyncLocalChat(str(folder)), ask("hello"))
    own = {
        **{"max_time": 1e-9, "stop_strings": [chr(n) for n in range(32, 127)], "guidance_scale": 9.0, "num_beams": 3},
        **{
            "watermarking_config": {"bias": 50.0},
            "min_new_tokens": 7,
            "cache_implementation": "odd",
            "penalty_alpha": 2,
        },
        **{"forced_eos_token_id": 3, "bad_words_ids": "odd", "no_repeat_ngram_size": 1, "assistant_early_exit": 1},
    }
    settings = json.loads((folder / "generation_config.json").read_text()) | own
    (folder / "generation_config.json").write_text(json.dumps(settings))
    backend = AsyncLocalChat(str(folder))
    assert said(backend, ask("hello")) == plain
    kept = backend._network.generation_config.to_dict()
    assert {name: kept.get(name) for name in own} == dict.fromkeys(own)


@pytest.mark.parametrize("spoil", ["embeddings", "eyes", "film"])
def test_what_a_library_raises_on_a_message_fails_the_call_alone(folders: dict[str, Path], spoil: str) -> None:
    backend = AsyncLocalChat(str(folders["vl"]))
    said(backend, ask("warm up"), Options(max_tokens=1))
    senses = dict(backend._family.senses)

    def fail(*_: Any) -> Any:
        raise ZeroDivisionError(f"in {folders['vl']}\nsecond line") if spoil == "film" else ImportError("no eyes")

    if spoil == "embeddings":
        # A tokenizer with more tokens than the network has rows.
        backend._prompter.tokenizer.add_tokens(["<more>"])
        backend._prompter = dataclasses.replace(backend._prompter, control=re.compile("(?!)"), acting=frozenset())
    else:
        family = dataclasses.replace(backend._family, senses=senses | {"image": fail})
        backend._prompter = dataclasses.replace(backend._prompter, family=family)
    items = [("a", ask("<more>") if spoil == "embeddings" else ask(picture(), "hello")), ("b", ask("hello"))]
    found: dict[str, Any] = {}
    Caller(backend).run(items, found.__setitem__, SHORT)
    assert (found["a"].error, found["a"].attempts, found["b"].outcome) == ("RemoteError", 1, "answered")
    beyond = "a token of the message is not among the 266 of the model"
    assert (beyond if spoil == "embeddings" else "the model in 'vl' fails on this message (") in found["a"].cause
    assert "\n" not in found["a"].cause
    assert str(folders["vl"]) not in found["a"].cause


@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_scores_that_are_no_numbers_are_no_reply(folders: dict[str, Path], temperature: float) -> None:
    import torch

    backend = AsyncLocalChat(str(folders["text"]))
    said(backend, ask("warm up"), Options(max_tokens=1))
    with torch.no_grad():
        backend._network.lm_head.weight[5] = torch.nan
    with pytest.raises(RemoteError, match="no number"):
        said(backend, ask("hello"), Options(max_tokens=4, temperature=temperature))


def test_without_a_top_k_of_the_model_all_tokens_may_be_drawn(folders: dict[str, Path]) -> None:
    backend = AsyncLocalChat(str(folders["text"]))
    said(backend, ask("hello"))

    def config(**options: Any) -> Any:
        return generation_config(backend._network, backend._prompter.tokenizer, Options(**options), room=9)

    assert (config(temperature=0.7).top_k, config(temperature=0.7, max_tokens=5).max_new_tokens) == (0, 5)
    backend._network.generation_config.top_k = 20
    drawn = config(temperature=0.7, top_p=0.8)
    assert (drawn.do_sample, drawn.temperature, drawn.top_p, drawn.top_k) == (True, 0.7, 0.8, 20)
    assert (config().do_sample, config().top_k, config().max_new_tokens) == (False, None, 9)


def test_media_have_the_networks_format_and_times_keep_theirs(folders: dict[str, Path]) -> None:
    import torch

    backend = AsyncLocalChat(str(folders["vl"]), device="cpu", dtype="bfloat16")
    said(backend, ask("warm up"), Options(max_tokens=1))
    seen: dict[str, Any] = {}
    real = backend._network.generate

    def generate(**given: Any) -> Any:
        seen.update(given)
        return real(**given)

    backend._network.generate = generate
    said(backend, ask(*frames(4, 0.37), "hello"), Options(max_tokens=1))
    assert seen["pixel_values_videos"].dtype == torch.bfloat16
    assert seen["second_per_grid_ts"].tolist() == pytest.approx([0.74], rel=1e-6)
    assert next(backend._network.parameters()).dtype == torch.bfloat16


def test_a_reply_ends_at_the_models_own_end(folders: dict[str, Path], tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "x"
    shutil.copytree(folders["text"], folder)
    backend = AsyncLocalChat(str(folder))
    whole = said(backend, ask("hello"), Options(max_tokens=8))
    assert (whole.finish_reason, whole.output_tokens) == ("length", 8)
    third = int(_tokens(backend, 3)[-1])
    settings = json.loads((folder / "generation_config.json").read_text()) | {"eos_token_id": [third]}
    (folder / "generation_config.json").write_text(json.dumps(settings))
    cut = said(AsyncLocalChat(str(folder)), ask("hello"), Options(max_tokens=8))
    assert (cut.finish_reason, cut.output_tokens) == ("stop", 3)


def _tokens(backend: AsyncLocalChat, number: int) -> Any:
    import torch

    ids = torch.from_numpy(backend._prompter.tensors(ask("hello"), SHORT)["input_ids"])
    return backend._network.generate(ids, max_new_tokens=number, do_sample=False)[0, -number:]


def test_the_models_own_limit_cuts_a_reply_and_refuses_a_prompt(tmp_path: Path) -> None:
    folder = MODELS["text"](tmp_path)
    settings = json.loads((folder / "config.json").read_text()) | {"max_position_embeddings": 40}
    (folder / "config.json").write_text(json.dumps(settings))
    backend = AsyncLocalChat(str(folder))
    reply = said(backend, ask("hello"), LONG)
    assert (reply.finish_reason, reply.input_tokens, reply.output_tokens) == ("length", 24, 16)
    with pytest.raises(RemoteError, match="has 119 tokens and the model takes 40"):
        said(backend, ask("x" * 100))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"top_p": 0.0}, "top_p must lie above 0"),
        ({"top_p": 1.5}, "top_p"),
        ({"temperature": 1e-40}, "0 or at least 0.0001"),
        ({"repetition_penalty": 0.0}, "penalty"),
    ],
)
def test_options_that_cannot_be(folders: dict[str, Path], options: dict[str, float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        said(AsyncLocalChat(str(folders["text"])), ask("hello"), Options(**options))


def test_a_lack_of_memory_fails_the_call_alone(folders: dict[str, Path]) -> None:
    backend = AsyncLocalChat(str(folders["text"]))
    first = said(backend, ask("hello"))
    real, error = backend._network.generate, [RuntimeError("CUDA out of memory. Tried to allocate"), MemoryError()]

    def generate(**given: Any) -> Any:
        raise error.pop()

    backend._network.generate = generate
    found: dict[str, Any] = {}
    Caller(backend).run([("a", ask("hello")), ("b", ask("hello"))], found.__setitem__, SHORT)
    assert {(call.error, call.attempts) for call in found.values()} == {("RemoteError", 1)}
    assert "memory is too small for the model with 24 tokens" in found["a"].cause
    backend._network.generate = real
    assert said(backend, ask("hello")) == first


# ---------------------------------------------------------------- one at a time, and stopping


def test_replies_are_written_one_at_a_time_while_the_loop_goes_on(endless: Path) -> None:
    backend = AsyncLocalChat(str(endless))
    watch = Watch(backend)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    async def three() -> list[Reply]:
        other = asyncio.create_task(tick())
        try:
            return await asyncio.gather(*(backend.reply(ask(text), Options(max_tokens=30)) for text in "abc"))
        finally:
            other.cancel()

    together = asyncio.run(three())
    assert (watch.most, watch.steps) == (1, 90)
    assert ticks > 10
    assert together == [said(backend, ask(text), Options(max_tokens=30)) for text in "abc"]


def test_a_cancelled_call_stops_and_leaves_the_next_one_right(endless: Path) -> None:
    backend = AsyncLocalChat(str(endless))
    wanted = said(backend, ask("next"))
    watch = Watch(backend)

    async def cancel_then_ask() -> Reply:
        first, queued = (asyncio.create_task(backend.reply(ask(text), LONG)) for text in ("one", "two"))
        await asyncio.to_thread(watch.begun.wait, 30)
        first.cancel()
        queued.cancel()
        for task in (first, queued):
            with pytest.raises(asyncio.CancelledError):
                await task
        return await backend.reply(ask("next"), SHORT)

    assert asyncio.run(cancel_then_ask()) == wanted
    assert (watch.most, watch.inside) == (1, 0)
    assert watch.steps < 2000


def test_a_time_out_is_a_fault_of_the_call_and_spoils_no_other(endless: Path) -> None:
    backend = AsyncLocalChat(str(endless))
    wanted = said(backend, ask("next"))
    watch = Watch(backend)
    found: dict[str, Any] = {}
    Caller(backend, timeout_s=0.3, retries=0).run([("a", ask("one"))], found.__setitem__, LONG)
    assert (found["a"].error, found["a"].outcome) == ("ServerFault", "failed")
    Caller(backend).run([("b", ask("next"))], found.__setitem__, SHORT)  # a new loop, a new thread
    assert found["b"].reply == wanted
    assert watch.most == 1
    assert watch.steps < 4000


def test_closing_ends_the_thread_and_keeps_the_weights(folders: dict[str, Path]) -> None:
    backend = AsyncLocalChat(str(folders["text"]))
    others = set(threading.enumerate())

    async def ask_and_close() -> tuple[Reply, set[threading.Thread]]:
        reply = await backend.reply(ask("hello"), SHORT)
        own = {each for each in threading.enumerate() if each.name.startswith("openaffect-local-model")} - others
        await backend.aclose()
        return reply, own

    first, own = asyncio.run(ask_and_close())
    network = backend._network
    assert len(own) == 1
    for thread in own:
        thread.join(30)
        assert not thread.is_alive()
    assert asyncio.run(ask_and_close())[0] == first
    assert backend._network is network


# ---------------------------------------------------------------- calls


def test_calls_are_recorded_counted_and_cached(folders: dict[str, Path], tmp_path: Path) -> None:
    items = [("a", ask(picture(), "hello")), ("b", ask(sound(), "hello")), ("c", ask("hello"))]
    found: dict[str, Any] = {}
    with ReplyCache(tmp_path / "replies.sqlite") as cache:
        backend = open_backend(f"transformers:{folders['vl']}")
        account = Caller(backend, cache=cache, concurrency=2).run(items, found.__setitem__, SHORT)
        assert {name: call.outcome for name, call in found.items()} == {"a": "answered", "b": "failed", "c": "answered"}
        assert (found["b"].error, found["b"].attempts) == ("RemoteError", 1)
        assert "Qwen2.5-VL takes text, pictures and videos, but sound came" in found["b"].cause
        assert (account.answered, account.failed) == (2, 1)
        assert account.output_tokens == found["a"].reply.output_tokens + found["c"].reply.output_tokens
        again = AsyncLocalChat(str(folders["vl"]))
        second: dict[str, Any] = {}
        Caller(again, cache=cache).run([items[0], items[2]], second.__setitem__, SHORT)
        assert {call.cached for call in second.values()} == {True}
        assert second["a"].reply == found["a"].reply
        assert again._network is None  # what is cached needs no weights
        assert cache.models() == [("vl", backend.revision)]


def test_the_probe_says_what_a_model_does_not_take(folders: dict[str, Path]) -> None:
    quiet = {"say": lambda word: None}
    found = probe(Caller(AsyncLocalChat(str(folders["text"]))), ["audio", "video", "text"], **quiet)
    assert (found.unknown, found.arrived["text"]) == (("audio", "video"), False)
    assert "takes text alone, but a picture came" in found.cause["video"]
    heard = probe(Caller(AsyncLocalChat(str(folders["omni"]))), ["audio", "video", "text"], **quiet)
    assert heard.missing == ("audio", "video", "text")  # its weights are random, so it knows nothing
    assert {reply.outcome for reply in heard.replies} <= {"answered", "empty"}
