"""What a family of models is: a class of transformers, and a function for each kind of medium that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from openaffect.errors import UsageError
from openaffect.lookup import resolve
from openaffect.mllm.local import FAMILIES
from openaffect.mllm.local.libraries import library

Kind = Literal["image", "video", "audio"]


@dataclass(frozen=True, eq=False)
class Film:
    """Frames of one size, uint8 (frames, height, width, 3), `interval` seconds apart."""

    frames: NDArray[np.uint8]
    interval: float


@dataclass(frozen=True, eq=False)
class Sensed:
    """Media as a model takes them."""

    tensors: Mapping[str, NDArray[Any]]
    """Name of an argument of the model → its value."""
    tokens: Sequence[int]
    """How many places each of the media takes in the prompt."""


Sense = Callable[[Sequence[Any]], Sensed]
"""Turns media of one kind, in the order of the prompt: RGB arrays (height, width, 3), `Film`, or samples at 16 kHz."""


@dataclass(frozen=True)
class Family:
    """A family of models."""

    title: str
    network: str
    """The class in transformers that answers."""
    senses: Mapping[Kind, Sense] = field(default_factory=dict)
    """What it takes beside text."""
    within: str = ""
    """Where in the folder's configuration the network's own stands, if it is not the whole."""
    unused: tuple[str, ...] = ()
    """How the names of weights begin that a checkpoint may have beside those of the network."""
    longest_sound: int = 0
    """Samples that the sound encoder takes at a time."""
    template: str = ""
    """The chat template of checkpoints that bring none for media."""
    marks: Mapping[Kind, int] = field(default_factory=dict)
    """The numbers that tell the kinds of tokens apart, for networks that want ``mm_token_type_ids``."""

    @property
    def takes(self) -> str:
        """What it takes, in words.

        >>> Family("Tiny", "TinyForCausalLM").takes
        'text alone'
        """
        words = {"image": "pictures", "video": "videos", "audio": "sound"}
        *most, last = ["text", *(words[kind] for kind in self.senses)]
        return f"{', '.join(most)} and {last}" if most else f"{last} alone"


def open_family(model_type: str, folder: Path) -> Family:
    """Return the family of the models of *model_type* with its settings from *folder*.

    Raises `UsageError` for a type that is neither in `FAMILIES` nor a language model that transformers knows, and
    `openaffect.errors.InputError` when the folder lacks settings.
    """
    if model_type in FAMILIES:
        family: Family = resolve(FAMILIES, model_type, kind="family of models")(folder)
        return family
    known = library("transformers.models.auto.modeling_auto").MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    if model_type not in known:
        raise UsageError(
            f"models of the type {model_type!r} cannot be used here; known are {', '.join(FAMILIES)} and language "
            "models that transformers has itself (code that comes with a model is not run)."
        )
    return Family(title=model_type, network="AutoModelForCausalLM")
