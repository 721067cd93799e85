"""What scoring costs: loading the wheel tables, 20,000 samples, the whole command; beside the published procedure.

    python benchmarks/scoring.py --wheels FOLDER     # a folder with the official tables of 2025; one core, then two

The peer is the procedure of the published scorer derived again from its description, in plain Python with openpyxl
(`tests/references/mer_unibench.py`); it is **not** the official code, which is not distributed with this project.
Labels: three true and three predicted a sample, drawn from 248 forms.  Figures are medians; compare ratios in one run.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def median(work: Callable[[], object], times: int) -> float:
    """Return the median seconds of *times* runs of *work*."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def fresh(code: str, cache: Path, *arguments: str) -> float:
    """Return the seconds that *code* prints in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "OPENAFFECT_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


LOAD = """
import sys, time
from openaffect.emotion.wheel import load_wheels
start = time.perf_counter(); load_wheels(sys.argv[1]); print(time.perf_counter() - start)
"""


def made(words: list[str], n: int, seed: int) -> dict[str, str]:
    """Return *n* samples with three labels each, written as the files of the field do."""
    draw = random.Random(seed)
    return {f"sample_{i:08d}": str(draw.sample(words, 3)) for i in range(n)}


def command(folder: Path, wheels: str, truth: dict[str, str], given: dict[str, str]) -> tuple[float, float]:
    """Return wall seconds (median of five) and peak MB of the whole command on one data set of *truth*."""
    (folder / "ovmerdplus").mkdir(parents=True)
    for name, rows in (("ovmerdplus/ovlabel.csv", truth), ("predictions.csv", given)):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["name", "openset"])
            writer.writerows(rows.items())
    line = [sys.executable, "-m", "openaffect.cli", "bench", "score", "mer-unibench", "--dataset", "ovmerdplus"]
    line += ["--labels", str(folder), "--predictions", str(folder / "predictions.csv"), "--wheels", wheels, "--json"]
    environment = {**os.environ, "OPENAFFECT_CACHE": str(folder / "cache")}
    seconds = median(lambda: subprocess.run(line, env=environment, capture_output=True, check=True), 5)
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Print the table for one core and for two, each in a process of its own: numpy counts the cores when it starts."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--wheels", required=True, help="folder with the official tables (2025)")
    options.add_argument("--samples", type=int, default=20_000)
    options.add_argument("--cores", type=int, help="only this many cores")
    arguments = options.parse_args()
    if arguments.cores is None:
        for cores in (1, 2):
            subprocess.run([sys.executable, __file__, *sys.argv[1:], "--cores", str(cores)], check=True)
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
    print(f"== {arguments.cores} core(s)")
    measure(arguments)


def measure(arguments: argparse.Namespace) -> None:
    """Print the table for the cores that this process has."""
    from tests.references import mer_unibench as peer

    from openaffect.emotion.wheel import load_wheels
    from openaffect.metrics.open_vocabulary import hit_rate, wheel_scores

    with tempfile.TemporaryDirectory() as room:
        first = [fresh(LOAD, Path(room) / str(i), arguments.wheels) for i in range(5)]
        again = [fresh(LOAD, Path(room) / "0", arguments.wheels) for _ in range(5)]
        os.environ["OPENAFFECT_CACHE"] = str(Path(room) / "0")
        wheels = load_wheels(arguments.wheels)
        words = sorted(random.Random(0).sample(sorted(wheels.entries), 248))
        truth, given = made(words, arguments.samples, 1), made(words, arguments.samples, 2)

        def ours() -> list[float]:
            return [wheel_scores(truth, given, wheels, level=level).f for level in (1, 2)]

        start = time.perf_counter()
        tables = peer.read_tables(Path(arguments.wheels))
        peer_load = time.perf_counter() - start

        def theirs() -> list[float]:
            return [peer.wheel_metric(tables, level, truth, given, "2025")[0] for level in (1, 2)]

        assert all(abs(a - b) < 1e-9 for a, b in zip(ours(), theirs(), strict=True)), "the two scorers differ"
        mine, other = median(ours, 9), median(theirs, 3)
        single = {name: words[i % len(words)] for i, name in enumerate(list(truth)[:2610])}
        hits = median(lambda: hit_rate(single, given, wheels), 9)
        whole, peak = command(Path(room) / "command", arguments.wheels, truth, given)

    print(f"first load of the tables         {statistics.median(first):7.3f} s   procedure {peer_load:7.3f} s")
    print(f"load from the cache              {statistics.median(again):7.3f} s")
    print(
        f"{arguments.samples:,} samples, both levels    {mine:7.3f} s   procedure {other:7.3f} s   "
        f"ratio {other / mine:.1f}"
    )
    print(f"hit rate, 2,610 samples          {hits:7.3f} s")
    print(f"whole command, 1,000 resamples   {whole:7.3f} s   peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
