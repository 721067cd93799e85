"""Synthesised speech with edits whose size is known, made without any code of the package.

The voice is hibari-tts (Apache-2.0).  Its network gives the F0 curve it speaks with, which is an independent truth for
a pitch tracker and can be raised before the sound is made.  The other edits are done on the samples.
"""

from __future__ import annotations

from functools import cache

import hibari
import numpy as np
import numpy.typing as npt
import scipy.signal
import soxr
from hibari import dsp

Sound = npt.NDArray[np.float32]

RATE = 16_000
SENTENCES = (
    "The weather was fine this morning and the children walked slowly to school.",
    "I never thought that you would come back so early.",
    "They have built a small wooden house beside the river.",
    "We are going to need another plan for the winter, my dear friend.",
)
MORE_SENTENCES = (
    *SENTENCES,
    "Please put the books on the table before you leave the room.",
    "Did you see the red bicycle near the old bridge yesterday?",
    "My brother works in a factory that makes electrical instruments.",
    "Nobody knows exactly what happened during the night.",
    "She opened the window and listened to the singing of the birds.",
    "Tomorrow afternoon we will visit the museum of natural history.",
    "The train to Birmingham leaves from platform seventeen.",
    "He asked me a difficult question and waited for my answer.",
)


@cache
def _voice() -> hibari.Hibari:
    return hibari.Hibari()


@cache
def _network(text: str, speed: float) -> tuple[np.ndarray, ...]:
    voice = _voice()
    ids = voice.ids(voice.phonemize(text)[0])
    feed = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([speed], np.float32)}
    return tuple(part[0] for part in voice.sess.run(None, feed))


def say(text: str, *, semitones: float = 0.0, speed: float = 1.0) -> Sound:
    """One sentence at 16 kHz; *semitones* raise the F0 curve before the sound is made, the timing stays."""
    *spectrum, f0 = _network(text, speed)
    sound = dsp.synth(*spectrum, f0 * 2 ** (semitones / 12), np.random.default_rng(1))
    return 0.5 * soxr.resample(sound, 24_000, RATE).astype(np.float32)


def spoken_f0(text: str) -> tuple[np.ndarray, np.ndarray]:
    """The F0 curve that `say` speaks with: (times, hertz), every 12.5 ms; it runs on through voiceless sounds."""
    f0 = _network(text, 1.0)[5]
    return np.arange(len(f0)) * 0.0125, f0


def syllables(text: str) -> int:
    """The number of vowels in the phonemes that are spoken."""
    return sum(symbol in "AIOQWYaiouæɐɑɒɔəɚɛɜɪʊʌᵊᵻe" for part in _voice().phonemize(text) for symbol in part)


def faster(sound: Sound, factor: float) -> Sound:
    """Play *factor* times as fast: pitch and formants rise by the same factor, exactly."""
    return soxr.resample(sound, RATE * factor, RATE).astype(np.float32)


def hurried(sound: Sound, factor: float) -> Sound:
    """Speak *factor* times as fast at the same pitch: overlap-add of 30 ms pieces where they fit best (WSOLA)."""
    size, reach = 480, 160
    hop, window = size // 2, np.hanning(size)
    source = np.pad(sound, (size, 3 * size))
    result = np.zeros(int(len(sound) / factor) + 2 * size)
    weight = np.zeros_like(result)
    before = None
    for at in range(0, len(result) - size, hop):
        place = size + int(at * factor)
        if place + size + reach >= len(source):
            break
        if before is not None:
            wanted = source[before + hop : before + hop + size]
            fits = [float(wanted @ source[place + d : place + d + size]) for d in range(-reach, reach, 4)]
            place += 4 * int(np.argmax(fits)) - reach
        result[at : at + size] += window * source[place : place + size]
        weight[at : at + size] += window
        before = place
    return (result / np.maximum(weight, 0.1)).astype(np.float32)[: int(len(sound) / factor)]


def louder(sound: Sound, decibels: float) -> Sound:
    return (sound * 10 ** (decibels / 20)).astype(np.float32)


def breathy(sound: Sound, decibels: float) -> Sound:
    """Add noise that follows the voice (20 ms envelope) and lies *decibels* below it."""
    envelope = np.sqrt(
        np.maximum(scipy.signal.oaconvolve(sound.astype(float) ** 2, np.full(320, 1 / 320), mode="same"), 0)
    )
    hiss = np.random.default_rng(7).standard_normal(len(sound)) * envelope * 10 ** (-decibels / 20)
    return (sound + hiss).astype(np.float32)


def with_pause(sound: Sound, seconds: float) -> tuple[Sound, float]:
    """Put a silence of exactly *seconds* in place of the quietest gap of the middle third; also return its start.

    Everything around the gap that is more than 40 dB below the peak belongs to the gap and goes.
    """
    envelope = scipy.signal.oaconvolve(sound.astype(np.float64) ** 2, np.full(80, 1 / 80), mode="same")
    third = len(sound) // 3
    middle = third + int(
        np.argmin(scipy.signal.oaconvolve(envelope, np.full(320, 1.0), mode="same")[third : 2 * third])
    )
    quiet = envelope < envelope.max() * 1e-4
    start = end = middle
    while start > 0 and quiet[start]:
        start -= 1
    while end < len(sound) and quiet[end]:
        end += 1
    silence = np.zeros(round(seconds * RATE), np.float32)
    return np.concatenate([sound[:start], silence, sound[end:]]), start / RATE


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE), np.float32)


def joined(*parts: Sound) -> tuple[Sound, list[tuple[float, float]]]:
    """The parts one after the other with half a second of silence around each, and the span of each."""
    pieces: list[Sound] = [silence(0.5)]
    spans, at = [], 0.5
    for part in parts:
        spans.append((at, at + len(part) / RATE))
        pieces += [part, silence(0.5)]
        at = spans[-1][1] + 0.5
    return np.concatenate(pieces), spans


def noise(seconds: float, *, slope: float = 0.0, level: float = 0.1, seed: int = 0) -> Sound:
    """Gaussian noise with power falling as ``f ** -slope`` (0 white, 1 pink, 2 brown) and an RMS of *level*."""
    count = round(seconds * RATE)
    rng = np.random.default_rng(seed)
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 20.0)
    bins = (rng.standard_normal(len(hertz)) + 1j * rng.standard_normal(len(hertz))) * hertz ** (-slope / 2)
    sound = np.fft.irfft(bins, count)
    return (level * sound / sound.std()).astype(np.float32)


def note(hertz: float, seconds: float, *, partials: int = 6, decay: float = 1.0) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * hertz * k * t + k) / k for k in range(1, partials + 1))
    return tone * np.exp(-decay * t) * np.minimum(1.0, t / 0.01)


def chords(seconds: float = 6.0) -> Sound:
    """Major triads of six partials a note, one a second."""
    roots = (220.0, 174.6, 261.6, 196.0, 220.0, 196.0)
    bars = [sum(note(roots[k % 6] * r, 1.0) for r in (1.0, 1.26, 1.5)) for k in range(round(seconds))]
    return (0.1 * np.concatenate(bars)).astype(np.float32)


def melody() -> Sound:
    tones = (262, 294, 330, 349, 392, 440, 494, 523, 494, 440, 392, 349, 330, 294, 262, 330, 392, 330, 262, 262)
    return (0.15 * np.concatenate([note(hertz, 0.3, partials=8, decay=3.0) for hertz in tones])).astype(np.float32)


def vowel(f0: npt.ArrayLike, seconds: float, *, breath: float = 0.0, seed: int = 0) -> Sound:
    """A pulse train with a known F0 (hertz, constant or one value per sample) through three resonances (scipy)."""
    count = round(seconds * RATE)
    phase = np.cumsum(np.broadcast_to(np.asarray(f0, np.float64), (count,))) / RATE
    source = np.diff(np.floor(phase), prepend=0.0)
    source = source + breath * np.random.default_rng(seed).standard_normal(count)
    sound = source
    for formant, width in ((700.0, 90.0), (1220.0, 110.0), (2600.0, 160.0)):
        radius = np.exp(-np.pi * width / RATE)
        poles = [1.0, -2 * radius * np.cos(2 * np.pi * formant / RATE), radius**2]
        sound = scipy.signal.lfilter([sum(poles)], poles, sound)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)
