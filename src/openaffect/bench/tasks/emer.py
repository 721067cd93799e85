"""EMER: explain how the person in a clip appears to feel; any plausible reading counts (arXiv 2306.15401).

The river: ``explain`` (the model) → ``labels`` (the extractor) → ``plausibility`` (a judge without a reference) →
``groups`` (labels of one meaning, for the set metric), then, as the first papers did, the overlap with a reference text
where there is one.  EMER-V1 and EMER-V2 share only 39 clips and are scored apart.  Prompts are in our own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from openaffect.bench.judges.asking import Language
from openaffect.bench.task import Item, Source, Task
from openaffect.bench.tasks.emer_answers import read_clues
from openaffect.bench.tasks.emer_scores import score_run
from openaffect.bench.tasks.emer_stages import stages
from openaffect.datasets import find, load, terms
from openaffect.datasets.places import locate
from openaffect.errors import AbsentData, UsageError
from openaffect.lookup import suggest
from openaffect.records import Sample

PARTS = ("emer-v1", "emer-v2")
LABELS = "emer-ov"
"""The checked labels of the clips of EMER-V2; without the descriptions they are a part of their own."""


def items(source: Source, language: Language = "en") -> Iterator[Item]:
    """Yield the clips of EMER-V1 and EMER-V2 in ``source.data``, with labels and reference texts in *language*.

    Clips lie in the folder of the labels or in its ``video`` folder; a report of ``openaffect analyze`` that is called
    ``reports/<name>.json`` there gives the judge and the checker measured clues.  A part that is absent is passed
    over unless ``source.parts`` names it.  Raises `DataError` for files that cannot be used.
    """
    _check_parts(source.parts)
    found = False
    for key in source.parts or PARTS:
        samples = _samples(key, source)
        found = found or bool(samples)
        yield from (_item(key, *each, source, language) for each in islice(samples, source.limit))
    if not found and not source.parts:
        samples = _samples(LABELS, source)
        yield from (_item(LABELS, *each, source, language) for each in islice(samples, source.limit))


def _check_parts(parts: Sequence[str]) -> None:
    known = (*PARTS, LABELS)
    for part in parts:
        if part not in known:
            raise UsageError(f"EMER has no part '{part}'{suggest(part, known) or '.'} Known: {', '.join(known)}.")


def _samples(key: str, source: Source) -> list[tuple[Sample, tuple[str, ...], Path]]:
    """Return each sample of *key* with its labels and the folder it lies in; none where the part is absent."""
    try:
        samples = load(key, source.data)
    except AbsentData:
        if key in source.parts:
            raise
        return []
    (at, *_) = locate(find(key), source.data).official or (locate(find(key), source.data).own or source.data,)
    labels = _open_labels(source.data) if key == "emer-v2" else {}
    return [(sample, sample.labels or labels.get(sample.id, ()), at.parent) for sample in samples]


def _open_labels(folder: Path) -> dict[str, tuple[str, ...]]:
    try:
        return {sample.id: sample.labels for sample in load(LABELS, folder)}
    except AbsentData:
        return {}


def _item(key: str, sample: Sample, labels: tuple[str, ...], folder: Path, source: Source, language: Language) -> Item:
    from openaffect.bench.clips import find_clip

    said = sample.transcript.get("zh") or next(iter(sample.transcript.values()), "")
    texts = {each.language: each for each in sample.descriptions}
    reference = texts.get(language) or next(iter(texts.values()), None)
    clues = read_clues(folder / "reports" / f"{sample.id}.json") if _plain(sample.id) else ()
    facts: dict[str, Any] = {
        "name": sample.id,
        "labels": list(labels),
        "said": said,
        "language": reference.language if reference else language,
        "reference": reference.text if reference else "",
        "parts": dict(reference.clues) if reference else {},
        "clues": [clue.model_dump() for clue in clues],
    }
    transcript = said if "text" in source.modalities else ""
    return Item(f"{key}/{sample.id}", key, find_clip(folder, sample.id), transcript, facts)


def _plain(name: str) -> bool:
    """Return whether *name* can be part of a file name and does not lead out of the folder."""
    return bool(name) and not set(name) & set("/\\\0") and name not in (".", "..")


def emer(language: Language = "en", *, overlap: bool = True) -> Task:
    """Return the task with prompts and references in *language*; without *overlap* no reference text is used.

    >>> [stage.name for stage in emer(overlap=False).stages(Source(Path(".")))]
    ['explain', 'labels', 'plausibility', 'groups']
    """
    return Task(
        key="emer" if language == "en" else f"emer-{language}",
        title="EMER" if language == "en" else "EMER (Chinese prompts and references)",
        about="Explain an apparent emotion from face, voice and words; rated for plausibility, labels on the wheel.",
        items=partial(items, language=language),
        stages=partial(stages, language=language, overlap=overlap),
        score=score_run,
        licence=terms.MER,
        obtain=" ".join(find(key).obtain for key in (*PARTS, LABELS)) + " The clips need the licence agreement of MER.",
        sizes={key: find(key).n for key in PARTS},
    )


EMER = emer()
EMER_ZH = emer("zh")
