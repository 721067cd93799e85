"""Labels whose truth is known: tones over noise, arousal is how high they are."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaffect.distill.labels import LabelCard, LabelWriter
from openaffect.records import AudioPart, PseudoLabel

RATE = 16_000
CARD = LabelCard(
    teacher="pitch", licence="Apache-2.0", permissive=True, present=("arousal",), audio=("tones (CC0-1.0)",)
)
TINY = '''"""A student of one's own: a spectrum, one layer."""
import torch
from torch import nn


class Tiny(nn.Module):
    min_samples = 64

    def __init__(self):
        super().__init__()
        self.inner = nn.Conv1d(1, 8, 64, stride=32)
        self.norm = nn.BatchNorm1d(8)
        self.drop = nn.Dropout(0.1)
        self.adv = nn.Linear(8, 3)

    def hidden(self, waveform, lengths=None):
        heard = torch.log(self.inner(waveform[:, None]).square() + 1e-6)
        return self.norm(heard.mean(2))

    def forward(self, waveform, lengths=None):
        if lengths is not None and bool((lengths != waveform.shape[1]).any()):
            return torch.cat([self(row[None, :n]) for row, n in zip(waveform, lengths.tolist())])
        return self.adv(self.drop(self.hidden(waveform)))
'''
"""Fast, with everything that a resume has to keep: moments, running statistics, dropout."""


def tone(arousal: float, seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Eight harmonics of 100 Hz (arousal 0) to 400 Hz (arousal 1), over a little noise."""
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = 100 * 2 ** (2 * arousal)
    sound = sum(np.sin(2 * np.pi * hertz * k * time + k) / k for k in range(1, 9))
    return (0.2 * sound + 0.01 * np.random.default_rng(seed).standard_normal(len(time))).astype(np.float32)


def write_wav(path: Path, sound: NDArray[np.float32], rate: int = RATE) -> Path:
    """Write 16-bit mono."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def write_labels(folder: Path, n: int = 24, *, seconds: float = 0.6, dev_every: int = 4) -> Path:
    """*n* tones with labels; every fourth is of the split dev, two voices."""
    rng = np.random.default_rng(5)
    with LabelWriter(folder, CARD) as writer:
        for number in range(n):
            arousal = float(rng.random())
            write_wav(folder / f"{number}.wav", tone(arousal, seconds, number))
            writer.append(
                PseudoLabel(
                    id=f"tone-{number}",
                    parts=(AudioPart(file=f"{number}.wav", start=0, end=seconds),),
                    arousal=arousal,
                    speaker=f"voice-{number % 2}",
                    split="dev" if number % dev_every == 0 else "train",
                )
            )
    return folder
