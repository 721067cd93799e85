"""Sound for encoders that read Whisper's spectrogram."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaffect.errors import InputError
from openaffect.media.names import show
from openaffect.mllm.local.family import Sense, Sensed
from openaffect.mllm.local.libraries import SAFE, library
from openaffect.mllm.local.settings import processor_settings, reading

RATE = 16000


def hearing(folder: Path) -> tuple[Sense, int]:
    """Return the sense for sound with settings from *folder*, and how many samples it takes at a time.

    Raises `InputError` when settings are absent or broken, or for another rate than 16 kHz.
    """
    processor_settings(folder, "feature_extractor")
    with reading("sound settings", folder):
        extractor = library("transformers").WhisperFeatureExtractor.from_pretrained(folder, **SAFE)
    if extractor.sampling_rate != RATE:
        raise InputError(f"the model in {show(folder)} wants sound at {extractor.sampling_rate} Hz; {RATE} is known.")

    def hear(sounds: Sequence[NDArray[np.float32]]) -> Sensed:
        found = extractor(
            list(sounds), sampling_rate=RATE, padding="max_length", return_attention_mask=True, return_tensors="np"
        )
        mask = np.asarray(found["attention_mask"], np.int64)
        tensors = {"input_features": np.asarray(found["input_features"]), "feature_attention_mask": mask}
        return Sensed(tensors, [sound_tokens(int(frames)) for frames in mask.sum(axis=1)])

    return hear, int(extractor.n_samples)


def sound_tokens(frames: int) -> int:
    """Return the tokens for *frames* of a spectrogram: a convolution of stride 2, then a mean over pairs.

    >>> sound_tokens(100), sound_tokens(3000)
    (25, 750)
    """
    return ((frames - 1) // 2 + 1 - 2) // 2 + 1
