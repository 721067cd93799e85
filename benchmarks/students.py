"""All students on the same labels for the same number of steps: a smoke comparison, not a ranking.

    pip install -e '.[distill]'
    openaffect distill label --teacher acoustic --audio speech --speakers speakers.csv --out labels
    python benchmarks/students.py labels [--steps 60] [--batch 16] [--threads 2]

So few steps say that each network learns, exports and runs, and what it costs; which of them is best takes hours of
speech and tens of thousands of steps.  Parameters are those that train, MACs and memory are for 5 s of sound, ms a
second of sound and the peak above the session (MB, 10**6) are measured on one thread, kB are 1000 bytes of
``model.onnx``, and the CCC is that with the labels of the split ``test``, with a bootstrap interval over speakers.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from openaffect.distill.cases import Cases, cases_of_labels
from openaffect.distill.checkpoint import load_student
from openaffect.distill.evaluate import Trying, evaluate
from openaffect.distill.export import export_onnx
from openaffect.distill.fit import fit
from openaffect.distill.gauge import gauge
from openaffect.distill.macs import macs
from openaffect.distill.options import FitOptions
from openaffect.distill.subjects import student_in

STUDENTS = ("wav2small-72k", "wav2small-17k", "mobilenetv4-small", "mobilenetv4-medium", "mobilenetv4-large")
STUDENTS += ("mobilenetv3-large",)
QUIET = Trying(gain_clips=1, noise_clips=1, nothing=False)


def row(name: str, labels: Path, cases: Cases, options: FitOptions, room: Path) -> str:
    """Train, export and measure one student; return its line."""
    begun = time.perf_counter()
    fitted = fit(name, labels, room / name, options)
    taken = (time.perf_counter() - begun) / options.steps
    module, facts = load_student(fitted.student)
    sizes = []
    for weights in ("fp32", "int8"):
        path = room / f"{name}-{weights}.onnx"
        export_onnx(module, path, weights=weights, present=facts.present)
        sizes.append(path.stat().st_size / 1000)
    found = evaluate(student_in(fitted.student), cases, trying=QUIET).agreement[0]
    cost = gauge(room / f"{name}-fp32.onnx")
    count = sum(each.numel() for each in module.parameters() if each.requires_grad)
    peak = "-" if cost.peak_mb is None else f"{cost.peak_mb:.1f}"
    return (
        f"{name:20}{count:>12,}{macs(module, 80_000) / 1e6:>9.1f}{peak:>8}{cost.ms / cost.seconds:>7.2f}"
        f"{sizes[0]:>10.1f}{sizes[1]:>9.1f}{taken:>8.2f}  {found.dimension} {_shown(found.ccc)} "
        f"({_shown(found.low)}–{_shown(found.high)}), n {found.n}"
    )


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def main() -> None:
    """Train all, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--students", nargs="+", default=list(STUDENTS))
    given = parser.parse_args()
    options = FitOptions(steps=given.steps, batch=given.batch, warmup=10, threads=given.threads, validate_every=20)
    cases = cases_of_labels(given.labels)
    print(f"smoke comparison: {given.steps} steps of {given.batch} x {options.crop_s[1]} s, {given.threads} threads")
    print(
        f"{'student':20}{'trainable':>12}{'MMACs':>9}{'MB':>8}{'ms/s':>7}{'fp32 kB':>10}{'int8 kB':>9}"
        f"{'s/step':>8}  CCC"
    )
    with tempfile.TemporaryDirectory() as room:
        for name in given.students:
            print(row(name, given.labels, cases, options, Path(room)), flush=True)


if __name__ == "__main__":
    main()
