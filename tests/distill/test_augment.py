"""Changes of the sound: as strong as asked, the same for the same step, and never of the caller's array."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.signal

from openaffect.distill import augment as made
from openaffect.distill.augment import OFF, Strengths, add_noise, augment, babble, band, echo, equaliser, pink, white
from tests.distill.river_files import tone

RATE = 16_000
ALL = Strengths(noise=1.0, room=1.0, equaliser=1.0, telephone=1.0)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def decibels(signal: np.ndarray, noise: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(signal.astype(float) ** 2) / np.mean(noise.astype(float) ** 2)))


def batch(n: int = 4, size: int = 8000) -> np.ndarray:
    return np.stack([tone(k / n, size / RATE, k) for k in range(n)])


@pytest.mark.parametrize("wanted", [-5.0, 0.0, 10.0, 40.0])
@pytest.mark.parametrize("kind", ["white", "pink", "babble"])
def test_noise_lies_as_far_below_as_asked(kind: str, wanted: float) -> None:
    sounds = batch()
    noise = {"white": white(rng(), 8000), "pink": pink(rng(), 8000), "babble": babble(rng(), sounds, 0)}[kind]
    mixed = add_noise(sounds[0], noise, wanted)
    assert decibels(sounds[0], mixed - sounds[0]) == pytest.approx(wanted, abs=0.1)


def test_silence_stays_silence() -> None:
    nothing = np.zeros(800, np.float32)
    assert np.array_equal(add_noise(nothing, white(rng(), 800), 10.0), nothing)
    sound = tone(0.5, 0.05)
    assert np.array_equal(add_noise(sound, np.zeros(800, np.float32), 10.0), sound)
    assert np.isfinite(augment(np.zeros((2, 800), np.float32), ALL, seed=0, step=0)).all()


def test_pink_noise_falls_by_three_decibels_an_octave() -> None:
    hertz, power = scipy.signal.welch(pink(rng(), 1 << 18), RATE, nperseg=4096)
    inside = (hertz > 100) & (hertz < 6000)
    slope = np.polyfit(np.log2(hertz[inside]), 10 * np.log10(power[inside]), 1)[0]
    assert slope == pytest.approx(-3.01, abs=0.1)


def test_white_noise_is_even() -> None:
    _, power = scipy.signal.welch(white(rng(), 1 << 18), RATE, nperseg=1024)
    assert np.ptp(10 * np.log10(power[2:-2])) < 3


def test_babble_is_of_other_clips_alone() -> None:
    sounds = np.zeros((3, 8000), np.float32)
    sounds[0] = 1.0
    sounds[1:] = batch(2)
    heard = babble(rng(), sounds, 0)
    spectrum = np.abs(np.fft.rfft(heard))
    assert spectrum[0] < 0.01 * spectrum.max()  # the constant of row 0 is not in it


def test_babble_without_another_clip_is_noise() -> None:
    assert np.array_equal(babble(rng(3), np.ones((1, 800), np.float32), 0), white(rng(3), 800))


@pytest.mark.parametrize(("decay", "direct"), [(0.3, 0.0), (0.6, 6.0)])
def test_an_echo_dies_away_as_asked(decay: float, direct: float) -> None:
    response = echo(rng(1), decay, direct)
    assert response[0] == 1.0
    assert decibels(np.array([1.0]), np.array([np.sqrt(np.sum(response[1:].astype(float) ** 2))])) == pytest.approx(
        direct, abs=0.1
    )
    # Schroeder's backward integral, its slope between -5 and -25 dB
    left = 10 * np.log10(np.cumsum(response[:0:-1].astype(float) ** 2)[::-1])
    left -= left[0]
    inside = (left < -5) & (left > -25)
    slope = np.polyfit(np.flatnonzero(inside) / RATE, left[inside], 1)[0]
    assert -60 / slope == pytest.approx(decay, rel=0.15)


def test_a_band_is_three_decibels_down_at_its_edges_and_steep_beyond() -> None:
    gain = 20 * np.log10(band(np.array([300, 1000, 3400, 6800], np.float32), 300.0, 3400.0, order=6))
    assert gain[0] == pytest.approx(-3.01, abs=0.05) and gain[2] == pytest.approx(-3.01, abs=0.05)
    assert gain[1] == pytest.approx(0.0, abs=0.05) and gain[3] == pytest.approx(-36.1, abs=0.2)


def test_an_equaliser_stays_within_its_strengths() -> None:
    hertz = np.linspace(300, 3000, 200).astype(np.float32)
    strengths = replace(OFF, tilt_db=2.0, peak_db=0.0)
    for seed in range(20):
        octave = equaliser(rng(seed), np.array([500, 1000], np.float32), strengths)
        assert abs(20 * np.log10(octave[1] / octave[0])) < 2.0 + 1.0  # the soft limits of the band take a little
    levels = np.array([20 * np.log10(equaliser(rng(seed), hertz, ALL)) for seed in range(50)])
    assert np.abs(levels).max() < 3 * ALL.peak_db + 3 * ALL.tilt_db + 6
    assert levels.std() > 1.0


@pytest.mark.parametrize("what", ["room", "equaliser", "telephone"])
def test_a_channel_keeps_the_level_and_changes_the_sound(what: str) -> None:
    sounds = batch()
    heard = augment(sounds, replace(OFF, **{what: 1.0}), seed=1, step=2)
    assert np.allclose(heard.std(1), sounds.std(1), rtol=0.01)
    assert all(np.abs(one - other).max() > 0.01 for one, other in zip(heard, sounds, strict=True))


def test_a_telephone_takes_what_lies_above_its_band() -> None:
    noise = white(rng(), 16000)[None]
    hertz, power = scipy.signal.welch(augment(noise, replace(OFF, telephone=1.0), seed=0, step=0)[0], RATE)
    assert power[hertz > 5000].mean() < 1e-3 * power[(hertz > 500) & (hertz < 3000)].mean()


def test_gain_is_even_over_its_range() -> None:
    sounds = np.ones((400, 10), np.float32)
    gains = 20 * np.log10(augment(sounds, replace(OFF, gain_db=6.0), seed=0, step=0)[:, 0])
    assert gains.min() > -6 and gains.max() < 6
    assert gains.mean() == pytest.approx(0.0, abs=0.5)
    assert gains.std() == pytest.approx(12 / np.sqrt(12), rel=0.1)


def test_the_share_of_changed_clips_is_as_asked() -> None:
    sounds = np.repeat(tone(0.5, 0.02)[None], 500, 0)
    heard = augment(sounds, replace(OFF, noise=0.3), seed=0, step=0)
    changed = (np.abs(heard - sounds).max(1) > 0).mean()
    assert changed == pytest.approx(0.3, abs=0.06)


def test_seed_step_and_place_decide_and_nothing_else() -> None:
    sounds = batch(6)
    whole = augment(sounds, ALL, seed=3, step=7)
    assert np.array_equal(whole, augment(sounds, ALL, seed=3, step=7))
    quiet = replace(ALL, noise=0.0)  # babble hears the rows of its own process
    parts = [augment(sounds[at : at + 3], quiet, seed=3, step=7, first=at) for at in (0, 3)]
    assert np.array_equal(augment(sounds, quiet, seed=3, step=7), np.concatenate(parts))
    for other in ({"seed": 4, "step": 7}, {"seed": 3, "step": 8}):
        assert not np.array_equal(whole, augment(sounds, ALL, **other))


def test_the_caller_keeps_its_sound_and_off_changes_nothing() -> None:
    sounds = batch()
    before = sounds.copy()
    heard = augment(sounds, ALL, seed=0, step=0)
    assert np.array_equal(sounds, before) and heard.dtype == np.float32 and np.isfinite(heard).all()
    assert np.array_equal(augment(sounds, OFF, seed=0, step=0), before)


def test_every_kind_of_noise_comes_up() -> None:
    assert len(made._NOISES) == 3
    sounds = batch(64, 400)
    noise = augment(sounds, replace(OFF, noise=1.0, snr_db=(0.0, 0.0)), seed=0, step=0) - sounds
    shares = [np.mean(np.abs(np.fft.rfft(row))[:8] ** 2) / np.mean(np.abs(np.fft.rfft(row)) ** 2) for row in noise]
    # pink and babble have their power below, white has not
    assert np.mean(np.array(shares) < 2) == pytest.approx(1 / 3, abs=0.15)
