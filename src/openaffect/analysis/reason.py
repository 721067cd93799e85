"""The reasoner that needs no download: clues in, labels and an explanation with its evidence out.

Deterministic, order-free and uncalibrated.  The formula stands in ``docs/explanation/reasoning.md``; the steps are

1. `pulls`: what each clue speaks for, against the person's own level,
2. `fusion`: evidence per modality, the place in the affect space, a score for each of the labels,
3. `contradictions`: modalities that disagree, and the blends that follow,
4. `weighing`: which labels are given, which compete, what carries them,
5. `explanation`: the sentences.

It knows averages over people, not this person, and neither culture nor context beyond the clues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openaffect.analysis.disagreement import contradictions
from openaffect.analysis.explanation import explain
from openaffect.analysis.fusion import MODALITIES
from openaffect.analysis.overall import overall
from openaffect.analysis.pulls import Pull, pull
from openaffect.analysis.sentences import Found, ids
from openaffect.analysis.weighing import LEAST, WEAK, Weighing, choose
from openaffect.analysis.wording import Language
from openaffect.emotion.labels import VOCABULARY
from openaffect.records import Clue, Label, Reading

__all__ = ["overall", "reason"]


def in_order(clues: Sequence[Clue]) -> list[Clue]:
    """Return *clues* in an order that does not depend on the order in which they came."""
    return sorted(clues, key=lambda c: (MODALITIES.index(c.modality), c.start, c.name, c.id, c.model_dump_json()))


def _labels(weighing: Weighing, names: Sequence[str], language: Language) -> tuple[Label, ...]:
    made = [
        Label(
            name=name,
            text=VOCABULARY[name].text(language),
            family=VOCABULARY[name].family,
            confidence=weighing.confidence(name),
            clues=ids(weighing.carriers(name)),
        )
        for name in names
    ]
    return tuple(sorted(made, key=lambda item: -item.confidence))


def _abstention(mine: Sequence[Pull], used: Sequence[Pull], language: Language) -> str:
    """Return why no label is given."""
    zh = language == "zh"
    if not mine:
        return (
            "没有关于此人的线索，因此不作判断。"
            if zh
            else "There is no clue about this person, so no emotion is named."
        )
    surest = max(p.clue.confidence for p in mine)
    if surest < WEAK:
        return (
            f"所有线索都过于不确定（最高置信度 {surest:.2f}，至少需要 {WEAK:.2f}），因此不作判断。"
            if zh
            else f"All clues are too uncertain (the best has a confidence of {surest:.2f}, {WEAK:.2f} is needed), "
            "so no emotion is named."
        )
    if not used:
        return (
            "现有线索没有可比较的平时水平，也没有说出情绪，因此不作判断。"
            if zh
            else "The clues neither depart from a known usual level nor name a feeling, so no emotion is named."
        )
    if zh:
        return "没有哪条线索足以指明一种情绪，因此不作判断。"
    return "Nothing in the clues speaks clearly enough for an emotion, so none is named."


def reason(
    clues: Sequence[Clue],
    *,
    language: Language = "en",
    person: str | None = None,
    known: Mapping[str, str] | None = None,
) -> Reading:
    """Return what *clues* say about the emotion that one person expresses.

    *person* restricts the clues to that person; without it, clues of more than one person give an abstention, since
    nobody's clues may speak for somebody else.  *known* gives, per modality, the reason why it is absent.

    The reading holds labels with uncalibrated confidences in 0–1, competing labels, contradictions and an
    explanation whose sentences cite the ids of the clues that carry them; or the reason for an abstention.

    >>> words = Clue(id="c1", modality="lexical", person="P1", name="affect_happy", value=0.8, unit="strength",
    ...              sentence="", confidence=0.8, start=0, end=2, quote="I am so happy")
    >>> reading = reason([words])
    >>> reading.labels[0].name, reading.labels[0].confidence <= 0.8
    ('happy', True)
    >>> reason([]).abstained
    'There is no clue about this person, so no emotion is named.'
    """
    people = sorted({clue.person for clue in clues})
    if person is None and len(people) > 1:
        return _several(people, language)
    mine = tuple(pull(clue) for clue in in_order(clues) if person is None or clue.person == person)
    used = tuple(p for p in mine if p.speaks and p.clue.confidence >= WEAK)
    weighing = Weighing(used)
    given, rivals = choose(weighing)
    labels = _labels(weighing, given, language)
    competing = tuple(r for r in _labels(weighing, rivals, language) if r.confidence >= LEAST)
    abstained = None
    if not labels or labels[0].confidence < LEAST:
        abstained = _abstention(mine, used, language)
        labels = competing = ()
    labels = tuple(item for item in labels if item.confidence >= LEAST)
    records = contradictions(weighing, language)
    found = Found(mine, weighing, labels, competing, records, abstained, known or {}, language)
    return Reading(
        labels=labels,
        competing=competing,
        explanation=explain(found),
        contradictions=records,
        abstained=abstained,
    )


def _several(people: Sequence[str], language: Language) -> Reading:
    listed = "、".join(people) if language == "zh" else ", ".join(people)
    text = f"The clues belong to several people ({listed}); name one of them to get a reading."
    if language == "zh":
        text = f"线索分属多人（{listed}）；请指定其中一人。"
    return Reading(abstained=text)
