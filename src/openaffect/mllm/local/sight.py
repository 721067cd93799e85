"""Pictures and films for Qwen's vision encoders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openaffect.mllm.local.family import Film, Kind, Sense, Sensed
from openaffect.mllm.local.libraries import SAFE, library
from openaffect.mllm.local.packing import Packing, fitted, pack
from openaffect.mllm.local.settings import processor_settings, read_settings, reading


def sight(folder: Path, *, seconds: str) -> dict[Kind, Sense]:
    """Return the senses for pictures and films, with settings from *folder*.

    Pictures go through the library's own processor without torchvision, films through `pack`.  *seconds* is what the
    network calls the time that one patch of a film spans.  Raises `InputError` when settings are absent or broken.
    """
    processor_settings(folder, "image_processor")
    with reading("picture settings", folder):
        processor = library("transformers").Qwen2VLImageProcessorPil.from_pretrained(folder, **SAFE)
    how = film_packing(folder)
    stills = Packing.read(processor.to_dict())

    def see(pictures: Sequence[NDArray[np.uint8]]) -> Sensed:
        for picture in pictures:  # what the processor would refuse in other words
            fitted(*picture.shape[:2], unit=stills.side * stills.merged, least=stills.least, most=stills.most)
        found = processor([Image.fromarray(picture) for picture in pictures], return_tensors="np")
        grids = np.asarray(found["image_grid_thw"], np.int64)
        tensors: dict[str, NDArray[Any]] = {
            "pixel_values": np.asarray(found["pixel_values"], np.float32),
            "image_grid_thw": grids,
        }
        return Sensed(tensors, _tokens(grids, stills.merged))

    def watch(films: Sequence[Film]) -> Sensed:
        packed = [pack(film.frames, how) for film in films]
        grids = np.array([grid for _, grid in packed], np.int64)
        spans = np.array([how.span * film.interval for film in films], np.float32)
        rows = np.concatenate([rows for rows, _ in packed])
        tensors = {"pixel_values_videos": rows, "video_grid_thw": grids, seconds: spans}
        return Sensed(tensors, _tokens(grids, how.merged))

    return {"image": see, "video": watch}


def film_packing(folder: Path) -> Packing:
    """Return how films are packed: by the settings for videos of *folder*, or those for pictures with usual sizes."""
    own = read_settings(folder, "video_preprocessor_config.json")
    whole: Mapping[str, Any] = read_settings(folder, "processor_config.json") or {}
    with reading("video settings", folder):
        if (found := own or whole.get("video_processor")) is not None:
            return Packing.read(found)
        return Packing.read(processor_settings(folder, "image_processor"), sizes=False)


def _tokens(grids: NDArray[np.int64], merged: int) -> list[int]:
    return [int(count) for count in grids.prod(axis=1) // merged**2]
