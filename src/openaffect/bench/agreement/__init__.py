"""Do judges agree: with one another, with people, and with themselves?

Runs of one task that were judged by different models, on the same answers, are compared item by item; what a judge did
not rate, and what it rated in another text, is left out and counted.  Agreement says that raters see the same, not that
they are right.  Page: docs/reference/judge-agreement.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from openaffect.bench.agreement.human import read_human
from openaffect.bench.agreement.measure import compare
from openaffect.bench.agreement.notes import check_folders, notes_on, swaps_of
from openaffect.bench.agreement.ratings import Ratings, ratings_of
from openaffect.bench.agreement.records import (
    Agreement,
    GroupAgreement,
    LeftOut,
    MeasureAgreement,
    PairAgreement,
    RaterInfo,
    SwapConsistency,
)
from openaffect.bench.estimates import Draw, estimate
from openaffect.bench.raters import named_by_model
from openaffect.bench.task import Task
from openaffect.bench.view.folder import Folder, read_folder
from openaffect.errors import UsageError
from openaffect.lookup import suggest

__all__ = [
    "Agreement",
    "GroupAgreement",
    "LeftOut",
    "MeasureAgreement",
    "PairAgreement",
    "RaterInfo",
    "SwapConsistency",
    "agree",
]


def agree(
    runs: Sequence[Path],
    *,
    human: Path | None = None,
    task: Task | None = None,
    parts: Sequence[str] = (),
    measures: Sequence[str] = (),
    resamples: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Return how far the judges of *runs*, folders of one task, agree; with *human*, a file, also with people.

    *task* is needed where it is not one of openaffect's own.  *parts* and *measures* choose some.  One run alone can be
    compared with people, and a preference run with itself: how often both orders of a pair have one verdict.

    Raises `UsageError` for runs of several tasks, too few of them, a run named twice, an unknown measure, and
    preference runs of other explanations; `DataError` for a folder or a file that cannot be used.
    """
    folders = [read_folder(path) for path in runs]
    check_folders(folders, human is not None)
    names = named_by_model(folders, "judge")
    ratings: dict[str, Ratings] = dict(zip(names, ratings_of(folders, task, parts), strict=True))
    chosen = _chosen(ratings, measures, folders[0])
    people = {} if human is None else _told_apart(read_human(human, _stepwise(chosen, ratings)), ratings)
    draw: Draw = partial(estimate, resamples=resamples, seed=seed)
    everyone: dict[str, Ratings] = {**ratings, **people}
    return Agreement(
        task=str(folders[0].card.get("task")),
        raters=(
            *(RaterInfo(name=name, kind="judge", source=str(folder.path)) for name, folder in names.items()),
            *(RaterInfo(name=name, kind="human", source=str(human)) for name in people),
        ),
        measures=tuple(compare(measure, everyone, draw) for measure in chosen) if len(everyone) > 1 else (),
        swaps=tuple(swap for name, folder in names.items() for swap in swaps_of(name, folder)),
        notes=tuple(notes_on(names, everyone)),
        resamples=resamples,
        seed=seed,
    )


def _chosen(ratings: Mapping[str, Ratings], wanted: Sequence[str], folder: Folder) -> tuple[str, ...]:
    known = tuple(dict.fromkeys(measure for each in ratings.values() for measure in each))
    if not known:
        raise UsageError(
            f"no judge rated anything in the runs of {folder.card.get('task')!r}: no stage of a judge holds a number; "
            "judge them first ('openaffect bench judge'), or choose other --part."
        )
    for measure in wanted:
        if measure not in known:
            raise UsageError(f"no measure '{measure}'{suggest(measure, known) or '.'} Known: {', '.join(known)}.")
    return tuple(measure for measure in known if not wanted or measure in wanted)


def _stepwise(measures: Sequence[str], ratings: Mapping[str, Ratings]) -> dict[str, bool]:
    """Return measure → whether it rates steps."""
    steps = {measure for each in ratings.values() for measure, at in each.items() for _, step in at if step}
    return {measure: measure in steps for measure in measures}


def _told_apart(people: Mapping[str, Ratings], judges: Mapping[str, Ratings]) -> dict[str, Ratings]:
    """Return *people* with names that are not those of *judges*."""
    return {f"{name} (human)" if name in judges else name: found for name, found in people.items()}
