"""Span measures against numbers taken from made curves, and None where the sound does not hold them."""

from __future__ import annotations

import numpy as np
import pytest

from openaffect.encoders import measures
from openaffect.encoders.prosody import Prosody


def curves(
    *,
    f0: float = np.nan,
    hnr: float = np.nan,
    level: float = -30.0,
    floor: float = -65.0,
    flux: float = 0.4,
    talk: float = 2.0,
    quiet: float = 2.0,
) -> Prosody:
    """*talk* seconds at *level* with the given values, then *quiet* seconds at *floor* without any."""
    busy, still = round(talk * 100), round(quiet * 100)

    def curve(value: float, rest: float) -> np.ndarray:
        return np.concatenate([np.full(busy, value), np.full(still, rest)]).astype(np.float32)

    return Prosody(
        f0_hz=curve(f0, np.nan),
        hnr_db=curve(hnr, np.nan),
        loudness_db=curve(level, floor),
        flux=curve(flux, 1.0),
        syllable_db=curve(level, floor),
        flatness=curve(0.3, 0.6),
        mfcc=np.zeros(((busy + still + 1) // 2, 13), np.float16),
    )


SPEECH = ((0.0, 2.0),)


def test_level_is_the_median_in_semitones_and_range_is_between_quantiles() -> None:
    prosody = curves(f0=220.0)
    prosody.f0_hz[:100] = 110.0
    prosody.f0_hz[0] = np.nan
    level = measures.f0_level(prosody, SPEECH, 0.0, 4.0)
    spread = measures.f0_range(prosody, SPEECH, 0.0, 4.0)
    assert level is not None and spread is not None
    assert level.value == pytest.approx(36.0)  # 220 Hz: three octaves above 27.5
    assert level.detail["hertz"] == pytest.approx(220.0)
    assert level.seconds == pytest.approx(1.99)
    assert spread.value == pytest.approx(12.0)


def test_only_loud_frames_inside_speech_count() -> None:
    prosody = curves(f0=200.0, level=-20.0)
    prosody.f0_hz[50:100] = 400.0
    prosody.loudness_db[50:100] = -55.0  # 35 dB down: breath, echo
    assert measures.active_frames(prosody, SPEECH, 0.0, 4.0).sum() == 150
    level = measures.f0_level(prosody, SPEECH, 0.0, 4.0)
    assert level is not None
    assert level.detail["hertz"] == pytest.approx(200.0)
    assert measures.f0_level(prosody, ((2.0, 4.0),), 0.0, 4.0) is None


def test_loudness_is_the_mean_energy() -> None:
    prosody = curves(f0=150.0, level=-20.0)
    prosody.loudness_db[:100] = -40.0
    found = measures.loudness(prosody, SPEECH, 0.0, 4.0)
    assert found is not None
    assert found.value == pytest.approx(10 * np.log10((0.01 + 0.0001) / 2), abs=1e-3)
    whispered = measures.loudness(curves(level=-33.0), SPEECH, 0.0, 4.0)
    assert whispered is not None
    assert whispered.value == pytest.approx(-33.0, abs=1e-3)


def test_activation_is_the_mean_flux_of_the_speech() -> None:
    found = measures.activation(curves(flux=0.25), SPEECH, 0.0, 4.0)
    assert found is not None
    assert found.value == pytest.approx(0.25)
    assert found.seconds == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("floor", "hnr", "read"), [(-65.0, 12.0, True), (-45.0, 12.0, False), (-52.0, 12.0, True), (-52.0, 18.0, False)]
)
def test_voice_quality_needs_room_above_the_noise(floor: float, hnr: float, read: bool) -> None:
    prosody = curves(f0=150.0, hnr=hnr, level=-30.0, floor=floor)
    found = measures.voice_quality(prosody, SPEECH, 0.0, 4.0)
    assert (found is not None) == read
    if found is not None:
        assert found.value == pytest.approx(hnr)


def test_a_muted_gap_says_nothing_about_noise() -> None:
    assert measures.signal_to_noise(curves(level=-30.0, floor=-55.0), SPEECH, 0.0, 2.0) == pytest.approx(25.0)
    muted = curves(level=-30.0, floor=-120.0)
    muted.loudness_db[:40] = -48.0
    assert measures.signal_to_noise(muted, SPEECH, 0.0, 4.0) == pytest.approx(18.0)
    assert measures.signal_to_noise(muted, (), 0.0, 4.0) is None


@pytest.mark.parametrize(
    "measure", [measures.f0_level, measures.f0_range, measures.loudness, measures.activation, measures.voice_quality]
)
def test_too_little_sound_gives_none(measure) -> None:  # type: ignore[no-untyped-def]
    prosody = curves(f0=150.0, hnr=10.0)
    assert measure(prosody, SPEECH, 0.0, 2.0) is not None
    assert measure(prosody, SPEECH, 0.0, 0.15) is None
    assert measure(prosody, (), 0.0, 2.0) is None
    assert measure(prosody, SPEECH, 9.0, 10.0) is None
