"""Weights in 4, 8 and 16 bits: how they are rounded and packed, what they weigh, what they cost in accuracy."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from openaffect.distill.export import export_onnx, export_stream
from openaffect.distill.quantize import rounded
from openaffect.distill.sizes import sizes
from tests.distill.students.made import made, noise
from tests.distill.test_export import session

torch.set_num_threads(1)


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize(("bits", "top"), [(4, 7), (8, 127), (16, 32767)])
@pytest.mark.parametrize("axis", [0, 1])
def test_whole_numbers_times_scales_are_near_the_weights(bits, top, axis):
    weights = drawn(12, 40) * np.logspace(-3, 3, 12)[:, None].astype(np.float32)
    whole, scale = rounded(weights, axis, bits)
    assert whole.shape == weights.shape and scale.shape == (weights.shape[axis],)
    assert np.abs(whole).max() <= top
    error = np.square(whole * np.expand_dims(scale, 1 - axis) - weights).sum(1 - axis)
    # Not worse than the plain way: the widest weight at the end of the range.
    plain_scale = np.abs(weights).max(1 - axis, keepdims=True) / top
    plain = np.square(np.rint(weights / plain_scale) * plain_scale - weights).sum(1 - axis)
    assert (error <= plain * 1.01).all()


def test_an_output_without_weights_stays_without():
    whole, scale = rounded(np.zeros((2, 3), np.float32), 0, 4)
    assert not whole.any() and np.isfinite(scale).all()


@pytest.mark.parametrize("graph", [export_onnx, export_stream])
@pytest.mark.parametrize(
    ("name", "weights", "most"),
    [
        ("wav2small-72k", "fp32", 350_000),
        ("wav2small-72k", "int8", 130_000),
        ("wav2small-72k", "int4", 60_000),
        ("wav2small-17k", "int8", 60_000),
    ],
)
def test_sizes_are_within_the_papers(tmp_path, name, weights, most, graph):
    graph(made(name), tmp_path / "model.onnx", weights=weights)
    size = (tmp_path / "model.onnx").stat().st_size
    assert size <= most, sizes(tmp_path / "model.onnx")


@pytest.mark.parametrize("weights", ["fp32", "int8", "int4"])
def test_the_byte_table_adds_up(tmp_path, weights):
    export_onnx(made("wav2small-72k"), tmp_path / "model.onnx", weights=weights)
    table = sizes(tmp_path / "model.onnx")
    assert sum(table.values()) == (tmp_path / "model.onnx").stat().st_size
    bits = {"fp32": (32, 32, 32), "int8": (8, 8, 16), "int4": (4, 8, 16)}[weights]
    # Two matrices of 169 x 169, an odd number of halves of a byte each, and the last layer, in 8 bits at least.
    assert table["dense layers"] == 2 * -(-169 * 169 * bits[0] // 8) + 3 * 169 * max(bits[0], 8) // 8
    assert table["convolutions"] == (9 * 13 + 6 * 9 * 169) * bits[1] // 8
    assert (table["Fourier kernels"], table["mel matrix"]) == (2 * 33 * 64 * bits[2] // 8, 33 * 26 * bits[2] // 8)
    # Folded normalisation: a bias for each channel of seven layers, two of the pooling, one of the last.
    assert table["biases"] == 4 * (7 * 13 + 2 * 169 + 3)
    assert table.get("scales", 0) == (0 if weights == "fp32" else 4 * (7 * 13 + 2 * 33 + 26 + 2 * 169 + 3))


def test_four_bits_hold_the_two_matrices_as_onnx_itself_reads_them(tmp_path):
    student = made("wav2small-72k")
    export_onnx(student, tmp_path / "model.onnx", weights="int4")
    graph = onnx.load(tmp_path / "model.onnx").graph
    tensors = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    packed = {tensor.name for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.INT4}
    scales = {node.input[0]: node.input[1] for node in graph.node if node.op_type == "Mul"}
    restored = [
        tensors[node.input[0]].astype(np.float32) * tensors[scales[node.output[0]]]
        for node in graph.node
        if node.input and node.input[0] in packed
    ]
    wanted = [layer.weight.detach().numpy().T for layer in (student.pooling.values, student.pooling.scores)]
    for given, weights in zip(restored, wanted, strict=True):
        assert np.abs(given - weights).max() < np.abs(weights).max() / 7


@pytest.mark.parametrize("name", ["wav2small-72k", "wav2small-17k", "mobilenetv4-small", "mobilenetv3-small"])
def test_fewer_bits_differ_and_not_by_much(tmp_path, name):
    student, sound = made(name), noise(16_000).numpy()
    found = {}
    for weights in ("fp32", "int8", "int4"):
        export_onnx(student, tmp_path / "model.onnx", weights=weights)
        found[weights] = session(tmp_path / "model.onnx").run(["hidden_states"], {"signal": sound})[0]
    error = {bits: np.abs(found[bits] - found["fp32"]).max() for bits in ("int8", "int4")}
    assert 0 < error["int8"] <= error["int4"] < 0.1 * np.abs(found["fp32"]).max()


@pytest.mark.parametrize("name", ["wav2small-72k", "mobilenetv3-small"])
@pytest.mark.parametrize("weights", ["int8", "int4"])
def test_optimising_changes_no_number(tmp_path, name, weights):
    """onnxruntime may fuse what it finds, but must not round what flows."""
    export_onnx(made(name), tmp_path / "model.onnx", weights=weights)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    plain = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), options, providers=["CPUExecutionProvider"])
    given = {"signal": noise(16_000).numpy()}
    (wanted,), (found,) = (run.run(["hidden_states"], given) for run in (plain, session(tmp_path / "model.onnx")))
    assert np.abs(found - wanted).max() < 2e-6 * max(1.0, np.abs(wanted).max())


def test_stored_text_is_gone(tmp_path):
    export_onnx(made("wav2small-72k"), tmp_path / "model.onnx")
    model = onnx.load(tmp_path / "model.onnx")
    assert not model.metadata_props and not model.doc_string and not model.graph.doc_string
    assert not any(node.name or node.doc_string for node in model.graph.node)
    data = (tmp_path / "model.onnx").read_bytes()
    assert b"vgg7" not in data and b"/work" not in data and b"torch" not in data


@pytest.mark.slow
def test_a_trained_student_keeps_its_ratings(tmp_path):
    """CCC against float32 on sentences that the training never heard."""
    from openaffect.metrics.regression import ccc
    from tests.distill.students.taught import taught

    student, sounds = taught("wav2small-72k")
    found = {}
    for weights in ("fp32", "int8", "int4"):
        export_onnx(student, tmp_path / "model.onnx", weights=weights)
        run = session(tmp_path / "model.onnx")
        found[weights] = np.array([run.run(["logits"], {"signal": sound[None]})[0][0, 0] for sound in sounds])
    assert found["fp32"].std() > 0.05
    assert ccc(found["fp32"], found["int8"]) >= 0.995
    assert ccc(found["fp32"], found["int4"]) >= 0.98
