"""What must hold for any clues: order-free, deterministic, bounded, faithful citations, and a wide vocabulary."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.reasoning_sets import SETS, cited, clues_of, read, statements

from openaffect.analysis.pull_rows import EXPRESSION_FAMILIES, MEASURES
from openaffect.analysis.reason import reason
from openaffect.emotion.labels import VOCABULARY
from openaffect.records import Clue, Reading

by_id = pytest.mark.parametrize("case", SETS, ids=[case["id"] for case in SETS])


@by_id
def test_removing_a_cited_clue_changes_the_sentence(case):
    reading, clues = read(case), clues_of(case)
    for part, one in statements(reading):
        for clue in one.clues:
            rest = read(case, [c for c in clues if c.id != clue])
            assert one.text not in {other.text for where, other in statements(rest) if where == part}, (one.text, clue)


@by_id
def test_removing_a_clue_that_carries_a_label_weakens_it(case):
    """Not by counting words: the label's own confidence falls, or it is no longer given."""
    reading, clues = read(case), clues_of(case)
    surest = {c.id: c.confidence for c in clues}
    for label in reading.labels:
        for clue in label.clues:
            rest = read(case, [c for c in clues if c.id != clue])
            same = [x.confidence for x in (*rest.labels, *rest.competing) if x.name == label.name]
            capped = label.confidence == max(surest[x] for x in label.clues)
            assert not same or same[0] < label.confidence or capped, (label.name, clue)


@by_id
def test_every_cited_clue_exists_and_belongs_to_the_person(case):
    own = {clue["id"] for clue in case["clues"] if clue["person"] == case["person"]}
    assert cited(read(case)) <= own


@by_id
def test_only_absence_and_abstention_speak_without_a_clue(case):
    reading = read(case)
    present = {clue["modality"] for clue in case["clues"] if clue["person"] == case["person"]}
    for part, one in statements(reading):
        if not one.clues:
            assert part not in present if part != "conclusion" else one.text == reading.abstained
    assert bool(reading.labels) != (reading.abstained is not None)


@by_id
def test_the_order_of_the_clues_does_not_matter(case):
    clues = clues_of(case)
    for seed in range(3):
        shuffled = random.Random(seed).sample(clues, len(clues))
        assert read(case, shuffled).model_dump_json() == read(case, clues).model_dump_json()


@by_id
def test_confidence_grows_with_the_evidence(case):
    """Where modalities agree, less sure clues never make a surer label."""
    if case["kind"] not in {"agreement", "one_modality", "silence"}:
        return
    clues = clues_of(case)
    full = read(case, clues)
    faint = read(case, [c.model_copy(update={"confidence": max(0.3, 0.7 * c.confidence)}) for c in clues])
    if full.labels and faint.labels and all(c.confidence * 0.7 >= 0.3 for c in clues):
        assert faint.labels[0].confidence < full.labels[0].confidence


@by_id
def test_the_language_is_kept(case):
    for _, one in statements(read(case)):
        chinese = any("\u4e00" <= letter <= "\u9fff" for letter in one.text)
        assert chinese or case["language"] == "en"
    names = (*read(case).labels, *read(case).competing)
    assert all(x.text == VOCABULARY[x.name].text(case["language"]) for x in names)


def test_no_gender_and_no_claim_about_the_inside():
    for case in SETS:
        for language in ("en", "zh"):
            reading = reason(clues_of(case), language=language, person=case["person"])
            quotes = [clue.get("quote") or "" for clue in case["clues"]]
            for _, one in statements(reading):
                text = one.text
                for quote in quotes:
                    text = text.replace(f"“{quote}”", "")
                assert not {"he", "she", "his", "her", "him", "feels", "is happy"} & set(text.lower().split())
                assert not set("他她") & set(text)


names = st.sampled_from(
    [
        *MEASURES,
        *(f"expression_{kind}" for kind in EXPRESSION_FAMILIES),
        *(f"affect_{name}" for name in itertools.islice(VOCABULARY, 0, None, 7)),
        "pause",
        "sentiment",
        "emphasis",
        "question",
        "laughter",
        "expression_change",
        "affect_unknown",
        "mine",
        "",
    ]
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
keys = st.sampled_from(["arousal", "valence", "dominance", "happy", "anger", "calm", "no such label", ""])
clues = st.builds(
    Clue,
    id=st.text(max_size=3),
    modality=st.sampled_from(["visual", "acoustic", "lexical"]),
    person=st.sampled_from(["P1", "P1", "P1", "P2"]),
    name=names,
    value=numbers,
    unit=st.sampled_from(["probability", "dB", "semitone", "", "odd"]),
    baseline=st.none() | numbers,
    sentence=st.text(max_size=10),
    confidence=st.floats(0, 1),
    start=st.just(0.0),
    end=st.floats(0, 1e9),
    peak=st.none() | st.floats(0, 1e9),
    quote=st.none() | st.text(max_size=8),
    points_to=st.dictionaries(keys, numbers, max_size=3),
)


def check(reading: Reading, given_clues: list[Clue]) -> None:
    ids = {clue.id for clue in given_clues}
    assert cited(reading) <= ids
    assert len(reading.labels) <= 3
    assert bool(reading.labels) != (reading.abstained is not None)
    for label in (*reading.labels, *reading.competing):
        assert 0 <= label.confidence <= 1
        assert label.confidence <= max(clue.confidence for clue in given_clues)
        assert label.name in VOCABULARY
        assert label.clues
    assert list(reading.labels) == sorted(reading.labels, key=lambda label: -label.confidence)


@given(st.lists(clues, max_size=8), st.sampled_from(["en", "zh"]), st.sampled_from([None, "P1", "P3"]))
def test_arbitrary_clues_never_raise(some, language, person):
    first = reason(some, language=language, person=person)
    check(first, some)
    again = reason(list(reversed(some)), language=language, person=person)
    assert first.model_dump_json() == again.model_dump_json()


def grid() -> list[list[Clue]]:
    """Return a grid over faces, voices and (some) words: kinds and strengths of each, alone and together."""

    def clue(modality: str, name: str, value: float, baseline: float | None) -> Clue:
        return Clue(
            id=f"{modality}-{name}", modality=modality, person="P1", name=name, value=value, unit="", baseline=baseline,
            sentence="", confidence=0.7, start=0, end=3,
        )  # fmt: skip

    faces: list[list[Clue]] = [[]]
    faces += [[clue("visual", f"expression_{k}", v, 0.1)] for k in EXPRESSION_FAMILIES for v in (0.3, 0.5, 0.7, 0.95)]
    voices: list[list[Clue]] = [[]]
    voices += [
        [clue("acoustic", "f0_level", 30 + f0, 30), clue("acoustic", "loudness", -24 + dB, -24)]
        for f0, dB in itertools.product((-4, -1.5, 1.5, 5), (-6, -2, 2, 8))
    ]
    return [face + voice for face, voice in itertools.product(faces, voices)]


def test_faces_and_voices_alone_reach_many_labels():
    found = {label.name for case in grid() for label in reason(case).labels}
    assert len(found) >= 60, sorted(found)


def test_words_reach_most_of_the_vocabulary():
    found = set()
    for name in VOCABULARY:
        word = Clue(
            id="w", modality="lexical", person="P1", name=f"affect_{name}", value=0.8, unit="strength", sentence="",
            confidence=0.8, start=0, end=1, quote="...",
        )  # fmt: skip
        top = reason([word]).labels[0]
        found.add(top.name)
        assert top.name == name
    assert len(found) == len(VOCABULARY)
