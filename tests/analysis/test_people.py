"""Who is who: ties need synchrony, turns keep within their span."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.analysis.evidence import Turn
from openaffect.analysis.findings import Findings
from openaffect.analysis.people import Pair, introduce, name_turns, silent_turns
from openaffect.analysis.turns import cut_utterance, spoken_turns, written_turns
from openaffect.encoders.synchrony import THRESHOLD
from openaffect.encoders.tracks import FaceTrack
from openaffect.records import Media, Utterance, Word

HIGH, LOW = THRESHOLD + 1, THRESHOLD - 1


def face(name: str, start: float, end: float) -> FaceTrack:
    times = np.arange(start, end + 0.05, 0.1)
    one = np.ones(len(times), np.float32)
    return FaceTrack(
        name, times, np.zeros((len(times), 4), np.float32), np.ones((len(times), 7), np.float32) / 7, one, one, one
    )


def said(start: float, end: float, text: str = "some words here now", **more: object) -> Utterance:
    return Utterance.model_validate({"start": start, "end": end, "text": text, "source": "subtitles"} | more)


def test_a_tie_needs_the_threshold() -> None:
    tied = introduce(["F1"], ["V1"], [Pair("F1", "V1", HIGH)])
    assert [(p.face, p.voice, p.tie, p.synchrony) for p in tied] == [("F1", "V1", "synchrony", HIGH)]
    loose = introduce(["F1"], ["V1"], [Pair("F1", "V1", LOW)])
    assert [(p.id, p.face, p.voice, p.tie) for p in loose] == [("P1", "F1", None, "none"), ("P2", None, "V1", "none")]
    assert [p.synchrony for p in loose] == [LOW, LOW]


def test_only_mutual_best_partners_are_tied() -> None:
    pairs = [Pair("F1", "V1", HIGH), Pair("F2", "V1", HIGH + 1), Pair("F2", "V2", LOW), Pair("F1", "V2", LOW)]
    people = introduce(["F1", "F2"], ["V1", "V2"], pairs)
    assert {(p.face, p.voice) for p in people} == {("F1", None), ("F2", "V1"), (None, "V2")}
    equal = [Pair("F1", "V1", HIGH), Pair("F2", "V1", HIGH)]
    assert all(p.tie == "none" for p in introduce(["F1", "F2"], ["V1"], equal))


def test_one_person_is_said_to_be_assumed_and_takes_short_turns_along() -> None:
    people = introduce(["F1"], ["V1", "unknown"], [Pair("F1", "V1", LOW)], one_person=True)
    assert [(p.face, p.voice, p.tie) for p in people] == [("F1", "V1", "assumed")]
    turns = name_turns([Turn("", 0, 1, voice="V1"), Turn("", 1, 2, voice="unknown")], people)
    assert {(turn.person, turn.face, turn.voice) for turn in turns} == {("P1", "F1", "V1")}
    assert len(introduce(["F1", "F2"], ["V1"], [], one_person=True)) == 3


def test_a_voice_that_nobody_has_is_a_bug_not_a_guess() -> None:
    with pytest.raises(ValueError, match="nobody"):
        name_turns([Turn("", 0, 1, voice="V9")], introduce([], ["V1"], []))


@given(
    st.floats(0, 50),
    st.floats(0.5, 60),
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 10)), max_size=6),
    st.floats(1, 20),
)
def test_silent_turns_stay_inside_the_face_and_off_its_own_speech(
    start: float, length: float, spoken: list[tuple[float, float]], longest: float
) -> None:
    track = face("F1", start, start + length)
    people = introduce(["F1"], ["V1"], [Pair("F1", "V1", HIGH)])
    turns = [Turn("P1", a, a + b, face="F1", voice="V1") for a, b in spoken]
    first, last = float(track.times[0]), float(track.times[-1])
    for turn in silent_turns({"F1": track}, people, turns, longest=longest):
        assert first <= turn.start < turn.end <= last
        assert turn.end - turn.start <= longest + 1e-6
        assert all(min(turn.end, t.end) - max(turn.start, t.start) <= 1e-6 for t in turns)


def test_a_still_image_has_one_turn_of_no_length() -> None:
    track = face("F1", 0.0, 0.0)
    (turn,) = silent_turns({"F1": track}, introduce(["F1"], [], []), [], longest=12.0)
    assert (turn.start, turn.end, turn.face) == (0.0, 0.0, "F1")


def test_cuts_follow_what_is_heard() -> None:
    people = introduce(["F1"], ["V1"], [])
    turns = silent_turns({"F1": face("F1", 0, 10)}, people, [Turn("P2", 3.0, 6.0, voice="V1")], longest=12.0)
    assert [(t.start, round(t.end, 3)) for t in turns] == [(0.0, 3.0), (3.0, 6.0), (6.0, 10.0)]


def test_a_transcript_alone_has_a_person_for_each_name() -> None:
    people, turns = written_turns([said(0, 1, speaker="Ann"), said(1, 2, speaker="Bo"), said(2, 3, speaker="Ann")])
    assert [p.voice for p in people] == ["Ann", "Bo"]
    assert [t.person for t in turns] == ["P1", "P2", "P1"]
    assert [p.voice for p in written_turns([said(0, 1)])[0]] == [None]


def media(duration: float) -> Media:
    return Media(path="a.wav", kind="audio", sha256="0" * 64, size=1, duration=duration)


def test_short_utterances_join_a_close_neighbour_of_the_same_speaker() -> None:
    spoken = (said(0, 1, "Yes."), said(1.2, 4, "I am here."), said(8, 9, "Alone."), said(9.5, 10, "Me.", speaker="Bo"))
    turns = spoken_turns(Findings(media(12), utterances=spoken), longest=12)
    assert [(t.start, t.end, t.utterance.text if t.utterance else None) for t in turns] == [
        (0, 4, "Yes. I am here."),
        (8, 9, "Alone."),
        (9.5, 10, "Me."),
    ]
    assert [t.voice for t in turns] == ["unknown", "unknown", "Bo"]


def test_chinese_joins_without_a_blank() -> None:
    spoken = (said(0, 1, "好。", language="zh"), said(1.1, 3, "我来了。", language="zh"))
    (turn,) = spoken_turns(Findings(media(12), utterances=spoken), longest=12)
    assert turn.utterance is not None
    assert turn.utterance.text == "好。我来了。"


def test_an_untimed_text_stands_for_the_whole_recording() -> None:
    spoken = (said(0, 1, "One.", source="text"), said(1, 2, "Two.", source="text"))
    (turn,) = spoken_turns(Findings(media(30), utterances=spoken), longest=12)
    assert (turn.start, turn.end, turn.utterance.text if turn.utterance else "") == (0.0, 30.0, "One. Two.")


@given(st.lists(st.floats(0.05, 3), min_size=2, max_size=30), st.floats(1, 8))
def test_long_utterances_are_cut_between_words_and_lose_none(lengths: list[float], longest: float) -> None:
    at, words = 0.0, []
    for n, length in enumerate(lengths):
        words.append(Word(start=at, end=at + length, text=f"w{n}"))
        at += length + 0.1 * (n % 3)
    whole = said(0.0, words[-1].end, " ".join(w.text for w in words), words=tuple(words))
    parts = cut_utterance(whole, longest)
    assert [w for part in parts for w in part.words] == words
    assert " ".join(part.text for part in parts) == whole.text
    assert all(part.end - part.start <= longest or len(part.words) == 1 for part in parts)
