"""What single clues speak for, and the rules that a reader of the explanation relies on."""

from __future__ import annotations

import math

import pytest

from openaffect.analysis.pulls import check_points_to, intensity, pull
from openaffect.analysis.reason import reason
from openaffect.errors import UsageError
from openaffect.records import Clue


def clue(name: str, value: float, baseline: float | None = None, *, modality: str = "acoustic", **more: object) -> Clue:
    fields: dict[str, object] = {"id": name, "person": "P1", "unit": "", "sentence": "", "confidence": 0.7}
    fields |= {"start": 0.0, "end": 3.0, **more}
    return Clue(name=name, value=value, baseline=baseline, modality=modality, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["f0_level", "f0_range", "loudness", "speaking_rate", "vocal_activation", "head_motion"]
)
def test_activation_follows_the_departure_from_the_persons_own_level(name):
    up, level, down = (pull(clue(name, value, 5.0)).axes["arousal"][0] for value in (8.0, 5.0, 2.0))
    assert down < level == 0 < up


@pytest.mark.parametrize("name", ["f0_level", "loudness", "speaking_rate", "vocal_activation", "voice_quality"])
def test_a_level_without_a_baseline_speaks_for_nothing(name):
    assert not pull(clue(name, 5.0)).speaks


def test_a_voice_never_speaks_for_pleasure():
    for name in ("f0_level", "f0_range", "speaking_rate", "vocal_activation", "loudness"):
        assert pull(clue(name, 50.0, 5.0)).axes.get("valence", (0.0, 0.0))[0] <= 0


def test_the_departure_is_the_documented_one():
    # +5 dB is the scale of loudness: tanh(1), times the farthest place that a voice can show
    place, weight = pull(clue("loudness", -19.0, -24.0)).axes["arousal"]
    assert place == pytest.approx(0.85 * math.tanh(1.0))
    assert weight == 0.7


def test_an_expression_is_read_against_the_usual_face():
    often = pull(clue("expression_happy", 0.6, 0.55, modality="visual"))
    seldom = pull(clue("expression_happy", 0.6, 0.05, modality="visual"))
    assert often.families["joy"] < seldom.families["joy"]
    assert intensity(0.3, 0.9) == pytest.approx(0.15)


def test_weak_expressions_are_discounted():
    strengths = {
        kind: max(pull(clue(f"expression_{kind}", 0.9, modality="visual")).families.values())
        for kind in ("happy", "surprised", "sad", "angry", "disgusted")
    }
    assert strengths["happy"] > strengths["surprised"] > strengths["sad"] > strengths["angry"] > strengths["disgusted"]


def test_a_sad_face_may_be_closed_mouthed_anger():
    assert 0 < pull(clue("expression_sad", 0.7, modality="visual")).families["anger"] < 0.5


@pytest.mark.parametrize(
    ("points_to", "label"),
    [({"curious": 0.9}, "curious"), ({"anger": 0.9, "arousal": 0.6}, "angry"), ({"bittersweet": 0.9}, "bittersweet")],
)
def test_a_clue_of_ones_own_needs_no_row(points_to, label):
    reading = reason([clue("gaze", 3.0, modality="visual", sentence="Looks away for 3 s.", points_to=points_to)])
    assert reading.labels[0].name == label
    assert reading.explanation.visual[0].text == "Looks away for 3 s."


def test_points_to_takes_precedence_over_the_row():
    words = clue("affect_happy", 0.9, modality="lexical", quote="yay", points_to={"sad": 0.9})
    assert reason([words]).labels[0].name == "sad"


def test_a_clue_can_speak_against_a_label():
    face = clue("expression_happy", 0.9, 0.1, modality="visual")
    against = clue("posed", 1.0, modality="visual", points_to={"joy": -0.9})
    with_, without = reason([face, against]), reason([face])
    assert without.labels[0].family == "joy"
    assert not with_.labels or with_.labels[0].confidence < without.labels[0].confidence


def test_a_misspelt_target_is_named():
    with pytest.raises(UsageError, match="did you mean 'nervous'"):
        check_points_to(clue("gaze", 1.0, points_to={"nervus": 0.5}))
    check_points_to(clue("gaze", 1.0, points_to={"nervous": 0.5, "valence": -0.2, "anger": 0.1}))


def test_an_absent_modality_is_told_with_its_reason():
    reading = reason([clue("loudness", -15.0, -24.0)], known={"visual": "No face was visible"})
    assert [one.text for one in reading.explanation.visual] == ["No face was visible."]
    assert [one.text for one in reading.explanation.lexical] == ["No clue comes from the words."]


def test_nobodys_clues_speak_for_somebody_else():
    mine, theirs = clue("loudness", -15.0, -24.0), clue("f0_level", 30.0, 20.0, person="P2")
    mixed = reason([mine, theirs])
    assert mixed.abstained == "The clues belong to several people (P1, P2); name one of them to get a reading."
    assert reason([mine, theirs], person="P1") == reason([mine])


def test_a_clue_below_the_floor_is_shown_and_decides_nothing():
    words = clue("affect_sad", 0.8, modality="lexical", quote="so sad", confidence=0.8)
    faint = clue("expression_happy", 0.9, 0.1, modality="visual", confidence=0.29)
    both, alone = reason([words, faint]), reason([words])
    assert both.labels == alone.labels
    assert not both.contradictions
    assert both.explanation.visual[0].clues == ("expression_happy",)


def test_agreeing_modalities_make_a_reading_surer():
    words = clue("affect_angry", 0.8, modality="lexical", quote="enough")
    voice = [clue("loudness", -17.0, -24.0), clue("f0_level", 34.0, 30.0)]
    face = clue("expression_angry", 0.6, 0.05, modality="visual")
    sure = [reason(some).labels[0].confidence for some in ([words], [words, *voice], [words, *voice, face])]
    assert sure[0] < sure[1] < sure[2]


def test_intensity_grades_the_word():
    """The same angry words take a stronger name in a louder voice or with a stronger face."""
    found = {
        reason([clue("expression_sad", value, 0.05, modality="visual"), clue("loudness", -24 + change, -24)])
        .labels[0]
        .name
        for value in (0.35, 0.6, 0.95)
        for change in (-8.0, 0.0, 5.0)
    }
    assert len(found) >= 3, found


def test_a_pause_of_the_usual_length_says_nothing():
    assert pull(clue("pause", 0.9, 0.9)).axes["arousal"][0] == 0
    assert pull(clue("pause", 0.9)).axes["arousal"][0] < 0
    assert pull(clue("pause", 2.0, 0.9)).axes["arousal"][0] < 0


def test_numbers_stand_in_the_units_of_people():
    voice = [
        clue("f0_level", 34.0, 31.0, unit="semitone re 27.5 Hz"),
        clue("vocal_activation", 0.6, 0.5, unit="flux"),
        clue("pause", 0.8, start=1.0, end=1.8),
        clue("pause", 1.2, start=62.0, end=63.2, id="second"),
    ]
    text = reason(voice).explanation.acoustic[0].text
    assert "higher (+3.0 semitones)" in text
    assert "more activated (+20 %)" in text
    assert "there are pauses of 0.8 s at 0:01 and 1.2 s at 1:02" in text
