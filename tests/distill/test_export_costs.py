"""What is counted and measured at export: multiplications against a sum by hand, memory against the maps it holds."""

import numpy as np
import pytest
import torch

from openaffect.distill.export import export_onnx
from openaffect.distill.gauge import gauge
from openaffect.distill.macs import macs
from openaffect.errors import OutputError
from tests.distill.students.made import made

torch.set_num_threads(1)


def by_hand(seconds, dense):
    frames = (seconds * 16_000 - 64) // 32 + 1
    tokens = (frames - 1) // 2 + 1
    ear = frames * (2 * 33 * 64 + 33 * 26)
    full = frames * 26 * 9 * (13 + 2 * 169)
    half = tokens * 13 * 9 * 4 * 169
    pooling = tokens * (2 * 169 * 169 if dense else 2 * 13 * 13 * 13) + tokens * 169
    return ear + full + half + pooling + (3 * 169 if dense else 13 * 13 * 13 + 3 * 338)


@pytest.mark.parametrize(("name", "dense"), [("wav2small-72k", True), ("wav2small-17k", False)])
@pytest.mark.parametrize("seconds", [1, 5, 10])
def test_multiplications_are_those_of_a_sum_by_hand(name, dense, seconds):
    assert macs(made(name), seconds * 16_000) == by_hand(seconds, dense)


@pytest.mark.parametrize(
    ("name", "millions"), [("wav2small-72k", (77.6, 388.4, 777.0)), ("wav2small-17k", (64.4, 322.3, 644.7))]
)
def test_multiplications_are_those_of_the_specification(name, millions):
    student = made(name)
    counted = [macs(student, seconds * 16_000) / 1e6 for seconds in (1, 5, 10)]
    # For the smaller one it leaves the pooling's sum out, 0.07 %.
    assert counted == pytest.approx(millions, rel=1e-3)


def test_counting_leaves_the_student_in_its_mode():
    student = made("mobilenetv3-small").train()
    before = {name: value.clone() for name, value in student.state_dict().items()}
    macs(student, 16_000)
    assert student.training
    assert all(torch.equal(value, before[name]) for name, value in student.state_dict().items())


def test_memory_grows_with_the_clip(tmp_path):
    export_onnx(made("wav2small-72k"), tmp_path / "model.onnx")
    short, long = (gauge(tmp_path / "model.onnx", seconds) for seconds in (1.0, 10.0))
    assert short.ms > 0 and long.ms > 0
    if short.peak_mb is None or long.peak_mb is None:
        pytest.skip("this system does not tell the memory of a process")
    # One map of 13 x frames x 26 floats at the least, and not all seven of them.
    one_map = 13 * 4_999 * 26 * 4 / 1e6
    assert one_map < long.peak_mb < 7 * one_map and short.peak_mb < long.peak_mb / 4


def test_a_file_that_does_not_run_is_named(tmp_path):
    (tmp_path / "model.onnx").write_bytes(np.random.default_rng(0).bytes(100))
    with pytest.raises(OutputError, match=r"model\.onnx' does not run: .*"):
        gauge(tmp_path / "model.onnx")
