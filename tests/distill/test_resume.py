"""A training that is killed and started again ends with the weights of one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from openaffect.distill.fit import fit
from openaffect.distill.options import FitOptions
from openaffect.distill.resume import Progress, load_progress, optimiser, save_progress
from openaffect.errors import DataError
from tests.distill.river_files import TINY, write_labels

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ("student/model.safetensors", "last/model.safetensors", "checkpoint.safetensors")
OPTIONS = {"batch": 4, "crop_s": (0.2, 0.4), "warmup": 5, "validate_every": 20, "checkpoint_every": 7, "threads": 1}
SCRIPT = """
import sys
from openaffect.distill.fit import fit
from openaffect.distill.options import FitOptions
student, labels, out, steps = sys.argv[1:5]
fit(student, labels, out, FitOptions(**{**%r, "steps": int(steps)}), tell=lambda told: print(told.step, flush=True))
"""


def start(student: str, labels: Path, out: Path, steps: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT % OPTIONS, student, str(labels), str(out), str(steps)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        text=True,
    )


def killed_after(process: subprocess.Popen[str], step: int) -> int:
    """Kill *process* without warning as soon as it has told *step*; return how many steps it told."""
    assert process.stdout is not None
    told = 0
    for line in process.stdout:
        told = int(line)
        if told >= step:
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait(timeout=60) == -signal.SIGKILL
    return told


def same(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in WEIGHTS)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resume")
    write_labels(folder / "labels", 12)
    (folder / "tiny.py").write_text(TINY)
    return folder


def test_killed_and_started_again_it_ends_with_the_same_weights(room: Path) -> None:
    student, steps = f"{room}/tiny.py:Tiny", 40
    options = FitOptions(**{**OPTIONS, "steps": steps})  # type: ignore[arg-type]
    whole = fit(student, room / "labels", room / "whole", options)
    killed_after(start(student, room / "labels", room / "killed", steps), 11)
    assert not (room / "killed" / "last").exists()
    goes_on: list[int] = []
    done = fit(student, room / "labels", room / "killed", options, tell=lambda told: goes_on.append(told.step))
    assert goes_on[0] == 8, "from the checkpoint after step 7"
    assert same(room / "whole", room / "killed")
    assert done.dev == whole.dev and done.best_step == whole.best_step
    ids = [line[:21] for line in (room / "killed" / "log.jsonl").read_text().splitlines()]
    assert len(ids) == len(set(ids)) == steps + 2


@pytest.mark.slow
@pytest.mark.parametrize("student", ["wav2small-17k", "wav2small-72k"])
def test_killed_many_times_at_any_moment(room: Path, student: str) -> None:
    whole, out = room / f"whole-{student}", room / f"killed-{student}"
    process = start(student, room / "labels", whole, 60)
    assert process.wait(timeout=200) == 0
    for kill in range(5):
        process = start(student, room / "labels", out, 60)
        killed_after(process, 8 + 9 * kill)
    time.sleep(0.1)
    assert start(student, room / "labels", out, 60).wait(timeout=200) == 0
    assert same(whole, out)


def made() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Conv2d(3, 2, 1))
    module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module, optimiser(module, 0.01, 0.01)


def trained(module: torch.nn.Module, steps: torch.optim.Optimizer, n: int) -> None:
    for step in range(n):
        torch.manual_seed(step)
        steps.zero_grad()
        module(torch.randn(2, 1, 8, 8)).square().mean().backward()
        steps.step()


def test_the_state_holds_all_that_the_next_step_needs(tmp_path: Path) -> None:
    module, steps = made()
    trained(module, steps, 3)
    save_progress(tmp_path / "state", module, steps, Progress(3, 2, 0.5, {"arousal": None}))
    trained(module, steps, 2)
    other, others = made()
    assert load_progress(tmp_path / "state", other, others) == Progress(3, 2, 0.5, {"arousal": None})
    trained(other, others, 2)
    for name, weights in module.state_dict().items():
        assert torch.equal(weights, other.state_dict()[name]), name


@pytest.mark.parametrize("damage", [b"", b"\x80\x04pickle", b"PK\x03\x04", b"\x10\0\0\0\0\0\0\0{}"])
def test_a_file_that_is_no_state_is_refused(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "state").write_bytes(damage)
    with pytest.raises(DataError, match="not the state of this training"):
        load_progress(tmp_path / "state", *made())


def test_a_state_of_another_network_is_refused(tmp_path: Path) -> None:
    module, steps = made()
    save_progress(tmp_path / "state", module, steps, Progress())
    other = torch.nn.Sequential(torch.nn.Linear(2, 2))
    with pytest.raises(DataError, match="not the state of this training"):
        load_progress(tmp_path / "state", other, optimiser(other, 0.01, 0.0))
