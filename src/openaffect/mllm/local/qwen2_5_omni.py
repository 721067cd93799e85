"""Qwen2.5-Omni: text, pictures, films, sound; the part that thinks, without the one that talks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from openaffect.mllm.local.family import Family
from openaffect.mllm.local.hearing import hearing
from openaffect.mllm.local.sight import sight


def open_thinker(folder: Path) -> Family:
    """Return the family of a checkpoint that holds the thinker alone.

    Raises `openaffect.errors.InputError` where *folder* lacks settings.
    """
    hear, longest = hearing(folder)
    return Family(
        title="Qwen2.5-Omni",
        network="Qwen2_5OmniThinkerForConditionalGeneration",
        senses={**sight(folder, seconds="video_second_per_grid"), "audio": hear},
        longest_sound=longest,
    )


def open_family(folder: Path) -> Family:
    """Return the family of a whole checkpoint, of which only the thinker is loaded; raises as `open_thinker` does."""
    return replace(open_thinker(folder), within="thinker_config", unused=("talker.", "token2wav."))
