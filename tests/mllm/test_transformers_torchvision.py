"""What the prompter builds without torchvision against the library's own processors, where torchvision is installed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.mllm.tiny_models import (
    CONTROL,
    FILMS,
    HEARING,
    SIGHT,
    TEMPLATE,
    ask,
    frames,
    image,
    omni_model,
    picture,
    samples,
    sound,
    tokenizer,
    vl_model,
)

from openaffect.mllm.chat import Options
from openaffect.mllm.local.packing import Packing, pack
from openaffect.mllm.transformers import AsyncLocalChat

pytest.importorskip("torchvision")
pytest.importorskip("transformers")

EXACT = [(84, 56), (112, 112), (28, 140)]
"""Sizes that need no resizing."""
RESIZED = [(100, 70), (350, 190), (640, 360), (40, 30)]
LEVEL = 1 / (255 * 0.26)
"""One grey level after scaling, at least."""


def told(folder: Path, *parts: Any) -> dict[str, Any]:
    return AsyncLocalChat(str(folder))._prompter.tensors(ask(*parts), Options())


def vision(**settings: Any) -> tuple[Any, Any]:
    import transformers

    pictures = transformers.Qwen2VLImageProcessor(**{k: v for k, v in SIGHT.items() if k != "image_processor_type"})
    films = transformers.Qwen2VLVideoProcessor(**settings, cap_pixels_per_frame=False)
    return pictures, films


def same(ours: Any, theirs: Any, within: float = 0.0) -> None:
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert float(np.abs(ours.astype(np.float64) - theirs.astype(np.float64)).max()) <= within


def near(ours: Any, theirs: Any) -> None:
    """Pillow and torchvision resize in whole numbers, each within one grey level of the exact value."""
    same(ours, theirs, 2.01 * LEVEL)
    differ = np.abs(np.asarray(ours) - np.asarray(theirs))
    assert float((differ > 0.5 * LEVEL).mean()) < 0.05
    assert float((differ > 1.5 * LEVEL).mean()) < 0.001


@pytest.mark.parametrize("size", EXACT)
def test_a_film_of_fitting_size_is_packed_the_same(size: tuple[int, int]) -> None:
    import torch

    film = np.stack([image(*size, seed) for seed in range(5)])
    _, films = vision(**FILMS)
    theirs = films([torch.from_numpy(film).permute(0, 3, 1, 2)], return_tensors="pt", do_sample_frames=False)
    rows, grid = pack(film, Packing.read(FILMS))
    assert theirs["video_grid_thw"].tolist() == [list(grid)]
    same(rows, theirs["pixel_values_videos"])


@pytest.mark.parametrize("size", RESIZED)
def test_a_film_that_is_resized_differs_by_rounding_alone(size: tuple[int, int]) -> None:
    import torch

    film = np.stack([image(*size, seed) for seed in range(4)])
    _, films = vision(**FILMS)
    theirs = films([torch.from_numpy(film).permute(0, 3, 1, 2)], return_tensors="pt", do_sample_frames=False)
    rows, grid = pack(film, Packing.read(FILMS))
    assert theirs["video_grid_thw"].tolist() == [list(grid)]
    near(rows, theirs["pixel_values_videos"])


@pytest.mark.parametrize("size", [*EXACT, *RESIZED])
def test_pictures_are_those_of_the_torchvision_processor(tmp_path: Path, size: tuple[int, int]) -> None:
    ours = told(vl_model(tmp_path), picture(0, size=size), picture(1, size=size), "look")
    pictures, _ = vision()
    theirs = pictures([image(*size, 0), image(*size, 1)], return_tensors="pt")
    assert ours["image_grid_thw"].tolist() == theirs["image_grid_thw"].tolist()
    if size in EXACT:
        same(ours["pixel_values"], theirs["pixel_values"], 1e-6)
    else:
        near(ours["pixel_values"], theirs["pixel_values"])


def test_the_whole_input_of_qwen_vl_is_the_processors(tmp_path: Path) -> None:
    import torch
    import transformers

    ours = told(vl_model(tmp_path), "Look:", *frames(5, 0.5), picture(7), "what?")
    pictures, films = vision(**FILMS)
    whole = transformers.Qwen2_5_VLProcessor(pictures, tokenizer(), films, chat_template=TEMPLATE)
    film = torch.from_numpy(np.stack([image(seed=seed) for seed in range(5)])).permute(0, 3, 1, 2)
    text = whole.apply_chat_template(
        [{"role": "user", "content": [{"type": kind, "text": text} for kind, text in CONTENT]}],
        tokenize=False,
        add_generation_prompt=True,
    )
    theirs = whole(
        text=[text],
        images=[image(seed=7)],
        videos=[film],
        return_tensors="pt",
        videos_kwargs={
            "do_sample_frames": False,
            "video_metadata": [{"fps": 2.0, "total_num_frames": 5, "frames_indices": list(range(5))}],
        },
    )
    for name in ("input_ids", "attention_mask", "mm_token_type_ids", "image_grid_thw", "video_grid_thw"):
        same(ours[name], theirs[name])
    same(ours["second_per_grid_ts"], theirs["second_per_grid_ts"])
    for name in ("pixel_values", "pixel_values_videos"):
        same(ours[name], theirs[name], 1e-6)


CONTENT = [("text", "Look:"), ("video", ""), ("image", ""), ("text", "what?")]


def test_the_whole_input_of_omni_is_the_processors(tmp_path: Path) -> None:
    import torch
    import transformers

    ours = told(omni_model(tmp_path), "Look:", *frames(6, 0.5, (448, 252)), picture(7), sound(1.3), "what?")
    pictures, films = vision(size={"shortest_edge": 128 * 784, "longest_edge": 768 * 784})
    names = ("image", "video", "audio", "vision_bos", "vision_eos", "audio_bos", "audio_eos")
    tokens = (CONTROL[number] for number in (5, 6, 9, 3, 4, 7, 8))
    words = tokenizer(extra_special_tokens={f"{name}_token": token for name, token in zip(names, tokens, strict=True)})
    ears = transformers.WhisperFeatureExtractor(**{k: v for k, v in HEARING.items() if k != "feature_extractor_type"})
    whole = transformers.Qwen2_5OmniProcessor(pictures, films, ears, words, chat_template=TEMPLATE)
    film = torch.from_numpy(np.stack([image(448, 252, seed) for seed in range(6)])).permute(0, 3, 1, 2)
    content = [*CONTENT[:3], ("audio", ""), CONTENT[3]]
    text = whole.tokenizer.apply_chat_template(
        [{"role": "user", "content": [{"type": kind, kind: text} for kind, text in content]}],
        chat_template=TEMPLATE,
        tokenize=False,
        add_generation_prompt=True,
    )
    # As 16-bit WAV keeps it.
    heard = (samples(1.3) * 32767).astype(np.int16) / np.float32(32768)
    theirs = whole(
        text=[text], images=[image(seed=7)], videos=[film], audio=[heard], return_tensors="pt", sampling_rate=16000,
        videos_kwargs={"do_sample_frames": False, "fps": 2.0},
    )  # fmt: skip
    for name in ("input_ids", "attention_mask", "image_grid_thw", "video_grid_thw", "feature_attention_mask"):
        same(ours[name], theirs[name])
    same(ours["video_second_per_grid"], theirs["video_second_per_grid"])
    same(ours["pixel_values"], theirs["pixel_values"], 1e-6)
    same(ours["pixel_values_videos"], theirs["pixel_values_videos"], 1e-6)
    same(ours["input_features"], theirs["input_features"])
