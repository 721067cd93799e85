"""The steps of a run as judged entries of the released format, and where each item without a rating was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openaffect.bench.task import Earlier, Item, Step, Steps
from openaffect.bench.tasks.mme.audio_clue import is_silent
from openaffect.bench.tasks.mme.extractor import numbered
from openaffect.bench.tasks.mme.judge import steps_of
from openaffect.bench.tasks.mme.rows import Mode
from openaffect.bench.tasks.mme.wording import WORDINGS


def entries_of(items: Sequence[Item], steps: Steps, mode: Mode) -> dict[str, list[dict[str, Any]]]:
    """Return task → entries as the released judge writes them, one an item, without token counts.

    ``score`` is the judge's first reply in the official mode, as the scripts ask once, and the last one in the strict
    mode.  It is None where there is none.  A refusal is not sent to the judge: its only step names no label, so by
    rule 2 it is rated 0, which stands there as a judge would write it.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        found.setdefault(item.facts["task"], []).append(_entry(item, earlier_of(item, steps), mode))
    return found


def earlier_of(item: Item, steps: Steps) -> dict[str, Step]:
    """Return stage → step of *item*, for the stages that have one."""
    return {stage: by_id[item.id] for stage, by_id in steps.items() if item.id in by_id}


def _entry(item: Item, earlier: Earlier, mode: Mode) -> dict[str, Any]:
    answer, steps = earlier.get("answer"), steps_of(earlier)
    entry: dict[str, Any] = {
        "video_id": item.facts["video_id"],
        "ground_truth": item.facts["label"],
        "model_response": answer.text if answer else "",
    }
    if is_refused(earlier):
        below = len(item.facts["labels"]) if WORDINGS[item.facts["task"]].several else 1
        return {**entry, "step": "<step>None</step>", "score": f"<score>Step 1: 0/{below}</score>"}
    if not steps:
        return {**entry, "step": f"Error: {cause_of(earlier)}", "score": None}
    return {**entry, "step": f"<step>{numbered(steps)}</step>", "score": _score(earlier, mode)}


def _score(earlier: Earlier, mode: Mode) -> str | None:
    replies = [earlier[stage].text for stage in ("judge", "judge-again") if stage in earlier and earlier[stage].text]
    if not replies:
        return None
    return replies[0] if mode == "official" else replies[-1]


def is_refused(earlier: Earlier) -> bool:
    """Return whether the model refused: the server says so, or the extractor finds that nothing is named."""
    return any(stage in earlier and earlier[stage].outcome == "refused" for stage in ("answer", "steps"))


def cause_of(earlier: Earlier) -> str:
    """Return where an item was lost and how (``answer: empty``, ``judge: step count``), "" where it was rated."""
    if is_refused(earlier) or _rated(earlier):
        return ""
    for stage in ("answer", "steps", "audio", "judge"):
        step = earlier.get(stage)
        if step is None and stage != "audio":
            return f"{stage}: not asked"
        if step is not None and step.value is None and not (stage == "audio" and is_silent(earlier)):
            return f"{stage}: {_why(step)}"
    return "judge: no rating"


def _rated(earlier: Earlier) -> bool:
    return any(stage in earlier and earlier[stage].value is not None for stage in ("judge", "judge-again"))


def _why(step: Step) -> str:
    """Return the outcome, for a skipped one its cause, for an unreadable rating the kind of fault."""
    if step.outcome == "skipped":
        return step.cause.partition(":")[0]
    kind, mark, _ = step.cause.partition(":")
    return kind if step.outcome == "unreadable" and mark else step.outcome


def facts_by_id(items: Sequence[Item], key: str) -> Mapping[str, Any]:
    """Return id → one of the facts of each item."""
    return {item.id: item.facts[key] for item in items}
