"""The exported folder: the graph computes what torch computes, absent dimensions are NaN, the card tells the truth."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
import yaml

from openaffect.distill.checkpoint import load_student
from openaffect.distill.export import export_folder, export_onnx
from openaffect.errors import OutputError, UsageError
from openaffect.runtime.facts import StudentFacts
from tests.distill.students.made import made, noise

torch.set_num_threads(1)
NAMES = ("wav2small-72k", "wav2small-17k", "mobilenetv4-small", "mobilenetv3-small", "mobilenetv3-large")


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("name", NAMES)
def test_the_graph_computes_what_torch_computes(tmp_path, name):
    student = made(name)
    export_onnx(student, tmp_path / "model.onnx")
    run = session(tmp_path / "model.onnx")
    for samples in (64, 12_345, 16_000, 80_000):
        sound = noise(samples, seed=samples) * 0.05 + 0.01
        logits, hidden = run.run(["logits", "hidden_states"], {"signal": sound.numpy()})
        with torch.no_grad():
            wanted = student.hidden(sound).numpy()
            assert logits.shape == (1, 3) and hidden.shape == wanted.shape
            assert np.abs(hidden - wanted).max() < 1e-5 * max(1.0, np.abs(wanted).max())
            assert np.abs(logits - student(sound).numpy()).max() < 1e-5


def test_exporting_changes_neither_the_student_nor_its_mode(tmp_path):
    student = made("wav2small-72k").train()
    before = {name: value.clone() for name, value in student.state_dict().items()}
    export_folder(student, tmp_path, StudentFacts(network="wav2small-72k", present=("valence",)), measure=False)
    assert student.training
    assert all(torch.equal(value, before[name]) for name, value in student.state_dict().items())


@pytest.mark.parametrize("weights", ["fp32", "int8", "int4"])
@pytest.mark.parametrize("present", [("arousal",), ("valence", "arousal"), ()])
def test_a_dimension_that_nobody_trained_is_not_a_number(tmp_path, weights, present):
    student = made("wav2small-72k")
    export_onnx(student, tmp_path / "model.onnx", weights=weights, present=present)
    logits, hidden = session(tmp_path / "model.onnx").run(None, {"signal": noise(8_000).numpy()})
    wanted = [name in present for name in ("arousal", "dominance", "valence")]
    assert np.isfinite(logits[0]).tolist() == wanted and np.isfinite(hidden).all()
    assert torch.isfinite(student(noise(8_000))).all()


def test_the_folder_holds_all_that_belongs_together(tmp_path):
    facts = StudentFacts(
        network="wav2small-72k", name="a | name", present=("arousal",), trained=True, note="No oracle."
    )
    student = made("wav2small-72k")
    figures = export_folder(student, tmp_path, facts, weights="int8", table="| CCC | .5 |\n")
    names = {"model.onnx", "stream.onnx", "model.yaml", "model.safetensors", "student.json", "README.md"}
    assert {path.name for path in tmp_path.iterdir()} == names
    loaded, told = load_student(tmp_path)
    assert torch.equal(loaded(noise(4_000)), student(noise(4_000)))
    assert told.weights == "int8" and json.loads((tmp_path / "student.json").read_text())["present"] == ["arousal"]
    assert (figures.numbers, figures.trained) == (72_477, 67_395)
    assert figures.files == {name: (tmp_path / name).stat().st_size for name in ("model.onnx", "stream.onnx")}
    assert all(gauge.ms > 0 and (gauge.peak_mb is None or gauge.peak_mb > 0) for gauge in figures.gauges)
    assert [gauge.seconds for gauge in figures.gauges] == [1.0, 5.0]


def test_stream_stands_only_beside_the_network_that_it_is_of(tmp_path):
    export_folder(made("wav2small-17k"), tmp_path, StudentFacts(network="wav2small-17k"), measure=False)
    assert (tmp_path / "stream.onnx").exists()
    figures = export_folder(
        made("mobilenetv3-small"), tmp_path, StudentFacts(network="mobilenetv3-small"), measure=False
    )
    assert not (tmp_path / "stream.onnx").exists() and list(figures.files) == ["model.onnx"]


def test_the_yaml_is_the_one_of_audonnx(tmp_path):
    # audonnx 1.0.1 opens such a folder and returns the numbers of onnxruntime; it is no dependency, so here its text.
    export_folder(made("wav2small-17k"), tmp_path, StudentFacts(network="wav2small-17k"), measure=False)
    ((key, value),) = yaml.safe_load((tmp_path / "model.yaml").read_text()).items()
    assert key.startswith("$audonnx.core.model.Model==")
    labels = {"logits": ["arousal", "dominance", "valence"]}
    assert value == {"path": "model.onnx", "labels": labels, "transform": None}
    # It reshapes the signal to the shape of the input, which must therefore leave one axis free.
    shape = onnx.load(tmp_path / "model.onnx").graph.input[0].type.tensor_type.shape.dim
    assert [axis.dim_value for axis in shape] == [1, 0]


def test_the_card_says_what_it_is_and_what_it_is_not(tmp_path):
    facts = StudentFacts(
        network="wav2small-72k",
        name="index (experimental)",
        teacher="Some teacher",
        teacher_licence="CC BY-NC-SA 4.0",
        audio=("voices | many (MIT)",),
        licence="CC BY-NC-SA 4.0",
        trained=True,
        note="No oracle.",
    )
    export_folder(made("wav2small-72k"), tmp_path, facts, table="| CCC | .5 |", measure=False)
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("# index (experimental)\n") and "No oracle." in text
    for said in (
        "Some teacher",
        "CC BY-NC-SA 4.0",
        r"voices \| many (MIT)",
        "| CCC | .5 |",
        "arousal, dominance, valence",
    ):
        assert said in text
    for said in ("Valence lies for a large part in the words", "silence", "voice activity gate", "77.6 million"):
        assert said in text
    size = (tmp_path / "model.onnx").stat().st_size
    assert f"| `model.onnx` | {size:,} bytes |" in text and "72,477" in text
    assert "random" not in text and "NaN in the output" not in text


def test_the_card_of_random_weights_says_so(tmp_path):
    facts = StudentFacts(network="wav2small-17k", present=("arousal",))
    export_folder(made("wav2small-17k"), tmp_path, facts, measure=False)
    text = (tmp_path / "README.md").read_text()
    assert "The weights are random" in text and "NaN in the output: dominance, valence" in text
    assert "None was made." in text and "Valence lies" not in text


def test_impossible_weights_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(UsageError, match="fp32, int8, int4; 'int2' came"):
        export_folder(made("wav2small-17k"), tmp_path / "out", StudentFacts(network="wav2small-17k"), weights="int2")
    assert not (tmp_path / "out").exists()


def test_a_graph_that_computes_something_else_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("openaffect.distill.export.parity", lambda module, path: {64: 0.5})
    with pytest.raises(OutputError, match="does not compute what the network computes"):
        export_folder(made("wav2small-17k"), tmp_path, StudentFacts(network="wav2small-17k"), measure=False)
