"""The steps that the folder of a run holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openaffect.bench.task import Item, Stage, Step, Who
from openaffect.mllm.prices import Account
from openaffect.store import read_records

COMMANDS: Mapping[Who, str] = {"model": "predict", "extractor": "extract", "judge": "judge"}
"""Role → the command that asks it."""


def read_steps(path: Path) -> dict[str, Step]:
    """Return the steps in a stage's record file by the id of their item; the last record of an item counts."""
    if not path.exists():
        return {}
    known = set(Step.__dataclass_fields__)
    steps = {}
    for record in read_records(path):
        steps[str(record["id"])] = Step(**{key: value for key, value in record.items() if key in known})
    return steps


def spent_in(out: Path) -> Account:
    """Return an account of what the records in *out* have cost, for a budget that holds over several commands."""
    account = Account()
    for path in sorted(out.glob("*.jsonl")):
        for record in read_records(path):
            call = record.get("call")
            cost = call.get("cost") if isinstance(call, dict) else None
            if isinstance(cost, int | float) and cost > 0:
                account.spent += cost
                account.dearest = max(account.dearest, cost)
    return account


def finished(stage: Stage, items: Sequence[Item], out: Path) -> dict[str, Step]:
    """Return the steps of *items* in *stage* that *out* holds; an item without one is absent."""
    there = read_steps(out / f"{stage.name}.jsonl")
    return {item.id: there[item.id] for item in items if item.id in there}


def what_comes_first(stage: Stage, items: Sequence[Item], out: Path) -> str:
    """Return the sentence that says how many of *items* lack a step in *stage*, and which command gives it."""
    lacking = len(items) - len(finished(stage, items, out))
    have = "have" if lacking > 1 else "has"
    return (
        f"{lacking:,} of {len(items):,} items {have} no record of the stage '{stage.name}' in {str(out)!r}; "
        f"run 'openaffect bench {COMMANDS[stage.who]}' first."
    )
