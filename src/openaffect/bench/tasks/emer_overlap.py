"""The stages of EMER that hold an explanation against the reference text, as the first papers do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from openaffect.bench.judges import overlap as overlaps
from openaffect.bench.judges.asking import Language, hashes
from openaffect.bench.judges.overlap import MODALITIES, Overlap
from openaffect.bench.task import Earlier, Item, Stage, Step, read_text
from openaffect.bench.tasks.emer_answers import Asked, explained, no_explanation, said
from openaffect.bench.tasks.emer_records import words_in
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Options
from openaffect.records import Modality

NO_REFERENCE = "there is no reference text"


def is_due(item: Item, stage: str) -> bool:
    """Return whether *item* has what *stage* compares with; one that has not is in no figure of it."""
    if not item.facts.get("reference"):
        return False
    split = item.facts.get("parts", {})
    return bool(split) if stage == "completeness" else stage not in _BY_MODALITY or _BY_MODALITY[stage] in split


_BY_MODALITY: dict[str, Modality] = {f"{each}_overlap": each for each in MODALITIES}


def overlap_stages(language: Language) -> tuple[Stage, ...]:
    """Return the stages that need a reference text."""

    def stage(
        name: str, prompt: str, ask: Callable[[Item, Earlier], Asked], options: Options = overlaps.OPTIONS
    ) -> Stage:
        return Stage(name, "judge", ask, _READERS.get(name, _read_overlap), options, hashes((f"{prompt}.{language}",)))

    def modality(each: Modality) -> Stage:
        return stage(f"{each}_overlap", "modality", partial(_modality, each, language))

    return (
        stage("clue_overlap", "clue", partial(_clue, language)),
        stage("true_feeling", "feelings", partial(_feeling, language, True)),
        stage("feeling", "feelings", partial(_feeling, language, False)),
        stage("label_overlap", "label", partial(_label, language)),
        *(modality(each) for each in MODALITIES),
        stage("completeness", "completeness", partial(_completeness, language), overlaps.COMPLETENESS),
    )


def _pair(item: Item, earlier: Earlier) -> tuple[str, str] | str:
    """Return reference and explanation, or why there is nothing to compare."""
    text, reference = explained(earlier), str(item.facts.get("reference", ""))
    if not reference:
        return NO_REFERENCE
    return (reference, text) if text is not None else no_explanation(earlier)


def _clue(language: Language, item: Item, earlier: Earlier) -> Asked:
    pair = _pair(item, earlier)
    return pair if isinstance(pair, str) else overlaps.clue_messages(*pair, language)


def _feeling(language: Language, true: bool, item: Item, earlier: Earlier) -> Asked:
    pair = _pair(item, earlier)
    return pair if isinstance(pair, str) else overlaps.feeling_messages(pair[0 if true else 1], language)


def _label(language: Language, item: Item, earlier: Earlier) -> Asked:
    if not item.facts.get("reference"):
        return NO_REFERENCE
    true, given = (words_in(earlier.get(name), name) for name in ("true_feeling", "feeling"))
    if not true or not given:
        return f"no answer to the first step: {'the reference' if not true else 'the explanation'}"
    return overlaps.label_messages(true, given, language)


def _modality(modality: Modality, language: Language, item: Item, earlier: Earlier) -> Asked:
    pair, part = _pair(item, earlier), item.facts.get("parts", {}).get(modality)
    if isinstance(pair, str):
        return pair
    return (
        overlaps.modality_messages(modality, part, pair[1], language)
        if part
        else f"the reference has no {modality} part"
    )


def _completeness(language: Language, item: Item, earlier: Earlier) -> Asked:
    if not item.facts.get("parts"):
        return "the reference is not split by modality"
    text = explained(earlier)
    return overlaps.completeness_messages(text, language) if text else no_explanation(earlier)


def _step(item: Item, call: Call, found: Overlap) -> Step:
    return Step(item.id, said(call), found.value, found.outcome, found.cause)


def _read_overlap(item: Item, earlier: Earlier, call: Call) -> Step:
    return _step(item, call, overlaps.read(call))


def _read_completeness(item: Item, earlier: Earlier, call: Call) -> Step:
    return _step(item, call, overlaps.read_completeness(call, [m for m in MODALITIES if m in item.facts["parts"]]))


def _read_feeling(item: Item, earlier: Earlier, call: Call) -> Step:
    return read_text(item, call)


_READERS: dict[str, Callable[[Item, Earlier, Call], Step]] = {
    "true_feeling": _read_feeling,
    "feeling": _read_feeling,
    "completeness": _read_completeness,
}
