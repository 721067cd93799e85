"""Wav2Small in numpy: equal to torch, whole and in chunks, and a reader of weights that cannot be fooled."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch
from tests.runtime.conftest import truth
from torch import nn

from openaffect.distill.checkpoint import save_student
from openaffect.errors import DataError
from openaffect.runtime import Stream, load
from openaffect.runtime.facts import StudentFacts
from openaffect.runtime.numpy_student import NumpyStudent
from openaffect.runtime.safetensors import read_safetensors

NETWORKS = ("wav2small-72k", "wav2small-17k", "extra")


@pytest.fixture(scope="module")
def weights(modules: dict[str, nn.Module], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for name, module in modules.items():
        found[name] = tmp_path_factory.mktemp(name)
        if name == "extra":
            tensors = {key: tensor.numpy() for key, tensor in module.state_dict().items()}
            safetensors.numpy.save_file(tensors, found[name] / "model.safetensors")
            StudentFacts("wav2small-72k", trained=True).save(found[name])
        else:
            save_student(module, found[name], StudentFacts(name, trained=True))
    return found


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("samples", [64, 95, 96, 127, 128, 800, 16_000, 16_801, 90_001])
def test_the_same_as_torch(network: str, samples: int, weights: dict[str, Path], modules: dict[str, nn.Module]) -> None:
    draw = np.random.default_rng(samples).standard_normal(samples) * (0.1 + 0.09 * np.sin(np.arange(samples) / 900))
    signal = (draw + 0.01).astype(np.float32)
    logits, hidden = NumpyStudent(weights[network]).whole(signal)
    with torch.inference_mode():
        wanted = modules[network].hidden(torch.from_numpy(signal)[None])[0].numpy()  # type: ignore[operator]
    assert hidden.shape == wanted.shape
    assert np.abs(hidden - wanted).max() < 1e-4 * max(1.0, np.abs(wanted).max())
    said = truth(modules[network], signal)
    assert np.abs(logits - said).max() < 1e-4 * max(1.0, np.abs(said).max())


@pytest.mark.parametrize("network", ["wav2small-72k", "wav2small-17k"])
def test_it_takes_the_place_of_onnxruntime(network: str, folders: dict[str, Path], speech: np.ndarray) -> None:
    ours, theirs = load(folders[network], engine="numpy"), load(folders[network], engine="onnx")
    for signal in (speech[:30_000], speech[:170_000]):
        for a, b in zip(ours(signal).values, theirs(signal).values, strict=True):
            assert (a is None) == (b is None)
            assert a is None or a == pytest.approx(b, abs=1e-4)
    for mode in ("window", "running"):
        pairs = [Stream(model, mode=mode) for model in (ours, theirs)]  # type: ignore[arg-type]
        said = [stream.push(speech[:60_000]) + stream.flush() for stream in pairs]
        assert [(e.start, e.end, e.reason) for e in said[0]] == [(e.start, e.end, e.reason) for e in said[1]]
        for a, b in zip(*said, strict=True):
            assert a.arousal is None if b.arousal is None else a.arousal == pytest.approx(b.arousal, abs=1e-4)


def test_silence_is_finite(weights: dict[str, Path]) -> None:
    for folder in weights.values():
        assert np.isfinite(NumpyStudent(folder).whole(np.zeros(20_000, np.float32))[0]).all()


def test_the_reader_reads_what_the_official_library_wrote(tmp_path: Path) -> None:
    arrays = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b.c": np.array(7, np.int64),
        "empty": np.zeros((0, 3), np.float32),
    }
    safetensors.numpy.save_file(arrays, tmp_path / "x", metadata={"format": "pt"})
    found = read_safetensors(tmp_path / "x")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


def _file(header: Any, body: bytes = b"\0" * 16, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def _one(**changed: Any) -> dict[str, Any]:
    return {"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]} | changed}


LIES: dict[str, bytes] = {
    "empty": b"",
    "short": b"\0\0\0",
    "a pickle": b"\x80\x04\x95" + b"\0" * 60,
    "header beyond the file": _file(_one(), length=2**62),
    "header of nothing": _file(b"", b""),
    "header is no JSON": _file(b"{'a': 1}"),
    "header is a list": _file([1]),
    "deep header": _file(b"[" * 100_000 + b"]" * 100_000),
    "not UTF-8": _file(b'{"\xff": 1}'),
    "entry is a number": _file({"a": 3}),
    "no shape": _file({"a": {"dtype": "F32", "data_offsets": [0, 16]}}),
    "a name twice": _file(
        b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'
    ),
    "code as dtype": _file(_one(dtype="O")),
    "dtype is a list": _file(_one(dtype=["F32"])),
    "half": _file(_one(dtype="F16")),
    "negative shape": _file(_one(shape=[-4])),
    "huge shape": _file(_one(shape=[2**62, 4])),
    "shape of floats": _file(_one(shape=[4.0])),
    "shape of booleans": _file(_one(shape=[True, 4])),
    "many axes": _file(_one(shape=[1] * 40 + [4])),
    "beyond the end": _file(_one(data_offsets=[16, 32])),
    "backwards": _file(_one(data_offsets=[16, 0])),
    "before the start": _file(_one(data_offsets=[-16, 0])),
    "three places": _file(_one(data_offsets=[0, 8, 16])),
    "another size": _file(_one(shape=[3])),
}


@pytest.mark.parametrize("name", LIES)
def test_lies_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(LIES[name])
    with pytest.raises(DataError, match="no safetensors file") as caught:
        read_safetensors(tmp_path / "x")
    assert len(str(caught.value)) < 500


def test_a_huge_file_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(DataError, match="not opened"):
        read_safetensors(tmp_path / "x")


SPOILED: dict[str, tuple[Callable[[dict[str, np.ndarray]], object], str]] = {
    "missing": (lambda w: w.pop("vgg7.l3.norm.bias"), "missing vgg7.l3.norm.bias"),
    "unknown": (lambda w: w.update({"extra": np.zeros(3, np.float32)}), "unknown 'extra'"),
    "another shape": (lambda w: w.update({"adv.bias": np.zeros(4, np.float32)}), r"adv.bias is \(4,\)"),
    "not finite": (lambda w: w.update({"adv.bias": np.full(3, np.nan, np.float32)}), "not finite"),
    "another network": (lambda w: (w.clear(), w.update({"conv_stem.weight": np.zeros(3, np.float32)})), "no Wav2Small"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_other_weights_are_refused_with_their_differences(name: str, weights: dict[str, Path], tmp_path: Path) -> None:
    spoil, words = SPOILED[name]
    shutil.copytree(weights["wav2small-17k"], tmp_path, dirs_exist_ok=True)
    arrays = safetensors.numpy.load_file(tmp_path / "model.safetensors")
    spoil(arrays)
    safetensors.numpy.save_file(arrays, tmp_path / "model.safetensors")
    with pytest.raises(DataError, match=words):
        load(tmp_path, engine="numpy")
