"""Sound that a microphone might have caught: gain, noise, a room, an equaliser, a telephone.

The student alone hears the change; the label stays that of the clean sound.  All randomness comes from (seed, step,
place in the batch), so that a step that is done again after a crash is the same step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Floats = NDArray[np.float32]
Random = np.random.Generator
_QUIET = 1e-12
"""Power below which a sound is silence: nothing can be set against it."""


@dataclass(frozen=True)
class Strengths:
    """How often and how much the sound is changed; ranges are (lowest, highest), drawn evenly."""

    noise: float = 0.5
    """Share of the clips with noise (white, pink, or babble of other clips of the batch)."""
    snr_db: tuple[float, float] = (5.0, 30.0)
    """Level of the voice over the noise, in dB over the whole crop."""
    room: float = 0.4
    """Share in a room."""
    decay_s: tuple[float, float] = (0.1, 0.7)
    """Time in which the room's echo falls by 60 dB."""
    direct_db: tuple[float, float] = (-3.0, 12.0)
    """Energy of the direct sound over that of the echo."""
    equaliser: float = 0.5
    """Share through a random tilt, up to three peaks or dips, and soft limits of the band."""
    tilt_db: float = 2.0
    """Largest tilt in dB an octave, up or down."""
    peak_db: float = 8.0
    """Largest peak or dip."""
    telephone: float = 0.05
    """Share limited to the band of a telephone (300–3400 Hz)."""
    gain_db: float = 12.0
    """Largest change of level, up or down; the students normalise it away, so it only moves them off rounding."""


OFF = Strengths(noise=0.0, room=0.0, equaliser=0.0, telephone=0.0, gain_db=0.0)
"""No change at all."""


def augment(batch: Floats, strengths: Strengths, *, seed: int, step: int, first: int = 0) -> Floats:
    """Return *batch* (B, N), 16 kHz, as a microphone might have caught it; *batch* itself is left as it is.

    *first* is the place of its first row in the whole batch, where several processes share one.  Rows keep their RMS
    but for the noise that is added and the gain.

    >>> quiet = augment(np.ones((2, 800), np.float32), OFF, seed=0, step=0)
    >>> quiet.shape, float(quiet.min())
    ((2, 800), 1.0)
    """
    changed = np.empty_like(batch)
    for row in range(len(batch)):
        rng = np.random.default_rng((seed, step, first + row))
        sound = _through_a_channel(batch[row], strengths, rng)
        if rng.random() < strengths.noise:
            noise = _NOISES[int(rng.integers(len(_NOISES)))](rng, batch, row)
            sound = add_noise(sound, noise, rng.uniform(*strengths.snr_db))
        changed[row] = sound * np.float32(10 ** (rng.uniform(-1, 1) * strengths.gain_db / 20))
    return changed


def add_noise(sound: Floats, noise: Floats, snr_db: float) -> Floats:
    """Return *sound* with *noise* (same length) *snr_db* decibels below it, in mean power over the whole.

    Silence, on either side, is returned as it came: there is nothing to set the other against.

    >>> round(float(np.mean((add_noise(np.ones(4, np.float32), np.ones(4, np.float32), 20.0) - 1) ** 2)), 4)
    0.01
    """
    power, other = _power(sound), _power(noise)
    if power < _QUIET or other < _QUIET:
        return sound
    return sound + noise * np.float32(np.sqrt(power / other) * 10 ** (-snr_db / 20))


def white(rng: Random, size: int) -> Floats:
    """Return *size* samples of Gaussian noise with the same power at every frequency."""
    return rng.standard_normal(size, dtype=np.float32)


def pink(rng: Random, size: int) -> Floats:
    """Return *size* samples of noise whose power falls by 3 dB an octave from 20 Hz on."""
    spectrum = np.fft.rfft(white(rng, size))
    hertz = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(hertz, 20.0)), size).astype(np.float32)


def babble(rng: Random, batch: Floats, row: int) -> Floats:
    """Return a babble of two to five other rows of *batch*, each at a shift of its own; white noise if there is none.

    Voices are brought to one level first.
    """
    others = [other for other in range(len(batch)) if other != row and _power(batch[other]) > _QUIET]
    if not others:
        return white(rng, batch.shape[1])
    chosen = rng.choice(others, size=min(len(others), int(rng.integers(2, 6))), replace=False)
    mixed = np.zeros(batch.shape[1], np.float32)
    for other in chosen:
        voice = np.roll(batch[other], int(rng.integers(batch.shape[1])))
        mixed += voice / np.float32(np.sqrt(_power(voice)))
    return mixed


_NOISES: Sequence[Callable[[Random, Floats, int], Floats]] = (
    lambda rng, batch, row: white(rng, batch.shape[1]),
    lambda rng, batch, row: pink(rng, batch.shape[1]),
    babble,
)


def echo(rng: Random, decay_s: float, direct_db: float) -> Floats:
    """Return the impulse response of a made-up room: the direct sound at sample 0, then noise that dies away.

    The noise begins 1–20 ms later, falls by 60 dB in *decay_s* seconds, and has *direct_db* decibels less energy than
    the direct sound; it is cut off after *decay_s*.
    """
    wait = int(rng.uniform(0.001, 0.02) * RATE)
    time = np.arange(max(1, int(decay_s * RATE) - wait), dtype=np.float32)
    tail = white(rng, len(time)) * np.exp(-np.log(1000.0) * time / np.float32(decay_s * RATE))
    tail *= np.float32(10 ** (-direct_db / 20) / np.sqrt(np.sum(tail.astype(np.float64) ** 2)))
    response = np.zeros(wait + len(tail), np.float32)
    response[0], response[wait:] = 1.0, tail
    return response


def equaliser(rng: Random, hertz: Floats, strengths: Strengths) -> Floats:
    """Return the gain at each of *hertz*, as a factor: a tilt, up to three peaks or dips, soft limits of the band."""
    octaves = np.log2(np.maximum(hertz, 50.0) / np.float32(1000.0))
    level = np.clip(octaves, -3.0, 3.0) * rng.uniform(-1, 1) * strengths.tilt_db
    for _ in range(int(rng.integers(0, 4))):
        centre, width = rng.uniform(-3.3, 2.8), rng.uniform(0.3, 1.5)
        level += rng.uniform(-1, 1) * strengths.peak_db * np.exp(-0.5 * ((octaves - centre) / width) ** 2)
    low, high = 20 * 2 ** rng.uniform(0, 3.3), 3500 * 2 ** rng.uniform(0, 1.19)
    return (10 ** (level / 20)).astype(np.float32) * band(hertz, low, high, order=2)


def band(hertz: Floats, low: float, high: float, *, order: int) -> Floats:
    """Return the gain of a band from *low* to *high* hertz, 3 dB down at both, falling by 6 dB an octave and order."""
    safe = np.maximum(hertz, 1.0).astype(np.float64)
    loss = (1 + (low / safe) ** (2 * order)) * (1 + (safe / high) ** (2 * order))
    return (1 / np.sqrt(loss)).astype(np.float32)


def _through_a_channel(sound: Floats, strengths: Strengths, rng: Random) -> Floats:
    """Return *sound* after room, equaliser and telephone, at the RMS that it had; all in one pair of transforms."""
    room, colour, phone = rng.random(3) < (strengths.room, strengths.equaliser, strengths.telephone)
    power = _power(sound)
    if power < _QUIET or not (room or colour or phone):
        return sound
    size = 1 << (len(sound) + int(strengths.decay_s[1] * RATE) - 1).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    spectrum = np.fft.rfft(sound, size)
    if room:
        response = echo(rng, rng.uniform(*strengths.decay_s), rng.uniform(*strengths.direct_db))
        spectrum *= np.fft.rfft(response, size)
    if colour:
        spectrum *= equaliser(rng, hertz, strengths)
    if phone:
        spectrum *= band(hertz, 300.0, 3400.0, order=12)
    heard = np.fft.irfft(spectrum, size)[: len(sound)].astype(np.float32)
    return heard * np.float32(np.sqrt(power / max(_power(heard), _QUIET)))


def _power(sound: Floats) -> float:
    return float(np.mean(np.square(sound, dtype=np.float64))) if sound.size else 0.0
