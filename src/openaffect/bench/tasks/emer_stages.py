"""What EMER asks, stage by stage: the model for an explanation, then extractor and judge about what it said."""

from __future__ import annotations

import json
from functools import partial

from openaffect.bench.judges import plausibility
from openaffect.bench.judges.asking import Language, filled, hashes, no_answer
from openaffect.bench.task import Earlier, Item, Source, Stage, Step, read_text
from openaffect.bench.tasks.emer_answers import Asked, explained, no_explanation, no_labels_yet, said
from openaffect.bench.tasks.emer_evidence import NO_EVIDENCE, evidence_of
from openaffect.bench.tasks.emer_overlap import overlap_stages
from openaffect.bench.tasks.emer_records import labels_in
from openaffect.emotion.parse import normalise
from openaffect.metrics.grouped import parse_groups
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Part, Text
from openaffect.mllm.extract import GREEDY as EXTRACTING
from openaffect.mllm.extract import messages_for, prompt_hashes, read_extraction


def stages(source: Source, language: Language = "en", *, overlap: bool = True) -> tuple[Stage, ...]:
    """Return the stages; with *overlap* also those that need a reference text, skipped where there is none."""
    first = (
        Stage(
            "explain",
            "model",
            partial(_explain, source, language),
            lambda item, _, call: read_text(item, call),
            prompts=hashes((f"explain.{language}",)),
        ),
        Stage(
            "labels",
            "extractor",
            _labels,
            _read_labels,
            EXTRACTING,
            {"extract.en": prompt_hashes()["extract.en"]},
        ),
        Stage(
            "plausibility",
            "judge",
            partial(_plausibility, source, language),
            _read_plausibility,
            plausibility.OPTIONS,
            plausibility.prompt_hashes(language),
        ),
        Stage("groups", "judge", _groups, _read_groups, Options(max_tokens=1024), hashes(("groups.en",))),
    )
    return (*first, *overlap_stages(language)) if overlap else first


def _explain(source: Source, language: Language, item: Item, earlier: Earlier) -> Asked:
    media = _media(item, source)
    if not media and not item.transcript:
        return "there is neither a clip nor a transcript that may be sent"
    return (Message("user", (*media, Text(filled(f"explain.{language}", transcript=item.transcript)))),)


def _media(item: Item, source: Source) -> list[Part]:
    from openaffect.bench import clips

    return list(clips.parts(item, source))


def _labels(item: Item, earlier: Earlier) -> Asked:
    text = explained(earlier)
    return messages_for("extract", text) if text else no_explanation(earlier)


def _read_labels(item: Item, earlier: Earlier, call: Call) -> Step:
    found = read_extraction(call)
    value = list(found.labels) if found.outcome == "answered" else None
    return Step(item.id, said(call), value, found.outcome, found.cause or "")


def _plausibility(source: Source, language: Language, item: Item, earlier: Earlier) -> Asked:
    text = explained(earlier)
    if text is None:
        return no_explanation(earlier)
    if waits := no_labels_yet(earlier):
        return waits
    shown = evidence_of(item, source)
    if shown is None:
        return NO_EVIDENCE
    named = labels_in(earlier.get("labels")) or []
    return plausibility.messages(
        text, named, clues=shown.clues, media=shown.media, transcript=shown.said, language=language
    )


def _read_plausibility(item: Item, earlier: Earlier, call: Call) -> Step:
    found = plausibility.read(call)
    value = found.model_dump(exclude={"outcome", "cause"}) if found.passes is not None else None
    return Step(item.id, said(call), value, found.outcome, found.cause)


def _groups(item: Item, earlier: Earlier) -> Asked:
    truth, labels = item.facts.get("labels") or [], labels_in(earlier.get("labels"))
    if not truth:
        return "there are no true labels"
    if labels is None:
        return no_labels_yet(earlier) or "no labels were predicted"
    words = list(dict.fromkeys(normalise([*truth, *labels])))
    return (Message("user", (Text(filled("groups.en", labels=json.dumps(words, ensure_ascii=False))),)),)


def _read_groups(item: Item, earlier: Earlier, call: Call) -> Step:
    if gone := no_answer(call):
        return Step(item.id, said(call), None, *gone)
    groups = parse_groups(said(call))
    known = {*normalise(item.facts["labels"]), *normalise(labels_in(earlier["labels"]) or ())}
    kept = [words for group in groups if (words := [word for word in normalise(group) if word in known])]
    if not kept:
        return Step(item.id, said(call), None, "unreadable", "no group of the given words in the reply")
    return Step(item.id, said(call), kept)
