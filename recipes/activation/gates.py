"""Hold the figures against the gates and write the table of the card.

    python recipes/activation/gates.py ACTED.json HELD_OUT.json --out EVALUATION

EVALUATION/evaluation.md is what ``openaffect distill export --evaluation`` puts into the card: all students and all
simple measurements, whichever win.  Exit code 1 when one of the students misses a gate: then none of them ships.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LEAST_CCC = 0.50
"""With the labels, on held-out voices, the sound changed as in training."""
LEAST_AUC, LEAST_LOW = 0.62, 0.56
SHUFFLED = (0.45, 0.55)
LEAST_PACKS = 10
SIMPLE = 6
"""Rows of the acted table that are no students."""
Row = Mapping[str, Any]


def missed(acted: Row, held_out: Row) -> list[str]:
    """Return the gates that a student misses, in words."""
    found = []
    if held_out["changed, labels"][0] < LEAST_CCC:
        found.append(f"CCC on held-out voices {held_out['changed, labels'][0]:.3f} < {LEAST_CCC}")
    for lines in ("all", "without_grunts"):
        value, low, _ = acted[lines]
        if value < LEAST_AUC or low <= LEAST_LOW:
            found.append(f"AUC {lines} {value:.3f} (from {low:.3f}), wanted {LEAST_AUC} (from above {LEAST_LOW})")
    if not SHUFFLED[0] <= acted["shuffled"][0] <= SHUFFLED[1]:
        found.append(f"shuffled labels {acted['shuffled'][0]:.3f}")
    if acted["better_than_f0"] < LEAST_PACKS:
        found.append(f"better than F0 in {acted['better_than_f0']} packs, wanted {LEAST_PACKS}")
    return found


def text(figures: list[float]) -> str:
    """Return a figure with its interval.

    >>> text([0.7, 0.612, 0.777])
    '.700 (.612–.777)'
    """
    value, low, high = (f"{x:.3f}".replace("0.", ".", 1) for x in figures)
    return f"{value} ({low}–{high})"


def evaluation(acted: list[Row], held_out: list[Row]) -> str:
    """Return the card's tables in Markdown."""
    packs = acted[0]["packs"]
    parts = [
        f"Acted lines of {packs} voice packs of a game (Debian's hedgewars-data, GFDL; 371 lines of high and 98 of low "
        "activation, read off the file names; nobody rated them).  None of them was trained on or chosen by.  Within-"
        "pack AUC, mean over packs, with a 95 % bootstrap interval over packs; .5 is chance.",
        "",
        f"| | all lines | without grunts of pain and fear | better than F0, of {packs} packs |",
        "|---|---|---|---|",
    ]
    parts += [
        f"| {row['measure']} | {text(row['all'])} | {text(row['without_grunts'])} | {row['better_than_f0']} |"
        for row in acted
    ]
    shuffled = " · ".join(f"{row['measure']} {text(row['shuffled'])}" for row in acted[SIMPLE:])
    parts += ["", f"With labels shuffled within each pack (mean, 95 % of the draws): {shuffled}.", ""]
    parts += [
        f"Synthesised voices that training never heard ({held_out[0]['clips']} clips of 4 voices, other sentences): "
        "CCC with a 95 % bootstrap interval over clips.  *Changed* is with noise, rooms and equalisers.  This says how "
        "well the student copies its labels, and nothing about people.",
        "",
        "| | with the labels | with the labels, changed | with the intent | with the intent, changed |",
        "|---|---|---|---|---|",
    ]
    columns = ("clean, labels", "changed, labels", "clean, intent", "changed, intent")
    parts += [f"| {row['student']} | " + " | ".join(text(row[name]) for name in columns) + " |" for row in held_out]
    return "\n".join(parts) + "\n"


def main(acted_file: Path, held_out_file: Path, out: Path) -> int:
    """Print the verdict, write the table; return the exit code."""
    acted, held_out = (json.loads(path.read_text(encoding="utf-8")) for path in (acted_file, held_out_file))
    students = {row["student"]: row for row in held_out}
    failures = 0
    for row in acted:
        if row["measure"] in students:
            found = missed(row, students[row["measure"]])
            failures += bool(found)
            print(f"{row['measure']}: {'; '.join(found) or 'all gates are met'}")
    out.mkdir(parents=True, exist_ok=True)
    (out / "evaluation.md").write_text(evaluation(acted, held_out), encoding="utf-8")
    return int(failures > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("acted", type=Path)
    parser.add_argument("held_out", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    raise SystemExit(main(arguments.acted, arguments.held_out, arguments.out))
