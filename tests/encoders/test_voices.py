"""Voice prints: two unlike voices are parted, one stays one, little voice stays unknown."""

from __future__ import annotations

import numpy as np
import pytest
from tests import speech

from openaffect.encoders.prosody import Prosody, ProsodyStream
from openaffect.encoders.voices import VoicePrint, cluster_voices, speech_envelope, voice_print


def measure(sound: speech.Sound) -> Prosody:
    stream = ProsodyStream()
    stream.push(sound)
    return stream.finish()


def heard(*turns: speech.Sound) -> list[VoicePrint]:
    sound, spans = speech.joined(*turns)
    prosody = measure(sound)
    return [voice_print(prosody, start, end) for start, end in spans]


def other(text: str) -> speech.Sound:
    """Another voice: nine semitones lower in pitch and formants (a longer vocal tract)."""
    return speech.faster(speech.say(text, speed=1.5), 0.6)


def test_two_voices_that_alternate_are_parted_and_numbered_by_appearance() -> None:
    turns = [make(text) for text in speech.SENTENCES for make in (speech.say, other)]
    assert cluster_voices(heard(*turns)) == ["V1", "V2"] * 4


@pytest.mark.parametrize("make", [speech.say, other])
def test_one_voice_stays_one(make) -> None:  # type: ignore[no-untyped-def]
    assert set(cluster_voices(heard(*map(make, speech.SENTENCES)))) == {"V1"}


def test_one_voice_that_gets_excited_stays_one() -> None:
    turns = [speech.say(text, semitones=shift) for text in speech.SENTENCES for shift in (0.0, 4.0)]
    assert set(cluster_voices(heard(*turns))) == {"V1"}


def test_gain_does_not_make_another_voice() -> None:
    first, second = heard(speech.say(speech.SENTENCES[0]), speech.louder(speech.say(speech.SENTENCES[0]), -12.0))
    assert first.vector is not None and second.vector is not None
    assert np.linalg.norm(first.vector - second.vector) < 0.15


def test_little_speech_and_no_voice_are_unknown() -> None:
    long, hiss = speech.say(speech.SENTENCES[0]), speech.noise(2.0)
    prints = heard(long, long[8000:20_000], hiss, speech.silence(2.0))
    assert cluster_voices(prints) == ["V1", "unknown", "unknown", "unknown"]
    assert cluster_voices([]) == []


def test_speech_of_the_detector_decides_what_counts() -> None:
    prosody = measure(speech.say(speech.SENTENCES[0]))
    assert voice_print(prosody, 0.0, prosody.duration, speech=((0.5, 1.2),)).vector is None
    assert voice_print(prosody, 0.0, prosody.duration, speech=((0.5, 2.5),)).vector is not None


def test_many_turns_are_grouped_like_few() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 900)
    prints = [VoicePrint(k, k + 2, 1.0 + k % 7, rng.normal(0, 0.1, 13) + 3.0 * t) for k, t in enumerate(truth)]
    names = cluster_voices(prints)
    assert len(set(names)) == 3
    assert len(set(zip(names, truth.tolist(), strict=True))) == 3


def test_average_linkage_is_scipys() -> None:
    from scipy.cluster.hierarchy import fcluster, linkage

    rng = np.random.default_rng(4)
    points = rng.normal(size=(40, 13))
    names = cluster_voices([VoicePrint(k, k + 2, 1.0, p) for k, p in enumerate(points)], threshold=4.5)
    groups = fcluster(linkage(points, "average"), 4.5, "distance")
    assert 1 < len(set(groups)) < 40
    assert len(set(zip(names, groups.tolist(), strict=True))) == len(set(groups)) == len(set(names))


def test_the_envelope_follows_the_loudness_of_the_vowels() -> None:
    beat = 0.5 - 0.5 * np.cos(2 * np.pi * 3 * np.arange(4 * speech.RATE) / speech.RATE)
    prosody = measure((speech.vowel(150, 4.0) * beat).astype(np.float32))
    times, envelope = speech_envelope(prosody, rate=25.0)
    assert len(times) == len(envelope) == 100
    assert times[1] == pytest.approx(0.04)
    assert envelope.min() >= 0 and envelope.max() == 1.0
    assert np.corrcoef(envelope[2:-2], (0.5 - 0.5 * np.cos(2 * np.pi * 3 * times))[2:-2])[0, 1] > 0.8
    assert speech_envelope(measure(speech.silence(1.0)))[1].max() == 0.0
