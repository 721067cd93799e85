"""F0 and harmonics-to-noise ratio against pulse trains and speech whose F0 is known."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
from tests import speech

from openaffect.encoders.prosody import Prosody, ProsodyStream


def measure(sound: speech.Sound) -> Prosody:
    stream = ProsodyStream()
    stream.push(sound)
    return stream.finish()


def errors(prosody: Prosody, truth: np.ndarray) -> np.ndarray:
    """Semitone errors of the voiced frames, *truth* in hertz per frame."""
    found = prosody.f0_hz
    both = ~np.isnan(found) & (truth > 0)
    return 12 * np.log2(found[both] / truth[both])


@pytest.mark.parametrize("hertz", [55, 70, 90, 117, 150, 200, 263.3, 331, 420, 530])
def test_pulse_train_is_voiced_and_read_within_a_tenth_of_a_semitone(hertz: float) -> None:
    prosody = measure(speech.vowel(hertz, 1.0))
    inner = prosody.f0_hz[10:-10]
    assert np.mean(np.isnan(inner)) <= 0.02
    wrong = errors(prosody, np.full(len(prosody), float(hertz)))
    assert np.median(np.abs(wrong)) < 0.1
    assert np.mean(np.abs(wrong) > 3) <= 0.01  # gross errors


@pytest.mark.parametrize("decibels", [20, 10])
def test_gross_errors_stay_rare_in_noise(decibels: float) -> None:
    wrong = []
    for hertz in (80, 120, 180, 250, 400):
        clean = speech.vowel(hertz, 1.5)
        hiss = speech.noise(1.5, slope=1.0, level=float(clean.std()) * 10 ** (-decibels / 20), seed=hertz)
        prosody = measure(clean + hiss)
        assert np.mean(~np.isnan(prosody.f0_hz)) > 0.9
        wrong.append(errors(prosody, np.full(len(prosody), float(hertz))))
    assert np.mean(np.abs(np.concatenate(wrong)) > 3) < 0.02


def test_a_glide_is_followed() -> None:
    seconds = 2.0
    curve = 110 * 2 ** (np.arange(round(seconds * speech.RATE)) / speech.RATE / seconds)
    prosody = measure(speech.vowel(curve, seconds))
    wrong = errors(prosody, curve[:: speech.RATE // 100])
    assert len(wrong) > 190
    assert np.percentile(np.abs(wrong), 95) < 0.3


def test_gross_errors_on_speech_whose_f0_is_known() -> None:
    wrong = []
    for text in speech.SENTENCES:
        for shift in (-5.0, 0.0, 5.0):
            prosody = measure(speech.say(text, semitones=shift))
            times, hertz = speech.spoken_f0(text)
            truth = np.interp(np.arange(len(prosody)) * 0.01, times, hertz * 2 ** (shift / 12))
            wrong.append(errors(prosody, np.where(truth > 60, truth, 0)))
            assert len(wrong[-1]) > 100
    gross = np.mean(np.abs(np.concatenate(wrong)) > 3)
    assert gross < 0.04
    assert np.median(np.abs(np.concatenate(wrong))) < 0.3


@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_noise_and_silence_have_no_pitch(slope: float) -> None:
    assert np.mean(~np.isnan(measure(speech.noise(4.0, slope=slope)).f0_hz)) < 0.03
    assert np.isnan(measure(speech.silence(1.0)).f0_hz).all()


@pytest.mark.parametrize("decibels", [0.0, 5.0, 10.0, 20.0])
def test_harmonics_to_noise_ratio_is_the_ratio_that_was_mixed(decibels: float) -> None:
    t = np.arange(3 * speech.RATE) / speech.RATE
    tone = sum(np.cos(2 * np.pi * 150 * k * t + k * k) / k for k in range(1, 22))
    low_pass = scipy.signal.butter(8, [100, 3200], "bandpass", fs=speech.RATE, output="sos")
    hiss = scipy.signal.sosfilt(low_pass, np.random.default_rng(2).standard_normal(len(t)))
    mixed = tone / tone.std() + hiss / hiss.std() * 10 ** (-decibels / 20)
    prosody = measure((0.1 * mixed).astype(np.float32))
    assert np.nanmedian(prosody.hnr_db) == pytest.approx(decibels, abs=1.5)
