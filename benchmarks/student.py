"""What a student costs: our run time beside plain onnxruntime, torch, audonnx and openSMILE, in one run, one thread.

    pip install -e '.[distill]' threadpoolctl
    pip install audonnx opensmile        # the peers; openSMILE's licence forbids products, so it is nowhere else
    python benchmarks/student.py [--network wav2small-72k] [--lengths 1 5 10 60 600] [--quick]

Sound: repeated noise bursts with the envelope of syllables; random weights (the time depends on neither), so the run
time's gate is off, which openSMILE and plain onnxruntime do not have either.  Times: the contenders take turns; the
table gives medians of ms a second of sound, the ratio is the median over the rounds of other / ours.  Memory: the peak
above the loaded session after a warm-up, a process each.  GFLOP/s counts two operations a MAC, of the direct
convolutions; ``sgemm`` is OpenBLAS on one thread, square and in the shape of the 13-channel convolution.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

RATE = 16000
ROUNDS = {1: 41, 5: 21, 10: 15, 60: 5, 600: 3}
PEERS = ("ours", "onnxruntime", "torch", "audonnx", "opensmile")
Call = Callable[[Any], Any]


def sound(seconds: int) -> Any:
    """Return made sound, float32: noise in bursts, four a second."""
    draw = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    bursts = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(RATE) / RATE)
    return np.tile((0.1 * draw * bursts).astype(np.float32), seconds)


def export(network: str, folder: Path) -> int:
    """Write a student with random weights; return the MACs of a second of sound, from those of 5 s."""
    import torch

    from openaffect.distill import students
    from openaffect.distill.export import export_folder
    from openaffect.distill.macs import macs
    from openaffect.runtime.facts import StudentFacts

    torch.manual_seed(0)
    module = students.build(network).eval()
    export_folder(module, folder, StudentFacts(network))
    return round(macs(module, 5 * RATE) / 5)


def contender(name: str, folder: Path) -> Call:
    """Return a function of the sound; what it needs is loaded before."""
    if name == "ours":
        from openaffect.runtime import load

        model = load(folder, gate=False, untrained=True, threads=1)
        return lambda signal: model(signal, RATE)
    if name == "onnxruntime":
        session = plain_session(folder)
        return lambda signal: session.run(["logits"], {"signal": signal[None]})
    if name == "torch":
        return torch_call(folder)
    if name == "audonnx":
        import audonnx

        opened = audonnx.load(str(folder), session_options=one_thread())
        return lambda signal: opened(signal, RATE, outputs="logits")
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals, num_workers=1)
    return lambda signal: smile.process_signal(signal, RATE)


def one_thread() -> Any:
    """Return session options of onnxruntime as they come, but for one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return options


def plain_session(folder: Path) -> Any:
    """Return onnxruntime on the whole-clip graph."""
    import onnxruntime

    return onnxruntime.InferenceSession(folder / "model.onnx", one_thread(), providers=["CPUExecutionProvider"])


def torch_call(folder: Path) -> Call:
    """Return the torch module on one thread."""
    import torch

    from openaffect.distill.checkpoint import load_student

    torch.set_num_threads(1)
    module, _ = load_student(folder)

    def call(signal: Any) -> Any:
        with torch.inference_mode():
            return module(torch.from_numpy(signal)[None])

    return call


def times(names: list[str], folder: Path, lengths: list[int], quick: bool) -> dict[int, dict[str, list[float]]]:
    """Return seconds by length and contender, taken in turns."""
    calls = {name: contender(name, folder) for name in names}
    found: dict[int, dict[str, list[float]]] = {}
    for length in lengths:
        signal = sound(length)
        rows: dict[str, list[float]] = {name: [] for name in names}
        for number in range(1 + (3 if quick else ROUNDS.get(length, 5))):
            for name, call in calls.items():
                begun = time.perf_counter()
                call(signal)
                if number:  # the first is the warm-up
                    rows[name].append(time.perf_counter() - begun)
        found[length] = rows
    return found


def peak(name: str, folder: Path, length: int) -> float:
    """Return MB (2**20) at the peak of one call above what was there before it; run this in a process of its own."""
    call = contender(name, folder)
    call(sound(1))
    signal = sound(length)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew
    call(signal)
    return (memory("VmHWM") - before) / 1024


def memory(field: str) -> int:
    """Return a line of /proc/self/status in kB."""
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index(f"{field}:") + 1])


def peak_elsewhere(name: str, folder: Path, length: int) -> float:
    """Return `peak` of a fresh process."""
    line = [sys.executable, __file__, "--peak", name, str(folder), str(length)]
    return float(json.loads(subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True).stdout))


def sgemm(rows: int, inner: int, columns: int, calls: int = 30) -> float:
    """Return GFLOP/s of numpy's float32 matrix product on one thread, the best of *calls*."""
    from threadpoolctl import threadpool_limits

    draw = np.random.default_rng(0)
    left, right = (draw.standard_normal(shape).astype(np.float32) for shape in ((rows, inner), (inner, columns)))
    best = float("inf")
    with threadpool_limits(1):
        for _ in range(calls):
            begun = time.perf_counter()
            left @ right
            best = min(best, time.perf_counter() - begun)
    return 2 * rows * inner * columns / best / 1e9


def table(network: str, names: list[str], lengths: list[int], quick: bool) -> None:
    """Print times, ratios and memory."""
    with tempfile.TemporaryDirectory() as room:
        macs = export(network, Path(room))
        square, narrow = sgemm(1024, 1024, 1024), sgemm(13, 117, 6656)
        print(f"{network}: {macs / 1e6:.1f} M MACs a second; sgemm {square:.0f} GFLOP/s, 13x117x6656 {narrow:.0f}")
        found = times(names, Path(room), lengths, quick)
        print(f"{'seconds':>8} {'contender':12}{'ms/s':>8}{'/ ours':>8}{'GFLOP/s':>9}{'peak MB':>9}{'rounds':>8}")
        for length, rows in found.items():
            for name, taken in rows.items():
                cost = statistics.median(taken)
                ratio = statistics.median(a / b for a, b in zip(taken, rows[names[0]], strict=True))
                speed = f"{2 * macs * length / cost / 1e9:.1f}" if name != "opensmile" else "-"
                most = peak_elsewhere(name, Path(room), length)
                print(
                    f"{length:>8} {name:12}{1000 * cost / length:>8.2f}{ratio:>8.2f}{speed:>9}{most:>9.1f}"
                    f"{len(taken):>8}",
                    flush=True,
                )


def main() -> None:
    """Export, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--network", default="wav2small-72k")
    options.add_argument("--lengths", type=int, nargs="+", default=[1, 5, 10, 60, 600])
    options.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    options.add_argument("--quick", action="store_true", help="three rounds a length")
    options.add_argument("--peak", nargs=3, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.peak:
        name, folder, length = given.peak
        print(json.dumps(peak(name, Path(folder), int(length))))
        return
    names = [name for name in given.peers if name in ("ours", "onnxruntime", "torch") or importlib.util.find_spec(name)]
    if absent := [name for name in given.peers if name not in names]:
        print(f"not installed, left out: {', '.join(absent)}")
    table(given.network, ["ours", *(name for name in names if name != "ours")], given.lengths, given.quick)


if __name__ == "__main__":
    main()
