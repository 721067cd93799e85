"""Speech said again with more or less activation: edits by the WORLD vocoder, each cue with noise of its own.

The activation ``a`` of a clip lies between 0 and 1.  Each cue has its own strength ``c = a + noise`` (or, now and then,
one that has nothing to do with ``a``), so that no single cue gives the activation away:

- `pitch`: the level of the voice, 14 semitones from c = 0 to 1
- `range`: the movement of the pitch about its mean, 0.45 to 2.2 times;  `rate`: 0.64 to 1.57 times as fast
- `tilt`: 8 dB between 500 and 4000 Hz where there is voice;  `formant`: F1 raised
- `articulation`: how far the spectrum moves about its mean;  `dynamics`: how far the level moves about its mean
- `breath`: noise in the voice where c is low;  `rough`: jitter and every second pulse weaker where c is high

Each clip also goes through a channel of its own, a tilt that says nothing about the voice.  What the cues stand for is
in the literature on vocal effort and arousal (K. Scherer, "Vocal communication of emotion", Speech Communication 40,
2003; H. Traunmueller and A. Eriksson, "Acoustic effects of variation in vocal effort", JASA 107, 2000).  The sizes are
ours: they are not fitted to any recording.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyworld
from numpy.typing import NDArray

RATE = 16_000
STEP_MS = 5.0
CUES = ("pitch", "range", "rate", "tilt", "formant", "articulation", "dynamics", "breath", "rough")
NOISE = 0.22
STRAY = 0.15
"""How often a cue says nothing about the activation."""
LEVEL = 0.1
CHANNEL_TILT = 1.2
"""Standard deviation in dB an octave."""
PADDED = 0.4
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Analysed:
    """WORLD's view of a clip: F0 (frames,) in hertz, spectral envelope and aperiodicity (frames, 513)."""

    f0: Array
    envelope: Array
    noise: Array


def analyse(sound: NDArray[np.float32]) -> Analysed:
    """Return what WORLD sees in 16 kHz *sound*, every 5 ms."""
    signal = sound.astype(np.float64)
    f0, times = pyworld.harvest(signal, RATE, f0_floor=60.0, f0_ceil=600.0, frame_period=STEP_MS)
    return Analysed(f0, pyworld.cheaptrick(signal, f0, times, RATE), pyworld.d4c(signal, f0, times, RATE))


def draw_cues(activation: float, rng: np.random.Generator) -> dict[str, float]:
    """Return the strength of each cue, between -0.2 and 1.2."""
    cues = activation + NOISE * rng.standard_normal(len(CUES))
    cues = np.where(rng.random(len(CUES)) < STRAY, rng.random(len(CUES)), cues)
    return {name: round(float(value), 4) for name, value in zip(CUES, np.clip(cues, -0.2, 1.2), strict=True)}


def edited(
    voice: Analysed, cues: dict[str, float], size: tuple[float, float], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the clip with these cues in a voice of *size* (factor on the formants, semitones), RMS 0.1, 16 kHz."""
    off = {name: value - 0.5 for name, value in cues.items()}
    voice = _timed(voice, float(np.exp(0.9 * off["rate"])))
    envelope = _moved(voice, float(np.exp(0.8 * off["articulation"])), float(np.exp(0.7 * off["dynamics"])))
    envelope = _warped(envelope, size[0], 1.0 + 0.25 * off["formant"])
    envelope = _tilted(envelope, 8 / 3 * off["tilt"], CHANNEL_TILT * rng.standard_normal(), voice.f0 > 0)
    f0 = _pitched(voice.f0, size[1] + 14.0 * off["pitch"], float(np.exp(1.6 * off["range"])))
    rough = max(off["rough"], 0.0)
    f0 = f0 * np.exp(0.05 * rough * rng.standard_normal(len(f0)))
    noise = _breathed(_warped(voice.noise, size[0], 1.0), max(-off["breath"], 0.0))
    sound = pyworld.synthesize(f0, np.ascontiguousarray(envelope), np.ascontiguousarray(noise), RATE, STEP_MS)
    return _levelled(_halved(sound, f0, rough))


def padded(sound: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return *sound*, two times of five with up to half a second of near silence at each end, as recordings have it."""
    if rng.random() >= PADDED:
        return sound
    floor = 10 ** (rng.uniform(-90, -50) / 20)
    before, after = (rng.standard_normal(int(rng.uniform(0, 0.5) * RATE)) * floor for _ in range(2))
    return np.concatenate([before, sound, after]).astype(np.float32)


def _timed(voice: Analysed, factor: float) -> Analysed:
    count = len(voice.f0)
    at = np.linspace(0, count - 1, max(round(count / factor), 2))
    left, share = np.minimum(at.astype(int), count - 2), (at - np.minimum(at.astype(int), count - 2))[:, None]
    envelope = np.exp((1 - share) * np.log(voice.envelope[left]) + share * np.log(voice.envelope[left + 1]))
    noise = (1 - share) * voice.noise[left] + share * voice.noise[left + 1]
    nearest = voice.f0[np.round(at).astype(int)]
    both = (voice.f0[left] > 0) & (voice.f0[left + 1] > 0)
    between = (1 - share[:, 0]) * voice.f0[left] + share[:, 0] * voice.f0[left + 1]
    return Analysed(np.where(both, between, nearest), envelope, noise)


def _moved(voice: Analysed, articulation: float, dynamics: float) -> Array:
    """Scale the movement of the envelope's shape and of its level about their means over the audible frames."""
    log = np.log(voice.envelope)
    level = np.log(voice.envelope.mean(axis=1, keepdims=True))
    audible = level[:, 0] > level.max() - np.log(10.0) * 3.5
    shape = log - level
    mean = shape[audible].mean(axis=0)
    middle = level[audible].mean()
    result: Array = np.exp(mean + articulation * (shape - mean) + middle + dynamics * (level - middle))
    return result


def _warped(envelope: Array, size: float, first: float) -> Array:
    """Move the envelope up by *size*; below 1 kHz by *first* besides, fading out until 2 kHz."""
    hertz = np.linspace(0, RATE / 2, envelope.shape[1])
    own = size * (1 + (first - 1) * np.clip(2 - hertz / 1000, 0, 1))
    source = np.clip(hertz / own, 0, RATE / 2) / (RATE / 2) * (envelope.shape[1] - 1)
    left = np.minimum(source.astype(int), envelope.shape[1] - 2)
    share = source - left
    result: Array = (1 - share) * envelope[:, left] + share * envelope[:, left + 1]
    return result


def _tilted(envelope: Array, effort: float, channel: float, voiced: NDArray[np.bool_]) -> Array:
    """Tilt the spectrum between 300 and 5000 Hz, in dB an octave: by *effort* the voice, by *channel* everything."""
    octaves = np.log2(np.clip(np.linspace(0, RATE / 2, envelope.shape[1]), 300, 5000) / 1000)
    # What is voiceless follows the effort by a third.
    strength = np.convolve(np.where(voiced, 1.0, 0.33), np.full(5, 0.2), mode="same")[:, None]
    result: Array = envelope * 10 ** ((effort * strength + channel) * octaves / 10)
    return result


def _pitched(f0: Array, semitones: float, reach: float) -> Array:
    voiced = f0 > 0
    if not voiced.any():
        return f0
    middle = np.log(f0[voiced]).mean()
    moved = np.exp(middle + reach * (np.log(np.where(voiced, f0, 1.0)) - middle) + semitones * np.log(2) / 12)
    result: Array = np.where(voiced, np.clip(moved, 55.0, 700.0), 0.0)
    return result


def _breathed(noise: Array, strength: float) -> Array:
    hertz = np.linspace(0, RATE / 2, noise.shape[1])
    result: Array = np.clip(noise + strength * np.clip(hertz / 4000, 0, 1) * (1 - noise), 0.0, 1.0)
    return result


def _halved(sound: Array, f0: Array, depth: float) -> Array:
    """Make every second pulse weaker by *depth* (0 to 1): the subharmonics of a pressed, rough voice."""
    curve = np.interp(np.arange(len(sound)) / RATE, np.arange(len(f0)) * STEP_MS / 1000, f0)
    phase = np.pi * np.cumsum(curve) / RATE
    result: Array = sound * (1 - depth * (0.5 + 0.5 * np.cos(phase)) * (curve > 0))
    return result


def _levelled(sound: Array) -> NDArray[np.float32]:
    scaled = LEVEL * sound / max(float(np.sqrt(np.mean(sound * sound))), 1e-6)
    peak = float(np.abs(scaled).max())
    return (scaled * min(1.0, 0.99 / max(peak, 1e-6))).astype(np.float32)
