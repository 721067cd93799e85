"""A recording in chunks: with its mean and rms the running state ends where the whole pass ends."""

import numpy as np
import pytest
import torch

from openaffect.distill.export import export_onnx, export_stream
from tests.distill.students.made import made, noise
from tests.distill.test_export import session

torch.set_num_threads(1)
BOTH = ("wav2small-72k", "wav2small-17k")
STATE = ("maximum", "total", "weighted")


@pytest.fixture(scope="module", params=BOTH)
def graphs(request, tmp_path_factory):
    """Sessions of the whole clip and of a chunk, and the student."""
    folder, student = tmp_path_factory.mktemp("graphs"), made(request.param)
    export_onnx(student, folder / "model.onnx")
    export_stream(student, folder / "stream.onnx")
    return session(folder / "model.onnx"), session(folder / "stream.onnx"), student


def new_state():
    zeros = np.zeros((1, 169), np.float32)
    return {"maximum": np.full((1, 169), -1e30, np.float32), "total": zeros, "weighted": zeros}


def moments(sound):
    wide = sound.astype(np.float64)
    return {
        "mean": np.float32([wide.mean()]),
        "rms": np.float32([np.sqrt(wide.var() + 1e-7)]),
    }


def flags(start, end):
    return {"start": np.float32([start]), "end": np.float32([end])}


def chunks(samples, size):
    """(first sample, end, start, end of the recording) of chunks of *size* frames that overlap by 24."""
    frames, at = (samples - 64) // 32 + 1, 0
    while at + size < frames:
        yield 32 * at, 32 * (at + size) + 32, at == 0, False
        at += size - 24
    yield 32 * at, samples, at == 0, True


def streamed(stream, sound, size, state=None):
    state, given = state or new_state(), moments(sound)
    for first, end, starts, ends in chunks(sound.shape[1], size):
        out = stream.run(None, {"signal": sound[:, first:end], **given, **flags(starts, ends), **state})
        state = dict(zip(STATE, out[:3], strict=True))
    return state, out[3], out[4]


@pytest.mark.parametrize("size", [26, 100, 250, 5_000])
@pytest.mark.parametrize("samples", [64, 96, 1_000, 12_345, 80_000])
def test_chunks_end_where_the_whole_pass_ends(graphs, samples, size):
    whole, stream, _ = graphs
    sound = (noise(samples, seed=samples) * 0.2 + 0.3).numpy()
    logits, hidden = whole.run(None, {"signal": sound})
    _, streamed_logits, streamed_hidden = streamed(stream, sound, size)
    assert np.abs(streamed_logits - logits).max() < 1e-5
    assert np.abs(streamed_hidden - hidden).max() < 1e-5


def test_the_state_is_that_of_the_softmax_of_the_whole_clip(graphs):
    _, stream, student = graphs
    sound = noise(30_000)
    with torch.no_grad():
        given = {name: torch.from_numpy(value) for name, value in moments(sound.numpy()).items()}
        values, scores, _ = student.tokens((sound - given["mean"]) / given["rms"])
    state, _, _ = streamed(stream, sound.numpy(), 200)
    maximum = scores.amax(1)
    weights = torch.exp(scores - maximum[:, None])
    assert np.abs(state["maximum"] - maximum.numpy()).max() < 1e-5
    assert np.allclose(state["total"], weights.sum(1).numpy(), rtol=1e-5)
    assert np.allclose(state["weighted"], (weights * values).sum(1).numpy(), rtol=1e-4, atol=1e-3)


def test_a_chunk_of_context_alone_leaves_the_state_and_reads_it_out(graphs):
    _, stream, _ = graphs
    sound = noise(9_000).numpy()
    state, logits, hidden = streamed(stream, sound, 100)
    nothing = np.zeros((1, 64), np.float32)
    out = stream.run(None, {"signal": nothing, **moments(sound), **flags(False, False), **state})
    for name, value in zip(STATE, out[:3], strict=True):
        assert np.array_equal(value, state[name])
    assert np.array_equal(out[3], logits) and np.array_equal(out[4], hidden)


def test_before_anything_counted_there_is_no_number(graphs):
    _, stream, _ = graphs
    sound = noise(64).numpy()
    out = stream.run(None, {"signal": sound, **moments(sound), **flags(False, False), **new_state()})
    assert np.isnan(out[3]).all() and np.array_equal(out[0], new_state()["maximum"])


def test_states_of_two_halves_merge(graphs):
    whole, stream, _ = graphs
    sound = noise(40_000).numpy()
    logits, _ = whole.run(None, {"signal": sound})
    given, halves = moments(sound), []
    # Frames 0 to 600, and from 576 on: the context of each half is in the other.
    for part, ends in ((sound[:, : 600 * 32 + 32], flags(True, False)), (sound[:, 576 * 32 :], flags(False, True))):
        halves.append(stream.run(None, {"signal": part, **given, **ends, **new_state()})[:3])
    maximum = np.maximum(halves[0][0], halves[1][0])
    total, weighted = (sum(half[k] * np.exp(half[0] - maximum) for half in halves) for k in (1, 2))
    merged = {"maximum": maximum, "total": total, "weighted": weighted}
    out = stream.run(None, {"signal": np.zeros((1, 64), np.float32), **given, **flags(False, False), **merged})
    assert np.abs(out[3] - logits).max() < 1e-5


@pytest.mark.parametrize("weights", ["int8", "int4"])
def test_fewer_bits_are_the_same_bits_in_both_graphs(tmp_path, weights):
    student = made("wav2small-72k")
    export_onnx(student, tmp_path / "model.onnx", weights=weights, present=("arousal",))
    export_stream(student, tmp_path / "stream.onnx", weights=weights, present=("arousal",))
    sound = noise(20_000).numpy()
    logits, hidden = session(tmp_path / "model.onnx").run(None, {"signal": sound})
    _, streamed_logits, streamed_hidden = streamed(session(tmp_path / "stream.onnx"), sound, 120)
    assert np.abs(streamed_hidden - hidden).max() < 1e-5
    assert np.isnan(streamed_logits[0, 1:]).all() and abs(streamed_logits[0, 0] - logits[0, 0]) < 1e-5
