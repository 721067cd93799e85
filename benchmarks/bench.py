"""What the machinery around model calls costs: our `Caller` beside bare clients, on a server of 200 ms latency.

    python benchmarks/bench.py [--items 2000] [--concurrency 32] [--flat 100000]

A loopback server in a process of its own writes one fixed chat completion 200 ms after each request.  Each client sends
the same text items; imports, the first connections and 64 warm-up items are not counted.  Bare clients: requests on raw
asyncio sockets, and the openai package's asynchronous client, both with as many tasks as the concurrency. Clients take
turns, three rounds each; figures are medians.  ``run`` is a whole ``openaffect bench run`` of one stage, records and
all.  Every client runs in a process of its own, so that peaks are its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

LATENCY_S = 0.2
ROUNDS = 3
WARM_UP = 64
CLIENTS = ("socket", "sdk", "caller", "caller+cache", "run")
ANSWER: dict[str, object] = {
    "id": "1",
    "object": "chat.completion",
    "created": 0,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "[calm, relieved]"}}],
    "usage": {"prompt_tokens": 150, "completion_tokens": 6, "total_tokens": 156},
}
Ask = Callable[[int], Awaitable[str]]


def say(content: str) -> None:
    """Serve *content* as the reply to every request, until the process ends."""
    message = {"role": "assistant", "content": content}
    asyncio.run(serve({**ANSWER, "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}))


async def serve(answers: dict[str, object] = ANSWER) -> None:
    """Print the port of a server that answers every request with *answers* after `LATENCY_S` seconds."""
    body = json.dumps(answers).encode()
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readexactly(length(await reader.readuntil(b"\r\n\r\n")))
                await asyncio.sleep(LATENCY_S)
                writer.write(whole)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def length(head: bytes) -> int:
    """Return the content length in the *head* of a request or a reply."""
    line = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return int(line.split(b":")[1])


def text(number: int) -> str:
    """Return the text of one item, as long as a usual description of a clip."""
    return f"item {number}: " + "Her voice trembles a little, she looks down and says that it was nothing. " * 8


def body(number: int) -> dict[str, object]:
    """Return the request for one item, for the bare clients."""
    messages = [{"role": "user", "content": text(number)}]
    return {"model": "m", "messages": messages, "temperature": 0.0, "seed": 0, "max_tokens": 1024}


def bare_socket(port: int) -> Ask:
    """Return a client that writes HTTP on sockets which it keeps open: as bare as a client gets."""
    free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(number: int) -> str:
        reader, writer = free.pop() if free else await asyncio.open_connection("127.0.0.1", port)
        data = json.dumps(body(number)).encode()
        head = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        answer = json.loads(await reader.readexactly(length(await reader.readuntil(b"\r\n\r\n"))))
        free.append((reader, writer))
        return str(answer["choices"][0]["message"]["content"])

    return ask


def bare_sdk(port: int) -> Ask:
    """Return a client that is the openai package, used as its documentation says."""
    import openai

    client = openai.AsyncOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0)

    async def ask(number: int) -> str:
        answer = await client.chat.completions.create(**body(number))  # type: ignore[call-overload]
        return str(answer.choices[0].message.content)

    return ask


async def spread(ask: Ask, numbers: range, concurrency: int) -> int:
    """Ask for all *numbers* with *concurrency* tasks and return how many were answered."""
    left = iter(numbers)

    async def work() -> int:
        return sum([bool(await ask(number)) for number in left])

    return sum(await asyncio.gather(*(work() for _ in range(concurrency))))


async def time_bare(ask: Ask, items: int, concurrency: int) -> tuple[float, float]:
    """Return wall and CPU seconds of a bare client for *items*, after a warm-up."""
    await spread(ask, range(-WARM_UP, 0), concurrency)
    wall, cpu = time.perf_counter(), time.process_time()
    assert await spread(ask, range(items), concurrency) == items
    return time.perf_counter() - wall, time.process_time() - cpu


async def time_caller(port: int, items: int, concurrency: int, cached: bool) -> tuple[float, float]:
    """Return wall and CPU seconds of our `Caller` for *items*, with a cache on disk if *cached*."""
    from openaffect.mllm.cache import ReplyCache
    from openaffect.mllm.caller import Caller
    from openaffect.mllm.openai import AsyncOpenAIChat

    backend = AsyncOpenAIChat("m", base_url=f"http://127.0.0.1:{port}/v1")
    with tempfile.TemporaryDirectory() as room:
        cache = ReplyCache(Path(room) / "replies.sqlite") if cached else None
        caller = Caller(backend, concurrency=concurrency, cache=cache)
        _ = [name async for name, _ in caller.stream(asked(range(-WARM_UP, 0)))]
        wall, cpu = time.perf_counter(), time.process_time()
        answered = 0
        async for _, call in caller.stream(asked(range(items))):
            answered += call.outcome == "answered"
        taken = time.perf_counter() - wall, time.process_time() - cpu
        assert answered == items
        await backend.aclose()
    return taken


def time_run(port: int, items: int, concurrency: int) -> tuple[float, float]:
    """Return wall and CPU seconds of a whole run of one stage: items, cache, a record an item on disk, scores."""
    from openaffect.mllm.cache import ReplyCache
    from openaffect.mllm.caller import Caller
    from openaffect.mllm.openai import AsyncOpenAIChat

    backend = AsyncOpenAIChat("m", base_url=f"http://127.0.0.1:{port}/v1")
    with tempfile.TemporaryDirectory() as room, ReplyCache(Path(room) / "replies.sqlite") as cache:
        caller = Caller(backend, concurrency=concurrency, cache=cache)
        one_stage(range(-WARM_UP, 0), caller, Path(room) / "warm-up")
        wall, cpu = time.perf_counter(), time.process_time()
        one_stage(range(items), caller, Path(room) / "run")
        return time.perf_counter() - wall, time.process_time() - cpu


def one_stage(numbers: range, caller: Any, out: Path) -> None:
    """Run a task that asks one question an item; questions are made when they are asked, as clips are decoded then."""
    from openaffect.bench.river import run
    from openaffect.bench.task import Item, Source, Stage, Task, read_text
    from openaffect.mllm.chat import Message, Text
    from openaffect.records import Record

    class Answered(Record):
        n: int

    stage = Stage(
        "ask",
        "model",
        lambda item, _: (Message("user", (Text(text(int(item.id))),)),),
        lambda item, _, call: read_text(item, call),
    )
    task = Task(
        "made",
        "made",
        "",
        lambda _: (Item(str(number), "made") for number in numbers),
        lambda _: (stage,),
        lambda _, steps, __: Answered(n=sum(step.outcome == "answered" for step in steps["ask"].values())),
    )
    found = run(task, Source(out), {"model": caller}, out).scores
    assert isinstance(found, Answered) and found.n >= 0.99 * len(numbers), found


def asked(numbers: range) -> Iterator[tuple[str, list[object]]]:
    """Yield ids and messages, made one by one."""
    from openaffect.mllm.chat import Message, Text

    for number in numbers:
        yield str(number), [Message("user", (Text(text(number)),))]


def measure(client: str, port: int, items: int, concurrency: int) -> None:
    """Print wall seconds, CPU seconds and peak MB of one client as JSON."""
    if client == "run":
        wall, cpu = time_run(port, items, concurrency)
    elif client in ("socket", "sdk"):
        ask = bare_socket(port) if client == "socket" else bare_sdk(port)
        wall, cpu = asyncio.run(time_bare(ask, items, concurrency))
    else:
        wall, cpu = asyncio.run(time_caller(port, items, concurrency, client == "caller+cache"))
    print(json.dumps([wall, cpu, peak_mb()]))


def peak_mb() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def flat(items: int) -> None:
    """Print the peak memory of *items* calls to the fake, a tenth of them done and all done, as JSON."""
    from openaffect.mllm.cache import ReplyCache
    from openaffect.mllm.caller import Caller
    from openaffect.mllm.fake import Fake

    marks: list[float] = []

    def sink(name: str, call: object) -> None:
        nonlocal seen
        seen += 1
        if seen in (items // 10, items):
            marks.append(peak_mb())

    seen = 0
    with tempfile.TemporaryDirectory() as room, ReplyCache(Path(room) / "replies.sqlite") as cache:
        start = time.process_time()
        faults = {"rate_limit_after": 0.00005, "server_error": 0.0005, "empty": 0.001}
        Caller(Fake("[calm]", faults=faults), concurrency=32, cache=cache).run(asked(range(items)), sink)
        print(json.dumps([*marks, time.process_time() - start]))


def flat_run(items: int) -> None:
    """Print the peak memory and the CPU seconds of a whole run of *items* with replies of 4 kB, as JSON."""
    from openaffect.mllm.cache import ReplyCache
    from openaffect.mllm.caller import Caller
    from openaffect.mllm.fake import Fake

    with tempfile.TemporaryDirectory() as room, ReplyCache(Path(room) / "replies.sqlite") as cache:
        start = time.process_time()
        one_stage(range(items), Caller(Fake("calm " * 800), concurrency=32, cache=cache), Path(room) / "run")
        print(json.dumps([peak_mb(), time.process_time() - start]))


def child(*words: object) -> list[float]:
    """Return what this script prints in a process of its own."""
    line = [sys.executable, __file__, *map(str, words)]
    found: list[float] = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    return found


def table(port: int, items: int, concurrency: int) -> None:
    """Print one row a client."""
    found: dict[str, list[list[float]]] = {client: [] for client in CLIENTS}
    for _ in range(ROUNDS):
        for client in CLIENTS:
            found[client].append(child("--measure", client, port, items, concurrency))
    middle = {
        client: [statistics.median(column) for column in zip(*rows, strict=True)] for client, rows in found.items()
    }
    rates = {client: items / wall for client, (wall, _, _) in middle.items()}
    print(f"{'client':14}{'items/s':>9}{'of socket':>11}{'of sdk':>9}{'CPU ms/item':>13}{'peak MB':>9}")
    for client, (_, cpu, peak) in middle.items():
        ratios = f"{rates[client] / rates['socket']:>11.1%}{rates[client] / rates['sdk']:>9.1%}"
        print(f"{client:14}{rates[client]:>9.1f}{ratios}{cpu / items * 1e3:>13.2f}{peak:>9.0f}")
    print(f"no client can be faster than {concurrency / LATENCY_S:.0f} items/s")


def main() -> None:
    """Print the table, then the memory of a long run."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", type=int, default=2000)
    options.add_argument("--concurrency", type=int, default=32)
    options.add_argument("--flat", type=int, default=100_000, help="items of the memory run")
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    options.add_argument("--measure-flat", type=int, help=argparse.SUPPRESS)
    options.add_argument("--measure-run", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        asyncio.run(serve())
    elif given.measure:
        measure(given.measure[0], *map(int, given.measure[1:]))
    elif given.measure_flat:
        flat(given.measure_flat)
    elif given.measure_run:
        flat_run(given.measure_run)
    else:
        with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                table(int(server.stdout.readline()), given.items, given.concurrency)
            finally:
                server.terminate()
        first, last, cpu = child("--measure-flat", given.flat)
        print(
            f"fake, {given.flat} items, cache on: peak {first:.0f} MB after a tenth, {last:.0f} MB at the end, ", end=""
        )
        print(f"{cpu / given.flat * 1e3:.2f} CPU ms/item")
        for count in (given.flat // 10, given.flat):
            peak, cpu = child("--measure-run", count)
            print(f"whole run, {count} items, replies of 4 kB: peak {peak:.0f} MB, {cpu / count * 1e3:.2f} CPU ms/item")


if __name__ == "__main__":
    main()
