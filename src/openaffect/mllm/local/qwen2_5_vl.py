"""Qwen2.5-VL: text, pictures, films."""

from __future__ import annotations

from pathlib import Path

from openaffect.mllm.local.family import Family
from openaffect.mllm.local.sight import sight


def open_family(folder: Path) -> Family:
    """Return the family with settings from *folder*; raises `openaffect.errors.InputError` where they are absent."""
    return Family(
        title="Qwen2.5-VL",
        network="Qwen2_5_VLForConditionalGeneration",
        senses=sight(folder, seconds="second_per_grid_ts"),
        marks={"image": 1, "video": 2},
    )
