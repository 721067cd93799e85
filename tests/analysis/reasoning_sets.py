"""The 48 clue sets of ``tests/data/reasoning.jsonl`` and how their outcomes are judged.

The sets were written before the reasoner.  ``required`` is a list of groups of which each must be met by at least one
token; none of the tokens in ``forbidden`` may be met; ``abstain`` is true, false, or null where both are acceptable.

token                     is met when
``abstain``               the reading abstains
``label:X``/``family:F``  X / a label of F is among the labels given
``shown:X``/``shown-family:F``  the same among labels given or competing
``top-label:X``/``top-family:F``  X is / F holds the first label
``only-label:X``/``only-family:F``  labels are given and all of them are X / of F
``competing``             competing labels are shown
``confidence<=C``         no label is surer than C
``contradiction``         some contradiction is reported
``contradiction:M+N``     a contradiction that involves the modalities M and N
``cites:ID``              the clue ID is cited anywhere
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from openaffect.analysis.reason import reason
from openaffect.records import Clue, Reading, Statement

PATH = Path(__file__).parents[1] / "data" / "reasoning.jsonl"
SETS: list[dict[str, Any]] = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]


def clues_of(case: dict[str, Any]) -> list[Clue]:
    return [Clue(sentence="", **clue) for clue in case["clues"]]


def read(case: dict[str, Any], clues: list[Clue] | None = None) -> Reading:
    return reason(clues_of(case) if clues is None else clues, language=case["language"], person=case["person"])


def statements(reading: Reading) -> list[tuple[str, Statement]]:
    parts = reading.explanation
    return [(part, one) for part in ("visual", "acoustic", "lexical", "conclusion") for one in getattr(parts, part)]


def cited(reading: Reading) -> set[str]:
    ids = {clue for _, one in statements(reading) for clue in one.clues}
    ids |= {clue for label in (*reading.labels, *reading.competing) for clue in label.clues}
    return ids | {clue for one in reading.contradictions for clue in one.clues}


def met(token: str, reading: Reading) -> bool:
    labels, shown = reading.labels, (*reading.labels, *reading.competing)
    if token.startswith("confidence<="):
        return all(label.confidence <= float(token.removeprefix("confidence<=")) for label in shown)
    kind, _, what = token.partition(":")
    checks = {
        "abstain": lambda: reading.abstained is not None,
        "competing": lambda: bool(reading.competing),
        "label": lambda: any(label.name == what for label in labels),
        "family": lambda: any(label.family == what for label in labels),
        "shown": lambda: any(label.name == what for label in shown),
        "shown-family": lambda: any(label.family == what for label in shown),
        "top-label": lambda: bool(labels) and labels[0].name == what,
        "top-family": lambda: bool(labels) and labels[0].family == what,
        "only-label": lambda: bool(labels) and all(label.name == what for label in labels),
        "only-family": lambda: bool(labels) and all(label.family == what for label in labels),
        "cites": lambda: what in cited(reading),
        "contradiction": lambda: any(
            set(filter(None, what.split("+"))) <= set(c.modalities) for c in reading.contradictions
        ),
    }
    return checks[kind]()


def faults(case: dict[str, Any], reading: Reading) -> list[str]:
    """Return what the reading gets wrong, in words; empty when the set passes."""
    wrong = [f"none of {group}" for group in case["required"] if not any(met(token, reading) for token in group)]
    wrong += [f"forbidden {token}" for token in case["forbidden"] if met(token, reading)]
    if case["abstain"] is not None and case["abstain"] != (reading.abstained is not None):
        wrong.append(f"abstain should be {case['abstain']}")
    return wrong
