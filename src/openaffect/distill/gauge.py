"""Time and memory of an ONNX file, taken in a fresh process with nothing but onnxruntime in it.

``python -m openaffect.distill.gauge FILE SECONDS`` prints them as JSON.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from openaffect.errors import OutputError
from openaffect.runtime.frontend import RATE

_RUNS = 9
_PATIENCE_S = 300


@dataclass(frozen=True)
class Gauge:
    """What one file costs on this machine, one thread."""

    seconds: float
    """Length of the clip."""
    ms: float
    """Median time of a run, the first one left out."""
    peak_mb: float | None
    """Peak memory above that of the loaded session, 10^6 bytes; None where the system does not tell."""


def gauge(path: Path, seconds: float = 5.0) -> Gauge:
    """Return time and memory of *path* on noise of *seconds*; raises `OutputError` if the file does not run."""
    command = [sys.executable, "-m", "openaffect.distill.gauge", str(path), str(seconds)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise OutputError(
            f"'{path}' did not read {seconds:g} s within {_PATIENCE_S} s; leave the measuring out."
        ) from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise OutputError(f"'{path}' does not run: {said[-1] if said else f'exit {done.returncode}'}")
    return Gauge(**json.loads(done.stdout))


def _measured(path: Path, seconds: float) -> Gauge:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    sound = np.random.default_rng(0).standard_normal((1, round(seconds * RATE)), np.float32)
    _forget_loading()
    before = _memory_kb("VmRSS")
    session.run(None, {"signal": sound})
    # After one run: what later ones leave lying about is the allocator's affair.
    after = _memory_kb("VmHWM")
    times = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        session.run(None, {"signal": sound})
        times.append(time.perf_counter() - start)
    peak = None if before is None or after is None else (after - before) * 1024 / 1e6
    return Gauge(seconds, float(np.median(times)) * 1e3, peak)


def _memory_kb(field: str) -> int | None:
    """Return the resident size of this process, now (VmRSS) or at its largest (VmHWM); None where no kernel tells."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), None)


def _forget_loading() -> None:
    """Give back what loading a large file has freed and let the kernel begin the peak anew, or both hide the run."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


if __name__ == "__main__":
    print(json.dumps(vars(_measured(Path(sys.argv[1]), float(sys.argv[2])))))  # noqa: T201
