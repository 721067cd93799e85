"""The trunks of the teachers: settings from outside, the first frame, and no number that nobody loaded."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch

from openaffect.encoders.speech_trunks import renamed, shortest_sound, trunk_settings
from openaffect.encoders.wav2vec2 import wav2vec2
from openaffect.encoders.wavlm import LARGE, wavlm
from openaffect.errors import DataError, MissingPart

TINY: dict[str, Any] = {
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 8,
    "conv_dim": [4, 4],
    "conv_kernel": [7, 5],
    "conv_stride": [3, 2],
    "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2,
    "feat_extract_norm": "layer",
}


@pytest.mark.parametrize("build", [wav2vec2, wavlm])
def test_the_first_frame_needs_the_samples_that_the_trunk_names(build: Any) -> None:
    trunk = build(TINY)
    assert trunk.size == 8 and trunk.shortest == 7 + 4 * 3
    with torch.no_grad():
        for samples, frames in ((trunk.shortest, 1), (trunk.shortest + 5, 1), (trunk.shortest + 6, 2)):
            assert trunk.network.eval()(torch.zeros(1, samples)).last_hidden_state.shape == (1, frames, 8)
        with pytest.raises(RuntimeError):
            trunk.network(torch.zeros(1, trunk.shortest - 1))


@pytest.mark.parametrize("samples", [400, 719, 720, 16_000])
def test_twenty_milliseconds_a_frame(samples: int) -> None:
    kernels, strides = tuple(LARGE["conv_kernel"]), tuple(LARGE["conv_stride"])
    length = samples
    for kernel, stride in zip(kernels, strides, strict=True):
        length = (length - kernel) // stride + 1
    assert length == (samples - shortest_sound(kernels, strides)) // 320 + 1


@pytest.mark.parametrize("build", [wav2vec2, wavlm])
def test_on_the_device_meta_a_trunk_holds_no_numbers(build: Any) -> None:
    with torch.device("meta"):
        trunk = build(TINY)
    assert {each.device.type for each in (*trunk.network.parameters(), *trunk.network.buffers())} == {"meta"}


def test_what_only_training_uses_is_left_out() -> None:
    assert trunk_settings({"mask_time_prob": 0.5, "layerdrop": 0.1, "hidden_size": 8}) == {"hidden_size": 8}
    assert not any("masked_spec" in name for name in wav2vec2(TINY).network.state_dict())
    assert list(renamed({"a.masked_spec_embed": 1, "masked_spec_embed": 2, "a.weight": 3})) == ["a.weight"]


def test_only_the_convolution_of_positions_is_renamed() -> None:
    names = ["encoder.pos_conv_embed.conv.weight_v", "other.weight_v", "encoder.pos_conv_embed.conv.bias"]
    assert list(renamed(dict.fromkeys(names))) == [
        "encoder.pos_conv_embed.conv.parametrizations.weight.original1",
        "other.weight_v",
        "encoder.pos_conv_embed.conv.bias",
    ]


def test_what_cannot_be_told_apart_by_its_value_is_by_its_kind() -> None:
    for name, value in (("conv_bias", 1), ("hidden_size", 8.0), ("hidden_size", True), ("layer_norm_eps", 1)):
        with pytest.raises(DataError, match=name):
            trunk_settings({name: value})


def test_without_transformers_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingPart, match=r"pip install 'openaffect\[distill,transformers\]'"):
        wavlm(TINY)
