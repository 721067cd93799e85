"""A student that learnt in a minute to hear pitch in synthesised speech, for tests that need trained weights."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from openaffect.distill.students import build
from tests.speech import MORE_SENTENCES, Sound, say

SAMPLES = 20_000
HEARD = 9
"""Sentences of the training; the others are kept back."""


def _spoken(sentences: tuple[str, ...], each: int, seed: int) -> tuple[list[Sound], np.ndarray]:
    draw = np.random.default_rng(seed)
    sounds, targets = [], []
    for sentence in sentences:
        for semitones in draw.uniform(-5, 9, each):
            sounds.append(say(sentence, semitones=semitones, speed=draw.uniform(0.85, 1.2))[:48_000])
            targets.append(0.5 + 0.04 * (semitones - 2))
    return sounds, np.float32(targets)


def taught(name: str, steps: int = 150) -> tuple[nn.Module, list[Sound]]:
    """The student, in eval mode, and clips of sentences that it never heard."""
    torch.manual_seed(0)
    sounds, targets = _spoken(MORE_SENTENCES[:HEARD], 8, seed=0)
    draw, student = np.random.default_rng(1), build(name)
    steered = torch.optim.AdamW([each for each in student.parameters() if each.requires_grad], 3e-3)
    for _ in range(steps):
        chosen = draw.integers(0, len(sounds), 16)
        begins = [draw.integers(0, len(sounds[k]) - SAMPLES) for k in chosen]
        batch = np.stack([sounds[k][at : at + SAMPLES] for k, at in zip(chosen, begins, strict=True)])
        error = student(torch.from_numpy(batch))[:, 0] - torch.from_numpy(targets[chosen])
        steered.zero_grad()
        (error**2).mean().backward()
        steered.step()
    return student.eval(), _spoken(MORE_SENTENCES[HEARD:], 6, seed=2)[0]
