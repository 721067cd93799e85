"""Silence, noise, music and speech are told apart, with the real voice activity detector."""

from __future__ import annotations

import numpy as np
import pytest
from tests import speech

from openaffect.encoders.prosody import Prosody, ProsodyStream, Spans, sound_kind
from openaffect.runtime.vad import VoiceActivity, speech_spans


def listen(sound: speech.Sound) -> tuple[Prosody, Spans]:
    stream, activity = ProsodyStream(), VoiceActivity()
    stream.push(sound)
    spans = speech_spans(np.concatenate([activity.push(sound), activity.flush()]))
    return stream.finish(), tuple(spans)


def kind(sound: speech.Sound) -> str:
    prosody, spans = listen(sound)
    return sound_kind(prosody, spans, 0.0, prosody.duration)


def tone(hertz: float) -> speech.Sound:
    return (0.1 * np.sin(2 * np.pi * hertz * np.arange(64_000) / 16_000)).astype(np.float32)


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence(level: float) -> None:
    assert kind(speech.noise(4.0, level=level) if level else speech.silence(4.0)) == "silence"


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("level", [0.003, 0.1])
def test_noise_of_any_colour_and_level(slope: float, level: float) -> None:
    assert kind(speech.noise(5.0, slope=slope, level=level, seed=int(slope))) == "noise"


def test_music() -> None:
    assert kind(speech.chords()) == "music"
    assert kind(speech.melody()) == "music"
    assert kind(0.3 * speech.melody()) == "music"
    assert kind(speech.chords() + speech.noise(6.0, slope=1.0, level=0.003)) == "music"


@pytest.mark.parametrize("text", speech.SENTENCES)
def test_speech_clean_and_in_noise(text: str) -> None:
    sound = speech.say(text)
    hiss = speech.noise(len(sound) / speech.RATE, slope=1.0, level=float(sound.std()) / 10)[: len(sound)]
    assert kind(sound) == "speech"
    assert kind(sound + hiss) == "speech"
    assert kind(speech.louder(sound, -20.0)) == "speech"


def test_a_steady_tone_and_hum_are_something_else() -> None:
    assert kind(tone(440.0)) == "other"
    assert kind(tone(50.0)) == "other"


def test_music_that_the_detector_took_for_speech_is_still_music() -> None:
    prosody, _ = listen(speech.melody())
    assert sound_kind(prosody, ((1.0, 4.0),), 0.0, prosody.duration) == "music"


def test_a_span_without_sound_is_other() -> None:
    prosody, _ = listen(speech.silence(1.0))
    assert sound_kind(prosody, (), 5.0, 6.0) == "other"
    assert sound_kind(ProsodyStream().finish(), (), 0.0, 1.0) == "other"
