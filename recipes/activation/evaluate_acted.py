"""Measure students on acted lines: within-pack AUC of high against low activation, beside simple measurements.

    python recipes/activation/evaluate_acted.py [STUDENT_FOLDER ...] [--cache CACHE] [--out table.json]

STUDENT_FOLDER is a folder that ``openaffect distill export`` wrote.  For evaluation only: nothing is chosen by it, and
each run on students is noted in LOOKS.md.  AUC: the chance that a line of high activation reads higher than one of low
activation of the same pack (ties and lines without a value count half), the mean over packs, with a 95 % bootstrap
interval over packs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from acted import RATE, Line, lines, unpacked
from numpy.typing import NDArray

from openaffect import runtime
from openaffect.distill.teacher import open_teacher
from openaffect.distill.teachers.acoustic import SHORTEST
from openaffect.encoders.prosody import ProsodyStream
from openaffect.metrics.interval import Interval, bootstrap

Values = NDArray[np.float64]
_ACTIVE_DB = 30.0


def pairs(values: Values, high: NDArray[np.bool_]) -> tuple[float, int]:
    """Return how many pairs (high, low) are in the right order, and how many there are.

    >>> pairs(np.array([3.0, 1.0, 2.0, np.nan]), np.array([True, True, False, False]))
    (2.0, 4)
    """
    above, below = values[high][:, None], values[~high][None]
    undecided = np.isnan(above) | np.isnan(below) | (above == below)
    return float(np.sum(np.where(undecided, 0.5, above > below))), undecided.size


def by_pack(chosen: list[Line], values: Values) -> dict[str, tuple[float, int]]:
    """Return the pairs of each pack."""
    packs = np.array([line.pack for line in chosen])
    high = np.array([line.high for line in chosen])
    return {str(pack): pairs(values[packs == pack], high[packs == pack]) for pack in np.unique(packs)}


def auc(counts: Mapping[str, tuple[float, int]]) -> Interval:
    """Return the within-pack AUC with its interval over packs."""
    right, all_pairs = np.array(list(counts.values())).T
    return bootstrap(lambda drawn: np.mean(right[drawn] / all_pairs[drawn]), len(right), n=2000)


def measured(sound: NDArray[np.float32]) -> dict[str, float]:
    """Return what needs no network: raw level in dB, F0 median in Hz, duration in s, level-normalised flux."""
    stream = ProsodyStream()
    stream.push(sound)
    prosody = stream.finish()
    active = prosody.loudness_db > prosody.loudness_db.max() - _ACTIVE_DB
    voiced = prosody.f0_hz[prosody.f0_hz > 0]
    flux = prosody.flux[active & ~np.isnan(prosody.flux)]
    return {
        "raw level": float(10 * np.log10(np.mean(sound.astype(np.float64) ** 2) + 1e-12)),
        "F0 median": float(np.median(voiced)) if voiced.size else float("nan"),
        "duration": len(sound) / RATE,
        "level-normalised flux": float(flux.mean()) if flux.size else float("nan"),
    }


def student(folder: Path) -> Callable[[NDArray[np.float32]], float]:
    """Return a function from sound to the arousal that the student in *folder* reads (NaN where it reads none)."""
    # Without the gate: a cry may hold no speech, and what is measured is the student's own number.
    model = runtime.load(folder, gate=False)

    def read(sound: NDArray[np.float32]) -> float:
        value = model(sound, RATE).arousal
        return float("nan") if value is None else value

    return read


def ridge() -> Callable[[NDArray[np.float32]], float]:
    """Return a function from sound to what the acoustic teacher says (NaN where the line is too short for it)."""
    teacher = open_teacher("acoustic")
    return lambda sound: float(teacher(sound)[0]) if len(sound) >= SHORTEST else float("nan")


def readings(found: list[Line], students: list[Path]) -> dict[str, Values]:
    """Return the values of every line by every measure, the shuffled labels' check and every student."""
    readers = {"acoustic ridge": ridge()} | {folder.name: student(folder) for folder in students} if students else {}
    rows = []
    for line in found:
        sound = line.sound()
        rows.append(measured(sound) | {name: read(sound) for name, read in readers.items()})
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return {"random": np.random.default_rng(0).random(len(found))} | table


def report(found: list[Line], values: Mapping[str, Values]) -> list[dict[str, object]]:
    """Return one row a measure: AUC with interval on all lines and without grunts, and packs better than F0."""
    spoken = np.array([not line.pain for line in found])
    without = [line for line in found if not line.pain]
    pitch = by_pack(without, values["F0 median"][spoken])
    rows: list[dict[str, object]] = []
    for name, column in values.items():
        every, words = by_pack(found, column), by_pack(without, column[spoken])
        better = sum(words[pack][0] > pitch[pack][0] for pack in pitch)
        row: dict[str, object] = {"measure": name, "better_than_f0": better, "packs": len(pitch)}
        for label, interval in (("all", auc(every)), ("without_grunts", auc(words))):
            row[label] = [round(x, 4) for x in (interval.value, interval.low, interval.high)]
        rows.append(row | {"missing": int(np.isnan(column).sum())})
    return rows


def shuffled(found: list[Line], values: Values, *, n: int = 200) -> list[float]:
    """Return mean, 2.5 % and 97.5 % of the AUC when the labels are shuffled within each pack."""
    rng = np.random.default_rng(1)
    packs = np.array([line.pack for line in found])
    high = np.array([line.high for line in found])
    drawn = []
    for _ in range(n):
        mixed = high.copy()
        for pack in np.unique(packs):
            mixed[packs == pack] = rng.permutation(mixed[packs == pack])
        counts = [pairs(values[packs == pack], mixed[packs == pack]) for pack in np.unique(packs)]
        drawn.append(np.mean([right / total for right, total in counts]))
    return [round(float(x), 4) for x in (np.mean(drawn), *np.percentile(drawn, [2.5, 97.5]))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("students", type=Path, nargs="*")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/openaffect/activation").expanduser())
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    acted = lines(unpacked(arguments.cache))
    table = readings(acted, arguments.students)
    rows = report(acted, table)
    for row in rows:
        row["shuffled"] = shuffled(acted, table[str(row["measure"])])
        print(json.dumps(row))
    print(len(acted), "lines,", sum(line.high for line in acted), "high,", len({line.pack for line in acted}), "packs")
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
