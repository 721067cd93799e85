"""Measure students on the voices that training never heard: clean, and as a microphone might have caught them.

    python recipes/activation/evaluate_held_out.py LABELS CUES STUDENT_FOLDER ... [--out held_out.json]

LABELS is what the students were trained on, CUES the ``cues.jsonl`` of the speech: CCC is given with the labels and
with the known intent alone.  The changes of the sound are those of ``recipe.toml`` under a seed of their own.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from openaffect import runtime
from openaffect.distill.augment import augment
from openaffect.distill.labels import read_labels, targets_of
from openaffect.distill.options import FitOptions, options_of
from openaffect.metrics.interval import bootstrap
from openaffect.metrics.regression import ccc

RATE = 16_000
SEED = 1005
RECIPE = Path(__file__).with_name("recipe.toml")
Values = NDArray[np.float64]


def figure(truth: Values, said: Values) -> list[float]:
    """Return CCC with its 95 % bootstrap interval over clips (four voices are too few to draw from)."""
    found = bootstrap(lambda drawn: ccc(truth[drawn], said[drawn]), len(truth), n=1000)
    return [round(x, 4) for x in (found.value, found.low, found.high)]


def held_out(labels_folder: Path, cues: Path, split: str, students: list[Path]) -> list[dict[str, object]]:
    """Return one row a student."""
    labels = read_labels(labels_folder)
    rows = [row for row in labels.rows if row.split == split]
    intents = {each["id"]: each["intent"] for each in map(json.loads, cues.read_text(encoding="utf-8").splitlines())}
    truths = {"labels": targets_of(rows)[:, 0], "intent": np.array([intents[row.id] for row in rows])}
    options: FitOptions = options_of(tomllib.loads(RECIPE.read_text(encoding="utf-8")))
    clean = [soundfile.read(labels.path(row.parts[0]), dtype="float32")[0] for row in rows]
    changed = [augment(sound[None], options.augment, seed=SEED, step=at)[0] for at, sound in enumerate(clean)]
    table = []
    for folder in students:
        model = runtime.load(folder, gate=False)
        row: dict[str, object] = {"student": folder.name, "split": split, "clips": len(rows)}
        for name, sounds in (("clean", clean), ("changed", changed)):
            said = np.array([model(sound, RATE).arousal for sound in sounds], dtype=np.float64)
            row |= {f"{name}, {against}": figure(truth, said) for against, truth in truths.items()}
        table.append(row)
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("cues", type=Path)
    parser.add_argument("students", type=Path, nargs="+")
    parser.add_argument("--split", default="test", choices=("dev", "test"))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    found = held_out(arguments.labels, arguments.cues, arguments.split, arguments.students)
    for row in found:
        print(json.dumps(row))
    if arguments.out:
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
