"""MER-UniBench as a task: describe the clip, take the labels, take the sentiment, score as the official scorer does."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

from openaffect.bench.answers import USUAL
from openaffect.bench.benchmarks import BENCHMARKS, choose
from openaffect.bench.clips import find_clip, parts
from openaffect.bench.results import BenchmarkScores, Unscored
from openaffect.bench.score import score
from openaffect.bench.task import Earlier, Item, Source, Stage, Step, Steps, Task, read_text
from openaffect.datasets import find, load
from openaffect.datasets.places import locate
from openaffect.datasets.wheels import find_wheels
from openaffect.emotion.wheel import Wheels
from openaffect.errors import AbsentData
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Text
from openaffect.mllm.extract import GREEDY, OFFICIAL, messages_for, prompt_hashes, read_extraction, read_sentiment

SENTIMENT = "sentiment"
_TITLE = "MER-UniBench"


def items(source: Source) -> Iterator[Item]:
    """Yield the samples of the data sets in ``source.data``, in the benchmark's order.

    Clips are looked for in the folder of the labels and in its ``video`` and ``audio`` folders.  A data set that is
    absent is passed over unless it was named in ``source.parts``.  Raises `DataError` for one that cannot be used.
    """
    for key in choose(BENCHMARKS["mer-unibench"], source.parts):
        try:
            samples = load(key, source.data)
        except AbsentData:
            if source.parts:
                raise
            continue
        place = locate(find(key), source.data)
        (at, *_) = [*place.official, *([place.own] if place.own else [])]
        for sample in islice(samples, source.limit):
            transcript = next(iter(sample.transcript.values()), "") if "text" in source.modalities else ""
            yield Item(f"{key}/{sample.id}", key, find_clip(at.parent, sample.id), transcript, {"name": sample.id})


def stages(source: Source, extracting: Options = GREEDY) -> tuple[Stage, ...]:
    """Return the stages: ``describe``, ``labels``, ``sentiment`` (for the sentiment sets only)."""

    def describe(item: Item, earlier: Earlier) -> Sequence[Message] | str:
        media = parts(item, source)
        if not media and not item.transcript:
            return "there is neither a clip nor a transcript that may be sent"
        return (Message("user", (*media, Text(_prompt().format(transcript=item.transcript)))),)

    hashes = prompt_hashes()
    return (
        Stage(
            "describe", "model", describe, lambda item, _, call: read_text(item, call), prompts={"describe.en": _hash()}
        ),
        Stage("labels", "extractor", _labels, _read_labels, extracting, {"extract.en": hashes["extract.en"]}),
        Stage(
            "sentiment", "extractor", _sentiment, _read_sentiment, extracting, {"sentiment.en": hashes["sentiment.en"]}
        ),
    )


def _labels(item: Item, earlier: Earlier) -> Sequence[Message] | str:
    described = earlier["describe"]
    return messages_for("extract", described.value) if described.value else f"no description: {described.outcome}"


def _sentiment(item: Item, earlier: Earlier) -> Sequence[Message] | str:
    if find(item.part).task != SENTIMENT:
        return "its data set is not scored on sentiment"
    labels = earlier["labels"]
    return messages_for("sentiment", labels.value) if labels.value is not None else f"no labels: {labels.outcome}"


def _read_labels(item: Item, earlier: Earlier, call: Call) -> Step:
    found = read_extraction(call)
    text = "" if call.reply is None else call.reply.text
    # What official scorers read is the cleaned text, not the robust reading of it.
    value = found.text if found.outcome == "answered" else None
    return Step(item.id, text, value, found.outcome, found.cause or "")


def _read_sentiment(item: Item, earlier: Earlier, call: Call) -> Step:
    found = read_sentiment(call)
    text = "" if call.reply is None else call.reply.text
    value = found.text if found.outcome in ("answered", "unreadable") else None
    return Step(item.id, text, value, found.outcome, found.cause or "")


def score_run(items: Sequence[Item], steps: Steps, source: Source) -> BenchmarkScores:
    """Return the scores of a run, by the same code that scores files; items without an answer count as wrong."""
    asked = {item.part for item in items}
    parts_asked = [key for key in BENCHMARKS["mer-unibench"].datasets if key in asked]
    if not any(step.value is not None for name in ("labels", "sentiment") for step in steps[name].values()):
        return _without_answers(parts_asked, find_wheels(source.wheels, offline=True))
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        write_predictions(items, steps, folder)
        return score(
            "mer-unibench",
            _labels_of(items, source, folder / "labels"),
            folder,
            find_wheels(source.wheels, offline=True),
            datasets=parts_asked,
            missing="count",
        )


def _without_answers(keys: Sequence[str], wheels: Wheels) -> BenchmarkScores:
    """Return the scores of a run in which nothing was answered: none, with the cause at each data set."""
    lost = (Unscored(key=key, title=find(key).title, cause="no item has an answer", absent=False) for key in keys)
    return BenchmarkScores(
        benchmark="mer-unibench",
        title=_TITLE,
        edition=wheels.edition,
        tables_sha256=wheels.sha256,
        official=wheels.official,
        checkpoint=None,
        datasets=(),
        unscored=tuple(lost),
        resamples=0,
        level=USUAL.level,
        seed=USUAL.seed,
    )


def write_predictions(items: Sequence[Item], steps: Steps, folder: Path) -> None:
    """Write ``<data set>.jsonl`` with the answers of *items* into *folder*, as `openaffect bench score` reads them."""
    lines: dict[str, list[str]] = {}
    for item in items:
        sentiment = find(item.part).task == SENTIMENT
        step = steps["sentiment" if sentiment else "labels"].get(item.id)
        if step is not None and step.value is not None:
            answer: dict[str, Any] = {"name": item.facts["name"], "sentiment" if sentiment else "openset": step.value}
            lines.setdefault(item.part, []).append(json.dumps(answer))
    for key, found in lines.items():
        (folder / f"{key}.jsonl").write_text("\n".join(found) + "\n", encoding="utf-8")


def _labels_of(items: Sequence[Item], source: Source, folder: Path) -> Path:
    """Return a folder with the labels of *items* alone, so that a limited run is scored on what was asked."""
    if source.limit is None:
        return source.data
    folder.mkdir()
    asked: dict[str, set[str]] = {}
    for item in items:
        asked.setdefault(item.part, set()).add(item.facts["name"])
    for key, names in asked.items():
        rows = [
            _row(sample, find(key).task) for sample in load(key, source.data, transcripts=False) if sample.id in names
        ]
        (folder / f"{key}.jsonl").write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8"
        )
    return folder


def _row(sample: Any, task: str) -> dict[str, Any]:
    if task == SENTIMENT:
        return {"name": sample.id, "sentiment": sample.ratings["sentiment"]}
    if task == "basic":
        return {"name": sample.id, "label": sample.labels[0]}
    return {"name": sample.id, "openset": list(sample.labels)}


@cache
def _prompt() -> str:
    return files("openaffect.bench").joinpath("prompts", "describe.en.txt").read_text("utf-8")


def _hash() -> str:
    return hashlib.sha256(_prompt().encode()).hexdigest()


MER_UNIBENCH = Task(
    key="mer-unibench",
    title=_TITLE,
    about=BENCHMARKS["mer-unibench"].about,
    items=items,
    stages=stages,
    score=score_run,
    licence="; ".join(dict.fromkeys(find(key).licence for key in BENCHMARKS["mer-unibench"].datasets)),
    obtain="'openaffect data list' says how to get each data set",
    sizes={key: find(key).n for key in BENCHMARKS["mer-unibench"].datasets},
)
"""`openaffect bench run mer-unibench`."""
MER_UNIBENCH_SAMPLED = replace(
    MER_UNIBENCH,
    key="mer-unibench-sampled",
    title=f"{_TITLE}, labels sampled",
    about=f"{MER_UNIBENCH.about}; labels are drawn at temperature 0.7, as for the published scores, so scores vary",
    stages=partial(stages, extracting=OFFICIAL),
)
"""The same with the official settings of the extraction; the seed makes a server repeat it at best."""
