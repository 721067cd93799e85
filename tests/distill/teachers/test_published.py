"""Dawn and Odyssey in their published layout, tiny and random, against the formulas written out in numpy."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from openaffect.distill.teacher import Teacher, open_teacher
from openaffect.distill.teachers import weights as files
from openaffect.distill.teachers.dawn import Dawn
from openaffect.distill.teachers.odyssey import Odyssey
from openaffect.encoders.wav2vec2 import wav2vec2
from openaffect.encoders.wavlm import LARGE, wavlm
from openaffect.errors import DataError, InputError, OfflineError, OpenAffectError, RemoteError, UsageError
from tests.distill.teachers.folders import (
    SHORTEST,
    TINY,
    Weights,
    dawn_settings,
    dawn_truth,
    dawn_weights,
    odyssey_settings,
    odyssey_truth,
    odyssey_weights,
    sound,
    write_teacher,
)

LENGTHS = (SHORTEST, 1000, 5003)


def write(folder: Path, name: str, weights: Weights | None = None, pickled: bool = False, **changes: Any) -> Path:
    settings, made = {"dawn": (dawn_settings, dawn_weights), "odyssey": (odyssey_settings, odyssey_weights)}[name]
    return write_teacher(folder, settings(**changes), weights or made(), pickled=pickled)


def opened(name: str, folder: Path) -> Teacher:
    return open_teacher(f"{name}:{folder}", offline=True, accept_licence=True)


@pytest.mark.parametrize("n", LENGTHS)
def test_dawn_is_the_published_formula(n: int, tmp_path: Path) -> None:
    teacher = opened("dawn", write(tmp_path, "dawn"))
    heard = sound(n)
    np.testing.assert_allclose(teacher(heard), dawn_truth(dawn_weights(), heard), atol=1e-5)
    assert np.array_equal(heard, sound(n))
    assert (teacher.name, teacher.permissive) == ("dawn", False) and "BY-NC-SA" in teacher.licence
    assert teacher.present == ("arousal", "dominance", "valence")


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("dense", [1, 2])
def test_odyssey_is_the_published_formula(n: int, dense: int, tmp_path: Path) -> None:
    weights = odyssey_weights(dense=dense)
    teacher = opened("odyssey", write(tmp_path, "odyssey", weights, classifier_hidden_layers=dense))
    np.testing.assert_allclose(teacher(sound(n)), odyssey_truth(weights, sound(n), dense), atol=1e-5)
    assert (teacher.name, teacher.permissive) == ("odyssey", True) and teacher.licence.startswith("MIT")


def test_answers_are_not_clipped_and_scale_does_not_matter_to_dawn_alone(tmp_path: Path) -> None:
    dawn, odyssey = (opened(name, write(tmp_path / name, name)) for name in ("dawn", "odyssey"))
    assert np.abs(dawn(sound(3000))).max() > 1
    np.testing.assert_allclose(dawn(sound(3000)), dawn(4 * sound(3000)), atol=1e-4)
    assert np.abs(odyssey(sound(3000)) - odyssey(4 * sound(3000))).max() > 1e-3


def test_of_long_sound_odyssey_hears_the_first_part(tmp_path: Path) -> None:
    teacher = opened("odyssey", write(tmp_path, "odyssey", maxlen=2000))
    np.testing.assert_array_equal(teacher(sound(3000)), teacher(sound(3000)[:2000]))
    assert not np.array_equal(teacher(sound(3000)), teacher(sound(3000)[:1900]))
    # without maxlen it is the 12 s of the published settings
    whole = opened("odyssey", write(tmp_path, "odyssey"))
    long = sound(12 * 16_000 + 800)
    np.testing.assert_array_equal(whole(long), whole(long[: 12 * 16_000]))


def test_the_ensemble_is_the_mean_of_both(tmp_path: Path) -> None:
    for name in ("dawn", "odyssey"):
        write(tmp_path / name, name)
    teacher = opened("ensemble", tmp_path)
    truth = (dawn_truth(dawn_weights(), sound(4000)) + odyssey_truth(odyssey_weights(), sound(4000))) / 2
    np.testing.assert_allclose(teacher(sound(4000)), truth, atol=1e-5)
    assert not teacher.permissive and "MIT" in teacher.licence and "BY-NC-SA" in teacher.licence
    identities = {teacher.identity, *(opened(name, tmp_path / name).identity for name in ("dawn", "odyssey"))}
    assert len(identities) == 3 and all(len(each) == 64 for each in identities)


def test_labels_in_another_order_are_put_in_ours(tmp_path: Path) -> None:
    turned = {"0": "valence", "1": "arousal", "2": "dominance"}
    teacher = opened("dawn", write(tmp_path, "dawn", id2label=turned))
    np.testing.assert_allclose(teacher(sound(2000)), dawn_truth(dawn_weights(), sound(2000))[[1, 2, 0]], atol=1e-5)


@pytest.mark.parametrize(
    "named", [{"0": "happy", "1": "sad", "2": "neutral"}, {"0": "valence"}, ["arousal"], "valence"]
)
def test_other_labels_are_refused(named: object, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="must have arousal, dominance, valence as id2label"):
        opened("dawn", write(tmp_path, "dawn", id2label=named))


def old_names(weights: Weights) -> Weights:
    ends = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
    found = {}
    for name, value in weights.items():
        for new, old in ends.items():
            name = name.replace(new, old)
        found[name] = value
    return found


@pytest.mark.parametrize(("name", "made"), [("dawn", dawn_weights), ("odyssey", odyssey_weights)])
def test_both_spellings_of_weight_norm_load(name: str, made: Callable[[], Weights], tmp_path: Path) -> None:
    older = old_names(made())
    assert sum(key.endswith(("weight_g", "weight_v")) for key in older) == 2 and older.keys() != made().keys()
    trunk = {"dawn": "wav2vec2", "odyssey": "ssl_model"}[name]
    older[f"{trunk}.masked_spec_embed"] = torch.zeros(TINY["hidden_size"])
    one, two = (opened(name, write(tmp_path / str(n), name, w)) for n, w in enumerate((made(), older)))
    np.testing.assert_array_equal(one(sound(2000)), two(sound(2000)))


def test_a_file_of_plain_tensors_loads_and_safetensors_comes_first(tmp_path: Path) -> None:
    folder = write(tmp_path, "odyssey", pickled=True)
    from_bin = opened("odyssey", folder)
    np.testing.assert_allclose(from_bin(sound(900)), odyssey_truth(odyssey_weights(), sound(900)), atol=1e-5)
    write(tmp_path, "odyssey", odyssey_weights(seed=1))
    np.testing.assert_allclose(
        opened("odyssey", folder)(sound(900)), odyssey_truth(odyssey_weights(1), sound(900)), atol=1e-5
    )


def test_half_precision_is_read_as_single(tmp_path: Path) -> None:
    half = {name: value.half() for name, value in dawn_weights().items()}
    teacher = opened("dawn", write(tmp_path, "dawn", half))
    truth = dawn_truth({name: value.float() for name, value in half.items()}, sound(2000))
    np.testing.assert_allclose(teacher(sound(2000)), truth, atol=1e-5)


def test_the_published_sizes_are_those_of_the_published_files() -> None:
    """The two files hold 661 MB and 1.27 GB of 32-bit numbers."""
    robust = {**LARGE, "conv_bias": True, "num_hidden_layers": 12}
    with torch.device("meta"):
        networks = [Dawn(wav2vec2(robust)), Odyssey(wavlm(LARGE), 1)]
    first, second = (sum(weight.numel() for weight in network.parameters()) for network in networks)
    assert round(4 * first / 1e6) == 661
    assert round(4 * second / 1e9, 2) == 1.27
    assert {weight.device.type for network in networks for weight in network.parameters()} == {"meta"}


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "made"), [("dawn", dawn_weights), ("odyssey", odyssey_weights)])
def test_missing_unknown_and_misshapen_weights_are_listed(
    name: str, made: Callable[[], Weights], tmp_path: Path
) -> None:
    weights = made()
    names = list(weights)
    lost, bent = names[5], names[-1]
    del weights[lost]
    weights["anger.weight"] = torch.zeros(4)
    weights[bent] = torch.zeros(7)
    with pytest.raises(DataError) as caught:
        opened(name, write(tmp_path, name, weights))
    for part in (f"missing {lost}", "unknown anger.weight (4,)", f"{bent} is (7,) and must be (3,)"):
        assert part in str(caught.value)


def test_the_weights_of_the_other_teacher_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="are not those of this teacher: missing wav2vec2"):
        opened("dawn", write(tmp_path, "dawn", odyssey_weights()))


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    weights = dawn_weights()
    weights["classifier.dense.bias"][3] = float("nan")
    with pytest.raises(DataError, match=r"not finite in classifier\.dense\.bias"):
        opened("dawn", write(tmp_path, "dawn", weights))


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors"])
@pytest.mark.parametrize("how", ["pickle", "torch"])
def test_a_pickle_is_refused_and_does_not_run(name: str, how: str, tmp_path: Path) -> None:
    folder = tmp_path / "dawn"
    write(folder, "dawn")
    (folder / "model.safetensors").unlink()
    bomb = {"classifier.dense.bias": Bomb(tmp_path / "ran")}
    (folder / name).write_bytes(pickle.dumps(bomb)) if how == "pickle" else torch.save(bomb, folder / name)
    with pytest.raises(DataError, match=r"can run code|could run code"):
        opened("dawn", folder)
    assert not (tmp_path / "ran").exists()


def test_a_file_that_holds_more_than_tensors_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "dawn")
    (tmp_path / "model.safetensors").unlink()
    torch.save({"state_dict": dawn_weights()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(DataError, match="holds more than named tensors"):
        opened("dawn", tmp_path)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"hidden_size": 10**9}, "hidden_size must be a whole number from 1 to 4096"),
        ({"hidden_size": "16"}, "hidden_size must be"),
        ({"num_attention_heads": True}, "num_attention_heads must be"),
        ({"num_attention_heads": 3}, "do not fit together"),
        ({"hidden_act": "os.system"}, "hidden_act must be one of gelu"),
        ({"conv_stride": [0, 1, 1]}, "conv_stride must be a list"),
        ({"conv_kernel": [10, 8]}, "do not fit together"),
        ({"conv_dim": [8] * 99}, "conv_dim must be a list"),
        ({"layer_norm_eps": -1.0}, "layer_norm_eps must be"),
        ({"add_adapter": True}, "add_adapter"),
        ({"conv_bias": 1}, "conv_bias must be one of False, True"),
        ({"num_hidden_layers": 3}, "missing wav2vec2.encoder.layers.2"),
    ],
)
def test_settings_that_cannot_be_used(changes: dict[str, Any], part: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=part):
        opened("dawn", write(tmp_path, "dawn", **changes))


def test_settings_that_name_code_are_not_read(tmp_path: Path) -> None:
    hostile = {
        "auto_map": {"AutoModel": "evil.Model"},
        "_attn_implementation": "somebody/kernel",
        "quantization_config": {"quant_method": "bitsandbytes"},
        "architectures": ["../../evil"],
    }
    teacher = opened("dawn", write(tmp_path, "dawn", **hostile))
    np.testing.assert_allclose(teacher(sound(2000)), dawn_truth(dawn_weights(), sound(2000)), atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"mean": None}, "mean of the training data must be a finite number"),
        ({"std": float("inf")}, "std of the training data"),
        ({"std": -1.0}, "std must not be negative"),
        ({"sampling_rate": 8000}, "sampling_rate must be 16000"),
        ({"maxlen": 0}, "maxlen must be a whole number"),
        ({"classifier_hidden_layers": 99}, "classifier_hidden_layers must be"),
        ({"ssl_config": [1]}, "ssl_config must hold"),
        ({"ssl_config": {**TINY, "num_buckets": 64, "max_bucket_distance": 64}}, "must be above num_buckets"),
    ],
)
def test_settings_of_odyssey_that_cannot_be_used(changes: dict[str, Any], part: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=part):
        opened("odyssey", write(tmp_path, "odyssey", **changes))


def test_another_encoder_is_refused_and_the_published_one_needs_no_settings(tmp_path: Path) -> None:
    settings = odyssey_settings(ssl_type="somebody/other")
    del settings["ssl_config"]
    with pytest.raises(DataError, match="names the encoder 'somebody/other'; known is microsoft/wavlm-large"):
        opened("odyssey", write_teacher(tmp_path, settings, odyssey_weights()))
    settings["ssl_type"] = "microsoft/wavlm-large"
    with pytest.raises(DataError, match=r"missing ssl_model.* \(512, 512, 3\)") as caught:
        opened("odyssey", write_teacher(tmp_path, settings, odyssey_weights()))
    assert "and " in str(caught.value) and "more" in str(caught.value)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_folder_without_a_file_says_which(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path, "odyssey")
    (folder / name).unlink()
    with pytest.raises(DataError, match=f"has n.* {name}"):
        opened("odyssey", folder)


def test_broken_settings(tmp_path: Path) -> None:
    folder = write(tmp_path, "odyssey")
    for broken in ("[1]", "{", "null"):
        (folder / "config.json").write_text(broken)
        with pytest.raises(InputError, match=r"config\.json"):
            opened("odyssey", folder)


@pytest.mark.parametrize("name", ["dawn", "ensemble"])
def test_terms_must_be_accepted(name: str, tmp_path: Path) -> None:
    for part in ("dawn", "odyssey"):
        write(tmp_path / part, part)
    with pytest.raises(UsageError, match="--accept-licence"):
        open_teacher(f"{name}:{tmp_path / 'dawn' if name == 'dawn' else tmp_path}")
    assert open_teacher(f"odyssey:{tmp_path / 'odyssey'}").permissive


@pytest.mark.parametrize("name", ["dawn", "odyssey", "ensemble"])
def test_nothing_is_fetched_offline(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "find_source", lambda *_: pytest.fail("the network was asked"))
    with pytest.raises(OfflineError, match="the network is forbidden; name a folder"):
        open_teacher(name, offline=True, accept_licence=True)


def test_a_mistyped_folder_is_not_taken_for_a_name_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "find_source", lambda *_: pytest.fail("the network was asked"))
    for spec in ("dawn:weights/dawn", "ensemble:weights"):
        with pytest.raises(DataError, match="there is no folder"):
            open_teacher(spec, accept_licence=True)


class Hub:
    """The hub's client, answering from a folder."""

    def __init__(self, folder: Path, *, pickled: bool = False) -> None:
        self.folder, self.pickled, self.asked = folder, pickled, []

    def snapshot_download(self, name: str, **how: Any) -> str:
        self.asked.append((name, "*.bin" in how["allow_patterns"]))
        return str(self.folder)

    def hf_hub_download(self, name: str, file: str, *, revision: str, local_files_only: bool) -> str:
        self.asked.append((name, file, revision))
        if not self.pickled:
            raise OSError("https://secret@example.org")
        torch.save(odyssey_weights(), self.folder / file)
        return str(self.folder / file)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    from openaffect.mllm.local import source

    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    hub = Hub(tmp_path / "0123abcd")
    for module in (source, files):
        monkeypatch.setattr(module, "library", lambda name: hub if name.startswith("huggingface") else __import__(name))
    return hub


def test_the_published_model_is_fetched_without_pickles(hub: Hub) -> None:
    write(hub.folder, "odyssey")
    teacher = open_teacher("odyssey")
    assert hub.asked == [("3loi/SER-Odyssey-Baseline-WavLM-Multi-Attributes", False)]
    np.testing.assert_allclose(teacher(sound(900)), odyssey_truth(odyssey_weights(), sound(900)), atol=1e-5)


def test_the_older_file_is_fetched_where_there_is_no_other(hub: Hub) -> None:
    write(hub.folder, "odyssey")
    (hub.folder / "model.safetensors").unlink()
    with pytest.raises(RemoteError, match="neither") as caught:
        open_teacher("odyssey")
    assert "secret" not in str(caught.value)
    hub.pickled = True
    teacher = open_teacher("odyssey")
    assert hub.asked[-1][1:] == ("pytorch_model.bin", "0123abcd")
    np.testing.assert_allclose(teacher(sound(900)), odyssey_truth(odyssey_weights(), sound(900)), atol=1e-5)


@pytest.mark.parametrize("name", ["dawn", "odyssey"])
def test_sound_that_cannot_be_heard(name: str, tmp_path: Path) -> None:
    teacher = opened(name, write(tmp_path, name))
    with pytest.raises(InputError, match=f"needs at least {SHORTEST} samples"):
        teacher(sound(SHORTEST - 1))
    with pytest.raises(InputError, match="NaN"):
        teacher(np.full(4000, np.nan, np.float32))
    for bad in (np.zeros((2, 4000), np.float32), np.zeros(4000, np.int16), [0.0] * 4000):
        with pytest.raises(UsageError, match="mono sound at 16 kHz"):
            teacher(bad)  # type: ignore[arg-type]
    assert np.isfinite(teacher(np.zeros(4000, np.float32))).all()
    assert np.isfinite(teacher(np.full(4000, 0.5, np.float32))).all()


def test_dawn_does_not_hear_an_hour_at_once(tmp_path: Path) -> None:
    teacher = opened("dawn", write(tmp_path, "dawn"))
    with pytest.raises(InputError, match="at most 960000 samples"):
        teacher(np.zeros(3600 * 16_000, np.float32))


def test_the_threads_of_the_process_stay_as_they_are(tmp_path: Path) -> None:
    teacher = open_teacher(f"odyssey:{write(tmp_path, 'odyssey')}", threads=1)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        teacher(sound(900))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_other_weights_and_other_settings_are_another_identity(tmp_path: Path) -> None:
    one = opened("odyssey", write(tmp_path / "a", "odyssey")).identity
    assert opened("odyssey", write(tmp_path / "b", "odyssey")).identity == one
    assert opened("odyssey", write(tmp_path / "c", "odyssey", odyssey_weights(seed=1))).identity != one
    assert opened("odyssey", write(tmp_path / "d", "odyssey", mean=0.1)).identity != one


def test_cut_off_and_random_bytes(tmp_path: Path) -> None:
    folder = write(tmp_path, "dawn")
    whole = (folder / "model.safetensors").read_bytes()
    draw = np.random.default_rng(0)
    for raw in (b"", whole[:7], whole[:200], whole[:-1], draw.bytes(500), b"\xff" * 64, whole[:50] + draw.bytes(400)):
        (folder / "model.safetensors").write_bytes(raw)
        with pytest.raises(OpenAffectError):
            opened("dawn", folder)
