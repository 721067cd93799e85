"""The gate: no value for what is no voice, a value for voices of any level and language, in noise too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from tests.parts import unpacked
from tests.speech import MORE_SENTENCES, chords, melody, noise, note, say, vowel

from openaffect.runtime import ADV, Model, load
from openaffect.runtime.gate import detector, judged
from openaffect.runtime.level import Level
from openaffect.runtime.vad import VoiceActivity

TIME = np.arange(80_000) / 16_000


def judge(sound: np.ndarray, block: int = 16_000) -> tuple[str, str]:
    level = Level()
    level.push(sound)
    return judged((sound[at : at + block] for at in range(0, len(sound), block)), level, VoiceActivity())


def _clicks(every: int) -> np.ndarray:
    sound = np.zeros(80_000, np.float32)
    sound[::every] = 0.8
    return sound


def _drums() -> np.ndarray:
    beat = np.random.default_rng(0).standard_normal(4_000) * np.exp(-np.arange(4_000) / 600)
    return np.tile(0.3 * beat, 20).astype(np.float32)


def _organ(partials: int, low: float) -> np.ndarray:
    steps = np.random.default_rng(partials).integers(0, 13, 16)
    return np.concatenate([note(low * 2 ** (k / 12), 0.35, partials=partials, decay=0.5) for k in steps])


NO_VOICE: dict[str, Callable[[], np.ndarray]] = {
    "white": lambda: noise(5.0),
    "pink": lambda: noise(5.0, slope=1.0),
    "brown": lambda: noise(5.0, slope=2.0),
    "faint white": lambda: noise(5.0, level=0.01),
    "hum": lambda: 0.1 * sum(np.sin(2 * np.pi * 50 * k * TIME) / k for k in range(1, 8)),
    "sine 300": lambda: 0.3 * np.sin(2 * np.pi * 300 * TIME),
    "sine 1000": lambda: 0.3 * np.sin(2 * np.pi * 1000 * TIME),
    "clicks": lambda: _clicks(4000),
    "buzz": lambda: _clicks(100),
    "drums": _drums,
    "chords": chords,
    "melody": melody,
    "flute": lambda: _organ(2, 440),
    "organ": lambda: _organ(8, 220),
    "strings": lambda: _organ(20, 110),
    "held vowel": lambda: vowel(150, 5.0, breath=0.02),
}


@pytest.mark.parametrize("name", NO_VOICE)
def test_what_is_no_voice_gets_no_value(name: str) -> None:
    sound = np.asarray(NO_VOICE[name](), np.float32)
    for gain in (1.0, 0.1):
        assert judge(sound * np.float32(gain)) == ("no speech", "")


@pytest.mark.parametrize("value", [0.0, 0.5, -1.0])
def test_silence_and_what_is_constant(value: float) -> None:
    assert judge(np.full(32_000, value, np.float32)) == ("silence", "")
    assert judge(np.full(32_000, value, np.float32) + noise(2.0, level=2e-4)) == ("silence", "")
    assert judge(np.full(32_000, value, np.float32) + noise(2.0, level=1e-3))[0] == "no speech"


def _recordings() -> Iterator[np.ndarray]:
    files = [path for path in sorted(unpacked("pytest-audioeval").rglob("*.wav")) if path.stem != "silence"]
    files += [sorted(unpacked("moonshine-voice").rglob("two_cities.wav"))[0]]
    for path in files:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        yield soxr.resample(samples[: 20 * rate].mean(1), rate, 16_000)


def test_people_get_a_value_at_any_level_and_in_noise() -> None:
    count = 0
    for sound in _recordings():
        level = float(sound.std())
        pink = np.resize(noise(10.0, slope=1.0, level=level), len(sound))
        for heard in (sound, sound * np.float32(0.002 / level), sound * np.float32(0.3 / level), sound + pink):
            assert judge(heard)[0] == ""
            count += 1
    assert count > 100


def test_synthesised_sentences_get_a_value() -> None:
    for sentence in MORE_SENTENCES:
        assert judge(say(sentence)) == ("", "")


def test_clipping_is_noted() -> None:
    for sentence in MORE_SENTENCES[:6]:
        sound = say(sentence)
        peak = float(np.abs(sound).max())
        assert judge(np.clip(8 * sound, -peak, peak)) == ("", "clipped")


def test_a_little_speech_in_much_silence_is_not_enough() -> None:
    """Under a fifth of the whole."""
    spoken = say(MORE_SENTENCES[0])
    assert judge(np.concatenate([spoken, noise(len(spoken) / 16_000 * 6, level=1e-3)]))[0] == "no speech"
    assert judge(np.concatenate([spoken, noise(len(spoken) / 16_000 * 2, level=1e-3)]))[0] == ""


def test_it_listens_no_longer_than_it_must() -> None:
    sound, heard = np.concatenate([say(sentence) for sentence in MORE_SENTENCES]), []
    level = Level()
    level.push(sound)

    def blocks() -> Iterator[np.ndarray]:
        for at in range(0, len(sound), 16_000):
            heard.append(at)
            yield sound[at : at + 16_000]

    assert judged(blocks(), level, VoiceActivity()) == ("", "")
    assert len(heard) < 0.4 * len(sound) / 16_000


def test_without_a_detector_only_the_level_is_judged_and_it_says_so() -> None:
    level = Level()
    level.push(noise(1.0))
    assert judged([noise(1.0)], level, None) == ("", "level only")


def test_a_model_hands_the_judgement_on(folders: dict[str, Path], speech: np.ndarray) -> None:
    model: Model = load(folders["wav2small-72k"])
    assert model(np.zeros(16_000, np.float32)) == ADV(reason="silence")
    assert model(noise(3.0)) == ADV(reason="no speech")
    assert model(chords()) == ADV(reason="no speech")
    assert model.blocks(lambda: [noise(3.0)] * 5) == ADV(reason="no speech")
    peak = float(np.abs(speech).max())
    assert model(np.clip(8 * speech, -peak, peak)).note == "clipped"
    assert (model(speech).reason, model(speech).note) == ("", "")
    assert load(folders["wav2small-72k"], gate=False)(noise(3.0)).arousal is not None
    assert isinstance(detector(), VoiceActivity)
