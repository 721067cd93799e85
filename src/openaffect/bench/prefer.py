"""Which of several models explains the same clips best?  Pairs of explanations, judged in both orders, then a ranking.

`preference_task` makes a task of runs of EMER: an item a question, one stage that a judge answers.  It goes through
`openaffect.bench.river.run` as every task does, with its records, its card and its going on after a stop.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

from openaffect.bench.cards import source_of, task_of
from openaffect.bench.judges import preference
from openaffect.bench.judges.asking import Language
from openaffect.bench.judges.preference import Answer, Better, Question, questions
from openaffect.bench.judges.ranking import PreferenceScores, aggregate
from openaffect.bench.raters import named_by_model
from openaffect.bench.task import Earlier, Item, Source, Stage, Step, Steps, Task
from openaffect.bench.tasks.emer_answers import Asked, explained, said
from openaffect.bench.tasks.emer_evidence import NO_EVIDENCE, evidence_of
from openaffect.bench.view.folder import Folder
from openaffect.datasets.files import quoted
from openaffect.errors import DataError, UsageError
from openaffect.mllm.calls import Call
from openaffect.records import Record

KEY = "emer-preference"
STAGE = "preference"
EXPLANATIONS = "explanations of "
"""In the card, before the name of a model: the sha256 of what it explained."""
_LANGUAGES: Mapping[str, Language] = {"emer": "en", "emer-zh": "zh"}
"""Task whose runs can be compared → language of the questions."""


class PartPreference(Record):
    """The ranking on one part of EMER; those of different parts are never averaged."""

    part: str
    n_clips: int
    """Clips that were looked at."""
    n_compared: int
    """Clips of these that two models or more explained."""
    unexplained: dict[str, int]
    """Model → clips of these that it gave no explanation of: they cost it nothing here."""
    scores: PreferenceScores


class PreferenceReport(Record):
    """What a run of pairwise judging came to."""

    benchmark: str = KEY
    runs: dict[str, str]
    """Name of a model → folder of its run."""
    parts: tuple[PartPreference, ...]


@dataclass(frozen=True)
class _Compared:
    """Runs of one task."""

    task: Task
    names: Mapping[str, Folder]
    texts: Mapping[str, Mapping[str, str]]
    """Model → id of a clip → its explanation."""
    language: Language


def preference_task(folders: Sequence[Folder], *, language: Language | None = None) -> Task:
    """Return the task that compares the explanations in *folders*, runs of EMER, pair by pair in both orders.

    *language* is that of the questions, by default that of the runs.  The judge sees the evidence that the plausibility
    judge sees.  The `Source` of a run of it is `preference_source`.

    Raises `UsageError` for fewer than two runs, a run that is named twice, and runs of other tasks than EMER or of
    different ones, `DataError` for a run without any explanation.
    """
    found = _compared(folders, language)
    return Task(
        key=KEY,
        title="EMER, pairwise preference",
        about="Which of two explanations of a clip is better, asked in both orders; a ranking with intervals.",
        items=partial(_items, found),
        stages=partial(_stages, found),
        score=partial(_score, found),
    )


def preference_source(
    folders: Sequence[Folder], out: Path, *, data: Path | None = None, limit: int | None = None
) -> Source:
    """Return where the clips of *folders* are: as their cards say, or *data*; *limit* is the number of clips a part."""
    first = source_of(folders[0].card, out, data)
    parts = dict.fromkeys(name.partition("/")[0] for folder in folders for name in folder.ids)
    return replace(first, modalities=("audio", "video", "text"), parts=tuple(parts), limit=limit)


def _compared(folders: Sequence[Folder], language: Language | None) -> _Compared:
    if len(folders) < 2:
        raise UsageError(f"a preference needs two runs or more, {len(folders)} came; name the --out folders of two.")
    keys = {str(folder.card.get("task")) for folder in folders}
    for folder in folders:
        if (key := str(folder.card.get("task"))) not in _LANGUAGES:
            known = ", ".join(_LANGUAGES)
            raise UsageError(f"{quoted(folder.path)} is a run of {key!r}, which explains nothing. Known: {known}.")
    if len(keys) > 1:
        raise UsageError(f"the runs are of {' and '.join(sorted(keys))}; compare runs of one of them.")
    names = named_by_model(folders, "model")
    texts = {
        name: {
            clip: text
            for clip, step in folder.steps.get("explain", {}).items()
            if (text := explained({"explain": step})) is not None
        }
        for name, folder in names.items()
    }
    for folder in folders:
        if not any(explained({"explain": step}) for step in folder.steps.get("explain", {}).values()):
            raise DataError(
                f"{quoted(folder.path)} holds no explanation; finish its run with 'openaffect bench predict'."
            )
    (key,) = keys
    return _Compared(task_of(folders[0].card), names, texts, language or _LANGUAGES[key])


def _clips(found: _Compared, source: Source) -> Iterator[tuple[Item, dict[str, str]]]:
    """Yield the clips with their explanations by model."""
    for item in found.task.items(source):
        yield item, {name: texts[item.id] for name, texts in found.texts.items() if item.id in texts}


def _items(found: _Compared, source: Source) -> Iterator[Item]:
    for clip, texts in _clips(found, source):
        for question in questions({clip.id: texts}):
            facts: dict[str, Any] = {
                **{name: clip.facts[name] for name in ("clues", "said") if name in clip.facts},
                "question": question,
                "texts": (texts[question.first], texts[question.second]),
            }
            yield replace(clip, id=question.id, facts=facts)


def _stages(found: _Compared, source: Source) -> tuple[Stage, ...]:
    prompts = preference.prompt_hashes(found.language)
    # A text that has changed since is another question: the folder of the old ones is not gone on with.
    prompts |= {f"{EXPLANATIONS}{name}": _hash(texts) for name, texts in found.texts.items()}
    ask = partial(_messages, source, found.language)
    return (Stage(STAGE, "judge", ask, _read, preference.OPTIONS, prompts),)


def _hash(texts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()


def _messages(source: Source, language: Language, item: Item, _: Earlier) -> Asked:
    shown = evidence_of(item, source)
    if shown is None:
        return NO_EVIDENCE
    one, other = item.facts["texts"]
    return preference.messages(
        one, other, clues=shown.clues, media=shown.media, transcript=shown.said, language=language
    )


def _read(item: Item, _: Earlier, call: Call) -> Step:
    found = preference.read(call)
    return Step(item.id, said(call), found.better, found.outcome, found.cause)


def _score(found: _Compared, items: Sequence[Item], steps: Steps, source: Source) -> PreferenceReport:
    clips: dict[str, list[dict[str, str]]] = {}
    for clip, texts in _clips(found, source):
        clips.setdefault(clip.part, []).append(texts)
    return PreferenceReport(
        runs={name: str(folder.path) for name, folder in found.names.items()},
        parts=tuple(
            PartPreference(
                part=part,
                n_clips=len(listed),
                n_compared=sum(len(texts) > 1 for texts in listed),
                unexplained={name: sum(name not in texts for texts in listed) for name in found.names},
                scores=aggregate(_answers([item for item in items if item.part == part], steps)),
            )
            for part, listed in clips.items()
        ),
    )


def _answers(items: Sequence[Item], steps: Steps) -> Iterator[tuple[Question, Answer]]:
    for item in items:
        step = steps.get(STAGE, {}).get(item.id)
        better = step.value if step is not None and step.value in get_args(Better) else None
        yield item.facts["question"], Answer(better=better)
