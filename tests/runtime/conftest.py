"""Exported students that were never trained but tell sounds apart, and sound to read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.distill.students.made import made, unsettled
from tests.speech import SENTENCES, noise, say
from torch import nn

from openaffect.distill.export import export_folder
from openaffect.distill.students.wav2small import Wav2Small
from openaffect.runtime.facts import DIMENSIONS, StudentFacts

PRESENT = {"wav2small-72k": DIMENSIONS, "wav2small-17k": ("arousal", "valence")}


def sharpened(student: nn.Module) -> nn.Module:
    """*student* with a last layer and scores so large that windows of speech differ by tenths."""
    with torch.no_grad():
        for name, weight in student.named_parameters():
            if name in ("adv.weight", "pooling.scores.weight", "vgg7.sof.weight"):
                weight.mul_(8.0)
    return student.eval()


@pytest.fixture(scope="session")
def modules() -> dict[str, nn.Module]:
    """The torch networks, which are the truth."""
    torch.set_num_threads(1)
    torch.manual_seed(5)
    extra = unsettled(Wav2Small("paper-72k", extra_conv=True))
    return {name: sharpened(made(name)) for name in PRESENT} | {"extra": sharpened(extra)}


@pytest.fixture(scope="session")
def folders(modules: dict[str, nn.Module], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same networks as the run time reads them."""
    found = {}
    for name, present in PRESENT.items():
        found[name] = tmp_path_factory.mktemp(name)
        facts = StudentFacts(name, present=present, name=f"made {name}", trained=True)
        export_folder(modules[name], found[name], facts, measure=False)
    return found


@pytest.fixture(scope="session")
def speech() -> np.ndarray:
    """About 13 s of synthesised speech at 16 kHz, off zero by a little, over the hiss of a quiet room."""
    sound = np.concatenate([say(sentence) for sentence in SENTENCES])[: 13 * 16000 + 777]
    return sound + np.float32(0.003) + noise(len(sound) / 16000, level=3e-4)


def truth(module: nn.Module, samples: np.ndarray) -> np.ndarray:
    """What the torch network says of a clip."""
    with torch.inference_mode():
        return module(torch.from_numpy(np.array(samples, np.float32))[None])[0].numpy()


def tokens(module: nn.Module, samples: np.ndarray, mean: float, rms: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Values and scores of every token in one pass over a recording whose mean and level are given."""
    with torch.inference_mode():
        signal = (torch.from_numpy(samples) - np.float32(mean)) / np.float32(rms)
        return module.tokens(signal[None])[:2]  # type: ignore[operator]
