"""What wav2vec2 and WavLM have in common: settings from a file that nobody vouches for, and the names of weights.

Only the settings that shape the network are read, each against its kind and range, so that a file can neither name
code nor ask for a network that no machine holds.  What shapes the training alone (dropout, masking) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from openaffect.brief import brief
from openaffect.errors import DataError, MissingPart

_Weight = TypeVar("_Weight")

_WHOLE = {
    "hidden_size": (1, 4096),
    "num_hidden_layers": (1, 64),
    "num_attention_heads": (1, 64),
    "intermediate_size": (1, 16_384),
    "num_conv_pos_embeddings": (1, 1024),
    "num_conv_pos_embedding_groups": (1, 256),
    "num_buckets": (8, 4096),
    "max_bucket_distance": (8, 65_536),
}
_LISTS = {"conv_dim": (1, 4096), "conv_stride": (1, 64), "conv_kernel": (1, 256)}
_CHOICES = {
    "hidden_act": ("gelu", "gelu_new", "relu", "silu"),
    "feat_extract_activation": ("gelu", "gelu_new", "relu", "silu"),
    "feat_extract_norm": ("group", "layer"),
    "conv_bias": (False, True),
    "do_stable_layer_norm": (False, True),
}
_ABSENT = ("add_adapter", "adapter_attn_dim")
"""Parts that the published teachers do not have."""
_MOST_LAYERS = 16
_UNTRAINED = {"mask_time_prob": 0.0, "mask_feature_prob": 0.0}
"""Without masks, which only training uses, there is no weight for masked frames."""
_OLD_NAMES = {"weight_g": "parametrizations.weight.original0", "weight_v": "parametrizations.weight.original1"}
_POSITION = "pos_conv_embed.conv."


@dataclass(frozen=True, eq=False)
class Trunk:
    """A speech encoder of transformers: sound (B, N) to `last_hidden_state` (B, frames, `size`)."""

    network: Any
    """A torch module; without weights where it was built on the device ``meta``."""
    size: int
    shortest: int
    """Samples that the first frame needs."""


def build_trunk(kind: str, settings: Mapping[str, Any]) -> Trunk:
    """Return the encoder *kind* (``Wav2Vec2`` or ``WavLM``) of *settings*, the names of its ``config.json``.

    Raises `DataError` for a setting of another kind or outside its range, `MissingPart` without transformers.
    """
    checked = trunk_settings(settings)
    try:
        import transformers
    except ImportError as error:
        raise MissingPart(
            "this teacher needs transformers, which cannot be imported; install it with: "
            "pip install 'openaffect[distill,transformers]'"
        ) from error
    try:
        config = getattr(transformers, f"{kind}Config")(**checked, **_UNTRAINED)
        network = getattr(transformers, f"{kind}Model")(config)
    except Exception as error:  # sizes that do not divide, lists of other lengths: each library has its own errors
        said = " ".join(str(error).split())[:160]
        raise DataError(f"the settings in config.json do not fit together ({said}); copy it again.") from error
    return Trunk(network, config.hidden_size, shortest_sound(config.conv_kernel, config.conv_stride))


def trunk_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of *settings* that shape the network; raises `DataError` for one that cannot be used.

    >>> trunk_settings({"hidden_size": 8, "num_attention_heads": 2, "architectures": ["Unknown"]})
    {'hidden_size': 8, 'num_attention_heads': 2}
    """
    for name in _ABSENT:
        if settings.get(name):
            raise DataError(f"config.json asks for {name}, which the published network does not have.")
    found: dict[str, Any] = {}
    for name in (*_WHOLE, *_LISTS, *_CHOICES, "layer_norm_eps"):
        if name in settings:
            found[name] = _checked(name, settings[name])
    return found


def _checked(name: str, value: Any) -> Any:
    if name in _WHOLE:
        low, high = _WHOLE[name]
        if _whole(value, low, high):
            return value
        raise _wrong(name, value, f"a whole number from {low} to {high}")
    if name in _LISTS:
        low, high = _LISTS[name]
        if isinstance(value, list) and 0 < len(value) <= _MOST_LAYERS and all(_whole(n, low, high) for n in value):
            return tuple(value)
        raise _wrong(name, value, f"a list of 1 to {_MOST_LAYERS} whole numbers from {low} to {high}")
    if name in _CHOICES:
        # 1 == True, so the kind counts as well as the value.
        if any(value == each and type(value) is type(each) for each in _CHOICES[name]):
            return value
        raise _wrong(name, value, f"one of {', '.join(map(str, _CHOICES[name]))}")
    if isinstance(value, float) and 0 < value <= 0.1:
        return value
    raise _wrong(name, value, "a number above 0, at most 0.1")


def _whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _wrong(name: str, value: Any, wanted: str) -> DataError:
    return DataError(f"config.json: {name} must be {wanted}, {brief(value, 40)} came.")


def shortest_sound(kernels: tuple[int, ...], strides: tuple[int, ...]) -> int:
    """Return how many samples the first frame needs after convolutions of *kernels* and *strides*.

    >>> shortest_sound((10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2))
    400
    """
    samples = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        samples = (samples - 1) * stride + kernel
    return samples


def renamed(weights: Mapping[str, _Weight]) -> dict[str, _Weight]:
    """Return *weights* under the names of today's torch, without the one for masked frames, which only training uses.

    Older files call the two parts of a weight-normalised convolution ``weight_g`` and ``weight_v``.

    >>> list(renamed({"encoder.pos_conv_embed.conv.weight_g": 1, "masked_spec_embed": 2}))
    ['encoder.pos_conv_embed.conv.parametrizations.weight.original0']
    """
    found = {}
    for name, weight in weights.items():
        stem, _, last = name.rpartition(".")
        if last != "masked_spec_embed":
            old = last in _OLD_NAMES and f"{stem}.".endswith(_POSITION)
            found[f"{stem}.{_OLD_NAMES[last]}" if old else name] = weight
    return found
