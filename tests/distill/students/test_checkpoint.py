"""Students on disk: what is written comes back, and only that."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from openaffect.distill.checkpoint import load_student, save_student
from openaffect.distill.students import build
from openaffect.distill.students.wav2small import Wav2Small
from openaffect.errors import DataError, UsageError
from openaffect.runtime.facts import StudentFacts
from tests.distill.students.made import made, noise

torch.set_num_threads(1)
FACTS = StudentFacts(network="wav2small-72k", present=("arousal",), teacher="t", audio=("a (CC0)",), trained=True)
MINE = """
from torch import nn

class Mine(nn.Module):
    def __init__(self):
        super().__init__()
        self.adv = nn.Linear(2, 3)
"""


@pytest.mark.parametrize("name", ["wav2small-72k", "wav2small-17k", "mobilenetv3-small"])
def test_a_student_comes_back_as_it_was(tmp_path, name):
    student, facts = made(name), replace(FACTS, network=name)
    save_student(student, tmp_path / "new" / "folder", facts)
    loaded, told = load_student(tmp_path / "new" / "folder")
    assert told == facts and not loaded.training
    assert torch.equal(loaded(noise(5_000)), student(noise(5_000)))


def test_weights_are_stored_as_float32_under_the_names_of_the_module(tmp_path):
    student = made("wav2small-72k").double()
    save_student(student, tmp_path, FACTS)
    stored = load_file(tmp_path / "model.safetensors")
    assert set(stored) == set(student.state_dict())
    assert {value.dtype for value in stored.values()} == {torch.float32, torch.int64}


def test_saving_and_loading_draw_nothing_from_the_generator(tmp_path):
    student = made("wav2small-72k")
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    save_student(student, tmp_path, FACTS)
    load_student(tmp_path)
    assert torch.equal(torch.rand(1), wanted)


def test_a_network_that_is_not_what_the_facts_say_is_not_written(tmp_path):
    with pytest.raises(UsageError, match=r"is not a 'wav2small-72k': unknown vgg7\.l8\.weight"):
        save_student(Wav2Small("paper-72k", extra_conv=True), tmp_path, FACTS)
    assert not list(tmp_path.iterdir())


def test_weights_that_do_not_fit_are_refused_with_the_differences(tmp_path):
    save_student(made("wav2small-72k"), tmp_path, FACTS)
    stored = load_file(tmp_path / "model.safetensors")
    stored["head.weight"] = stored.pop("adv.weight")
    save_file(stored, tmp_path / "model.safetensors")
    with pytest.raises(DataError, match=r"missing adv\.weight \(3, 169\); unknown head\.weight \(3, 169\)"):
        load_student(tmp_path)


def test_ones_own_network_runs_only_when_it_is_named(tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    name = f"{tmp_path}/mine.py:Mine"
    save_student(build(name), tmp_path / "out", StudentFacts(network=name))
    (tmp_path / "mine.py").write_text(f"raise AssertionError('run')\n{MINE}")
    with pytest.raises(DataError, match="not ours"):
        load_student(tmp_path / "out")
    (tmp_path / "mine.py").write_text(MINE)
    assert load_student(tmp_path / "out", name)[0].adv.weight.shape == (3, 2)


def test_a_folder_without_a_student_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"student\.json"):
        load_student(tmp_path)
