"""The reading of a whole recording: time counts, abstention counts, changes are told."""

from __future__ import annotations

import pytest

from openaffect.analysis.reason import overall
from openaffect.emotion.labels import VOCABULARY
from openaffect.records import Contradiction, Label, Reading, SegmentReport


def label(name: str, confidence: float, *clues: str) -> Label:
    family = VOCABULARY[name].family
    return Label(name=name, text=name, family=family, confidence=confidence, clues=clues or ("c1",))


def segment(
    start: float, end: float, *labels: Label, person: str = "P1", abstained: str | None = None
) -> SegmentReport:
    reading = Reading(labels=labels, abstained=abstained)
    return SegmentReport(id=f"s{start:g}", start=start, end=end, person=person, reading=reading)


def test_duration_and_confidence_weigh():
    whole = overall([segment(0, 8, label("sad", 0.5)), segment(8, 10, label("happy", 0.5))])
    assert [(x.name, x.confidence) for x in whole.labels] == [("sad", pytest.approx(0.4))]
    assert [(x.name, x.confidence) for x in whole.competing] == [("happy", pytest.approx(0.1))]


def test_abstentions_make_the_whole_less_sure():
    full = overall([segment(0, 10, label("sad", 0.6))])
    half = overall([segment(0, 10, label("sad", 0.6)), segment(10, 20, abstained="Nothing was heard.")])
    assert half.labels[0].confidence == pytest.approx(full.labels[0].confidence / 2)
    assert "1 of 2 segments" in half.explanation.conclusion[0].text


def test_a_change_is_told_with_its_time_and_its_clues():
    whole = overall([segment(0, 10, label("sad", 0.5, "c1")), segment(10, 20, label("happy", 0.5, "c2"))])
    change = whole.explanation.conclusion[1]
    assert change.text == "The expression goes from apparently sad to apparently happy at 0:10."
    assert change.clues == ("c1", "c2")
    assert {x.name for x in whole.labels} == {"sad", "happy"}


def test_a_change_is_told_in_the_words_of_the_vocabulary():
    """A remote reasoner keeps the model's own word for the reader, which may be a noun or in the other language."""
    sad = label("sad", 0.5).model_copy(update={"text": "sadness"})
    other = Label(name="wabi-sabi", text="Wabi-sabi", family="other", confidence=0.5, clues=())
    english, chinese = (overall([segment(0, 1, sad), segment(1, 2, other)], language=name) for name in ("en", "zh"))
    assert "from apparently sad to apparently wabi-sabi" in english.explanation.conclusion[1].text
    assert "由悲伤转为wabi-sabi" in chinese.explanation.conclusion[1].text


def test_two_people_do_not_make_a_change():
    whole = overall([segment(0, 5, label("sad", 0.5)), segment(5, 10, label("happy", 0.5), person="P2")])
    assert len(whole.explanation.conclusion) == 1


def test_synonyms_count_together():
    whole = overall([segment(0, 5, label("sad", 0.4, "c1")), segment(5, 10, label("gloomy", 0.6, "c2"))])
    assert [(x.name, x.family, x.clues) for x in whole.labels] == [("gloomy", "sadness", ("c1", "c2"))]
    assert whole.labels[0].confidence == pytest.approx(0.5)


def test_still_images_and_untimed_text_are_read():
    assert overall([segment(0, 0, label("calm", 0.5))]).labels[0].confidence == 0.5


def test_contradictions_are_kept():
    clash = Contradiction(modalities=("visual", "lexical"), clues=("c1",), text="Face and words disagree.")
    one = SegmentReport(id="s", start=0, end=2, person="P1", reading=Reading(abstained="No.", contradictions=(clash,)))
    assert overall([one]).contradictions == (clash,)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_read_is_an_abstention_with_a_reason(language):
    silent = overall([segment(0, 5, abstained="A."), segment(5, 9, abstained="B.")], language=language)
    assert silent.abstained
    assert not silent.labels
    assert overall([], language=language).abstained
    assert overall([segment(0, 5, abstained="Only noise was heard.")]).abstained == "Only noise was heard."


def test_many_changes_are_counted_and_not_listed():
    names = ["sad", "happy"] * 6
    whole = overall([segment(i, i + 1, label(name, 0.5, f"c{i}")) for i, name in enumerate(names)])
    assert whole.explanation.conclusion[-1].text == "5 further changes follow."
    assert len(whole.explanation.conclusion) == 8


def test_chinese():
    whole = overall([segment(0, 10, label("sad", 0.5)), segment(70, 80, label("happy", 0.5))], language="zh")
    assert "悲伤" in whole.explanation.conclusion[0].text
    assert whole.explanation.conclusion[1].text.startswith("1:10 处")
