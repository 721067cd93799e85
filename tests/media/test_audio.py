"""Sound keeps its pitch, level and time."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from openaffect.errors import MediaError
from openaffect.media import audio
from openaffect.media.audio import AudioBlock, read_audio, stream_audio, to_mono
from openaffect.media.probe import probe
from tests import media_files as made


def whole(path: Path, **options: Any) -> np.ndarray:
    return np.concatenate([block.samples for block in stream_audio(path, **options)])


def pitch_and_level(samples: np.ndarray, rate: int) -> tuple[float, float]:
    """Frequency and amplitude of a sine, by least squares around the peak of the spectrum."""
    middle = samples[rate // 4 : -rate // 4]
    window = np.hanning(len(middle))
    peak = np.argmax(np.abs(np.fft.rfft(middle * window))) * rate / len(middle)
    time = np.arange(len(middle)) / rate
    best = (0.0, 0.0)
    for hz in peak + np.linspace(-0.5, 0.5, 41):
        base = np.stack([np.sin(2 * np.pi * hz * time), np.cos(2 * np.pi * hz * time)])
        level = float(np.hypot(*np.linalg.lstsq(base.T, middle, rcond=None)[0]))
        best = max(best, (level, float(hz)))
    return best[1], best[0]


@pytest.mark.parametrize("source", [8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("target", [16000, 22050])
def test_resampling_keeps_pitch_level_and_length(tmp_path: Path, source: int, target: int) -> None:
    path = made.write_float_wav(tmp_path / "s.wav", made.sine(2.0, source, 440.0, 0.5), source)
    samples = whole(path, rate=target)
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(2.0 * target, abs=2)
    hz, level = pitch_and_level(samples, target)
    assert hz == pytest.approx(440.0, abs=0.05)
    assert level == pytest.approx(0.5, rel=0.002)


def test_what_lies_above_the_new_nyquist_is_removed(tmp_path: Path) -> None:
    path = made.write_float_wav(tmp_path / "high.wav", made.sine(1.0, 48000, 12000.0), 48000)
    assert np.abs(whole(path)[1000:-1000]).max() < 1e-3


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "flac"])
def test_every_sample_format_has_one_scale(tmp_path: Path, codec: str) -> None:
    form = {"pcm_u8": "u8", "pcm_s16le": "s16", "flac": "s16", "pcm_f32le": "flt", "pcm_f64le": "dbl"}.get(codec, "s32")
    scale, kind = {
        "u8": (127.0, np.uint8),
        "s16": (32767.0, np.int16),
        "s32": (2147483000.0, np.int32),
        "flt": (1.0, np.float32),
        "dbl": (1.0, np.float64),
    }[form]
    sound = made.sine(1.0).astype(np.float64) * scale + (128 if form == "u8" else 0)
    stereo = np.repeat(sound.astype(kind), 2)[None]
    path = tmp_path / ("s.flac" if codec == "flac" else "s.wav")
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=16000, layout="stereo")
        for begin in range(0, stereo.shape[1], 4096):
            frame = av.AudioFrame.from_ndarray(stereo[:, begin : begin + 4096], format=form, layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = 16000, begin // 2, Fraction(1, 16000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert np.abs(whole(path) - made.sine(1.0)).max() < (0.02 if form == "u8" else 1e-4)


def test_channels_are_averaged(tmp_path: Path) -> None:
    samples = whole(made.make_8_channels(tmp_path))
    assert pitch_and_level(samples, 16000)[1] == pytest.approx(0.5 / 8, rel=0.01)


def test_opposite_channels_cancel() -> None:
    assert to_mono(np.array([[0.5, 0.25], [-0.5, 0.25]], np.float32))[0].tolist() == [0.0, 0.25]


def test_nan_and_infinity_become_zero_and_are_counted(tmp_path: Path) -> None:
    blocks = list(stream_audio(made.make_nan(tmp_path)))
    assert sum(block.repaired for block in blocks) == 102
    samples = np.concatenate([block.samples for block in blocks])
    assert np.isfinite(samples).all()
    assert not samples[1000:1100].any()
    assert samples[900:1000].any()


def test_blocks_are_contiguous_and_of_the_size_asked_for(tmp_path: Path) -> None:
    path = made.write_wav(tmp_path / "s.wav", made.noise(3.3, 44100), 44100)
    blocks = list(stream_audio(path, block_s=0.25))
    assert all(isinstance(block, AudioBlock) for block in blocks)
    assert [block.start for block in blocks] == pytest.approx([0.25 * i for i in range(len(blocks))])
    assert {len(block.samples) for block in blocks[:-1]} == {4000}
    assert np.array_equal(whole(path, block_s=0.25), whole(path, block_s=1.7))


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("c.wav", "pcm_s16le", 44100),
        ("c.flac", "flac", 48000),
        ("c.m4a", "aac", 44100),
        ("c.mkv", "libopus", 48000),
        ("c.ogg", "libopus", 48000),
        ("c.mp3", "libmp3lame", 44100),
        ("c.mka", "aac", 48000),
    ],
)
def test_a_click_stays_where_it_was(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    path = made.write_sound(tmp_path / name, made.click(2.0, 0.7, rate), rate, codec)
    samples = whole(path)
    onset = int(np.argmax(np.abs(samples) > 0.3)) / 16000
    assert onset == pytest.approx(0.7, abs=0.004)
    assert len(samples) / 16000 == pytest.approx(2.0, abs=0.03)


def with_gap(path: Path, jump: float) -> Path:
    """Two tones of 1 s; the stamps of the second are *jump* seconds later than they would be."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=16000, layout="mono")
        for begin in range(0, 32000, 1000):
            hz = 440 if begin < 16000 else 880
            tone = 16000 * np.sin(2 * np.pi * hz * np.arange(begin, begin + 1000) / 16000)
            frame = av.AudioFrame.from_ndarray(tone.astype(np.int16)[None], format="s16", layout="mono")
            frame.sample_rate, frame.time_base = 16000, Fraction(1, 16000)
            frame.pts = begin + (round(jump * 16000) if begin >= 16000 else 0)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_lost_sound_is_silence_of_its_length(tmp_path: Path) -> None:
    samples = whole(with_gap(tmp_path / "gap.mkv", 1.5))
    assert len(samples) == pytest.approx(56000, abs=32)
    assert np.abs(samples[:16000]).max() > 0.4
    assert not samples[16100:39900].any()
    assert pitch_and_level(samples[40000:], 16000)[0] == pytest.approx(880, abs=1)


def test_a_broken_clock_does_not_make_hours_of_silence(tmp_path: Path) -> None:
    samples = whole(with_gap(tmp_path / "jump.mkv", 90000.0))
    assert len(samples) == pytest.approx(32000, abs=32)


def test_overlapping_sound_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Muxers refuse such stamps, so the frames are given directly."""
    pieces = [(0.0, 1.0), (1.0, 2.0), (1.5, 3.0), (2.5, 4.0)]
    frames = [(time, audio._Piece(np.full(16000, value, np.float32), 16000)) for time, value in pieces]
    monkeypatch.setattr(audio, "_frames", lambda clip: iter(frames))
    samples = whole(made.make_silent(tmp_path))
    assert samples[7000::16000].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert [int(np.sum(samples == value)) for _, value in pieces] == [16000, 16000, 8000, 16000]


@pytest.mark.parametrize("name", ["r.wav", "r.flac", "r.mkv", "r.mp3", "r.m4a"])
def test_a_span_is_the_same_part_of_the_whole(tmp_path: Path, name: str) -> None:
    codec = {"wav": "pcm_s16le", "flac": "flac", "mkv": "libopus", "mp3": "libmp3lame", "m4a": "aac"}[name[2:]]
    sound = made.noise(50.0, 48000) * np.repeat(np.random.default_rng(2).random(50), 48000).astype(np.float32)
    path = made.write_sound(tmp_path / name, sound, 48000, codec)
    everything = whole(path)
    for start, end in ((0.0, 0.5), (3.21, 5.0), (40.137, 42.5), (49.0, None), (60.0, 61.0)):
        stop = None if end is None else round(end * 16000)
        truth = everything[round(start * 16000) : stop]
        part = read_audio(path, start=start, end=end)
        assert abs(len(part) - len(truth)) <= (16 if codec == "libopus" else 1)
        n = min(len(part), len(truth))
        if codec == "libopus" and n:  # after a seek Matroska knows the time to a millisecond only
            lags = range(-20, 21)
            alike = [float(np.dot(part[100 : n - 100], np.roll(truth[:n], lag)[100 : n - 100])) for lag in lags]
            assert abs(lags[int(np.argmax(alike))]) <= 16
            assert max(alike) > 0.95 * float(np.dot(truth[100 : n - 100], truth[100 : n - 100]))
        else:
            assert n == 0 or np.abs(part[:n] - truth[:n]).max() < 2e-3


def test_a_change_of_rate_within_the_file(tmp_path: Path) -> None:
    """Bare AAC has no stamps and FFmpeg counts on with the first rate: its clock is kept, the pitch is right."""
    parts = [
        made.write_sound(tmp_path / f"{rate}.aac", made.sine(1.0, rate, hz), rate).read_bytes()
        for rate, hz in ((48000, 440.0), (24000, 880.0))
    ]
    path = tmp_path / "both.aac"
    path.write_bytes(b"".join(parts))
    samples = whole(path)
    assert len(samples) / 16000 == pytest.approx(probe(path).duration, abs=0.05)
    assert pitch_and_level(samples[:16000], 16000)[0] == pytest.approx(440.0, abs=0.5)
    later = np.abs(np.fft.rfft(samples[18000:22000] * np.hanning(4000)))
    assert np.argmax(later) * 4 == pytest.approx(880, abs=20)


@pytest.mark.parametrize("maker", [made.make_no_sound, made.make_animation])
def test_no_sound_is_one_sentence(tmp_path: Path, maker: Any) -> None:
    with pytest.raises(MediaError, match="has no sound"):
        next(stream_audio(maker(tmp_path)))
