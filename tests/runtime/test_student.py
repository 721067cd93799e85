"""The run time of a student: equal to torch at every length, kind of samples and rate, and hard to mislead."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import soxr
import torch
from tests.runtime.conftest import truth
from torch import nn

from openaffect.errors import DataError, MissingPart, UsageError
from openaffect.runtime import ADV, load, loading

NETWORKS = ("wav2small-72k", "wav2small-17k")


def noise(samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


def bursts(samples: int) -> np.ndarray:
    """Noise that comes and goes and does not sit on zero: a wrong mean, level or seam would show."""
    return (noise(samples) * (0.1 + 0.09 * np.sin(np.arange(samples) / 3000)) + 0.02).astype(np.float32)


def known(adv: ADV) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in adv.values])


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("samples", [64, 65, 95, 1600, 16_000, 80_000, 160_000, 160_001, 176_800, 176_801, 400_123])
def test_the_same_as_torch_at_every_length(
    network: str, samples: int, modules: dict[str, nn.Module], folders: dict[str, Path]
) -> None:
    model, signal = load(folders[network], gate=False), bursts(samples)
    wanted = truth(modules[network], signal)
    found = known(model(signal))
    if network == "wav2small-17k":
        assert np.isnan(found[1])
        found[1] = wanted[1]
    assert np.abs(found - wanted).max() < 1e-5 * max(1.0, np.abs(wanted).max())


def test_the_students_of_these_tests_tell_sounds_apart(folders: dict[str, Path], speech: np.ndarray) -> None:
    for folder in folders.values():
        model = load(folder, gate=False)
        said = np.array([known(model(speech[at : at + 32000])) for at in range(0, 160000, 16000)])
        assert np.nanmax(np.ptp(said, axis=0)) > 0.02


def test_ten_minutes_in_constant_memory_and_equal(folders: dict[str, Path]) -> None:
    """Peak of one call above the loaded, warmed session and the caller's own array, in a fresh process."""
    code = """
import sys, json, numpy as np
from pathlib import Path
from openaffect.runtime import load
def memory(field):
    words = Path('/proc/self/status').read_text().split()
    return int(words[words.index(field + ':') + 1]) / 1024
model = load(sys.argv[1], gate=False)
draw = np.random.default_rng(0).standard_normal(16000).astype(np.float32)
signal = np.tile(draw, 600) * np.repeat(np.linspace(0.05, 0.2, 600, dtype=np.float32), 16000)
model(signal[:16000])
before = memory('VmRSS')
Path('/proc/self/clear_refs').write_text('5')
found = model(signal)
print(json.dumps([memory('VmHWM') - before, found.values]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(folders["wav2small-72k"])], capture_output=True, text=True, check=True
    )
    grown, values = json.loads(done.stdout)
    assert grown < 20
    draw = np.random.default_rng(0).standard_normal(16000).astype(np.float32)
    signal = np.tile(draw, 600) * np.repeat(np.linspace(0.05, 0.2, 600, dtype=np.float32), 16000)
    model = load(folders["wav2small-72k"], gate=False)
    # One pass in float32 loses more by itself: on this sound it is 1.6e-5 off the float64 truth, the chunks 5e-7.
    assert np.abs(np.array(values) - model.network.whole(signal)[0]).max() < 3e-5


def test_a_minute_against_float64(modules: dict[str, nn.Module], folders: dict[str, Path]) -> None:
    signal = bursts(16000 * 60)
    exact = copy.deepcopy(modules["wav2small-72k"]).double()
    with torch.inference_mode():
        wanted = exact(torch.from_numpy(signal.astype(np.float64))[None])[0].numpy()
    assert np.abs(known(load(folders["wav2small-72k"], gate=False)(signal)) - wanted).max() < 3e-6


def test_samples_of_every_kind_say_the_same(folders: dict[str, Path], speech: np.ndarray) -> None:
    model, short = load(folders["wav2small-72k"]), speech[:48_000]
    wanted = known(model(short))
    wide = np.zeros((48_000, 3), np.float32)
    wide[:, 1] = short
    locked = short.copy()
    locked.flags.writeable = False
    for same in (short.astype(np.float64), short.astype(">f4"), wide[:, 1], locked, short.tolist()):
        assert np.array_equal(known(model(same)), wanted)
    for kind, full in ((np.int16, 2**15), (np.int32, 2**31)):
        assert np.abs(known(model(np.round(short.astype(float) * full).astype(kind))) - wanted).max() < 2e-3


def test_the_level_does_not_matter(folders: dict[str, Path], speech: np.ndarray) -> None:
    for folder in folders.values():
        model = load(folder)
        wanted = known(model(speech))
        for gain in (0.1, 10.0):
            assert np.nanmax(np.abs(known(model(speech * np.float32(gain))) - wanted)) < 0.01


def test_the_callers_array_is_neither_changed_nor_kept(folders: dict[str, Path], speech: np.ndarray) -> None:
    model = load(folders["wav2small-72k"])
    for signal in (speech[:32000].copy(), np.tile(speech, 2)):
        before, said = signal.copy(), model(signal)
        assert np.array_equal(signal, before)
        signal[:] = 0
        assert model(before) == said


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000, 192_000])
def test_other_rates_are_resampled(
    rate: int, folders: dict[str, Path], modules: dict[str, nn.Module], speech: np.ndarray
) -> None:
    model = load(folders["wav2small-72k"], gate=False)
    for seconds in (3, 12):
        there = soxr.resample(speech[: seconds * 16000], 16000, rate)
        back = soxr.resample(there, rate, 16000, quality="HQ")
        assert np.abs(known(model(there, rate)) - truth(modules["wav2small-72k"], back)).max() < 1e-4


def test_a_rate_needs_soxr_only_where_it_is_another(
    folders: dict[str, Path], speech: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(folders["wav2small-72k"])
    monkeypatch.setitem(sys.modules, "soxr", None)
    assert model(speech, 16000.0).arousal is not None
    with pytest.raises(MissingPart, match="pip install soxr"):
        model(speech, 44100)


BAD: dict[str, tuple[object, float, type[Exception], str]] = {
    "empty": (np.zeros(0, np.float32), 16000, DataError, "64 samples or more"),
    "empty at another rate": (np.zeros(0, np.float32), 44100, DataError, "64 samples or more"),
    "63 samples": (noise(63), 16000, DataError, "63 came"),
    "31 samples at 8 kHz": (noise(31), 8000, DataError, "62 came"),
    "stereo": (noise(6400).reshape(2, 3200), 16000, UsageError, "mono"),
    "a number": (0.5, 16000, UsageError, r"shape \(n,\)"),
    "ragged": ([[0.0], [0.0, 1.0]], 16000, UsageError, "ragged"),
    "complex": (noise(6400).astype(complex), 16000, UsageError, "complex128 came"),
    "bytes": (np.zeros(6400, np.uint8), 16000, UsageError, "uint8 came"),
    "half": (np.zeros(6400, np.float16), 16000, UsageError, "float16 came"),
    "text": (np.array(["a"] * 100), 16000, UsageError, "came"),
    "objects": (np.array([None] * 100), 16000, UsageError, "object came"),
    "no rate": (noise(6400), 0, UsageError, "sampling rate"),
    "negative rate": (noise(6400), -16000, UsageError, "sampling rate"),
    "half a hertz": (noise(6400), 16000.5, UsageError, "whole number"),
    "no number as rate": (noise(6400), float("nan"), UsageError, "sampling rate"),
    "absurd rate": (noise(6400), 1e9, UsageError, "sampling rate"),
    "nan": (np.where(np.arange(32000) == 24000, np.nan, noise(32000)), 16000, DataError, "NaN.*1.500 s"),
    "infinite": (np.where(np.arange(320000) == 240000, np.inf, noise(320000)), 16000, DataError, "NaN.*15.000 s"),
    "beyond any scale": (noise(32000) * 1e12, 16000, DataError, "million times"),
    "too large for float32": (noise(32000).astype(float) * 1e60, 16000, DataError, "infinite|million"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.filterwarnings("ignore:overflow")
def test_bad_input_gets_one_sentence(name: str, folders: dict[str, Path]) -> None:
    signal, rate, error, words = BAD[name]
    for gate in (True, False):
        with pytest.raises(error, match=words) as caught:
            load(folders["wav2small-72k"], gate=gate)(signal, rate)
        assert "\n" not in str(caught.value)
        assert str(caught.value).endswith(".")


def test_blocks_say_what_the_array_says(folders: dict[str, Path], speech: np.ndarray) -> None:
    model, calls = load(folders["wav2small-72k"]), []

    def make(signal: np.ndarray, sizes: list[int]) -> Callable[[], list[np.ndarray]]:
        def again() -> list[np.ndarray]:
            calls.append(1)
            return np.split(signal, np.cumsum(sizes))

        return again

    for signal in (speech[:32000], np.tile(speech, 3)):
        wanted = known(model(signal))
        for sizes in ([1, 0, 7, 9999], [16000] * 30, []):
            sizes = [size for size in sizes if size < len(signal)]
            assert np.abs(known(model.blocks(make(signal, sizes))) - wanted).max() < 1e-5
    assert len(calls) <= 3 * 6


def test_blocks_that_change_are_noticed(folders: dict[str, Path]) -> None:
    model, left = load(folders["wav2small-72k"], gate=False), [bursts(400_000), bursts(300_000)]
    with pytest.raises(UsageError, match="400000 samples the first time and 300000 now"):
        model.blocks(lambda: [left.pop(0)])


def test_a_batch_says_what_each_clip_says(folders: dict[str, Path], speech: np.ndarray) -> None:
    model = load(folders["wav2small-17k"])
    clips = [speech[:n] for n in (20_000, 8_000, 170_000, 64)]
    assert model.batch(clips) == [model(clip) for clip in clips]
    assert model.batch([]) == []


def test_the_hidden_vector_is_that_of_torch(
    folders: dict[str, Path], modules: dict[str, nn.Module], speech: np.ndarray
) -> None:
    for network, size in (("wav2small-72k", 169), ("wav2small-17k", 338)):
        for samples in (8_000, 200_000):
            with torch.inference_mode():
                wanted = modules[network].hidden(torch.from_numpy(speech[:samples])[None])[0].numpy()  # type: ignore[operator]
            found = load(folders[network]).hidden(speech[:samples])
            assert found.shape == (size,)
            assert np.abs(found - wanted).max() < 1e-5 * max(1.0, np.abs(wanted).max())


def test_a_student_without_chunks_reads_whole_clips_up_to_a_limit(folders: dict[str, Path], tmp_path: Path) -> None:
    for name in ("model.onnx", "student.json"):
        shutil.copy(folders["wav2small-72k"] / name, tmp_path)
    model, signal = load(tmp_path, gate=False), bursts(16000 * 11)
    whole = load(folders["wav2small-72k"], gate=False)
    assert np.abs(known(model(signal)) - known(whole(signal))).max() < 1e-5
    with pytest.raises(UsageError, match="at most 120 s"):
        model(np.resize(signal, 16000 * 121))


def test_random_weights_are_not_read_with(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = changed(folders["wav2small-72k"], tmp_path / "new", trained=False)
    with pytest.raises(DataError, match="random weights"):
        load(folder)
    assert load(folder, untrained=True, gate=False)(bursts(16000)).arousal is not None


def test_without_a_student_that_ships_builtin_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(loading, "BUILT_IN", tmp_path / "none")
    with pytest.raises(MissingPart, match="no student ships"):
        load("builtin")


def changed(folder: Path, target: Path, **facts: object) -> Path:
    """A copy of *folder* with other facts."""
    shutil.copytree(folder, target)
    content = json.loads((target / "student.json").read_text())
    (target / "student.json").write_text(json.dumps(content | facts))
    return target


def outside(path: Path) -> None:
    """Move the weights of a graph into a file beside it."""
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="weights.bin", size_threshold=100)


def nested(path: Path) -> None:
    """Hide a tensor that lies elsewhere in a branch of a graph within the graph."""
    model = onnx.load(path)
    away = onnx.TensorProto(name="x", data_type=1, dims=[4], data_location=onnx.TensorProto.EXTERNAL)
    away.external_data.add(key="location", value="../../etc/passwd")
    inner = onnx.helper.make_graph([], "inner", [], [], initializer=[away])
    node = onnx.helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
    model.graph.node.append(node)
    path.write_bytes(model.SerializeToString())


def renamed(path: Path) -> None:
    model = onnx.load(path)
    model.graph.input[0].name = "wave"
    for node in model.graph.node:
        node.input[:] = ["wave" if name == "signal" else name for name in node.input]
    onnx.save(model, path)


def widened(path: Path) -> None:
    model = onnx.load(path)
    for put in model.graph.input:
        if put.name == "total":
            put.type.tensor_type.shape.dim[1].dim_value = 2**40
    path.write_bytes(model.SerializeToString())


def wordless(path: Path) -> None:
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if list(tensor.dims) == [3, 169]:
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.full((3, 169), np.inf, np.float32), tensor.name))
    onnx.save(model, path)


HOSTILE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "no facts": ("student.json", Path.unlink, "student.json"),
    "no network": ("model.onnx", Path.unlink, "cannot read the network"),
    "numbers elsewhere": ("model.onnx", outside, "other files"),
    "numbers elsewhere in the chunk graph": ("stream.onnx", outside, "other files"),
    "numbers elsewhere, deep inside": ("model.onnx", nested, "other files"),
    "cut short": (
        "model.onnx",
        lambda path: path.write_bytes(path.read_bytes()[:9000]),
        "not an ONNX|cannot be opened",
    ),
    "empty": ("model.onnx", lambda path: path.write_bytes(b""), "cannot be opened"),
    "text": ("model.onnx", lambda path: path.write_text("hello" * 100), "not an ONNX|cannot be opened"),
    "endless number": ("model.onnx", lambda path: path.write_bytes(b"\xff" * 100), "not an ONNX"),
    "a folder": ("model.onnx", lambda path: (path.unlink(), path.mkdir()), "cannot read the network"),
    "other names": ("model.onnx", renamed, "no student"),
    "whole graph as chunk graph": ("stream.onnx", lambda p: shutil.copy(p.parent / "model.onnx", p), "no student"),
    "absurd state": ("stream.onnx", widened, "running state|cannot be opened"),
    "no numbers": ("model.onnx", wordless, "gives no arousal"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_folders_are_refused(name: str, folders: dict[str, Path], tmp_path: Path) -> None:
    file, spoil, words = HOSTILE[name]
    folder = changed(folders["wav2small-72k"], tmp_path / "bad")
    spoil(folder / file)
    with pytest.raises(DataError, match=words) as caught:
        load(folder)
    assert "\n" not in str(caught.value)


def test_wrong_words_are_told(folders: dict[str, Path]) -> None:
    with pytest.raises(UsageError, match="auto, onnx or numpy"):
        load(folders["wav2small-72k"], engine="tflite")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="distill export"):
        load("/nowhere/at/all")
