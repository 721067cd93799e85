"""Any ONNX network as a teacher, against numpy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from openaffect.distill.teacher import open_teacher
from openaffect.errors import DataError, InputError, OpenAffectError, UsageError
from openaffect.runtime.facts import StudentFacts

WEIGHTS = np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.25]], np.float32)
BIAS = np.array([0.1, 0.2, 2.0], np.float32)


def write(
    path: Path,
    *,
    inputs: Sequence[tuple[str, int, Sequence[Any]]] = (("signal", TensorProto.FLOAT, [1, "time"]),),
    output: str = "logits",
    more: Sequence[str] = (),
    weights: np.ndarray = WEIGHTS,
    outside: str = "",
) -> Path:
    """Mean and mean square of the samples, then a dense layer."""
    axis = len(inputs[0][2]) - 1 if inputs else 1
    signal = inputs[0][0] if inputs else "none"
    nodes = [
        helper.make_node("ReduceMean", [signal, "axis"], ["mean"], keepdims=1),
        helper.make_node("Mul", [signal, signal], ["squares"]),
        helper.make_node("ReduceMean", ["squares", "axis"], ["power"], keepdims=1),
        helper.make_node("Concat", ["mean", "power"], ["both"], axis=axis),
        helper.make_node("MatMul", ["both", "w"], ["product"]),
        helper.make_node("Add", ["product", "b"], [output]),
        *(helper.make_node("Identity", [output], [name]) for name in more),
    ]
    tensor = numpy_helper.from_array(np.ascontiguousarray(weights.T), "w")
    if outside:
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=outside)
    graph = helper.make_graph(
        nodes,
        "teacher",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in (output, *more)],
        [tensor, numpy_helper.from_array(BIAS[: len(weights)], "b"), numpy_helper.from_array(np.array([axis]), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    path.write_bytes(model.SerializeToString())
    return path


def truth(x: np.ndarray) -> np.ndarray:
    x = x.astype(np.float64)
    return WEIGHTS.astype(np.float64) @ np.array([x.mean(), (x**2).mean()]) + BIAS


X = (0.3 * np.random.default_rng(0).standard_normal(2000) + 0.05).astype(np.float32)


@pytest.mark.parametrize("shape", [["time"], [1, "time"], ["batch", "time"]])
@pytest.mark.parametrize(("output", "more"), [("logits", ()), ("logits", ("hidden_states",)), ("adv", ())])
def test_a_network_answers_as_numpy_does(shape: list[Any], output: str, more: Sequence[str], tmp_path: Path) -> None:
    path = write(tmp_path / "any.onnx", inputs=(("x", TensorProto.FLOAT, shape),), output=output, more=more)
    teacher = open_teacher(f"onnx:{path}")
    np.testing.assert_allclose(teacher(X), truth(X), atol=1e-6)
    assert teacher(X).max() > 1  # not clipped
    assert (teacher.name, teacher.licence, teacher.permissive) == ("onnx:any.onnx", "", False)


@pytest.mark.parametrize(
    "labels",
    [
        "    logits:\n    - valence\n    - arousal\n    - dominance\n",
        "    logits: [valence, arousal, dominance]\n",
        "    logits:\n    - 'valence'\n    - \"Arousal\"\n    -   dominance\n",
    ],
)
def test_labels_beside_it_tell_the_order(labels: str, tmp_path: Path) -> None:
    path = write(tmp_path / "model.onnx")
    head = "$audonnx.core.model.Model==1.0.0:\n  path: model.onnx\n  labels:\n    hidden_states: null\n"
    (tmp_path / "model.yaml").write_text(head + labels + "  transform: null\n")
    np.testing.assert_allclose(open_teacher(f"onnx:{path}")(X), truth(X)[[1, 2, 0]], atol=1e-6)


def test_labels_of_something_else_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "model.onnx")
    (tmp_path / "model.yaml").write_text("m:\n  labels:\n    logits: [angry, sad, happy]\n")
    with pytest.raises(DataError, match="names the logits angry, sad, happy; needed are arousal, dominance, valence"):
        open_teacher(f"onnx:{path}")
    (tmp_path / "model.yaml").write_text("m:\n  path: model.onnx\n")
    np.testing.assert_allclose(open_teacher(f"onnx:{path}")(X), truth(X), atol=1e-6)


def test_a_student_of_ours_brings_its_facts(tmp_path: Path) -> None:
    path = write(tmp_path / "model.onnx")
    before = open_teacher(f"onnx:{path}").identity
    facts = {"network": "wav2small-72k", "present": ("arousal",), "licence": "Apache-2.0", "permissive": True}
    StudentFacts(**facts, trained=True).save(tmp_path)
    teacher = open_teacher(f"onnx:{path}")
    assert (teacher.licence, teacher.permissive, teacher.present) == ("Apache-2.0", True, ("arousal",))
    assert teacher(X)[0] == pytest.approx(truth(X)[0], abs=1e-6) and np.isnan(teacher(X)[1:]).all()
    assert teacher.identity != before
    StudentFacts(**facts).save(tmp_path)
    with pytest.raises(DataError, match="random weights"):
        open_teacher(f"onnx:{path}")


def test_weights_in_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(np.ascontiguousarray(WEIGHTS.T).tobytes())
    path = write(tmp_path / "model.onnx", outside="w.bin")
    teacher = open_teacher(f"onnx:{path}")
    np.testing.assert_allclose(teacher(X), truth(X), atol=1e-6)
    (tmp_path / "w.bin").write_bytes(np.ascontiguousarray(2 * WEIGHTS.T).tobytes())
    assert open_teacher(f"onnx:{path}").identity != teacher.identity


@pytest.mark.parametrize(
    "where", ["../secret.bin", "/etc/hostname", "sub/w.bin", "..\\secret.bin", "absent.bin", "link.bin"]
)
def test_weights_elsewhere_are_refused(where: str, tmp_path: Path) -> None:
    room = tmp_path / "model"
    (room / "sub").mkdir(parents=True)
    for place in (tmp_path / "secret.bin", room / "sub" / "w.bin"):
        place.write_bytes(np.ascontiguousarray(WEIGHTS.T).tobytes())
    (room / "link.bin").symlink_to(tmp_path / "secret.bin")
    path = write(room / "model.onnx", outside=where)
    with pytest.raises(DataError, match="keeps weights in"):
        open_teacher(f"onnx:{path}")


def test_weights_elsewhere_inside_a_branch_are_found(tmp_path: Path) -> None:
    inner = numpy_helper.from_array(BIAS, "inner")
    inner.ClearField("raw_data")
    inner.data_location = TensorProto.EXTERNAL
    inner.external_data.add(key="location", value="/etc/hostname")
    branch = helper.make_graph(
        [helper.make_node("Constant", [], ["c"], value=inner)], "b", [], [helper.make_tensor_value_info("c", 1, [3])]
    )
    path = write(tmp_path / "model.onnx")
    model = onnx.load(str(path), load_external_data=False)
    model.graph.node.append(helper.make_node("If", ["never"], ["unused"], then_branch=branch, else_branch=branch))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(DataError, match="/etc/hostname"):
        open_teacher(f"onnx:{path}")


@pytest.mark.parametrize(
    ("how", "part"),
    [
        ({"inputs": (("x", TensorProto.DOUBLE, [1, "t"]),)}, "must have one input|no ONNX network that can run"),
        ({"inputs": (("x", TensorProto.FLOAT, [1, 1, "t"]),)}, "must have one input"),
        (
            {"inputs": (("x", TensorProto.FLOAT, [1, "t"]), ("y", TensorProto.FLOAT, [1, "t"]))},
            "must have one input, .* it has x .* y ",
        ),
        ({"output": "adv", "more": ("other",)}, "has the outputs adv, other; the one to take must be called logits"),
        ({"weights": WEIGHTS[:2]}, "must hold three numbers"),
    ],
)
def test_networks_of_another_form(how: dict[str, Any], part: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=part):
        open_teacher(f"onnx:{write(tmp_path / 'model.onnx', **how)}")


def test_what_is_no_network_and_what_is_not_there(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.onnx").read_bytes()
    draw = np.random.default_rng(0)
    broken = tmp_path / "model.onnx"
    for raw in (b"", b"hello", draw.bytes(400), whole[:60], whole[:-30], whole[:80] + draw.bytes(300)):
        broken.write_bytes(raw)
        with pytest.raises(OpenAffectError):
            open_teacher(f"onnx:{broken}")
    for place in ("", tmp_path / "absent.onnx", tmp_path):
        with pytest.raises(UsageError, match="there is no file"):
            open_teacher(f"onnx:{place}")


def test_a_network_that_fails_on_a_sound_says_so(tmp_path: Path) -> None:
    fixed = write(tmp_path / "model.onnx", inputs=(("signal", TensorProto.FLOAT, [1, 1600]),))
    teacher = open_teacher(f"onnx:{fixed}")
    np.testing.assert_allclose(teacher(X[:1600]), truth(X[:1600]), atol=1e-6)
    with pytest.raises(DataError, match=r"fails on 2000 samples"):
        teacher(X)
    with pytest.raises(InputError):
        teacher(np.zeros(0, np.float32))
