"""The vocabulary: complete, unique, and laid out as the published geometry says."""

from __future__ import annotations

import pytest

from openaffect.emotion.labels import FAMILIES, FAMILY_CHINESE, VOCABULARY, closeness, find_label, parse_table
from openaffect.errors import UsageError

LEXICAL = [
    "happy",
    "amused",
    "proud",
    "relieved",
    "grateful",
    "loving",
    "admiring",
    "hopeful",
    "excited",
    "content",
    "surprised",
    "curious",
    "confused",
    "sad",
    "grieving",
    "disappointed",
    "lonely",
    "regretful",
    "guilty",
    "ashamed",
    "embarrassed",
    "nostalgic",
    "sympathetic",
    "afraid",
    "anxious",
    "worried",
    "nervous",
    "helpless",
    "angry",
    "frustrated",
    "annoyed",
    "indignant",
    "contemptuous",
    "resentful",
    "jealous",
    "disgusted",
    "bored",
    "tired",
    "doubtful",
    "calm",
    "determined",
    "serious",
    "neutral",
    "shocked",
    "hurt",
    "desperate",
    "trusting",
    "playful",
]


def test_the_vocabulary_is_open_and_unique():
    chinese = [entry.chinese for entry in VOCABULARY.values()]
    assert len(VOCABULARY) >= 110
    assert len(set(chinese)) == len(chinese)
    assert all(name == entry.name == name.strip().lower() for name, entry in VOCABULARY.items())
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in name) for name in chinese)


def test_every_entry_is_complete():
    for entry in VOCABULARY.values():
        assert entry.family in FAMILIES
        assert all(0 <= value <= 1 for value in (entry.arousal, entry.dominance, entry.valence))
        assert set(entry.parts) <= set(FAMILIES)
        assert 0 <= entry.intensity <= 1
    assert {entry.family for entry in VOCABULARY.values()} == set(FAMILIES) == set(FAMILY_CHINESE)


@pytest.mark.parametrize("name", LEXICAL)
def test_the_labels_of_the_lexical_clues_are_in(name):
    assert name in VOCABULARY


def test_two_words_never_share_an_anchor():
    assert len({entry.anchor for entry in VOCABULARY.values()}) == len(VOCABULARY)


@pytest.mark.parametrize(
    ("weaker", "stronger", "axis"),
    [  # orders that the literature agrees on: Plutchik's intensities, Russell's arousal, Mehrabian's dominance
        ("annoyed", "angry", "arousal"),
        ("angry", "enraged", "arousal"),
        ("uneasy", "afraid", "arousal"),
        ("afraid", "terrified", "arousal"),
        ("content", "happy", "arousal"),
        ("happy", "ecstatic", "arousal"),
        ("surprised", "startled", "arousal"),
        ("tired", "excited", "arousal"),
        ("afraid", "angry", "dominance"),
        ("ashamed", "proud", "dominance"),
        ("bored", "content", "valence"),
        ("grieving", "sad", "valence"),
    ],
)
def test_published_orders_hold(weaker, stronger, axis):
    assert getattr(VOCABULARY[weaker], axis) < getattr(VOCABULARY[stronger], axis)


def test_valence_separates_the_families():
    for entry in VOCABULARY.values():
        if entry.family == "joy" and not entry.parts:
            assert entry.valence > 0.6, entry.name
        if entry.family in {"sadness", "fear", "anger", "disgust"}:
            assert entry.valence < 0.5, entry.name


def test_lookup_reads_both_languages_and_mends():
    assert find_label(" Sarcastic ").chinese == "讽刺"
    assert find_label("讽刺").name == "sarcastic"
    with pytest.raises(UsageError, match="did you mean 'nervous'"):
        find_label("nervus")


def test_closeness_is_symmetric_and_greatest_with_itself():
    for a in ("sad", "furious", "serene"):
        for b in VOCABULARY:
            value = closeness(VOCABULARY[a], VOCABULARY[b])
            assert value == closeness(VOCABULARY[b], VOCABULARY[a])
            assert 0 <= value <= 1
            assert (value == 1) == (a == b)


def test_a_broken_table_is_refused():
    with pytest.raises(ValueError):
        parse_table("name\tchinese\nhappy\t高兴\n")
