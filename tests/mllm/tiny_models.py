"""Tiny random models of the exact classes, in the layouts of their published checkpoints, with a tokenizer made here.

The tokenizer knows the 256 bytes and the control tokens, so that any text passes; weights are drawn from a seed.  What
such a model says means nothing.
"""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from openaffect.mllm.chat import Message, Picture, Sound, Text, wav_bytes

CONTROL = [
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    *("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"),
    *("<|audio_bos|>", "<|audio_eos|>", "<|AUDIO|>"),
]
IDS = {token: 256 + number for number, token in enumerate(CONTROL)}
NEVER_SAID = [number for token, number in IDS.items() if token != "<|im_end|>"]
VOCABULARY = 256 + len(CONTROL)
FACTOR = 28 * 28

TEMPLATE = """{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content -%}
{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% elif part.type == 'video' -%}
<|vision_start|><|video_pad|><|vision_end|>{% elif 'audio' in part %}<|audio_bos|><|AUDIO|><|audio_eos|>
{%- else %}{{ part.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

_ROPE = {"rope_type": "default", "rope_theta": 10000.0}
_TEXT = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "initializer_range": 0.3,
}
_SEEN = _TEXT | {"rope_parameters": _ROPE | {"mrope_section": [1, 1, 2]}}
_VISION = {
    "depth": 2,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_heads": 2,
    "out_hidden_size": 32,
    "fullatt_block_indexes": [1],
    "initializer_range": 0.3,
}
_EARS = {
    "d_model": 16,
    "encoder_layers": 1,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "num_mel_bins": 16,
    "initializer_range": 0.3,
}
SIGHT = {
    "image_processor_type": "Qwen2VLImageProcessor",
    "min_pixels": 4 * FACTOR,
    "max_pixels": 64 * FACTOR,
    "patch_size": 14,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
HEARING = {
    "feature_extractor_type": "WhisperFeatureExtractor",
    "feature_size": 16,
    "sampling_rate": 16000,
    "hop_length": 160,
    "chunk_length": 30,
    "n_fft": 400,
    "return_attention_mask": True,
}
FILMS = {"min_pixels": 4 * FACTOR, "max_pixels": 16 * FACTOR, "patch_size": 14, "merge_size": 2}


def tokenizer(**more: Any) -> Any:
    """A byte-level tokenizer with Qwen's control tokens."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(token, special=True) for token in CONTROL])
    names = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
    return PreTrainedTokenizerFast(tokenizer_object=made, **names, **more)


def save(folder: Path, network: Any, settings: Mapping[str, Any] | None = None, *, old: bool = False) -> Path:
    """Save *network* with tokenizer, chat template (as older layouts do with *old*) and processor *settings*."""
    # Without training, nothing else keeps a network from writing places of media into a reply.
    network.generation_config.suppress_tokens = NEVER_SAID
    network.save_pretrained(folder)
    tokenizer(**({} if old else {"chat_template": TEMPLATE})).save_pretrained(folder)
    if old:
        (folder / "chat_template.json").write_text(json.dumps({"chat_template": TEMPLATE}))
    if settings is not None:
        (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder


def _seeded() -> Any:
    import torch
    import transformers

    torch.manual_seed(0)
    return transformers


def text_model(folder: Path, **more: Any) -> Path:
    """A Llama."""
    t = _seeded()
    config = t.LlamaConfig(**_TEXT | {"eos_token_id": IDS["<|im_end|>"]} | more)
    return save(folder, t.LlamaForCausalLM(config))


def vl_model(folder: Path) -> Path:
    """A Qwen2.5-VL with settings of its own for films."""
    t = _seeded()
    config = t.Qwen2_5_VLConfig(
        text_config=_SEEN,
        vision_config=_VISION,
        image_token_id=IDS["<|image_pad|>"],
        video_token_id=IDS["<|video_pad|>"],
        vision_start_token_id=IDS["<|vision_start|>"],
        vision_end_token_id=IDS["<|vision_end|>"],
    )
    save(folder, t.Qwen2_5_VLForConditionalGeneration(config), SIGHT)
    (folder / "video_preprocessor_config.json").write_text(json.dumps(FILMS))
    return folder


def _thinker() -> dict[str, Any]:
    return {
        "text_config": _SEEN | {"tie_word_embeddings": False},
        "vision_config": _VISION,
        "audio_config": _EARS | {"output_dim": 32, "n_window": 50},
        "image_token_index": IDS["<|image_pad|>"],
        "video_token_index": IDS["<|video_pad|>"],
        "audio_token_index": IDS["<|AUDIO|>"],
        "audio_start_token_id": IDS["<|audio_bos|>"],
        "audio_end_token_id": IDS["<|audio_eos|>"],
        "vision_start_token_id": IDS["<|vision_start|>"],
        "vision_end_token_id": IDS["<|vision_end|>"],
        "initializer_range": 0.3,
    }


def thinker_model(folder: Path) -> Path:
    """The thinker of a Qwen2.5-Omni alone."""
    t = _seeded()
    network = t.Qwen2_5OmniThinkerForConditionalGeneration(t.Qwen2_5OmniThinkerConfig(**_thinker()))
    return save(folder, network, SIGHT | HEARING, old=True)


def omni_model(folder: Path) -> Path:
    """The same thinker in the layout of a whole Qwen2.5-Omni, beside a weight of the part that talks."""
    from safetensors.torch import load_file, save_file

    t = _seeded()
    thinker_model(folder)
    config = t.Qwen2_5OmniConfig(thinker_config=_thinker(), enable_audio_output=True)
    config.save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    whole = {f"thinker.{name}": value for name, value in weights.items()}
    whole["talker.codec_head.weight"] = next(iter(weights.values())).clone()
    save_file(whole, folder / "model.safetensors", {"format": "pt"})
    return folder


def audio_model(folder: Path) -> Path:
    """A Qwen2-Audio."""
    t = _seeded()
    config = t.Qwen2AudioConfig(
        text_config=_TEXT | {"model_type": "qwen2"},
        audio_config=_EARS | {"model_type": "qwen2_audio_encoder"},
        audio_token_index=IDS["<|AUDIO|>"],
    )
    return save(folder, t.Qwen2AudioForConditionalGeneration(config), HEARING, old=True)


MODELS = {"text": text_model, "vl": vl_model, "omni": omni_model, "thinker": thinker_model, "audio": audio_model}


# ---------------------------------------------------------------- messages


def image(width: int = 84, height: int = 56, seed: int = 0) -> Any:
    """An RGB array with soft noise, that survives JPEG."""
    rough = np.random.default_rng(seed).integers(0, 256, (height // 14, width // 14, 3), np.uint8)
    return np.asarray(Image.fromarray(rough).resize((width, height), Image.Resampling.BILINEAR), np.uint8)


def picture(seed: int = 0, time: float | None = None, size: tuple[int, int] = (84, 56), kind: str = "PNG") -> Picture:
    """A picture part; a PNG gives the array of `image` exactly."""
    file = io.BytesIO()
    Image.fromarray(image(*size, seed)).save(file, kind)
    return Picture(file.getvalue(), f"image/{kind.lower()}", time)


def frames(number: int, step: float = 0.5, size: tuple[int, int] = (84, 56)) -> tuple[Picture, ...]:
    """Pictures with times, as of one clip."""
    return tuple(picture(seed, seed * step, size) for seed in range(number))


def samples(seconds: float = 1.0, seed: int = 0) -> Any:
    """Noise at 16 kHz."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(16000 * seconds)).astype(np.float32)


def sound(seconds: float = 1.0, seed: int = 0) -> Sound:
    """A sound part."""
    return Sound(wav_bytes(samples(seconds, seed)), seconds)


def ask(*parts: Any) -> list[Message]:
    """One message of a user; a str is a text."""
    return [Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))]
