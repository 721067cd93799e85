"""Voice activity: equal to the source package window by window, and right on speech, silence and noise."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st
from tests.parts import part_file, unpacked

from openaffect.errors import UsageError
from openaffect.runtime.vad import HOP, WINDOW, VoiceActivity, speech_spans


def _read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, file.getnchannels())
        return soxr.resample(raw.mean(1).astype(np.float32) / 32768, file.getframerate(), 16000).astype(np.float32)


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    """Some 10 s of a read-aloud sentence."""
    found = sorted(unpacked("moonshine-voice").rglob("beckett.wav"))
    return _read(found[0])


def _window_by_window(samples: np.ndarray) -> np.ndarray:
    """The streaming form of the network in the source package, a file of its own, driven one window at a time."""
    session = onnxruntime.InferenceSession(str(part_file("silero-vad", "silero_vad/data/silero_vad_16k_op15.onnx")))
    state, context, probs = np.zeros((2, 1, 128), np.float32), np.zeros((1, 64), np.float32), []
    samples = np.concatenate([samples, np.zeros(-len(samples) % 512, np.float32)])
    for window in samples.reshape(-1, 1, 512):
        inputs = {"input": np.concatenate([context, window], 1), "state": state, "sr": np.array(16000, np.int64)}
        prob, state = session.run(None, inputs)
        context = window[:, -64:]
        probs.append(prob[0, 0])
    return np.array(probs)


def test_equal_to_the_streaming_form_of_the_source(speech: np.ndarray) -> None:
    activity = VoiceActivity()
    ours = np.concatenate([activity.push(speech), activity.flush()])
    theirs = _window_by_window(speech)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-4
    assert np.ptp(theirs) > 0.9, "the recording should hold both speech and silence"


def test_how_the_stream_is_cut_does_not_matter(speech: np.ndarray) -> None:
    clip = speech[:50000]
    whole = VoiceActivity()
    expected = np.concatenate([whole.push(clip), whole.flush()])
    cut, parts, at = VoiceActivity(), [], 0
    for size in (1, 511, 512, 513, 7, 16000, 3, 20000, 13000):
        parts.append(cut.push(clip[at : at + size]))
        at += size
    assert at >= len(clip) - 1000
    got = np.concatenate([*parts, cut.push(clip[at:]), cut.flush()])
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_silence_noise_and_nan_are_not_speech() -> None:
    rng = np.random.default_rng(0)
    for sound in (np.zeros(48000), rng.normal(0, 0.1, 48000), np.full(48000, np.nan)):
        probs = VoiceActivity().push(sound.astype(np.float32))
        assert speech_spans(probs) == []


def test_speech_is_found_where_it_was_put(speech: np.ndarray) -> None:
    """Half a second of silence on both sides moves the found speech by just that."""
    direct = speech_spans(VoiceActivity().push(speech))
    inside = np.zeros(len(speech), bool)
    for start, end in direct:
        inside[int(start * 16000) : int(end * 16000)] = True
    level = 10 * np.log10([np.mean(speech[part] ** 2) for part in (inside, ~inside)])
    assert 0.3 < inside.mean() < 0.9 and level[0] - level[1] > 15, "speech is louder than the pauses between it"
    silence = np.zeros(16 * WINDOW, np.float32)
    moved = speech_spans(VoiceActivity().push(np.concatenate([silence, speech, silence])))
    assert abs(moved[0][0] - 16 * HOP - direct[0][0]) < 0.15
    assert abs(moved[-1][1] - 16 * HOP - direct[-1][1]) < 0.15


def test_stereo_is_refused_with_advice() -> None:
    with pytest.raises(UsageError, match="mix down"):
        VoiceActivity().push(np.zeros((100, 2), np.float32))


def test_short_gaps_are_bridged_and_blips_dropped() -> None:
    probs = [0] * 10 + [0.9] * 10 + [0] * 2 + [0.9] * 10 + [0] * 10 + [0.9] * 2 + [0] * 10
    assert speech_spans(probs, hop=0.1, pad=0) == [pytest.approx((1.0, 3.2))]
    assert len(speech_spans(probs, hop=0.1, pad=0, min_speech=0.1)) == 2
    assert len(speech_spans(probs, hop=0.1, pad=0, min_silence=0.1)) == 2


@given(st.lists(st.floats(0, 1), max_size=200), st.floats(0, 0.5))
def test_spans_are_ordered_apart_and_inside(probs: list[float], pad: float) -> None:
    spans = speech_spans(probs, pad=pad)
    flat = [edge for span in spans for edge in span]
    assert flat == sorted(flat)
    assert all(0 <= edge <= len(probs) * HOP + 1e-9 for edge in flat)
