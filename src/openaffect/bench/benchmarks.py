"""The benchmarks that predictions can be scored on: which data sets, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openaffect.datasets.places import spelled
from openaffect.errors import UsageError
from openaffect.lookup import suggest


@dataclass(frozen=True)
class Benchmark:
    """A named list of data sets whose primary scores are averaged plainly."""

    key: str
    title: str
    datasets: tuple[str, ...]
    """Keys in the order in which the benchmark prints them."""
    about: str
    metric: str | None = None
    """How its data sets are scored, where not by their own metric."""


BENCHMARKS: Mapping[str, Benchmark] = {
    "mer-unibench": Benchmark(
        "mer-unibench",
        "MER-UniBench",
        ("mer2023", "mer2024", "meld", "iemocapfour", "cmumosi", "cmumosei", "sims", "simsv2", "ovmerdplus"),
        "nine data sets: hit rate for basic emotions, weighted F1 for sentiment, wheel F for open vocabulary",
    ),
    "ov-merd": Benchmark(
        "ov-merd", "OV-MERD", ("ovmerd",), "332 clips with open-vocabulary labels: F under 12 mappings", "mappings"
    ),
    "emer": Benchmark(
        "emer",
        "EMER",
        ("emer-ov",),
        "the same 332 clips: wheel F, and set accuracy and recall after grouping (--groups)",
    ),
}
"""Key → benchmark."""


def find_benchmark(key: str) -> Benchmark:
    """Return the benchmark called *key*; raise `UsageError` with the nearest name.

    >>> len(find_benchmark("mer-unibench").datasets)
    9
    """
    key = next((each for each in BENCHMARKS if spelled(each) == spelled(key)), key)
    if key not in BENCHMARKS:
        known = ", ".join(BENCHMARKS)
        raise UsageError(f"unknown benchmark '{key}'{suggest(key, BENCHMARKS) or '.'} Known: {known}.")
    return BENCHMARKS[key]


def choose(benchmark: Benchmark, datasets: tuple[str, ...]) -> tuple[str, ...]:
    """Return *datasets* in the benchmark's order, all of them by default; raise `UsageError` for one it has not."""
    known_as = {spelled(key): key for key in benchmark.datasets}
    datasets = tuple(known_as.get(spelled(key), key) for key in datasets)
    for key in datasets:
        if key not in benchmark.datasets:
            known = ", ".join(benchmark.datasets)
            near = suggest(key, benchmark.datasets) or "."
            raise UsageError(f"{benchmark.title} has no data set '{key}'{near} It has: {known}.")
    return tuple(key for key in benchmark.datasets if not datasets or key in datasets)
