"""WavLM: sound to frames of 20 ms, with gated relative positions, by transformers' own network.

Source: Chen et al. 2021 (arXiv 2110.13900).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from openaffect.encoders.speech_trunks import Trunk, build_trunk
from openaffect.errors import DataError

LARGE: Mapping[str, Any] = MappingProxyType(
    {
        "hidden_size": 1024,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "intermediate_size": 4096,
        "feat_extract_norm": "layer",
        "do_stable_layer_norm": True,
        "conv_bias": False,
        "conv_dim": [512] * 7,
        "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
        "conv_stride": [5, 2, 2, 2, 2, 2, 2],
        "num_conv_pos_embeddings": 128,
        "num_conv_pos_embedding_groups": 16,
        "num_buckets": 320,
        "max_bucket_distance": 800,
    }
)
"""The settings of ``microsoft/wavlm-large``."""


def wavlm(settings: Mapping[str, Any]) -> Trunk:
    """Return the network of *settings*, the content of its ``config.json``; the caller loads the weights.

    Raises `openaffect.errors.DataError` for settings that cannot be used, `MissingPart` without transformers.
    """
    buckets, reach = settings.get("num_buckets", 320), settings.get("max_bucket_distance", 800)
    # The buckets grow with the logarithm of the distance, from a quarter of their number on.
    if isinstance(buckets, int) and isinstance(reach, int) and reach <= buckets:
        raise DataError(f"config.json: max_bucket_distance {reach} must be above num_buckets {buckets}.")
    return build_trunk("WavLM", settings)
