"""Where local models come from, what identifies them, and every way in which a folder can be unfit."""

import builtins
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.mllm.tiny_models import MODELS, ask, text_model

from openaffect.errors import (
    InputError,
    MissingPart,
    OfflineError,
    OpenAffectError,
    RemoteError,
    UsageError,
)
from openaffect.mllm import open_backend
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Options
from openaffect.mllm.local.source import find_source, folder_digest, is_offline
from openaffect.mllm.transformers import AsyncLocalChat

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def answered(folder: Path) -> Any:
    """Open *folder* and ask it; what goes wrong is raised, as it is by a run."""
    found: dict[str, Any] = {}
    Caller(AsyncLocalChat(str(folder))).run([("a", ask("hello"))], found.__setitem__, Options(max_tokens=2))
    return found["a"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    room = tmp_path_factory.mktemp("models")
    return {name: make(room / name) for name, make in MODELS.items()}


def edit_json(name: str, **changes: Any) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        found = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(found | changes))

    return edit


def edit_weights(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        from safetensors.torch import load_file, save_file

        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", {"format": "pt"})

    return edit


def removed(*names: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return edit


def written(name: str, data: bytes) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return edit


def only_pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def pickled_beside_an_adapter(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").rename(folder / "adapter.safetensors")


def cut_off(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def another_shape(weights: dict[str, Any]) -> None:
    weights["model.norm.weight"] = weights["model.norm.weight"][:16].clone()


def lacking(name: str) -> Callable[[dict[str, Any]], None]:
    def change(weights: dict[str, Any]) -> None:
        del weights[name]

    return change


def adding(name: str) -> Callable[[dict[str, Any]], None]:
    def change(weights: dict[str, Any]) -> None:
        weights[name] = next(iter(weights.values())).clone()

    return change


def without_ears(weights: dict[str, Any]) -> None:
    for name in [name for name in weights if "audio_tower" in name]:
        del weights[name]


def sharded(named: str, at: str = "w.safetensors", what: str = "weights") -> Callable[[Path], None]:
    """Weights in a file *at* a place, which an index calls *named*."""

    def edit(folder: Path) -> None:
        import torch
        from safetensors.torch import load_file, save_file

        weights = load_file(folder / "model.safetensors")
        (folder / "model.safetensors").unlink()
        place = folder / at
        place.parent.mkdir(exist_ok=True)
        if what == "pickle":
            torch.save(weights, place)
        else:
            save_file(weights, place, {"format": "pt"})
        save_file({"a": weights["model.norm.weight"]}, folder / "other.safetensors", {"format": "pt"})
        index = {"metadata": {}, "weight_map": dict.fromkeys(weights, named.replace("{folder}", str(folder)))}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    return edit


UNFIT: list[tuple[str, Callable[[Path], None], type[OpenAffectError], str]] = [
    ("text", removed("config.json"), InputError, "no config.json that names a model_type"),
    ("text", written("config.json", b"{"), InputError, "config.json in 'x' cannot be read"),
    ("text", written("config.json", b"[]"), InputError, "config.json in 'x' holds no JSON object"),
    ("text", written("config.json", b"[" * 200_000), InputError, "cannot be read"),
    ("text", edit_json("config.json", model_type="clip"), UsageError, "models of the type 'clip' cannot be used"),
    ("text", edit_json("config.json", model_type="mine"), UsageError, "code that comes with a model is not run"),
    ("text", edit_json("config.json", hidden_size="large"), InputError, "cannot use the configuration in 'x'"),
    ("text", edit_json("config.json", attn_implementation="a/b"), InputError, "has 'a/b' as attn_implementation"),
    ("text", edit_json("config.json", _attn_implementation="a/b:c"), InputError, "has 'a/b:c' as _attn_implementation"),
    (
        "text",
        edit_json("config.json", attn_implementation={"": "sdpa", "x": "a/b"}),
        InputError,
        "has 'a/b' as attn_implementation",
    ),
    ("text", edit_json("config.json", attn_implementation=["a/b"]), InputError, "as attn_implementation, and code"),
    (
        "text",
        edit_json("config.json", attn_implementation="flash_attention_2"),
        InputError,
        "has 'flash_attention_2' as",
    ),
    ("text", edit_json("config.json", experts_implementation="sonicmoe"), InputError, "has 'sonicmoe' as experts_imp"),
    (
        "vl",
        edit_json("config.json", vision_config={"attn_implementation": "a/b"}),
        InputError,
        "has 'a/b' as attn_implementation",
    ),
    ("text", removed("model.safetensors"), InputError, "has no .safetensors files"),
    ("text", only_pickled, InputError, "pickled weights (.bin, .pt) are not read"),
    ("text", pickled_beside_an_adapter, InputError, "cannot use the weights in 'x'"),
    ("text", cut_off, InputError, "cannot use the weights in 'x'"),
    ("text", written("model.safetensors", b"\xff" * 64), InputError, "cannot use the weights in 'x'"),
    ("text", edit_weights(lacking("model.norm.weight")), InputError, "lack model.norm.weight;"),
    ("text", edit_weights(lacking("lm_head.weight")), InputError, "lack lm_head.weight;"),
    ("text", edit_weights(another_shape), InputError, "have other shapes of model.norm.weight;"),
    ("text", edit_weights(lambda w: w.clear()), InputError, "more; they are not those of its config.json"),
    ("text", sharded("w.bin", "w.bin", "pickle"), InputError, "names 'w.bin', which is no .safetensors file of the"),
    ("text", sharded("sub/w.safetensors", "sub/w.safetensors"), InputError, "names 'sub/w.safetensors', which"),
    ("text", sharded("../w.safetensors", "../w.safetensors"), InputError, "names '../w.safetensors', which"),
    ("text", sharded("./w.safetensors"), InputError, "names './w.safetensors', which"),
    ("text", sharded("/proc/w.safetensors"), InputError, "names '/proc/w.safetensors', which"),
    ("text", sharded("absent.safetensors"), InputError, "names 'absent.safetensors', which"),
    (
        "text",
        written("a.safetensors.index.json", b"{}"),
        InputError,
        "a.safetensors.index.json in 'x' has no weight_map",
    ),
    ("text", written("a.safetensors.index.json", b'{"weight_map": {"a": 1}}'), InputError, "names '1', which"),
    ("text", written("adapter_config.json", b"{}"), InputError, "adapters are not used"),
    ("text", edit_json("config.json", transformers_weights="sub/w.safetensors"), InputError, "transformers_weights"),
    ("text", edit_json("config.json", num_hidden_layers=1), InputError, "have too much, that is model.layers.1."),
    ("vl", edit_weights(adding("talker.a")), InputError, "have too much, that is talker.a;"),
    ("omni", edit_weights(adding("other.a")), InputError, "have too much, that is other.a;"),
    ("text", edit_json("generation_config.json", eos_token_id="end"), InputError, "has 'end' as eos_token_id"),
    ("text", edit_json("generation_config.json", eos_token_id=[]), InputError, "has '[]' as eos_token_id"),
    ("text", edit_json("generation_config.json", pad_token_id=-1), InputError, "has '-1' as pad_token_id"),
    ("text", edit_json("generation_config.json", top_p=2), InputError, "has '2' as top_p"),
    ("text", edit_json("generation_config.json", repetition_penalty=0), InputError, "has '0' as repetition_penalty"),
    ("text", edit_json("generation_config.json", suppress_tokens="all"), InputError, "has 'all' as suppress_tokens"),
    ("text", removed("tokenizer.json", "tokenizer_config.json"), InputError, "cannot use the tokenizer in 'x'"),
    ("text", removed("chat_template.jinja"), InputError, "has no chat template"),
    ("vl", removed("preprocessor_config.json"), InputError, "has no settings of the image processor"),
    ("vl", written("preprocessor_config.json", b"{}"), InputError, "has no settings of the image processor"),
    ("vl", edit_json("video_preprocessor_config.json", patch_size="x"), InputError, "cannot use the video settings"),
    ("vl", edit_json("config.json", image_token_id=9999), InputError, "no token for a place of the kind 'image'"),
    ("vl", edit_weights(lacking("visual.merger.ln_q.weight")), InputError, "lack model.visual.merger"),
    ("omni", removed("preprocessor_config.json"), InputError, "has no settings of the"),
    ("omni", removed("chat_template.json"), InputError, "has no chat template"),
    ("omni", edit_weights(without_ears), InputError, "lack model.audio_tower"),
    ("audio", removed("preprocessor_config.json"), InputError, "has no settings of the feature extractor"),
    ("audio", edit_json("preprocessor_config.json", sampling_rate=8000), InputError, "wants sound at 8000 Hz"),
    ("audio", edit_weights(without_ears), InputError, "lack model.audio_tower"),
]


@pytest.mark.parametrize(
    ("model", "spoil", "kind", "words"), UNFIT, ids=[f"{row[0]}-{number}" for number, row in enumerate(UNFIT)]
)
def test_an_unfit_folder_is_one_sentence(
    kept: dict[str, Path],
    tmp_path: Path,
    model: str,
    spoil: Callable[[Path], None],
    kind: type[OpenAffectError],
    words: str,
) -> None:
    folder = tmp_path / "x"
    shutil.copytree(kept[model], folder)
    spoil(folder)
    with pytest.raises(kind) as caught:
        answered(folder)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_weights_in_several_files_of_the_folder_are_read(kept: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "x"
    shutil.copytree(kept["text"], folder)
    sharded("w.safetensors")(folder)
    assert answered(folder).reply == answered(kept["text"]).reply


@pytest.mark.parametrize("named", ["eager", "sdpa", None])
def test_attention_that_transformers_has_itself_may_be_asked_for(
    kept: dict[str, Path], tmp_path: Path, named: str | None
) -> None:
    folder = tmp_path / "x"
    shutil.copytree(kept["text"], folder)
    edit_json("config.json", attn_implementation=named)(folder)
    assert answered(folder).reply.output_tokens == 2


def test_every_fit_folder_answers(kept: dict[str, Path]) -> None:
    assert {name: answered(folder).reply.output_tokens for name, folder in kept.items()} == dict.fromkeys(kept, 2)


def test_code_and_pickles_in_a_folder_are_never_run(kept: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "x"
    shutil.copytree(kept["text"], folder)
    trap = f"import pathlib\npathlib.Path({str(tmp_path / 'run')!r}).touch()\n"
    for name in ("configuration_mine", "modeling_mine", "tokenization_mine"):
        (folder / f"{name}.py").write_text(trap)
    (folder / "custom_generate").mkdir()
    (folder / "custom_generate" / "generate.py").write_text(trap)
    own = {"AutoConfig": "configuration_mine.C", "AutoModelForCausalLM": "modeling_mine.M"}
    edit_json("config.json", auto_map=own)(folder)
    edit_json("tokenizer_config.json", auto_map={"AutoTokenizer": ["tokenization_mine.T", None]})(folder)
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch " + str(tmp_path / "run").encode() + b"'\ntR.")
    assert answered(folder).reply.output_tokens == 2
    edit_json("config.json", model_type="mine")(folder)
    with pytest.raises(UsageError, match="not run"):
        answered(folder)
    assert not (tmp_path / "run").exists()


def test_every_loader_is_told_to_run_no_code_and_ask_no_host(
    kept: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    told: dict[str, tuple[Any, Any]] = {}

    def watch(name: str) -> None:
        kind = getattr(transformers, name)
        real = kind.from_pretrained

        def load(*given: Any, **how: Any) -> Any:
            told[name] = (how.get("trust_remote_code"), how.get("local_files_only"))
            return real(*given, **how)

        monkeypatch.setattr(kind, "from_pretrained", load)

    for name in ("AutoConfig", "AutoTokenizer", "AutoModelForCausalLM", "Qwen2_5OmniThinkerForConditionalGeneration"):
        watch(name)
    watch("WhisperFeatureExtractor")
    watch("Qwen2VLImageProcessorPil")
    for name in ("text", "omni"):
        answered(kept[name])
    assert len(told) == 6
    assert set(told.values()) == {(False, True)}


def test_no_host_is_asked_for_a_folder(kept: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def connect(*_: Any) -> None:
        raise AssertionError("a host was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    for folder in kept.values():
        assert answered(folder).reply.output_tokens == 2


def test_parts_that_speak_may_be_left_out_whatever_transformers_reports(kept: dict[str, Path]) -> None:
    from openaffect.mllm.local.family import open_family
    from openaffect.mllm.local.weights import _check

    found = {
        "missing_keys": (),
        "mismatched_keys": (),
        "error_msgs": (),
        "unexpected_keys": {"talker.a", "token2wav.b"},
    }
    folder = kept["omni"]
    _check(found, open_family("qwen2_5_omni", folder), folder)
    with pytest.raises(InputError, match=r"too much, that is talker\.a and 1 more"):
        _check(found, open_family("qwen2_5_omni_thinker", folder), folder)


def test_tied_weights_need_not_be_stored_twice(tmp_path: Path) -> None:
    folder = text_model(tmp_path, tie_word_embeddings=True)
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "pt") as file:
        assert "lm_head.weight" not in file.keys()  # noqa: SIM118
    assert answered(folder).reply.output_tokens == 2


# ---------------------------------------------------------------- what identifies a model


def test_the_revision_of_a_folder_is_that_of_its_files(kept: dict[str, Path], tmp_path: Path) -> None:
    first = folder_digest(kept["text"])
    copy = tmp_path / "another name"
    shutil.copytree(kept["text"], copy)
    os.utime(copy / "model.safetensors", (1, 1))
    (copy / "README.md").write_text("of no weight")
    assert folder_digest(copy) == first
    data = bytearray((copy / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (copy / "model.safetensors").write_bytes(data)
    second = folder_digest(copy)
    assert second != first
    (copy / "chat_template.jinja").write_text("{{ messages }}")
    assert folder_digest(copy) not in (first, second)


def test_further_chat_templates_of_a_folder_count(kept: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "x"
    shutil.copytree(kept["text"], folder)
    (folder / "additional_chat_templates").mkdir()
    (folder / "additional_chat_templates" / "default.jinja").write_text("{{ messages }}")
    first = folder_digest(folder)
    assert first != folder_digest(kept["text"])
    (folder / "additional_chat_templates" / "default.jinja").rename(folder / "default.jinja")
    assert folder_digest(folder) not in (first, folder_digest(kept["text"]))


def test_a_folder_that_changes_between_opening_and_loading_is_refused(kept: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "x"
    shutil.copytree(kept["text"], folder)
    backend = AsyncLocalChat(str(folder))
    edit_weights(lambda weights: weights["model.norm.weight"].mul_(2))(folder)
    for _ in range(2):  # and stays so
        with pytest.raises(InputError, match="'x' has changed since it was opened"):
            Caller(backend).run([("a", ask("hello"))], lambda *_: None, Options(max_tokens=2))
    assert answered(folder).reply.output_tokens == 2


def test_the_revision_of_a_backend_tells_number_formats_apart(kept: dict[str, Path]) -> None:
    one, other = AsyncLocalChat(str(kept["text"])), AsyncLocalChat(str(kept["text"]), dtype="bfloat16", device="cpu")
    assert (one.model, one.host, one.dtype, other.dtype) == ("text", "", "float32", "bfloat16")
    assert one.revision.startswith(folder_digest(kept["text"]))
    assert one.revision != other.revision


@pytest.mark.parametrize(
    ("place", "revision", "words"),
    [
        ("", "", "no model is named"),
        ("./absent", "", "no folder './absent'"),
        ("absent", "", "no folder 'absent'"),
        ("a/b/c", "", "no folder 'a/b/c'"),
        ("owner/name@one", "two", "two revisions"),
    ],
)
def test_places_that_are_none(place: str, revision: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find_source(place, revision)


def test_a_folder_takes_no_revision(kept: dict[str, Path]) -> None:
    with pytest.raises(UsageError, match="one revision, that of its files"):
        open_backend(f"transformers:{kept['text']}", revision="main")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"device": "toaster"}, "knows no device 'toaster'"),
        ({"device": "cuda"}, "sees no CUDA card"),
        ({"dtype": "float8"}, "unknown number format 'float8'"),
    ],
)
def test_settings_that_cannot_be(
    kept: dict[str, Path], monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: str
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match=words):
        AsyncLocalChat(str(kept["text"]), **settings)


# ---------------------------------------------------------------- the hub


@pytest.fixture
def hub(kept: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache with one model of one commit, and no network."""
    import functools

    import huggingface_hub

    room = tmp_path / "hub" / "models--owner--tiny"
    shutil.copytree(kept["text"], room / "snapshots" / COMMIT)
    (room / "refs").mkdir()
    (room / "refs" / "main").write_text(COMMIT)
    asked = functools.partial(huggingface_hub.snapshot_download, cache_dir=tmp_path / "hub")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", asked)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return room


def test_a_model_of_the_hub_is_its_commit(hub: Path) -> None:
    for spec in ("transformers:owner/tiny", "transformers:owner/tiny@main", f"transformers:owner/tiny@{COMMIT}"):
        backend = open_backend(spec)
        assert (backend.model, backend.revision.partition("+")[0], backend.host) == ("owner/tiny", COMMIT, "")
    assert open_backend("transformers:owner/tiny", revision="main").revision == backend.revision
    found: dict[str, Any] = {}
    Caller(backend).run([("a", ask("hello"))], found.__setitem__, Options(max_tokens=2))
    assert found["a"].outcome == "answered"


def test_without_a_network_only_the_cache_is_read(hub: Path) -> None:
    for place in ("owner/other", "owner/tiny@abc"):
        with pytest.raises(OfflineError, match=f"{place} is not in the hub's cache and the network is forbidden"):
            find_source(place)
    assert is_offline({"TRANSFORMERS_OFFLINE": "True"})
    assert not is_offline({"HF_HUB_OFFLINE": "0"})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("GatedRepoError", "asks for consent first"),
        ("RevisionNotFoundError", "no such revision: owner/name@old"),
        ("RepositoryNotFoundError", "shows no model of that name"),
        ("LocalEntryNotFoundError", r"cannot fetch owner/name@old from the hub \(LocalEntryNotFoundError\)"),
        ("HFValidationError", "cannot fetch"),
    ],
)
def test_what_the_hub_refuses(monkeypatch: pytest.MonkeyPatch, name: str, words: str) -> None:
    import huggingface_hub
    import huggingface_hub.errors

    kind = getattr(huggingface_hub.errors, name)
    seen: dict[str, Any] = {}

    def refuse(place: str, **how: Any) -> str:
        seen.update(how, place=place)
        raise kind.__new__(kind, "token hf_secret was refused")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(RemoteError, match=words) as caught:
        find_source("owner/name@old")
    assert (seen["place"], seen["revision"], seen["local_files_only"]) == ("owner/name", "old", False)
    assert not any(pattern.endswith((".py", ".bin", ".pt", "*")) for pattern in seen["allow_patterns"])
    assert "hf_secret" not in str(caught.value)
    assert caught.value.__cause__ is None


# ---------------------------------------------------------------- libraries


@pytest.mark.parametrize("absent", ["torch", "transformers"])
def test_an_absent_library_is_named_with_the_command(
    kept: dict[str, Path], monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == absent:
            raise ImportError(f"No module named {name!r}")
        return real(name, *rest, **more)

    import importlib

    load = importlib.import_module
    monkeypatch.setattr(
        importlib, "import_module", lambda name, *rest: refuse(name) if name == absent else load(name, *rest)
    )
    words = rf"need {absent}, .* pip install 'openaffect\[transformers\]'"
    with pytest.raises(MissingPart, match=words):
        open_backend(f"transformers:{kept['text']}")


def test_the_module_loads_neither_library() -> None:
    code = (
        "import sys, openaffect.mllm.transformers\n"
        "from openaffect.mllm.local import qwen2_5_omni, qwen2_5_vl, qwen2_audio\n"
        "print(*{m.partition('.')[0] for m in sys.modules} & {'torch', 'transformers', 'huggingface_hub'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
