"""What a change that is no emotion does to what is said: level, noise, no voice at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaffect.distill.agreements import ccc_of
from openaffect.distill.augment import add_noise, pink, white
from openaffect.distill.evaluation import GainEffect, NoiseEffect, NothingThere
from openaffect.distill.subjects import Subject
from openaffect.errors import InputError
from openaffect.runtime.facts import DIMENSIONS
from openaffect.runtime.gate import detector, judged
from openaffect.runtime.level import Level

Floats = NDArray[np.float32]
Values = NDArray[np.float64]
GAINS_DB = (-20.0, 20.0)
SNRS_DB = (20.0, 10.0, 0.0)
RATE = 16_000
_SECONDS = 4


def gain_effects(subject: Subject, sounds: Sequence[Floats]) -> tuple[GainEffect, ...]:
    """Return how far *subject* moves when *sounds* become 20 dB softer and louder (without clipping)."""
    if not sounds:
        return ()
    plain = _said(subject, sounds)
    effects = []
    for decibels in GAINS_DB:
        factor = np.float32(10 ** (decibels / 20))
        moved = np.abs(_said(subject, [sound * factor for sound in sounds]) - plain)
        heard = np.isfinite(moved).any(1)
        most = np.where(np.isfinite(moved), moved, -1.0).max(0)
        largest = _named(subject, np.where(most < 0, np.nan, most))
        effects.append(GainEffect(decibels=decibels, n=int(heard.sum()), largest=largest))
    return tuple(effects)


def noise_effects(
    subject: Subject, sounds: Sequence[Floats], truth: Values, *, seed: int = 0
) -> tuple[NoiseEffect, ...]:
    """Return the CCC of *subject* against *truth* (n, 3) when pink noise lies 20, 10 and 0 dB below *sounds*."""
    if not sounds:
        return ()
    clean = _cccs(subject, truth, _said(subject, sounds))
    effects = []
    for snr in SNRS_DB:
        noisy = [
            add_noise(sound, pink(np.random.default_rng((seed, place)), len(sound)), snr)
            for place, sound in enumerate(sounds)
        ]
        values = _said(subject, noisy)
        heard, said = np.isfinite(values).any(1), _cccs(subject, truth, values)
        effects.append(NoiseEffect(snr_db=snr, n=int(heard.sum()), ccc=said, clean=clean))
    return tuple(effects)


def nothing_there(subject: Subject) -> tuple[NothingThere, ...]:
    """Return what becomes of sound without a voice: the run time's gate must refuse all of it."""
    activity = detector()
    found = []
    for name, sound in _voiceless():
        level = Level()
        level.push(sound)
        refused, _ = judged(iter([sound]), level, activity)
        found.append(NothingThere(sound=name, refused=refused, raw=_raw(subject, sound)))
    return tuple(found)


def _voiceless() -> Iterator[tuple[str, Floats]]:
    size, rng = _SECONDS * RATE, np.random.default_rng(0)
    time = np.arange(size) / RATE
    yield "digital silence", np.zeros(size, np.float32)
    yield "a constant", np.full(size, 0.1, np.float32)
    yield "white noise, -50 dB", white(rng, size) * np.float32(10 ** (-50 / 20))
    yield "white noise, -20 dB", white(rng, size) * np.float32(0.1)
    faint = pink(rng, size)
    yield "pink noise, -20 dB", (faint * np.float32(0.1 / faint.std())).astype(np.float32)
    yield "a sine of 300 Hz", (0.3 * np.sin(2 * np.pi * 300 * time)).astype(np.float32)
    chord = np.sin(2 * np.pi * np.outer((220.0, 277.2, 329.6), time)).sum(0)
    yield "a chord", (0.1 * chord).astype(np.float32)


def _raw(subject: Subject, sound: Floats) -> dict[str, float | None]:
    try:
        return _named(subject, subject(sound))
    except InputError:  # a teacher may refuse what is no sound to it
        return dict.fromkeys(subject.present)


def _said(subject: Subject, sounds: Sequence[Floats]) -> Values:
    """Return what *subject* says about each of *sounds* (n, 3); NaN where it cannot hear a changed one."""
    said = np.full((len(sounds), len(DIMENSIONS)), np.nan)
    for row, sound in enumerate(sounds):
        with suppress(InputError):
            said[row] = subject(sound)
    return said


def _named(subject: Subject, values: Values) -> dict[str, Any]:
    """Return *values* (3,) by name, rounded; None for no number."""
    return {
        name: round(float(value), 6) if np.isfinite(value) else None
        for name, value in zip(DIMENSIONS, values, strict=True)
        if name in subject.present
    }


def _cccs(subject: Subject, truth: Values, said: Values) -> dict[str, float | None]:
    return {
        name: ccc_of(truth[:, place], said[:, place])
        for place, name in enumerate(DIMENSIONS)
        if name in subject.present
    }
