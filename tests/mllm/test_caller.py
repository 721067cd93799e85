"""Many calls on a simulated clock: bounds, waits, faults, the budget; and Ctrl-C for real."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mllm.clock import now, simulated

from openaffect.errors import DataError, KeyRejected, OutputError, PassingFault, UsageError
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller, Item
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Clip, Message, Options, Reply, Text
from openaffect.mllm.fake import Fake
from openaffect.mllm.fake_faults import FAULTS
from openaffect.mllm.faults import status_fault
from openaffect.mllm.prices import Account, Prices

PRICES = Prices(input=0.0, output=1e6)
"""A token written costs 1."""
ONE = Reply("yes", input_tokens=7, output_tokens=1)
HELLO = [Message("user", (Text("hello"),))]


def items(count: int) -> Iterator[Item]:
    return ((str(number), [Message("user", (Text(f"item {number}"),))]) for number in range(count))


async def gathered(caller: Caller, count: int) -> dict[str, Call]:
    return {name: call async for name, call in caller.stream(items(count))}


def one(backend: Fake, **settings: Any) -> tuple[Call, float]:
    """The call for one item, and the seconds that passed."""

    async def work() -> tuple[Call, float]:
        return (await gathered(Caller(backend, **settings), 1))["0"], now()

    return simulated(work())


def test_no_more_calls_at_once_than_asked_for_and_no_fewer() -> None:
    async def work() -> float:
        assert len(await gathered(Caller(backend, concurrency=5), 50)) == 50
        return now()

    backend = Fake("calm", latency_s=1.0)
    assert simulated(work()) == pytest.approx(10.0)
    assert backend.most == 5


def test_calls_outside_of_a_stream_are_bounded_too() -> None:
    async def work() -> None:
        caller = Caller(backend, concurrency=3)
        await asyncio.gather(*(caller.call(messages) for _, messages in items(20)))

    backend = Fake("calm", latency_s=1.0)
    simulated(work())
    assert (backend.most, backend.sent) == (3, 20)


@pytest.mark.parametrize("fault", ["rate_limit", "server_error", "dropped", "half_reply", "invalid_json"])
def test_a_passing_fault_is_tried_again(fault: str) -> None:
    call, seconds = one(Fake("calm", faults=[fault, fault]))
    assert (call.outcome, call.attempts, call.error) == ("answered", 3, None)
    assert 0 < seconds <= 1 + 2 + 0.5
    assert call.latency_s == pytest.approx(seconds)


@pytest.mark.parametrize("fault", ["rate_limit_after", "overloaded_after"])
def test_retry_after_is_honoured(fault: str) -> None:
    call, seconds = one(Fake("calm", faults=[fault]))
    assert (call.outcome, call.attempts) == ("answered", 2)
    assert 2.0 <= seconds <= 2.5


def test_a_wait_of_hours_is_not_waited_for() -> None:
    call, seconds = one(Fake([status_fault(429, "h", "m", wait=86400.0)]))
    assert (call.outcome, call.error, call.attempts, seconds) == ("failed", "RateLimited", 1, 0.0)
    assert "86400 s" in (call.cause or "")


def test_a_rate_limit_of_one_call_holds_all_new_ones() -> None:
    sent: list[float] = []

    def reply(messages: Sequence[Message]) -> str:
        sent.append(now())
        return "calm"

    async def work() -> None:
        await gathered(Caller(backend, concurrency=4), 40)

    # At 1 s the first request is told to wait for 2 s; without that, replies would come at 1, 2, 3 ... s.
    backend = Fake(reply, latency_s=1.0, faults=["rate_limit_after"])
    simulated(work())
    assert len(sent) == 40
    assert not [at for at in sent if 1.0 < at < 4.0]


def test_a_stall_of_a_minute_ends_at_the_time_out_and_is_tried_again() -> None:
    call, seconds = one(Fake("calm", faults=["stall"]), timeout_s=5)
    assert (call.outcome, call.attempts) == ("answered", 2)
    assert 5 <= seconds <= 6
    call, seconds = one(Fake("calm", faults=["stall"] * 9), timeout_s=5, retries=1)
    assert (call.outcome, call.error, call.attempts) == ("failed", "ServerFault", 2)
    assert "within 5 s" in (call.cause or "")
    call, seconds = one(Fake("calm", faults=["stall"]), timeout_s=100)
    assert 60 <= seconds <= 61
    assert call.attempts == 2


def test_attempts_end_and_waits_grow_but_not_beyond_a_minute() -> None:
    call, seconds = one(Fake("calm", faults=["server_error"] * 99), retries=6)
    assert (call.outcome, call.error, call.attempts) == ("failed", "ServerFault", 7)
    assert 5 < seconds <= 63
    _, seconds = one(Fake("calm", faults=["server_error"] * 2000), retries=1999)
    assert 1994 * 20 < seconds < 2000 * 60


@given(st.integers(0, 100))
def test_waits_are_drawn_from_the_seed(seed: int) -> None:
    faults = ["server_error"] * 3
    assert one(Fake("calm", faults=faults), seed=seed) == one(Fake("calm", faults=faults), seed=seed)
    assert one(Fake("calm", faults=faults), seed=seed)[1] != one(Fake("calm", faults=faults), seed=seed + 1)[1]


@pytest.mark.parametrize(
    ("fault", "outcome", "error"),
    [
        ("bad_request", "failed", "RemoteError"),
        ("empty", "empty", None),
        ("cut", "answered", None),
        ("refusal", "refused", None),
        ("refusal_in_words", "answered", None),
        ("other_language", "answered", None),
        ("no_json", "answered", None),
    ],
)
def test_other_faults_are_recorded_and_not_tried_again(fault: str, outcome: str, error: str | None) -> None:
    call, seconds = one(Fake("calm", faults=[fault]))
    assert (call.outcome, call.error, call.attempts, seconds) == (outcome, error, 1, 0.0)
    assert (call.cause is None) == (error is None)


def test_a_wrong_key_ends_the_run_after_what_was_finished() -> None:
    async def work() -> None:
        async for name, _ in Caller(backend, concurrency=2).stream(items(1000)):
            done.append(name)

    done: list[str] = []
    backend = Fake("calm", latency_s=1.0, faults=[None] * 6 + ["wrong_key"])
    with pytest.raises(KeyRejected, match="refused the key"):
        simulated(work())
    assert 6 <= len(done) <= 7
    assert backend.sent <= 9


def test_a_missing_clip_is_an_outcome() -> None:
    async def work() -> Call:
        return await Caller(Fake("calm")).call([Message("user", (Clip(Path("/nowhere/a.mp4")),))])

    call = simulated(work())
    assert (call.outcome, call.error, call.attempts) == ("failed", "MediaError", 0)
    assert "/nowhere/a.mp4" in (call.cause or "")


def test_a_bug_in_a_backend_keeps_its_traceback() -> None:
    def broken(messages: Sequence[Message]) -> str:
        raise ZeroDivisionError("bug")

    with pytest.raises(ZeroDivisionError, match="bug"):
        simulated(gathered(Caller(Fake(broken)), 10))


@pytest.mark.parametrize("concurrency", [1, 4, 32])
def test_the_run_stops_at_the_budget_and_loses_nothing(concurrency: int) -> None:
    backend = Fake(ONE, latency_s=1.0)
    caller = Caller(backend, concurrency=concurrency, budget=10.0, prices=PRICES)
    found = simulated(gathered(caller, 100))
    assert len(found) == 100
    outcomes = [call.outcome for call in found.values()]
    assert (outcomes.count("answered"), outcomes.count("unasked"), backend.sent) == (10, 90, 10)
    assert {call.error for call in found.values() if call.outcome == "unasked"} == {"BudgetSpent"}
    assert caller.account == Account(
        answered=10, unasked=90, attempts=10, input_tokens=70, output_tokens=10, spent=10.0, dearest=1.0
    )


def test_a_budget_of_nothing_and_a_free_model() -> None:
    found = simulated(gathered(Caller(Fake(ONE), budget=0.0, prices=PRICES), 3))
    assert [call.outcome for call in found.values()] == ["unasked"] * 3
    found = simulated(gathered(Caller(Fake(ONE), budget=1.0, prices=Prices(0.0, 0.0)), 3))
    assert [call.cost for call in found.values()] == [0.0] * 3


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 8), st.integers(0, 60))
def test_the_budget_is_passed_only_by_calls_dearer_than_all_before(costs: list[int], wide: int, budget: int) -> None:
    replies = [Reply("yes", input_tokens=1, output_tokens=cost) for cost in costs]
    caller = Caller(Fake(list(replies), latency_s=1.0), concurrency=wide, budget=float(budget), prices=PRICES)
    found = simulated(gathered(caller, len(costs)))
    assert len(found) == len(costs)
    assert caller.account.answered + caller.account.unasked == len(costs)
    assert caller.account.spent <= budget + wide * max(costs)
    if wide == 1:
        assert caller.account.spent - caller.account.dearest <= budget
    assert caller.account.spent == sum(call.cost or 0.0 for call in found.values())


def test_a_budget_cannot_be_kept_where_tokens_are_not_counted() -> None:
    class Silent(Fake):
        async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
            return Reply("yes")

    caller = Caller(Silent(), budget=10.0, prices=PRICES)
    found = simulated(gathered(caller, 5))
    assert sorted(call.outcome for call in found.values()) == ["answered"] + ["unasked"] * 4
    assert caller.account.uncounted == 1
    assert "tokens" in " ".join(call.cause or "" for call in found.values())


def test_what_the_cache_holds_costs_no_call_and_no_budget(tmp_path: Path) -> None:
    with ReplyCache(tmp_path / "replies.sqlite") as cache:
        simulated(gathered(Caller(Fake(ONE), cache=cache), 20))
        backend = Fake(ONE, faults=["empty", "bad_request", "refusal"])
        caller = Caller(backend, cache=cache, budget=20.0, prices=PRICES, concurrency=1)
        found = simulated(gathered(caller, 23))
        assert [call.cached for call in found.values()] == [True] * 20 + [False] * 3
        assert (caller.account.cached, caller.account.answered, caller.account.failed) == (20, 2, 1)
        # Only the refusal was worth keeping: an empty reply and a failure are asked again.
        again = Fake(ONE)
        found = simulated(gathered(Caller(again, cache=cache, concurrency=1), 23))
        assert [call.outcome for call in found.values()] == ["answered"] * 22 + ["refused"]
        assert again.sent == 2


def test_model_revision_and_options_are_part_of_the_question(tmp_path: Path) -> None:
    async def work(backend: Fake, options: Options) -> bool:
        return (await Caller(backend, cache=cache).call(next(items(1))[1], options)).cached

    with ReplyCache(tmp_path / "replies.sqlite") as cache:
        for backend in (Fake(ONE), Fake(ONE, model="other"), Fake(ONE, revision="r2")):
            for options in (Options(), Options(seed=1)):
                assert not simulated(work(backend, options))
                assert simulated(work(backend, options))


def test_a_generator_is_read_only_as_fast_as_results_are_taken() -> None:
    read = 0

    def source() -> Iterator[Item]:
        nonlocal read
        for item in items(1000):
            read += 1
            yield item

    async def work() -> None:
        async with aclosing(Caller(Fake("calm"), concurrency=4).stream(source())) as calls:
            taken = 0
            async for _ in calls:
                taken += 1
                await asyncio.sleep(1.0)
                assert read <= taken + 8
                if taken == 50:
                    break

    simulated(work())


def test_items_may_come_asynchronously() -> None:
    async def source() -> AsyncIterator[Item]:
        for item in items(10):
            await asyncio.sleep(0.1)
            yield item

    async def work() -> int:
        return len([name async for name, _ in Caller(Fake("calm")).stream(source())])

    assert simulated(work()) == 10


def test_an_error_of_the_items_is_raised_after_what_was_finished() -> None:
    def source() -> Iterator[Item]:
        yield from items(5)
        raise OutputError("no items left.")

    async def work() -> None:
        async for name, _ in Caller(Fake("calm"), concurrency=2).stream(source()):
            done.append(name)

    done: list[str] = []
    with pytest.raises(OutputError, match="no items"):
        simulated(work())
    assert len(done) >= 3


def test_cancelled_it_gives_what_had_ended_and_cancels_the_rest() -> None:
    async def reader() -> None:
        async for name, _ in Caller(backend, concurrency=4).stream(items(100)):
            done.append(name)

    async def work() -> None:
        task = asyncio.create_task(reader())
        await asyncio.sleep(2.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(asyncio.all_tasks()) == 1

    done: list[str] = []
    backend = Fake("calm", latency_s=1.0)
    simulated(work())
    assert (sorted(done), backend.sent) == ([str(n) for n in range(8)], 12)


def test_the_sync_door_gives_the_account_and_refuses_a_running_loop() -> None:
    found: dict[str, Call] = {}
    caller = Caller(Fake(ONE), prices=PRICES)
    assert caller.run(items(3), found.__setitem__).spent == 3.0
    assert caller.run(items(2), found.__setitem__).answered == 5  # again, in another loop
    assert sorted(found) == ["0", "1", "2"]

    async def inside() -> None:
        caller.run(items(1), found.__setitem__)

    with pytest.raises(UsageError, match="async for"):
        asyncio.run(inside())


def test_a_sink_that_fails_ends_the_run() -> None:
    def full(name: str, call: Call) -> None:
        raise OutputError("the disk is full.")

    with pytest.raises(OutputError, match="full"):
        Caller(Fake(ONE)).run(items(100), full)


# A shell that works in the background starts its children with SIGINT ignored; a terminal does not.
CTRL_C = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Text
from openaffect.mllm.fake import Fake
def items():
    for n in range(100000):
        yield str(n), [Message("user", (Text(str(n)),))]
def sink(name, call):
    print(name, flush=True)
Caller(Fake("calm", latency_s=0.01), concurrency=4).run(items(), sink)
"""


def test_ctrl_c_ends_it_with_whole_results() -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", CTRL_C], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        os.kill(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert error.strip().splitlines()[-1] == "KeyboardInterrupt"
    assert "never retrieved" not in error
    assert all(line.isdigit() for line in out.splitlines())


@pytest.mark.parametrize(
    "settings",
    [
        {"concurrency": 0},
        {"retries": -1},
        {"timeout_s": 0},
        {"timeout_s": float("nan")},
        {"budget": 1.0},
        {"budget": -1.0, "prices": PRICES},
        {"budget": float("nan"), "prices": PRICES},
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Caller(Fake("calm"), **settings)


@pytest.mark.parametrize("price", [-1.0, float("nan"), float("inf")])
def test_prices_that_cannot_be(price: float) -> None:
    with pytest.raises(UsageError, match="prices"):
        Prices(price, 1.0)


def test_a_call_is_stored_and_read_back() -> None:
    for fault in FAULTS:
        if fault != "wrong_key":
            call, _ = one(Fake("calm", faults=[fault] * 9), retries=1)
            record = json.loads(json.dumps(call.record("a", model="m")))
            assert (record["id"], record["model"], record["outcome"]) == ("a", "m", call.outcome)
            assert Call.read(record) == call
    with pytest.raises(DataError, match="no call"):
        Call.read({"fingerprint": "", "reply": {"words": 3}})
    with pytest.raises(DataError, match="no call"):
        Call.read({"id": "a"})


@given(st.integers(0, 5), st.integers(1, 9))
def test_the_plan_of_faults_does_not_depend_on_who_comes_first(seed: int, wide: int) -> None:
    def outcomes(concurrency: int) -> dict[str, tuple[str, int]]:
        plan = {"server_error": 0.2, "rate_limit": 0.1, "empty": 0.1, "refusal": 0.1}
        caller = Caller(Fake("calm", latency_s=0.1, faults=plan, seed=seed), concurrency=concurrency)
        return {name: (call.outcome, call.attempts) for name, call in simulated(gathered(caller, 60)).items()}

    assert outcomes(1) == outcomes(wide)


@pytest.mark.slow
def test_memory_is_flat_over_100_000_items(tmp_path: Path) -> None:
    marks: list[int] = []
    seen = 0

    def sink(name: str, call: Call) -> None:
        nonlocal seen
        seen += 1
        if seen in (10_000, 100_000):
            marks.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        with ReplyCache(tmp_path / "replies.sqlite") as cache:
            Caller(Fake("calm", faults={"empty": 0.01}), concurrency=32, cache=cache).run(items(100_000), sink)
    finally:
        tracemalloc.stop()
    assert seen == 100_000
    assert marks[1] - marks[0] < 200_000


def test_replies_are_cut_where_the_caller_says_so_and_never_made_longer() -> None:
    asked: list[int] = []

    class Notes:
        model, revision, host = "m", "", ""

        async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
            asked.append(options.max_tokens)
            return Reply("yes")

    async def both() -> list[str]:
        caller = Caller(Notes(), max_tokens=50)
        return [(await caller.call(HELLO, Options(max_tokens=n))).fingerprint for n in (1024, 50, 8)]

    long, cut, short = asyncio.run(both())
    assert asked == [50, 50, 8] and long == cut != short


def test_what_a_server_does_not_support_is_not_tried_again() -> None:
    error = status_fault(500, "h", "m", said="image input is not supported - hint: you may need to provide the mmproj")
    assert not isinstance(error, PassingFault) and "image input is not supported" in str(error)
    assert isinstance(status_fault(500, "h", "m", said="out of slots"), PassingFault)
