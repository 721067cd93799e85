"""The curves: the same for every way of cutting the sound, right against formulas derived again."""

from __future__ import annotations

import time

import numpy as np
import pytest
import scipy.fft
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import speech

from openaffect.encoders import spectra
from openaffect.encoders.prosody import Prosody, ProsodyStream
from openaffect.errors import UsageError
from openaffect.runtime.vad import VoiceActivity

CURVES = ("f0_hz", "hnr_db", "loudness_db", "flux", "syllable_db", "flatness", "mfcc")


def measure(sound: speech.Sound, sizes: tuple[int, ...] = ()) -> Prosody:
    stream = ProsodyStream()
    at = 0
    for size in sizes:
        stream.push(sound[at : at + size])
        at += size
    stream.push(sound[at:])
    return stream.finish()


SOUND = np.concatenate([speech.say(speech.SENTENCES[1]), speech.noise(0.33)])[:50_123]
WHOLE = measure(SOUND)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 20_000), max_size=12))
def test_numbers_do_not_depend_on_how_the_sound_is_cut(sizes: list[int]) -> None:
    cut = measure(SOUND, tuple(sizes))
    for name in CURVES:
        np.testing.assert_array_equal(getattr(cut, name), getattr(WHOLE, name), err_msg=name)


def test_single_samples_give_the_same_numbers() -> None:
    cut = measure(SOUND[:20_000], (1,) * 20_000)
    np.testing.assert_array_equal(cut.f0_hz, measure(SOUND[:20_000]).f0_hz)


@pytest.mark.parametrize("count", [0, 1, 159, 160, 161, 15_999, 16_000, 16_001, 48_000])
def test_a_frame_for_every_ten_milliseconds_begun(count: int) -> None:
    prosody = measure(np.full(count, 0.1, np.float32))
    assert len(prosody) == -(-count // 160)
    for name in CURVES[:-1]:
        assert getattr(prosody, name).shape == (len(prosody),)
        assert getattr(prosody, name).dtype == np.float32
    assert prosody.mfcc.shape == (-(-len(prosody) // 2), 13)


def test_a_frame_costs_little_memory() -> None:
    assert sum(getattr(WHOLE, name).nbytes for name in CURVES) / len(WHOLE) < 40


def test_only_mono_is_taken() -> None:
    with pytest.raises(UsageError, match="mono"):
        ProsodyStream().push(np.zeros((10, 2), np.float32))


def test_the_pushed_array_may_be_reused() -> None:
    buffer = SOUND[:8000].copy()
    stream = ProsodyStream()
    stream.push(buffer)
    buffer[:] = 0
    np.testing.assert_array_equal(stream.finish().loudness_db, measure(SOUND[:8000]).loudness_db)


@pytest.mark.parametrize("amplitude", [1.0, 0.1, 0.003])
def test_loudness_of_a_sine(amplitude: float) -> None:
    t = np.arange(16_000) / 16_000
    prosody = measure((amplitude * np.sin(2 * np.pi * 300 * t) + 0.2).astype(np.float32))
    truth = 20 * np.log10(amplitude / np.sqrt(2))  # the offset of 0.2 is no sound
    assert np.abs(prosody.loudness_db[5:-5] - truth).max() < 0.1


def test_six_decibels_are_six_decibels_and_nothing_else_moves() -> None:
    more = measure(speech.louder(SOUND, 6.0))
    heard = WHOLE.loudness_db > -69
    np.testing.assert_allclose((more.loudness_db - WHOLE.loudness_db)[heard], 6.0, atol=0.01)
    apart = np.abs(more.flux - WHOLE.flux)[~np.isnan(WHOLE.flux)]
    assert len(apart) > 150
    assert apart.max() < 1e-4
    both = ~np.isnan(more.f0_hz) & ~np.isnan(WHOLE.f0_hz)
    np.testing.assert_allclose(more.f0_hz[both], WHOLE.f0_hz[both], rtol=1e-4)


def spectrum(sound: speech.Sound, frame: int) -> np.ndarray:
    """Magnitudes of the 25 ms around a frame, written out again in float64."""
    padded = np.pad(sound.astype(np.float64), 200)
    piece = padded[frame * 160 : frame * 160 + 400]
    window = np.sin(np.pi * (np.arange(400) + 0.5) / 400) ** 2
    return np.abs(scipy.fft.rfft(piece * window, 512))


@pytest.mark.parametrize("frame", [60, 99, 100, 101, 150, 200])
def test_flux_is_its_formula(frame: int) -> None:
    now, before = (spectrum(SOUND, k) for k in (frame, frame - 1))
    truth = np.sqrt(2 - 2 * (now @ before) / np.linalg.norm(now) / np.linalg.norm(before))
    assert WHOLE.flux[frame] == pytest.approx(truth, abs=2e-4)


@pytest.mark.parametrize("frame", [60, 100, 180])
def test_cepstrum_is_the_cosine_transform_of_log_mel_energies(frame: int) -> None:
    power = spectrum(SOUND, frame) ** 2
    hertz = np.arange(257) * 31.25
    mels = np.linspace(*(2595 * np.log10(1 + np.array([100.0, 5500.0]) / 700)), 26)
    edges = 700 * (10 ** (mels / 2595) - 1)
    energies = np.array([power @ np.interp(hertz, edges[k : k + 3], [0, 1, 0]) for k in range(24)])
    energies = np.maximum(energies, energies.max() * 1e-6)
    truth = scipy.fft.dct(np.log(energies), norm="ortho")[:13]
    np.testing.assert_allclose(WHOLE.mfcc[frame // 2], truth, atol=0.03)


def test_vowel_band_level_is_that_of_a_band_pass() -> None:
    t = np.arange(16_000) / 16_000
    inside = measure((0.1 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)).syllable_db[50]
    outside = measure((0.1 * np.sin(2 * np.pi * 5000 * t)).astype(np.float32)).syllable_db[50]
    assert inside == pytest.approx(20 * np.log10(0.1 / np.sqrt(2)), abs=0.1)
    assert outside < inside - 60


def test_flatness_of_noise_is_what_theory_says() -> None:
    """Periodogram bins of noise are exponential: geometric over arithmetic mean is exp(-0.5772)."""
    rng = np.random.default_rng(3)
    power = rng.exponential(size=(400, 480)).astype(np.float32)
    read = spectra.flatness(power, width=240, first=0, last=480)
    assert read.mean() == pytest.approx(np.exp(-np.euler_gamma), abs=0.01)
    assert spectra.flatness(np.ones((1, 480), np.float32), width=20, first=0, last=480)[0] == pytest.approx(1.0)


def test_white_and_pink_noise_are_equally_flat_and_a_vowel_is_not() -> None:
    white, pink = (np.nanmean(measure(speech.noise(3.0, slope=s)).flatness) for s in (0.0, 1.0))
    assert white == pytest.approx(pink, abs=0.02)
    assert np.nanmean(measure(speech.vowel(150, 2.0)).flatness) < 0.6 * white


def test_frames_and_masks_are_half_open() -> None:
    assert WHOLE.frames(0.1, 0.2) == slice(10, 20)
    assert WHOLE.frames(0.095, 0.195) == slice(10, 20)
    assert WHOLE.frames(-1.0, 1e9) == slice(0, len(WHOLE))
    mask = WHOLE.mask(((0.0, 0.15), (0.18, 0.3)), 0.1, 0.2)
    assert mask.tolist() == [True] * 5 + [False] * 3 + [True] * 2


def test_listening_is_fast() -> None:
    """Voice activity and prosody together: at most 0.03 of real time on one thread (best of three)."""
    sound = np.tile(SOUND, 6)[: 16_000 * 15]
    best = min(_listen(sound) for _ in range(3))
    assert best / 15 < 0.03


def _listen(sound: speech.Sound) -> float:
    activity, stream = VoiceActivity(), ProsodyStream()
    began = time.process_time()
    for at in range(0, len(sound), 16_000):
        activity.push(sound[at : at + 16_000])
        stream.push(sound[at : at + 16_000])
    activity.flush()
    stream.finish()
    return time.process_time() - began
