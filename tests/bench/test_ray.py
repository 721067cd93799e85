"""The same records from Ray as from one process, also when a worker is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from openaffect.bench.engine import Local
from openaffect.bench.ray import SHARD, opened
from openaffect.bench.river import run
from openaffect.bench.roles import Asking, Roles, Seat
from openaffect.bench.task import Source
from openaffect.errors import KeyRejected, UsageError
from openaffect.mllm.prices import Prices
from tests.bench import killed_run, ray_run

HERE = Path(__file__).with_name("ray_run.py")


def roles(log: Path, opener: str = "open_noted", **asking: Any) -> Roles:
    seat = Seat(f"{HERE}:{opener}:{log}")
    return Roles({"model": seat, "extractor": seat, "judge": seat}, Asking(concurrency=8, **asking))


def records(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Every record by stage and item, without what differs from run to run: the time that it took."""
    found = {}
    for name in ("first", "second"):
        for line in (folder / f"{name}.jsonl").read_text().splitlines():
            record = json.loads(line)
            if record["call"] is not None:
                record["call"].pop("latency_s")
            assert (name, record["id"]) not in found
            found[name, record["id"]] = record
    return found


def kill_one_of(log: Path, killed: list[int]) -> None:
    """Kill the process that asked last, once some hundred questions have been asked."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        lines = log.read_text().splitlines() if log.exists() else []
        if len(lines) > 120:
            killed.append(int(lines[-1].split()[0]))
            os.kill(killed[0], signal.SIGKILL)
            return
        time.sleep(0.01)


def test_a_killed_worker_costs_at_most_its_shard_and_changes_no_record(tmp_path: Path) -> None:
    local, spread, killed = tmp_path / "local", tmp_path / "ray", list[int]()
    calm = roles(tmp_path / "calm")
    here = run(killed_run.TASK, Source(tmp_path), calm.open(), local, engine=Local())
    log = tmp_path / "log"
    killer = threading.Thread(target=kill_one_of, args=(log, killed))
    killer.start()
    with opened(f"{HERE}:TASK", Source(tmp_path), roles(log), None, 2) as engine:
        there = run(killed_run.TASK, Source(tmp_path), roles(log).open(), spread, engine=engine)
    killer.join()
    assert len(killed) == 1
    assert there.scores == here.scores and there.steps == here.steps
    assert records(spread) == records(local)
    asked = Counter(line.split(maxsplit=1)[1] for line in log.read_text().splitlines())
    assert len({line.split()[0] for line in log.read_text().splitlines()}) >= 3  # two workers, and one for the lost
    assert len(asked) == 500 + 450 and sum(asked.values()) - len(asked) <= SHARD


def test_what_ends_a_run_ends_it_here_too(tmp_path: Path) -> None:
    seats = roles(tmp_path / "log", "open_locked")
    with (
        opened(f"{HERE}:TASK", Source(tmp_path), seats, tmp_path / "replies.sqlite", 1) as engine,
        pytest.raises(KeyRejected, match="another key"),
    ):
        run(killed_run.TASK, Source(tmp_path), seats.open(), tmp_path / "out", engine=engine)


def test_a_budget_needs_one_process(tmp_path: Path) -> None:
    spent = roles(tmp_path / "log", budget=1.0, prices={"noted": Prices(1.0, 1.0)})
    with pytest.raises(UsageError, match="use --engine local"), opened("x", Source(tmp_path), spent, None, 2):
        pass


def test_an_item_that_ends_its_worker_fails_alone(tmp_path: Path) -> None:
    seats = roles(tmp_path / "log", "open_deadly")
    with opened(f"{HERE}:FEW", Source(tmp_path), seats, None, 2) as engine:
        found = run(ray_run.FEW, Source(tmp_path), seats.open(), tmp_path / "out", engine=engine)
    lost = [name for name, step in found.steps["first"].items() if step.outcome == "failed"]
    assert lost == ["item/003"] and "worker was lost" in found.steps["first"]["item/003"].cause
    assert sum(step.outcome == "answered" for step in found.steps["first"].values()) == 19


@pytest.mark.parametrize("address", ["garbage", "127.0.0.1:9", "auto"])
def test_a_cluster_that_is_not_there(address: str, tmp_path: Path) -> None:
    words = ("run", "mer-unibench", "--data", ".", "--model", "fake:x", "--engine", "ray", "--out", tmp_path / "out")
    command = [sys.executable, "-m", "openaffect.cli", "bench", *map(str, words)]
    done = subprocess.run(
        command, env={**os.environ, "RAY_ADDRESS": address}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2 and f"no Ray cluster at RAY_ADDRESS={address!r}" in done.stderr
    assert "Traceback" not in done.stderr
