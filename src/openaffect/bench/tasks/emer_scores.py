"""What a run of EMER is worth: plausibility, labels on the wheel, overlap with the references, words they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from openaffect.bench.intervals import take_intervals
from openaffect.bench.judges import plausibility
from openaffect.bench.judges.checker import check, statements_of
from openaffect.bench.judges.means import mean_score
from openaffect.bench.judges.overlap import HIGHEST, LOWEST, MODALITIES, Overlap
from openaffect.bench.judges.overlap import aggregate as mean_overlap
from openaffect.bench.judges.overlap import read as read_overlap
from openaffect.bench.measures import grouped_measures, wheel_measures
from openaffect.bench.task import Item, Source, Step, Steps
from openaffect.bench.tasks.emer_answers import clues_of, explained
from openaffect.bench.tasks.emer_overlap import is_due
from openaffect.bench.tasks.emer_records import groups_in, labels_in, overlap_in, rating_in
from openaffect.bench.tasks.emer_text import text_scores
from openaffect.datasets.wheels import find_wheels
from openaffect.emotion.wheel import Wheels
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Reply
from openaffect.records import Record, Score

_RATED = {"clue_overlap": "clue overlap", "label_overlap": "label overlap"} | {
    f"{each}_overlap": f"clue overlap, {each}" for each in MODALITIES
}


class PartScores(Record):
    """The scores of one part; those of different parts are never comparable."""

    part: str
    n: int
    explained: Score
    """Share of the clips for which the model gave an explanation."""
    scores: tuple[Score, ...]
    """Plausibility first; a score that rests on no item is left out."""

    def score(self, name: str) -> Score | None:
        """Return the score called *name*, None where there is none."""
        return next((score for score in self.scores if score.name == name), None)


class EmerScores(Record):
    """All parts of a run."""

    benchmark: str = "emer"
    edition: str
    """Edition of the wheel tables: 2025, 2026, or ``openaffect`` (never official)."""
    tables_sha256: str
    official: bool = False
    """Never: the official prompts and judge are not to be had."""
    parts: tuple[PartScores, ...]


def score_run(items: Sequence[Item], steps: Steps, source: Source) -> EmerScores:
    """Return the scores of a run, part by part; what failed counts as the lowest mark and is counted.

    Raises `DataError` for a record that does not hold what a run writes; it names stage and item.
    """
    wheels = find_wheels(source.wheels, offline=True)
    parts = dict.fromkeys(item.part for item in items)
    found = (_part(part, [item for item in items if item.part == part], steps, wheels) for part in parts)
    return EmerScores(edition=wheels.edition, tables_sha256=wheels.sha256, parts=tuple(found))


def _part(part: str, items: Sequence[Item], steps: Steps, wheels: Wheels) -> PartScores:
    given = [float(explained(_earlier(item, steps)) is not None) for item in items]
    scores = (
        *_plausible(items, steps),
        *_checked(items, steps),
        *_labelled(items, steps, wheels),
        *_overlapping(items, steps),
        # A task without the overlap stages uses no reference.
        *(text_scores(items, steps) if "clue_overlap" in steps else ()),
    )
    return PartScores(part=part, n=len(items), explained=mean_score("explained", given, low=0), scores=scores)


def _earlier(item: Item, steps: Steps) -> Mapping[str, Step]:
    return {name: found[item.id] for name, found in steps.items() if item.id in found}


def _step(item: Item, steps: Steps, stage: str) -> Step:
    return steps.get(stage, {}).get(item.id) or Step(item.id, outcome="unasked", cause="the stage has not been run")


def _plausible(items: Sequence[Item], steps: Steps) -> Iterable[Score]:
    return plausibility.aggregate([rating_in(_step(item, steps, "plausibility")) for item in items]).scores


def _checked(items: Sequence[Item], steps: Steps) -> Iterable[Score]:
    """Yield the share of explanations in which the checker finds nothing, over the clips that have measured clues."""
    values: list[float | None] = []
    for item in items:
        if not (clues := clues_of(item)):
            continue
        text, labels = explained(_earlier(item, steps)), labels_in(_step(item, steps, "labels")) or ()
        said = str(item.facts.get("said", ""))
        found = None if text is None else check(clues, statements_of(text), labels, transcript=said)
        values.append(None if found is None else float(found.verdict == "sound"))
    if values:
        yield mean_score("sound by the checker", values, low=0, causes=["no explanation"] * values.count(None))


def _labelled(items: Sequence[Item], steps: Steps, wheels: Wheels) -> Iterable[Score]:
    truth = {item.id: list(item.facts["labels"]) for item in items if item.facts.get("labels")}
    if not truth:
        return
    given = {name: labels_in(steps.get("labels", {}).get(name)) for name in truth}
    predictions = {name: labels for name, labels in given.items() if labels is not None}
    yield from take_intervals(wheel_measures(truth, predictions, wheels), len(truth))
    grouping = {name: found for name in truth if (found := groups_in(steps.get("groups", {}).get(name)))}
    grouped = {name: labels for name, labels in truth.items() if name in grouping or name not in predictions}
    if grouping:
        # A clip without a prediction has nothing to group and counts as wrong; one whose grouping failed is left out.
        groups = {name: grouping.get(name, []) for name in grouped}
        taken = take_intervals(grouped_measures(grouped, predictions, groups), len(grouped))
        skipped = len(truth) - len(grouped)
        yield from (score.model_copy(update={"n_skipped": skipped}) for score in taken)


def _overlapping(items: Sequence[Item], steps: Steps) -> Iterable[Score]:
    for stage, name in _RATED.items():
        asked = _due(items, steps, stage)
        if asked:
            found = [overlap_in(step, stage, LOWEST, HIGHEST) for step in asked]
            yield mean_overlap(name, found)
            again = [_legacy(*each) for each in zip(asked, found, strict=True)]
            yield mean_overlap(f"{name}, legacy reading", again)
    asked = _due(items, steps, "completeness")
    if asked:
        yield mean_overlap(
            "modality completeness", [overlap_in(step, "completeness", 0, 1) for step in asked], lowest=0
        )


def _due(items: Sequence[Item], steps: Steps, stage: str) -> list[Step]:
    """Return the steps of *stage* of the items that have a reference for it."""
    return [_step(item, steps, stage) for item in items if is_due(item, stage)] if stage in steps else []


def _legacy(step: Step, found: Overlap) -> Overlap:
    """Return the stored reply of *step* in the legacy reading, *found* where there is none."""
    return read_overlap(Call("", Reply(step.text)), "legacy") if step.outcome in ("answered", "unreadable") else found
