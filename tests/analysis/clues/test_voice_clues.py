"""Acoustic clues against known edits of synthesised speech, and none where there is no speech.

Wanted: +4 semitones within 0.5, +6 dB within 0.5, rate times 1.25 within 10 %, a pause of 0.8 s within 60 ms.
"""

from __future__ import annotations

import importlib
import statistics
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests import speech

from openaffect.analysis.clues import CLUES, activation, loudness, pauses, pitch, rate, voice
from openaffect.analysis.evidence import Evidence, Turn
from openaffect.encoders.prosody import ProsodyStream
from openaffect.records import Clue, Utterance, Word
from openaffect.runtime.vad import VoiceActivity, speech_spans

ACOUSTIC = (pitch, loudness, rate, pauses, activation, voice)
Make = Callable[[str], speech.Sound]


def listen(sound: speech.Sound, turns: list[Turn], language: str = "en") -> Evidence:
    stream, activity = ProsodyStream(), VoiceActivity()
    stream.push(sound)
    spans = tuple(speech_spans(np.concatenate([activity.push(sound), activity.flush()])))
    duration = len(sound) / speech.RATE
    return Evidence(duration, language, prosody=stream.finish(), speech=spans, turns=tuple(turns))  # type: ignore[arg-type]


def conversation(*parts: speech.Sound, texts: tuple[str, ...] = (), language: str = "en") -> Evidence:
    """One person says all parts, a turn each; with *texts* the turns have words."""
    sound, spans = speech.joined(*parts)
    said = [Utterance(start=a, end=b, text=t, language="en") for (a, b), t in zip(spans, texts, strict=False)]
    turns = [Turn("P1", a - 0.1, b + 0.1, voice="V1") for a, b in spans]
    turns = [replace(turn, utterance=u) for turn, u in zip(turns, said, strict=True)] if said else turns
    return listen(sound, turns, language)


def clue(evidence: Evidence, turn: int, name: str) -> Clue:
    module = next(m for m in ACOUSTIC if name in (m.extract.__doc__ or ""))
    (found,) = [c for c in module.extract(evidence, evidence.turns[turn]) if c.name == name]
    return found


def edited(name: str, text: str, edit: Callable[[speech.Sound], speech.Sound]) -> tuple[Clue, Clue]:
    plain = speech.say(text)
    evidence = conversation(plain, edit(plain))
    return clue(evidence, 0, name), clue(evidence, 1, name)


@pytest.mark.parametrize("text", speech.SENTENCES)
def test_four_semitones_by_playing_faster(text: str) -> None:
    before, after = edited("f0_level", text, lambda sound: speech.faster(sound, 2 ** (4 / 12)))
    assert after.value - before.value == pytest.approx(4.0, abs=0.5)


@pytest.mark.parametrize("text", speech.SENTENCES)
@pytest.mark.parametrize("shift", [4.0, -3.0])
def test_semitones_by_raising_the_f0_curve_of_the_synthesiser(text: str, shift: float) -> None:
    before, after = edited("f0_level", text, lambda _: speech.say(text, semitones=shift))
    assert after.value - before.value == pytest.approx(shift, abs=0.5)


@pytest.mark.parametrize("text", speech.SENTENCES)
def test_six_decibels(text: str) -> None:
    before, after = edited("loudness", text, lambda sound: speech.louder(sound, 6.0))
    assert after.value - before.value == pytest.approx(6.0, abs=0.2)


def test_a_quarter_faster_from_the_sound_alone() -> None:
    # Joined vowels are missed in some short sentences, and which ones depends on the last bits of the synthesised
    # sound, thus on the processor: 10 of 12 sentences were right on each of two kinds, not the same ten.
    ratios = []
    for text in speech.MORE_SENTENCES:
        before, after = edited("speaking_rate", text, lambda sound: speech.hurried(sound, 1.25))
        ratios.append(after.value / before.value)
    assert statistics.median(ratios) == pytest.approx(1.25, rel=0.1)
    assert sum(ratio == pytest.approx(1.25, rel=0.1) for ratio in ratios) >= 9, ratios
    assert min(ratios) > 1, ratios


@pytest.mark.parametrize("text", speech.MORE_SENTENCES)
def test_a_quarter_faster_with_a_transcript(text: str) -> None:
    plain = speech.say(text)
    evidence = conversation(plain, speech.hurried(plain, 1.25), texts=(text, text))
    before, after = (clue(evidence, k, "speaking_rate") for k in (0, 1))
    assert after.value / before.value == pytest.approx(1.25, rel=0.1)
    assert before.detail["syllables"] == pytest.approx(speech.syllables(text), abs=2)


@pytest.mark.parametrize("text", speech.SENTENCES)
def test_a_pause_of_eight_tenths(text: str) -> None:
    sound, start = speech.with_pause(speech.say(text), 0.8)
    evidence = conversation(sound)
    (found,) = pauses.extract(evidence, evidence.turns[0])
    assert found.value == pytest.approx(0.8, abs=0.06)
    assert found.start == pytest.approx(0.5 + start, abs=0.06)
    assert found.end - found.start == pytest.approx(found.value, abs=1e-3)
    assert found.sentence == "pause of 0.8 s"


def test_the_baseline_is_the_mean_over_the_turns_of_the_same_person() -> None:
    one, two, three = (speech.say(text) for text in speech.SENTENCES[:3])
    evidence = conversation(one, two, speech.say(speech.SENTENCES[2], semitones=4.0), three)
    values = [clue(evidence, k, "f0_level") for k in range(4)]
    assert len({c.baseline for c in values}) == 1
    base = values[0].baseline
    assert base is not None
    assert min(c.value for c in values) < base < max(c.value for c in values)
    raised = values[2]
    assert raised.sentence == f"pitch {raised.value - base:.1f} semitones above the speaker's own average"
    stranger = replace(evidence, turns=(*evidence.turns[:3], replace(evidence.turns[3], person="P2")))
    assert clue(stranger, 3, "f0_level").baseline is None
    assert clue(stranger, 0, "f0_level").baseline != base


def test_a_single_turn_has_a_value_and_no_judgement() -> None:
    evidence = conversation(speech.say(speech.SENTENCES[0]))
    found = [c for m in ACOUSTIC for c in m.extract(evidence, evidence.turns[0])]
    assert {c.name for c in found} >= {"f0_level", "f0_range", "loudness", "speaking_rate", "vocal_activation"}
    for one in found:
        assert one.baseline is None
        assert not any(word in one.sentence for word in ("above", "below", "than", "louder", "softer", "usual"))


def test_an_unknown_voice_has_no_baseline() -> None:
    evidence = conversation(*map(speech.say, speech.SENTENCES))
    evidence = replace(evidence, turns=tuple(replace(t, voice="unknown") for t in evidence.turns))
    assert all(clue(evidence, k, "loudness").baseline is None for k in range(4))


def test_activation_ignores_gain_and_rises_with_change() -> None:
    before, after = edited("vocal_activation", speech.SENTENCES[0], lambda sound: speech.louder(sound, 9.0))
    assert after.value == pytest.approx(before.value, rel=0.02)
    before, after = edited("vocal_activation", speech.SENTENCES[0], lambda sound: speech.hurried(sound, 1.5))
    assert after.value > before.value * 1.05


def test_voice_quality_falls_with_breath() -> None:
    plain = speech.say(speech.SENTENCES[0])
    evidence = conversation(plain, speech.say(speech.SENTENCES[1]), speech.breathy(plain, 3.0))
    clear, breathy = clue(evidence, 0, "voice_quality"), clue(evidence, 2, "voice_quality")
    assert breathy.value < clear.value - 3.0
    assert breathy.sentence.startswith("voice rougher or breathier than usual")


def test_voice_quality_is_not_read_in_noise() -> None:
    sound = speech.say(speech.SENTENCES[0])
    hiss = speech.noise(len(sound) / speech.RATE, slope=1.0, level=float(sound.std()) / 4)[: len(sound)]
    clean, noisy = conversation(sound), conversation(sound + hiss)
    assert len(voice.extract(clean, clean.turns[0])) == 1
    assert voice.extract(noisy, noisy.turns[0]) == []


@pytest.mark.parametrize(
    "sound",
    [speech.silence(4.0), speech.noise(4.0), speech.noise(4.0, slope=1.0), speech.chords(), speech.melody()],
    ids=["silence", "white", "pink", "chords", "melody"],
)
@pytest.mark.parametrize("detector", ["real", "fooled"])
def test_nothing_is_read_into_silence_noise_and_music(sound: speech.Sound, detector: str) -> None:
    duration = len(sound) / speech.RATE
    evidence = listen(sound, [Turn("P1", 0.0, duration, voice="V1")])
    assert [c for m in ACOUSTIC for c in m.extract(evidence, evidence.turns[0])] == []
    if detector == "fooled" and not np.isnan(evidence.prosody.f0_hz).all():  # type: ignore[union-attr]
        evidence = replace(evidence, speech=((0.5, duration - 0.5),))
        names = {c.name for m in ACOUSTIC for c in m.extract(evidence, evidence.turns[0])}
        assert not names & {"f0_level", "f0_range", "speaking_rate", "voice_quality"}


def test_a_turn_without_voice_or_with_somebody_elses_words_gives_nothing() -> None:
    evidence = conversation(*map(speech.say, speech.SENTENCES[:2]), texts=speech.SENTENCES[:2])
    face_only = replace(evidence.turns[0], voice=None, utterance=None)
    listener = replace(evidence.turns[0], person="P2", voice="V2", utterance=None)
    everybody = replace(evidence, turns=(*evidence.turns, face_only, listener))
    for turn in (face_only, listener):
        assert [c for m in ACOUSTIC for c in m.extract(everybody, turn)] == []
    assert pitch.extract(replace(evidence, prosody=None), evidence.turns[0]) == []
    assert pitch.extract(replace(evidence, speech=()), evidence.turns[0]) == []


def test_confidence_grows_with_voice_and_falls_with_noise() -> None:
    sound = speech.say(speech.SENTENCES[0])
    hiss = speech.noise(len(sound) / speech.RATE, slope=1.0, level=float(sound.std()) / 5, seed=3)[: len(sound)]
    clean = conversation(sound)
    noisy = listen(sound + hiss, [Turn("P1", 0.0, len(sound) / speech.RATE, voice="V1")])
    short = replace(clean, turns=(replace(clean.turns[0], end=clean.turns[0].start + 1.2),))
    sure = [clue(e, 0, "f0_range").confidence for e in (clean, noisy, short) if pitch.extract(e, e.turns[0])[1:]]
    assert 0.5 < sure[0] <= 0.9
    assert sure[1] < sure[0]
    assert all(s < sure[0] for s in sure[1:])
    assert all(0 <= c.confidence <= 0.9 for m in ACOUSTIC for c in m.extract(noisy, noisy.turns[0]))


def test_sentences_are_chinese_when_asked() -> None:
    parts = [speech.say(text, semitones=s) for text, s in zip(speech.SENTENCES, (0, 0, 5, -3), strict=True)]
    evidence = conversation(*parts, language="zh")
    found = [c for m in ACOUSTIC for t in evidence.turns for c in m.extract(evidence, t)]
    assert len(found) >= 16
    assert all(any("\u4e00" <= ch <= "\u9fff" for ch in c.sentence) for c in found)
    assert any("高" in c.sentence for c in found if c.name == "f0_level")


def test_a_long_pause_is_called_long_only_against_the_persons_others() -> None:
    parts = [
        speech.with_pause(speech.say(text), s)[0]
        for text, s in zip(speech.SENTENCES, (0.5, 0.5, 0.5, 1.6), strict=True)
    ]
    evidence = conversation(*parts)
    last = max(pauses.extract(evidence, evidence.turns[3]), key=lambda c: c.value)
    first = max(pauses.extract(evidence, evidence.turns[0]), key=lambda c: c.value)
    assert "long for the speaker" in last.sentence
    assert first.sentence == "pause of 0.5 s"
    assert last.baseline == first.baseline == pytest.approx(3.1 / 4, abs=0.06)


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("The table changes each time we are going home.", "en", 12),
        ("I wanted a simple little house.", "en", 9),
        ("She walked and loved it, didn't she?", "en", 8),
        ("今天的天气真好！", "zh", 7),
        ("我们用 Python 写代码", "zh", 8),
        ("", "en", 0),
    ],
)
def test_syllables_of_written_words(text: str, language: str, count: int) -> None:
    assert rate.count_syllables(text, language) == count


def test_syllables_of_the_spoken_sentences() -> None:
    for text in speech.MORE_SENTENCES:
        assert rate.count_syllables(text, "en") == pytest.approx(speech.syllables(text), abs=1)


def test_only_the_words_inside_the_turn_count() -> None:
    text = speech.SENTENCES[0]
    evidence = conversation(speech.say(text), speech.say(text), texts=(text, text))
    turn = evidence.turns[0]
    words = [*text.split(), "later", "afterwards"]
    times = [*np.linspace(0.6, 4.0, len(words) - 2), 30.0, 31.0]
    said = Utterance(
        start=0.5,
        end=32.0,
        text=" ".join(words),
        language="en",
        words=tuple(Word(start=t, end=t + 0.1, text=w) for t, w in zip(times, words, strict=True)),
    )
    changed = replace(turn, utterance=said)
    evidence = replace(evidence, turns=(changed, *evidence.turns[1:]))
    assert clue(evidence, 0, "speaking_rate").detail["syllables"] == pytest.approx(speech.syllables(text), abs=1)


def test_digits_and_unknown_languages_are_counted_in_the_sound() -> None:
    text = speech.SENTENCES[0]
    sounds = (speech.say(text), speech.say(speech.SENTENCES[1]))
    plain = conversation(*sounds)
    digits = conversation(*sounds, texts=("In 1984 it rained.", text))
    assert clue(digits, 0, "speaking_rate").value == clue(plain, 0, "speaking_rate").value


def test_the_table_names_the_extractors() -> None:
    for module in ACOUSTIC:
        path, _, attribute = CLUES[module.__name__.rsplit(".", 1)[1]].partition(":")
        assert getattr(importlib.import_module(path), attribute) is module.extract


def test_the_same_evidence_gives_the_same_clues() -> None:
    parts = [speech.say(text) for text in speech.SENTENCES[:2]]
    one, two = conversation(*parts), conversation(*parts)
    told = [[c for m in ACOUSTIC for t in e.turns for c in m.extract(e, t)] for e in (one, two)]
    assert told[0] == told[1]
