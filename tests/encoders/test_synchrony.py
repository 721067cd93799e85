"""Synchrony: mouths made from the envelope against mouths of other speech."""

import numpy as np
import pytest
import soundfile
import soxr
from tests.parts import unpacked

from openaffect.encoders.prosody import ProsodyStream
from openaffect.encoders.synchrony import THRESHOLD, align, synchrony
from openaffect.encoders.voices import speech_envelope

RATE = 25.0


def envelope(seed: int, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Syllable-like bumps with pauses, irregular in time, as a stand-in for speech."""
    rng = np.random.default_rng(seed)
    times = np.arange(0, seconds, 1 / RATE)
    curve, at = np.zeros(len(times)), rng.uniform(0, 0.2)
    while at < seconds:
        curve += rng.uniform(0.4, 1.0) * np.exp(-0.5 * ((times - at) / 0.06) ** 2)
        at += rng.uniform(0.13, 0.32) if rng.random() > 0.12 else rng.uniform(0.5, 0.9)
    return times, np.clip(curve, 0, 1)


def mouth(
    times: np.ndarray, curve: np.ndarray, *, lag: float, noise_db: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """A mouth that opens with the envelope, *lag* late, sampled ten times a second, with noise at *noise_db* SNR."""
    seen = np.arange(0, times[-1], 0.1)
    opened = np.interp(seen - lag, times, curve)
    rng = np.random.default_rng(seed)
    return seen, 0.02 + 0.1 * (opened + rng.normal(0, opened.std() * 10 ** (-noise_db / 20), len(seen)))


def scores(seconds: float) -> tuple[list[float], list[float]]:
    true, swapped = [], []
    for seed in range(40):
        times, curve = envelope(seed, seconds)
        _, other = envelope(1000 + seed, seconds)
        rng = np.random.default_rng(seed)
        how = {"lag": rng.uniform(0, 0.12), "noise_db": rng.uniform(0, 12), "seed": seed}
        for kept, source in ((true, curve), (swapped, other)):
            score = synchrony(*mouth(times, source, **how), times, curve)
            assert score is not None
            kept.append(score)
    return true, swapped


def auc(high: list[float], low: list[float]) -> float:
    return float(np.mean([(a > b) + 0.5 * (a == b) for a in high for b in low]))


@pytest.mark.parametrize(("seconds", "least"), [(3.6, 0.9), (8.0, 0.97)])
def test_own_mouths_score_above_those_of_others(seconds: float, least: float) -> None:
    true, swapped = scores(seconds)
    assert auc(true, swapped) >= least


def test_the_threshold_lets_few_strangers_through() -> None:
    true, swapped = scores(8.0)
    assert np.mean(np.array(swapped) >= THRESHOLD) <= 0.05
    assert np.mean(np.array(true) >= THRESHOLD) >= 0.6


def test_too_little_gives_no_score() -> None:
    times, curve = envelope(1, 8.0)
    seen, opened = mouth(times, curve, lag=0.0, noise_db=12, seed=1)
    assert synchrony(seen[:10], opened[:10], times, curve) is None
    assert synchrony(seen, np.full(len(seen), 0.1), times, curve) is None
    assert synchrony(seen, np.full(len(seen), np.nan), times, curve) is None
    assert synchrony(seen, opened, times, curve, spans=[(0.0, 0.5)]) is None
    assert synchrony(seen, opened, times, curve, spans=[(0.0, 8.0)]) == synchrony(seen, opened, times, curve)


@pytest.fixture(scope="module")
def speech() -> list[tuple[np.ndarray, np.ndarray]]:
    """Envelopes of real recordings of different people in ten languages, as the pipeline measures them."""
    found = []
    for part in ("moonshine-voice", "pytest-audioeval"):
        for path in sorted(unpacked(part).rglob("*.wav")):
            samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
            if len(samples) > 3.3 * rate:
                stream = ProsodyStream()
                stream.push(soxr.resample(samples.mean(1), rate, 16000).astype(np.float32))
                found.append(speech_envelope(stream.finish()))
    return found


def pieces(speech: list[tuple[np.ndarray, np.ndarray]], seconds: float) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """Cut the recordings into pieces; the number says whose it is."""
    cut = []
    for owner, (times, curve) in enumerate(speech):
        for start in np.arange(0, times[-1] - seconds + 0.01, max(seconds / 2, 1.0)):
            inside = (times >= start) & (times < start + seconds)
            cut.append((owner, times[inside] - start, curve[inside]))
    return cut


@pytest.mark.parametrize(("seconds", "least", "true_share"), [(3.2, 0.9, 0.7), (4.0, 0.9, 0.75), (8.0, 0.97, 0.85)])
def test_real_speech(
    speech: list[tuple[np.ndarray, np.ndarray]], seconds: float, least: float, true_share: float
) -> None:
    """Mouths made from real envelopes (lag 0-120 ms, noise at 0-12 dB) against mouths of other recordings."""
    parts, rng = pieces(speech, seconds), np.random.default_rng(0)
    true, swapped = [], []
    for owner, times, curve in parts:
        strangers = [part for part in parts if part[0] != owner]
        chosen = [strangers[k] for k in rng.integers(len(strangers), size=3)]
        for kept, (_, mouth_clock, source) in [(true, (0, times, curve)), *((swapped, each) for each in chosen)]:
            how = {"lag": rng.uniform(0, 0.12), "noise_db": rng.uniform(0, 12), "seed": int(rng.integers(10**6))}
            score = synchrony(*mouth(mouth_clock, source, **how), times, curve)
            if score is not None:
                kept.append(score)
    assert len(true) >= 15
    assert auc(true, swapped) >= least
    assert np.mean(np.array(swapped) >= THRESHOLD) <= 0.05
    assert np.mean(np.array(true) >= THRESHOLD) >= true_share


@pytest.mark.parametrize("lag", [-0.1, 0.0, 0.1])
def test_the_lag_is_found(speech: list[tuple[np.ndarray, np.ndarray]], lag: float) -> None:
    found = [
        align(*mouth(times, curve, lag=lag, noise_db=12, seed=k), times, curve)
        for k, (_, times, curve) in enumerate(pieces(speech, 6.0))
    ]
    lags = [each.lag for each in found if each is not None]
    assert len(lags) >= 15
    assert np.median(lags) == pytest.approx(lag, abs=0.051), "one step of the grid"
