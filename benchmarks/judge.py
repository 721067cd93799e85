"""What the judge of MME-Emotion costs: our stage beside the sequential manner of the released script, in one run.

    pip install opencv-python-headless requests
    python benchmarks/judge.py [--clips 200] [--concurrency 32] [--threads 2]

Made clips of 5 s (640x360, 25 frames a second, H.264, a key frame every 2 s; ten distinct ones under 200 names), a
loopback server of 200 ms latency in a process of its own, valid replies.  The peer does what the released script does,
written again from its description: one clip after the other, every frame decoded and converted by OpenCV, every 25th
kept, ten at most, JPEG, base64, one POST.  It is not the released code, which is not here.  Ours: the judge stage of
``openaffect bench judge``, first with no frame decoded yet (cold), then with the frames that it kept (cached).
Imports and first connections are not counted.  Each measurement runs in a process of its own; medians of three rounds,
of one for the peer.  ``--threads`` is the number of cores that a process may use.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import bench

ROUNDS = 3
DISTINCT = 10
RATINGS = "<score>Step 1: 1/1, Step 2: 1/1</score>"
STEPS = ["His brows are drawn together", "angry"]


def film(path: Path, seed: int) -> None:
    """Write one clip: a drifting pattern with noise, so that it neither compresses to nothing nor is all noise."""
    import av
    import numpy as np

    draw = np.random.default_rng(seed)
    grid = np.indices((360, 640)).sum(axis=0)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=25, options={"g": "50"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(125):
            wave = np.sin((grid + 4 * number) / (20 + seed))[..., None] * [90, 60, 110] + 128
            frame = np.clip(wave + draw.normal(0, 6, (360, 640, 1)), 0, 255).astype(np.uint8)
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


def write_data(room: Path, clips: int) -> None:
    """Write questions, clues and clips of ER-Wild, and the records of the two stages before the judge."""
    (room / "CAER/video").mkdir(parents=True)
    (room / "run").mkdir()
    names = [f"CAER/video/{number:04d}.mp4" for number in range(clips)]
    for number, name in enumerate(names):
        if number < DISTINCT:
            film(room / name, number)
        else:
            os.link(room / names[number % DISTINCT], room / name)
    labels = ["angry", "happy", "sad", "neutral", "fear", "surprise", "disgust"]
    questions = [{"video_id": name, "label": "angry", "label_set": labels} for name in names]
    clues = [{"video_id": name, "ground_truth": "angry", "audio_clue": "A loud, sharp voice."} for name in names]
    (room / "ER_Wild.json").write_text(json.dumps(questions))
    (room / "ER_Wild_qwen2_audio_clues.json").write_text(json.dumps(clues))
    for stage, value in (("answer", ". ".join(STEPS)), ("steps", STEPS)):
        rows = ({"id": f"ER-Wild/{name}", "text": str(value), "value": value, "outcome": "answered"} for name in names)
        (room / "run" / f"{stage}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def ours(room: Path, port: int, concurrency: int, limit: int | None = None) -> tuple[float, float]:
    """Return wall and CPU seconds of the judge stage, after a warm-up that connects and judges nothing here."""
    import asyncio

    from openaffect.bench.river import ask
    from openaffect.bench.task import Source
    from openaffect.bench.tasks import find_task
    from openaffect.bench.tasks.mme import frames  # noqa: F401 - the media libraries are loaded before the clock starts
    from openaffect.mllm.caller import Caller
    from openaffect.mllm.chat import Message, Text
    from openaffect.mllm.openai import AsyncOpenAIChat

    async def warm() -> None:
        backend = AsyncOpenAIChat("m", base_url=f"http://127.0.0.1:{port}/v1")
        await Caller(backend).call([Message("user", (Text("warm-up"),))])
        await backend.aclose()

    asyncio.run(warm())
    caller = Caller(AsyncOpenAIChat("m", base_url=f"http://127.0.0.1:{port}/v1"), concurrency=concurrency)
    source = Source(room, limit=limit, cache=room / "clips")
    wall, cpu = time.perf_counter(), time.process_time()
    steps = ask(find_task("mme-emotion"), source, {"judge": caller}, room / "run")
    taken = time.perf_counter() - wall, time.process_time() - cpu
    assert all(step.value == [1.0, 1.0] for step in steps["judge"].values())
    return taken


def sequential(room: Path, port: int) -> tuple[float, float]:
    """Return wall and CPU seconds of one clip after the other, as the released script goes about it."""
    import requests

    wall, cpu = time.perf_counter(), time.process_time()
    for question in json.loads((room / "ER_Wild.json").read_text()):
        parts = [{"type": "text", "text": bench.text(0)}] + [
            {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()}}
            for jpeg in opencv_frames(room / question["video_id"])
        ]
        body = {"model": "m", "messages": [{"role": "user", "content": parts}], "temperature": 0.0, "n": 1}
        answer = requests.post(f"http://127.0.0.1:{port}/v1/chat/completions", json=body, timeout=60)
        assert answer.json()["choices"][0]["message"]["content"] == RATINGS
    return time.perf_counter() - wall, time.process_time() - cpu


def opencv_frames(path: Path) -> list[bytes]:
    """Return one JPEG a second, ten at most, of the clip at *path*, of which every frame is decoded."""
    import cv2

    film = cv2.VideoCapture(str(path))
    stride, number, kept = int(film.get(cv2.CAP_PROP_FPS)), 0, []
    while True:
        there, frame = film.read()
        if not there:
            break
        if number % stride == 0:
            kept.append(cv2.imencode(".jpg", frame)[1].tobytes())
        number += 1
    film.release()
    return kept[:10]


def measured(way: str, room: Path, port: int, concurrency: int, threads: int) -> tuple[float, float]:
    """Return wall and CPU seconds of one *way* in a process of its own that may use *threads* cores."""
    for name in ("judge.jsonl", "judge-again.jsonl"):
        (room / "run" / name).unlink(missing_ok=True)
    if way == "cold":
        subprocess.run(["rm", "-rf", str(room / "clips")], check=True)
    line = [sys.executable, __file__, "--measure", way, str(room), str(port), str(concurrency)]
    cores = sorted(os.sched_getaffinity(0))[:threads]
    done = subprocess.run(
        line, stdout=subprocess.PIPE, text=True, check=True, preexec_fn=lambda: os.sched_setaffinity(0, cores)
    )
    wall, cpu = json.loads(done.stdout)
    return wall, cpu


def table(room: Path, port: int, clips: int, concurrency: int, threads: int) -> None:
    """Print a row a way."""
    found: dict[str, list[tuple[float, float]]] = {"sequential": [], "cold": [], "cached": []}
    for number in range(ROUNDS):
        for way, rows in found.items():
            if way != "sequential" or number == 0:
                rows.append(measured(way, room, port, concurrency, threads))
    base = statistics.median(wall for wall, _ in found["sequential"])
    print(f"{threads} thread(s), {clips} clips, {concurrency} connections")
    print(f"{'way':12}{'seconds':>9}{'clips/s':>9}{'times':>7}{'CPU ms/clip':>13}")
    for way, rows in found.items():
        wall, cpu = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{way:12}{wall:>9.2f}{clips / wall:>9.1f}{base / wall:>7.1f}{1000 * cpu / clips:>13.1f}")


def main() -> None:
    """Make the data, start the server, print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clips", type=int, default=200)
    options.add_argument("--concurrency", type=int, default=32)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        bench.say(RATINGS)
    elif given.measure:
        way, room, port, concurrency = given.measure
        found = (
            sequential(Path(room), int(port)) if way == "sequential" else ours(Path(room), int(port), int(concurrency))
        )
        print(json.dumps(found))
    else:
        line = [sys.executable, __file__, "--serve"]
        with tempfile.TemporaryDirectory() as room, subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                write_data(Path(room), given.clips)
                table(Path(room), int(server.stdout.readline()), given.clips, given.concurrency, given.threads)
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
