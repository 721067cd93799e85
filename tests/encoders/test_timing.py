"""Pauses and syllable nuclei against sound whose timing is known."""

from __future__ import annotations

import numpy as np
import pytest
from tests import speech

from openaffect.encoders.prosody import Prosody, ProsodyStream, nuclei, pauses, speaking_rate, speech_seconds
from openaffect.encoders.timing import runs


def measure(sound: speech.Sound) -> Prosody:
    stream = ProsodyStream()
    stream.push(sound)
    return stream.finish()


def whole(prosody: Prosody) -> tuple[tuple[float, float], ...]:
    return ((0.0, prosody.duration),)


@pytest.mark.parametrize("seconds", [0.4, 0.8, 1.5])
@pytest.mark.parametrize("text", speech.SENTENCES)
def test_a_pause_of_known_length_is_found_where_it_is(text: str, seconds: float) -> None:
    sound, start = speech.with_pause(speech.say(text), seconds)
    prosody = measure(sound)
    (found,) = pauses(prosody, whole(prosody), 0.0, prosody.duration)
    assert found.duration == pytest.approx(seconds, abs=0.06)
    assert found.start == pytest.approx(start, abs=0.06)
    assert found.refined


@pytest.mark.parametrize("decibels", [30, 20])
def test_a_pause_in_noise(decibels: float) -> None:
    for text in speech.SENTENCES:
        sound, _ = speech.with_pause(speech.say(text), 0.8)
        level = float(sound[np.abs(sound) > 0].std()) * 10 ** (-decibels / 20)
        prosody = measure(sound + speech.noise(len(sound) / speech.RATE, slope=1.0, level=level)[: len(sound)])
        longest = max(pauses(prosody, whole(prosody), 0.0, prosody.duration), key=lambda pause: pause.duration)
        assert longest.duration == pytest.approx(0.8, abs=0.1)


def test_short_gaps_and_the_silence_around_the_speech_are_no_pauses() -> None:
    sound, _ = speech.with_pause(speech.say(speech.SENTENCES[0]), 0.2)
    prosody = measure(np.concatenate([speech.silence(1.0), sound, speech.silence(1.0)]))
    assert pauses(prosody, whole(prosody), 0.0, prosody.duration) == []


def test_where_noise_hides_the_edges_the_detectors_gap_stands() -> None:
    sound, start = speech.with_pause(speech.say(speech.SENTENCES[0]), 0.8)
    loud = speech.noise(len(sound) / speech.RATE, level=float(sound.std()) * 2)[: len(sound)]
    prosody = measure(sound + loud)
    spans = ((0.0, start), (start + 0.8, prosody.duration))
    (found,) = pauses(prosody, spans, 0.0, prosody.duration)
    assert not found.refined
    assert found.duration == pytest.approx(0.8, abs=0.02)


def test_speech_time_leaves_pauses_out() -> None:
    plain = speech.say(speech.SENTENCES[1])
    sound, _ = speech.with_pause(plain, 1.2)
    one, other = measure(plain), measure(sound)
    times = [speech_seconds(p, whole(p), 0.0, p.duration) for p in (one, other)]
    assert times[0] == pytest.approx(times[1], abs=0.12)


def test_syllables_are_counted_to_a_tenth_over_a_dozen_sentences() -> None:
    truth = np.array([speech.syllables(text) for text in speech.MORE_SENTENCES])
    measured = [measure(speech.say(text)) for text in speech.MORE_SENTENCES]
    found = np.array([len(nuclei(prosody, whole(prosody), 0.0, prosody.duration)) for prosody in measured])
    assert found.sum() == pytest.approx(truth.sum(), rel=0.1)
    assert np.sqrt(np.mean((found / truth - 1) ** 2)) < 0.12  # single sentences


def test_a_train_of_vowels_is_counted_exactly() -> None:
    beat = np.concatenate([speech.vowel(140, 0.14) * np.hanning(2240), speech.silence(0.06)]).astype(np.float32)
    prosody = measure(np.tile(beat, 12))
    assert len(nuclei(prosody, whole(prosody), 0.0, prosody.duration)) == 12
    rate = speaking_rate(prosody, whole(prosody), 0.0, prosody.duration)
    assert rate is not None
    assert rate.value == pytest.approx(5.0, rel=0.05)


def test_nothing_is_measured_where_nobody_speaks() -> None:
    prosody = measure(speech.silence(2.0))
    assert pauses(prosody, (), 0.0, 2.0) == []
    assert nuclei(prosody, (), 0.0, 2.0) == []
    assert speaking_rate(prosody, (), 0.0, 2.0) is None
    assert speech_seconds(prosody, (), 0.0, 2.0) == 0.0


def test_runs_of_the_empty_and_the_full_mask() -> None:
    assert runs(np.zeros(0, bool)) == []
    assert runs(np.ones(3, bool)) == [(0, 3)]
