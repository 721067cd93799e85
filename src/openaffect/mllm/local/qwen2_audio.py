"""Qwen2-Audio: text, sound."""

from __future__ import annotations

from pathlib import Path

from openaffect.mllm.local.family import Family
from openaffect.mllm.local.hearing import hearing
from openaffect.mllm.local.libraries import library


def open_family(folder: Path) -> Family:
    """Return the family with settings from *folder*; raises `openaffect.errors.InputError` where they are absent."""
    hear, longest = hearing(folder)
    return Family(
        title="Qwen2-Audio",
        network="Qwen2AudioForConditionalGeneration",
        senses={"audio": hear},
        longest_sound=longest,
        # The published checkpoint has a template for texts alone; the library's processor brings the one with sound.
        template=library("transformers").Qwen2AudioProcessor.default_chat_template.fget(None),
    )
