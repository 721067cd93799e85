"""Tiny teachers in the layout of the published checkpoints, written by plain torch; the truth is computed beside them.

Nothing of openaffect is used here: the trunks are transformers' own, the heads are written out as formulas.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import Wav2Vec2Config, Wav2Vec2Model, WavLMConfig, WavLMModel

SIZE = 16
TINY: dict[str, Any] = {
    "hidden_size": SIZE,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "conv_dim": [8, 8, 8],
    "conv_stride": [5, 4, 4],
    "conv_kernel": [10, 8, 4],
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "feat_extract_norm": "layer",
    "do_stable_layer_norm": True,
    "num_buckets": 16,
    "max_bucket_distance": 40,
}
SHORTEST = 10 + 5 * (8 - 1) + 5 * 4 * (4 - 1)
MEAN, STD = -8.3e-5, 0.085
LABELS = {"0": "arousal", "1": "dominance", "2": "valence"}
Weights = dict[str, Tensor]


def dawn_settings(**changes: Any) -> dict[str, Any]:
    return {**TINY, "conv_bias": True, "model_type": "wav2vec2", "id2label": LABELS, **changes}


def dawn_weights(seed: int = 0) -> Weights:
    torch.manual_seed(seed)
    trunk = Wav2Vec2Model(Wav2Vec2Config(**TINY, conv_bias=True))
    weights = {f"wav2vec2.{name}": value.clone() for name, value in trunk.state_dict().items()}
    for name, shape in {"dense": (SIZE, SIZE), "out_proj": (3, SIZE)}.items():
        weights[f"classifier.{name}.weight"] = torch.randn(shape)
        weights[f"classifier.{name}.bias"] = torch.randn(shape[0])
    return weights


def odyssey_settings(**changes: Any) -> dict[str, Any]:
    facts = {"ssl_type": "microsoft/wavlm-large", "ssl_config": TINY, "mean": MEAN, "std": STD}
    return {**facts, "classifier_hidden_layers": 1, "id2label": LABELS, "sampling_rate": 16000, **changes}


def odyssey_weights(seed: int = 0, dense: int = 1) -> Weights:
    torch.manual_seed(seed)
    trunk = WavLMModel(WavLMConfig(**TINY))
    weights = {f"ssl_model.{name}": value.clone() for name, value in trunk.state_dict().items()}
    for name, value in list(weights.items()):
        if "gru_rel_pos" in name or "rel_attn" in name:  # they start as ones and zeros, which would hide a mistake
            weights[name] = value + 0.3 * torch.randn_like(value)
    weights["pool_model.sap_linear.weight"] = torch.randn(SIZE, SIZE)
    weights["pool_model.sap_linear.bias"] = torch.randn(SIZE)
    weights["pool_model.attention"] = torch.randn(SIZE, 1)
    for layer in range(dense):
        weights[f"ser_model.fc.{layer}.0.weight"] = torch.randn(SIZE, SIZE if layer else 2 * SIZE)
        weights[f"ser_model.fc.{layer}.0.bias"] = torch.randn(SIZE)
        weights[f"ser_model.fc.{layer}.1.weight"] = torch.rand(SIZE) + 0.5
        weights[f"ser_model.fc.{layer}.1.bias"] = torch.randn(SIZE)
    weights["ser_model.out.0.weight"] = torch.randn(3, SIZE)
    weights["ser_model.out.0.bias"] = torch.randn(3)
    return weights


def write_teacher(folder: Path, settings: dict[str, Any], weights: Weights, *, pickled: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(settings))
    if pickled:
        torch.save(weights, folder / "pytorch_model.bin")
    else:
        save_file({name: value.contiguous() for name, value in weights.items()}, folder / "model.safetensors")
    return folder


def sound(n: int, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(n) + 0.02).astype(np.float32)


def frames(trunk: torch.nn.Module, weights: Weights, prefix: str, signal: np.ndarray) -> np.ndarray:
    """The last hidden state (T, S), float64."""
    inside = {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
    trunk.load_state_dict(inside)
    with torch.no_grad():
        heard = torch.from_numpy(signal.astype(np.float32))[None]
        state = trunk.eval()(heard, attention_mask=torch.ones_like(heard, dtype=torch.long)).last_hidden_state
    return state[0].double().numpy()


def array(weights: Weights, name: str) -> np.ndarray:
    return weights[name].double().numpy()


def dawn_truth(weights: Weights, signal: np.ndarray) -> np.ndarray:
    x = signal.astype(np.float64)
    x = (x - x.mean()) / np.sqrt(x.var() + 1e-7)
    trunk = Wav2Vec2Model(Wav2Vec2Config(**TINY, conv_bias=True))
    mean = frames(trunk, weights, "wav2vec2.", x).mean(0)
    hidden = np.tanh(array(weights, "classifier.dense.weight") @ mean + array(weights, "classifier.dense.bias"))
    return array(weights, "classifier.out_proj.weight") @ hidden + array(weights, "classifier.out_proj.bias")


def odyssey_truth(weights: Weights, signal: np.ndarray, dense: int = 1) -> np.ndarray:
    x = (signal.astype(np.float64) - MEAN) / (STD + 1e-6)
    h = frames(WavLMModel(WavLMConfig(**TINY)), weights, "ssl_model.", x)
    inner = np.tanh(h @ array(weights, "pool_model.sap_linear.weight").T + array(weights, "pool_model.sap_linear.bias"))
    scores = (inner @ array(weights, "pool_model.attention"))[:, 0]
    share = np.exp(scores - scores.max())
    share /= share.sum()
    mean = np.einsum("t,ts->s", share, h)
    # the weighted variance as a sum of squared distances, not as a difference of moments
    variance = np.einsum("t,ts->s", share, (h - mean) ** 2)
    hidden = np.concatenate([mean, np.sqrt(np.maximum(variance, 1e-5))])
    for layer in range(dense):
        hidden = array(weights, f"ser_model.fc.{layer}.0.weight") @ hidden + array(
            weights, f"ser_model.fc.{layer}.0.bias"
        )
        hidden = (hidden - hidden.mean()) / np.sqrt(hidden.var() + 1e-5)
        hidden = hidden * array(weights, f"ser_model.fc.{layer}.1.weight") + array(
            weights, f"ser_model.fc.{layer}.1.bias"
        )
        hidden = np.maximum(hidden, 0)
    return array(weights, "ser_model.out.0.weight") @ hidden + array(weights, "ser_model.out.0.bias")
