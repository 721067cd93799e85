"""Lexical clues of a turn: which, where in time, how sure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.analysis.clues import affect, delivery
from openaffect.analysis.clues.said import words_within
from openaffect.analysis.evidence import Evidence, Turn
from openaffect.records import Utterance, Word


def turn(text, language="en", *, words=(), source="identified", start=10.0, end=14.0):
    utterance = Utterance(start=start, end=end, text=text, words=words, language=language, language_source=source)
    return Turn(person="P1", start=start, end=end, utterance=utterance)


def timed(text, probability=0.8, start=10.0):
    parts = text.split()
    return tuple(
        Word(start=start + 0.5 * i, end=start + 0.5 * i + 0.4, text=part, probability=probability)
        for i, part in enumerate(parts)
    )


def by_name(clues):
    return {clue.name: clue for clue in clues}


def test_one_clue_a_label_with_the_time_of_its_words():
    text = "I was fed up, and I am very sad."
    found = by_name(affect.extract(Evidence(20.0), turn(text, words=timed(text), end=16.0)))
    assert set(found) == {"affect_frustrated", "affect_sad", "sentiment"}
    fed_up = found["affect_frustrated"]
    # the third and fourth word of the sentence
    assert (fed_up.start, fed_up.end, fed_up.quote) == (11.0, 11.9, "fed up")
    assert (fed_up.modality, fed_up.person, fed_up.unit, fed_up.id) == ("lexical", "P1", "strength", "")
    assert (found["affect_sad"].start, found["affect_sad"].end) == (14.0, 14.4)
    assert (found["sentiment"].start, found["sentiment"].end) == (10.0, 16.0)
    assert found["sentiment"].value < -0.5


def test_without_word_times_the_clue_has_the_time_of_the_utterance():
    found = affect.extract(Evidence(20.0), turn("I am sad."))
    assert {(clue.start, clue.end) for clue in found} == {(10.0, 14.0)}


def test_the_confidence_follows_the_documented_formula():
    text = "I am sad."
    (clue, _) = affect.extract(Evidence(20.0), turn(text, words=timed(text, probability=0.5)))
    assert clue.confidence == pytest.approx((0.4 + 0.5 * clue.value) * 0.5, abs=1e-3)
    (assumed, _) = affect.extract(Evidence(20.0), turn(text, words=timed(text, probability=0.5), source="assumed"))
    assert assumed.confidence == pytest.approx(0.8 * clue.confidence, abs=1e-3)


def test_several_words_of_one_label_make_one_stronger_clue():
    one = by_name(affect.extract(Evidence(20.0), turn("I am sad.")))["affect_sad"]
    two = by_name(affect.extract(Evidence(20.0), turn("I am sad. I am unhappy.")))["affect_sad"]
    assert two.value == pytest.approx(1 - (1 - one.value) ** 2, abs=1e-3)
    assert two.detail["mentions"] == 2


def test_negation_is_quoted_and_marked():
    found = by_name(affect.extract(Evidence(20.0), turn("I am not happy.")))
    assert found["affect_disappointed"].quote == "not happy"
    assert found["affect_disappointed"].detail["negated"] == 1
    assert affect.extract(Evidence(20.0), turn("I am not angry.")) == []


def test_sentences_in_the_report_language():
    english = affect.extract(Evidence(20.0), turn("我很难过。", "zh"))
    chinese = affect.extract(Evidence(20.0, language="zh"), turn("我很难过。", "zh"))
    assert english[0].sentence == "The words “难过” sound sad (0.84)."
    assert "难过" in chinese[0].sentence and "悲伤" in chinese[0].sentence
    assert not any(letter.isascii() and letter.isalpha() for clue in chinese for letter in clue.sentence)


@pytest.mark.parametrize("language", ["fr", None, "ja"])
def test_other_languages_give_no_affect_and_a_reason(language):
    here = turn("Je suis very happy 高兴", language)
    assert affect.extract(Evidence(20.0), here) == []
    assert (language or "unknown") in affect.why_none(here.utterance)
    assert affect.why_none(here.utterance, "zh")


def test_no_words_no_clues():
    silent = Turn(person="P1", start=0.0, end=1.0)
    assert affect.extract(Evidence(20.0), silent) == delivery.extract(Evidence(20.0), silent) == []
    assert affect.why_none(None) == affect.why_none(turn("I am sad").utterance) == ""


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Stop it!!", {"emphasis": 2}),
        ("Noooo! I am REALLY angry!!!!!", {"emphasis": 6}),  # 1 stretched, 1+3 marks, capitals that are also an adverb
        ("You did what?", {"question": 1}),
        ("Why? When?", {"question": 2}),
        ("Hahaha, that is good.", {"laughter": 1}),
        ("[laughs] No. (chuckling)", {"laughter": 2}),
        ("The BBC has a hat.", {}),
        ("I have the hats.", {}),
        ("ALL OF IT IS IN CAPITALS", {}),
        ("你开心吗", {"question": 1}),
        ("我在想呢。太好了！哈哈哈", {"question": 1, "emphasis": 2, "laughter": 1}),
        ("太阳出来了。", {}),
        ("", {}),
    ],
)
def test_delivery_is_counted(text, counts):
    found = delivery.extract(Evidence(20.0), turn(text, "zh"))
    assert {clue.name: int(clue.value) for clue in found} == counts
    for clue in found:
        assert clue.quote and clue.quote in text
        assert clue.unit == "count"


def test_delivery_works_in_any_language():
    assert [c.name for c in delivery.extract(Evidence(20.0), turn("Quoi ?!", "fr"))] == ["emphasis", "question"]


def test_words_within_finds_repeated_words_in_order():
    text = "sad and sad"
    utterance = turn(text, words=timed(text)).utterance
    assert [word.start for word in words_within(utterance, 8, 11)] == [11.0]
    assert [word.start for word in words_within(utterance, 0, 3)] == [10.0]


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["happy ", "not ", "sad", "!", "?", "哈哈", "吗", "高兴", "不"])).map("".join),
    st.sampled_from(["en", "zh"]),
    st.lists(st.tuples(st.floats(0, 30), st.floats(0, 3), st.text(min_size=1, max_size=5)), max_size=5),
)
def test_clues_stay_inside_the_turn(text, language, drawn):
    words = tuple(Word(start=a, end=a + b, text=t, probability=0.5) for a, b, t in sorted(drawn))
    here = turn(text, language, words=words)
    for clue in affect.extract(Evidence(40.0), here) + delivery.extract(Evidence(40.0), here):
        assert here.start <= clue.start <= clue.end <= here.end
        assert 0 <= clue.confidence <= 0.9
        assert clue.sentence and clue.quote
        assert clue.baseline is None
