"""What is refused, what a reader of the figures has to know, and what preference runs say of themselves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from openaffect.bench import prefer
from openaffect.bench.agreement.ratings import OTHER_TEXT, Ratings
from openaffect.bench.agreement.records import SwapConsistency
from openaffect.bench.raters import model_of
from openaffect.bench.view.folder import Folder
from openaffect.datasets.files import quoted
from openaffect.errors import DataError, UsageError


def check_folders(folders: Sequence[Folder], with_people: bool) -> None:
    """Refuse runs that cannot be compared: none, one with nobody beside it, several tasks, other explanations."""
    if not folders:
        raise UsageError("name the folders of two runs or more, or of one and a file of human ratings.")
    first, *others = folders
    for folder in others:
        if (key := folder.card.get("task")) != first.card.get("task"):
            raise UsageError(
                f"{quoted(first.path)} is a run of {first.card.get('task')!r}, {quoted(folder.path)} one of {key!r}; "
                "judges are compared on one task."
            )
        if _explanations(folder) != _explanations(first):
            raise UsageError(
                f"{quoted(first.path)} and {quoted(folder.path)} compare other explanations; judges are compared on "
                "the same ones."
            )
    if not others and not with_people and first.card.get("task") != prefer.KEY:
        raise UsageError(
            f"{quoted(first.path)} is one run; name another one with another judge, or a file with --human."
        )


def notes_on(names: Mapping[str, Folder], everyone: Mapping[str, Ratings]) -> Iterator[str]:
    """Yield what bears on the figures; *names* are the runs by rater."""
    judges = Counter(model_of(folder, "judge") for folder in names.values())
    for judge, count in judges.items():
        if count > 1:
            yield f"{judge} judged {count} of the runs: between these, agreement is its consistency with itself."
    folders = list(names.values())
    for stage in dict.fromkeys(stage for folder in folders for stage in folder.steps):
        if len({_asked(folder, stage) for folder in folders}) > 1:
            yield f"The stage {stage} was asked with other prompts or options in some of the runs."
    if folders[0].card.get("task") == "mme-emotion-heard":
        yield "Each judge listened to the clips itself, so what it rated steps by is not the same."
    for name in names:
        marks = (mark for at in everyone[name].values() for mark in at.items())
        if other := len({item for (item, _), why in marks if why == OTHER_TEXT}):
            yield (
                f"{other:,} items that {name} rated have another text there than in the first run, and are left out; "
                "copy a run before it is judged, and judge the copies."
            )
    judged = {place[0] for name in names for at in everyone[name].values() for place in at}
    people = (at for name, found in everyone.items() if name not in names for at in found.values())
    if unknown := sorted({place[0] for at in people for place in at} - judged):
        yield f"{len(unknown):,} items that people rated are not in the runs, such as {unknown[0]!r:.80}."


def swaps_of(name: str, folder: Folder) -> Iterator[SwapConsistency]:
    """Yield the swap consistency that the preference run of the rater *name* reports, nothing for other runs.

    Raises `DataError` where it has no scores that can be read.
    """
    if folder.card.get("task") != prefer.KEY:
        return
    try:
        report = prefer.PreferenceReport.model_validate(folder.scores)
    except ValidationError as error:
        raise DataError(
            f"{quoted(folder.path)} has no scores of a preference run; run 'openaffect bench prefer' to its end."
        ) from error
    for part in report.parts:
        scores = part.scores
        yield SwapConsistency(
            run=name,
            part=part.part,
            n_pairs=scores.n_pairs,
            n_inconsistent=scores.n_inconsistent,
            n_failed=scores.n_failed,
            consistent=scores.consistent,
            first_place=scores.first_place,
        )


def _stage(folder: Folder, stage: str) -> Mapping[str, Any]:
    found = folder.card["stages"].get(stage)
    return found if isinstance(found, Mapping) else {}


def _explanations(folder: Folder) -> dict[str, Any]:
    prompts = _stage(folder, prefer.STAGE).get("prompts")
    named = prompts if isinstance(prompts, Mapping) else {}
    return {name: sha for name, sha in named.items() if name.startswith(prefer.EXPLANATIONS)}


def _asked(folder: Folder, stage: str) -> str:
    return json.dumps(_stage(folder, stage), sort_keys=True)
