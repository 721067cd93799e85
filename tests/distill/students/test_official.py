"""Loading the published checkpoint: its key names and shapes, spelled out here as the specification lists them."""

import io
import warnings

import pytest
import torch
from safetensors.torch import save_file

from openaffect.distill.students.wav2small import Wav2Small
from openaffect.errors import DataError, UsageError
from tests.distill.students.made import made, noise

torch.set_num_threads(1)


def official_shapes():
    shapes = {"vgg7.l1.conv.weight": (13, 1, 3, 3), "adv.weight": (3, 338), "adv.bias": (3,)}
    shapes |= {f"vgg7.l{k}.conv.weight": (13, 13, 3, 3) for k in range(2, 8)}
    for layer in range(1, 8):
        shapes |= {f"vgg7.l{layer}.norm.{p}": (13,) for p in ("weight", "bias", "running_mean", "running_var")}
        shapes[f"vgg7.l{layer}.norm.num_batches_tracked"] = ()
    for part in ("lin", "sof"):
        shapes |= {f"vgg7.{part}.weight": (13, 13, 1, 1), f"vgg7.{part}.bias": (13,)}
    shapes |= {f"vgg7.spectrogram_extractor.conv_{part}.weight": (33, 1, 64) for part in ("real", "imag")}
    return shapes | {"vgg7.logmel_extractor.melW": (33, 26), "vgg7.logmel_extractor.amin": (1,)}


@pytest.fixture
def official(tmp_path):
    """A file as the published one is described, and its tensors."""
    tensors = {name: value.clone() for name, value in made("wav2small-17k", seed=8).state_dict().items()}
    assert {name: tuple(value.shape) for name, value in tensors.items()} == official_shapes()
    save_file(tensors, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors", tensors


def test_the_file_is_as_long_as_the_published_one(official):
    path, tensors = official
    assert sum(each.numel() for each in tensors.values()) == 16_078
    # 68,716 bytes by the specification, whose header may pad and order its names otherwise.
    assert abs(path.stat().st_size - 68_716) < 100


def test_it_loads_and_computes_the_same(official):
    path, _ = official
    student = Wav2Small("v2-17k").eval()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        student.load_official(path)
    assert torch.equal(student(noise(9_000)), made("wav2small-17k", seed=8)(noise(9_000)))


def test_counters_may_be_missing(official):
    path, tensors = official
    save_file({name: value for name, value in tensors.items() if "num_batches" not in name}, path)
    student = Wav2Small("v2-17k").eval()
    student.load_official(path)
    assert torch.equal(student(noise(9_000)), made("wav2small-17k", seed=8)(noise(9_000)))


def test_half_precision_is_read_as_float(official):
    path, tensors = official
    save_file({name: value.half() for name, value in tensors.items() if value.is_floating_point()}, path)
    student = Wav2Small("v2-17k").eval()
    # Kernels of half precision are 0.0002 off.
    with pytest.warns(UserWarning, match="other constants"):
        student.load_official(path)
    assert student.adv.weight.dtype == torch.float32
    assert torch.equal(student.adv.weight, tensors["adv.weight"].half().float())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"vgg7.sof.bias": None}, r"missing vgg7\.sof\.bias \(13,\)"),
        ({"adv.weight": torch.zeros(4, 338)}, r"adv\.weight is \(4, 338\) and must be \(3, 338\)"),
        ({"cat.weight": torch.zeros(4, 338)}, r"unknown cat\.weight \(4, 338\)"),
        ({"adv.bias": torch.tensor([0.0, float("nan"), 0.0])}, r"no finite numbers of float in adv\.bias"),
        ({"adv.bias": torch.tensor([1, 2, 3])}, r"no finite numbers of float in adv\.bias"),
        ({"adv.bias": torch.tensor([1j, 2, 3])}, r"no finite numbers of float in adv\.bias"),
    ],
)
def test_what_differs_is_listed_and_nothing_is_loaded(official, change, said):
    path, tensors = official
    save_file({name: value for name, value in {**tensors, **change}.items() if value is not None}, path)
    student = Wav2Small("v2-17k")
    before = {name: value.clone() for name, value in student.state_dict().items()}
    with pytest.raises(DataError, match=said):
        student.load_official(path)
    assert all(torch.equal(value, before[name]) for name, value in student.state_dict().items())


def test_many_differences_are_counted(official):
    path, tensors = official
    save_file({f"model.{name}": value for name, value in tensors.items()}, path)
    with pytest.raises(DataError, match=r"missing vgg7.*; and \d+ more"):
        Wav2Small("v2-17k").load_official(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_is_refused_unread(tmp_path, zipped):
    file = io.BytesIO()
    torch.save({"adv.bias": torch.zeros(3)}, file, _use_new_zipfile_serialization=zipped)
    (tmp_path / "model.safetensors").write_bytes(file.getvalue())
    with pytest.raises(DataError, match="is a pickle, which could run code"):
        Wav2Small("v2-17k").load_official(tmp_path / "model.safetensors")


@pytest.mark.parametrize("data", [b"", b"\0" * 7, b"\xff" * 64, b"\x10" + b"\0" * 7 + b"{" * 16, b"not weights at all"])
def test_what_is_no_safetensors_is_refused(tmp_path, data):
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(DataError, match="not a safetensors file"):
        Wav2Small("v2-17k").load_official(tmp_path / "model.safetensors")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(DataError, match="cannot read the weights"):
            Wav2Small("v2-17k").load_official(path)


def test_other_constants_are_used_with_a_warning(official):
    path, tensors = official
    mel = tensors["vgg7.logmel_extractor.melW"].clone()
    mel[3, 4] += 0.01
    save_file({**tensors, "vgg7.logmel_extractor.melW": mel}, path)
    student = Wav2Small("v2-17k").eval()
    with pytest.warns(UserWarning, match=r"melW by 0\.01\b.*its own are used"):
        student.load_official(path)
    assert torch.equal(student.vgg7.logmel_extractor.melW, mel)


def test_only_the_published_shape_has_published_weights(official):
    with pytest.raises(UsageError, match="v2-17k"):
        Wav2Small("paper-72k").load_official(official[0])
