"""The edits of the recipe on made-up voices: what each one must move, and by how much."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

RECIPE = Path(__file__).parents[2] / "recipes" / "activation"
FRAMES, BINS = 80, 513


@pytest.fixture
def edits(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module without its vocoder, which these functions do not call."""
    monkeypatch.syspath_prepend(str(RECIPE))
    monkeypatch.setitem(sys.modules, "pyworld", ModuleType("pyworld"))
    yield import_module("edits")
    sys.modules.pop("edits", None)


def voice(edits: ModuleType, seed: int = 0) -> object:
    rng = np.random.default_rng(seed)
    f0 = np.where(np.arange(FRAMES) % 20 < 15, 120 + 10 * np.sin(np.arange(FRAMES)), 0.0)
    envelope = np.exp(rng.standard_normal((FRAMES, 1)) + 0.3 * rng.standard_normal((FRAMES, BINS)))
    return edits.Analysed(f0, envelope, rng.random((FRAMES, BINS)))


def test_cues_follow_the_activation_and_none_gives_it_away(edits: ModuleType) -> None:
    rng = np.random.default_rng(1)
    intents = rng.random(3000)
    cues = np.array([list(edits.draw_cues(a, rng).values()) for a in intents])
    each = [np.corrcoef(intents, column)[0, 1] for column in cues.T]
    assert min(each) > 0.6
    assert max(each) < 0.8
    assert np.corrcoef(intents, cues.mean(axis=1))[0, 1] > 0.9
    assert cues.min() >= -0.2
    assert cues.max() <= 1.2


def test_pitch_and_range(edits: ModuleType) -> None:
    f0 = voice(edits).f0
    spoken = f0 > 0
    higher = edits._pitched(f0, 12.0, 1.0)
    assert higher[spoken] == pytest.approx(2 * f0[spoken])
    assert not higher[~spoken].any()
    wider = edits._pitched(f0, 0.0, 1.8)
    assert np.log(wider[spoken]).std() == pytest.approx(1.8 * np.log(f0[spoken]).std())
    assert np.log(wider[spoken]).mean() == pytest.approx(np.log(f0[spoken]).mean())


def test_rate_keeps_what_is_said(edits: ModuleType) -> None:
    before = voice(edits)
    faster = edits._timed(before, 1.25)
    assert len(faster.f0) == len(faster.envelope) == len(faster.noise) == 64
    assert np.array_equal(edits._timed(before, 1.0).f0, before.f0)
    assert edits._timed(before, 1.0).envelope == pytest.approx(before.envelope)


def test_movement_about_the_mean(edits: ModuleType) -> None:
    before = voice(edits)
    assert edits._moved(before, 1.0, 1.0) == pytest.approx(before.envelope)
    flat = np.log(edits._moved(before, 0.0, 0.0))
    assert flat == pytest.approx(np.broadcast_to(flat[0], flat.shape))


def test_a_larger_head_moves_a_peak(edits: ModuleType) -> None:
    envelope = np.full((1, BINS), 1e-6)
    envelope[0, 200] = 1.0
    assert edits._warped(envelope, 1.2, 1.0).argmax() == 240
    envelope[0] = 1e-6
    envelope[0, 50] = 1.0
    assert edits._warped(envelope, 1.0, 1.1).argmax() == 55


def test_tilt_is_in_decibels_an_octave(edits: ModuleType) -> None:
    hertz = np.linspace(0, 8000, BINS)
    gain = 10 * np.log10(edits._tilted(np.ones((20, BINS)), 2.0, 1.0, np.ones(20, bool))[10])
    at = [float(np.interp(f, hertz, gain)) for f in (500, 1000, 2000, 4000)]
    assert at == pytest.approx([-3, 0, 3, 6], abs=0.05)


def test_rough_voices_have_half_of_the_pitch(edits: ModuleType) -> None:
    time = np.arange(16_000) / 16_000
    pulses = np.sin(2 * np.pi * 200 * time)
    f0 = np.full(201, 200.0)

    def at_half(depth: float) -> float:
        return float(np.abs(np.fft.rfft(edits._halved(pulses, f0, depth)))[100])

    assert at_half(0.0) < 1e-6 * 8000
    assert at_half(0.4) > 0.05 * 8000


def test_padding_keeps_the_speech(edits: ModuleType) -> None:
    sound = 0.1 * np.random.default_rng(0).standard_normal(8000).astype(np.float32)
    padded = [edits.padded(sound, np.random.default_rng(seed)) for seed in range(200)]
    longer = [each for each in padded if len(each) > len(sound)]
    assert 50 < len(longer) < 110
    assert max(map(len, longer)) <= 8000 + 16_000
    for each in longer[:10]:
        start = int(np.argmax(np.correlate(each, sound, "valid")))
        assert np.array_equal(each[start : start + len(sound)], sound)
        assert np.abs(np.delete(each, slice(start, start + len(sound)))).max() < 0.02
