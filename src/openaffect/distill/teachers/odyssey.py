"""Odyssey: WavLM-large with attentive statistics, baseline of the Odyssey 2024 challenge for three attributes (MIT).

The sound is normalised with the mean and deviation of the training data; a softmax over time of ``tanh(W h + b) v``
weights the frames; their weighted mean and deviation go through dense layers with layer norm and ReLU, and a last
dense layer gives arousal, dominance and valence, not clipped.

It was trained on clips of at most 12 s (``maxlen`` of its ``config.json``), so of longer sound the first 12 s count.
The licence named is that of the published weights, whatever the folder holds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from openaffect.brief import brief
from openaffect.distill.teacher import Listener
from openaffect.distill.teachers.networks import RATE, Built, open_network
from openaffect.encoders.speech_trunks import Trunk, renamed
from openaffect.encoders.wavlm import LARGE, wavlm
from openaffect.errors import DataError
from openaffect.runtime.facts import DIMENSIONS

HUB = "3loi/SER-Odyssey-Baseline-WavLM-Multi-Attributes"
LICENCE = "MIT (Odyssey 2024 baseline)"
_TRUNK = "microsoft/wavlm-large"
_MAXLEN = 12 * RATE
_EPSILON = 1e-6
_LEAST_VARIANCE = 1e-5
_MOST_DENSE = 8


class AttentiveStatistics(nn.Module):
    """Frames (B, T, S) → weighted mean and deviation (B, 2 S) (Okabe et al. 2018, arXiv 1803.10963)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.sap_linear = nn.Linear(size, size)
        self.attention = nn.Parameter(torch.zeros(size, 1))

    def forward(self, frames: Tensor) -> Tensor:
        """Return mean and deviation of *frames*, the variance at least 1e-5."""
        weights = torch.softmax(torch.tanh(self.sap_linear(frames)) @ self.attention, 1)
        mean = (weights * frames).sum(1)
        variance = (weights * frames.square()).sum(1) - mean.square()
        return torch.cat([mean, variance.clamp(min=_LEAST_VARIANCE).sqrt()], 1)


class Odyssey(nn.Module):
    """The network under the names of the published checkpoint: normalised sound (B, N) → (B, 3)."""

    def __init__(self, trunk: Trunk, dense: int) -> None:
        super().__init__()
        size = trunk.size
        self.ssl_model = trunk.network
        self.pool_model = AttentiveStatistics(size)
        layers = [nn.Sequential(nn.Linear(size * (1 if n else 2), size), nn.LayerNorm(size)) for n in range(dense)]
        last = nn.Sequential(nn.Linear(size, len(DIMENSIONS)))
        self.ser_model = nn.ModuleDict({"fc": nn.ModuleList(layers), "out": last})

    def forward(self, signal: Tensor) -> Tensor:
        """Return arousal, dominance and valence of each clip."""
        hidden: Tensor = self.pool_model(self.ssl_model(signal).last_hidden_state)
        for layer in self.ser_model["fc"].children():
            hidden = torch.relu(layer(hidden))
        answer: Tensor = self.ser_model["out"](hidden)
        return answer


def open_odyssey(place: str, *, offline: bool = False, threads: int = 1, accept_licence: bool = False) -> Listener:
    """Return Odyssey from the folder *place* (``config.json``, weights), or from the hub where it is empty.

    Raises what `openaffect.distill.teacher.open_teacher` says.
    """
    return open_network(
        place,
        _built,
        renamed,
        name="odyssey",
        published=HUB,
        licence=LICENCE,
        permissive=True,
        offline=offline,
        threads=threads,
    )


def _built(settings: Mapping[str, Any]) -> Built:
    inner = settings.get("ssl_config", LARGE)
    if "ssl_config" not in settings and settings.get("ssl_type", _TRUNK) != _TRUNK:
        raise DataError(f"config.json names the encoder {brief(settings['ssl_type'])}; known is {_TRUNK}.")
    if not isinstance(inner, Mapping):
        raise DataError(f"config.json: ssl_config must hold the settings of a WavLM, {brief(inner)} came.")
    if settings.get("sampling_rate", RATE) != RATE:
        raise DataError(f"config.json: sampling_rate must be {RATE}, {brief(settings['sampling_rate'])} came.")
    dense = _whole(settings, "classifier_hidden_layers", 1, _MOST_DENSE)
    longest = _whole(settings, "maxlen", _MAXLEN, 60 * RATE)
    mean, deviation = _number(settings, "mean"), _number(settings, "std")
    if deviation < 0:
        raise DataError(f"config.json: std must not be negative, {deviation:g} came.")
    trunk = wavlm(inner)

    def normalise(signal: Tensor) -> Tensor:
        return (signal[:longest] - mean) / (deviation + _EPSILON)

    return Built(Odyssey(trunk, dense), normalise, trunk.shortest)


def _whole(settings: Mapping[str, Any], name: str, usual: int, most: int) -> int:
    value = settings.get(name, usual)
    if type(value) is not int or not 1 <= value <= most:
        raise DataError(f"config.json: {name} must be a whole number from 1 to {most}, {brief(value)} came.")
    return value


def _number(settings: Mapping[str, Any], name: str) -> float:
    value = settings.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise DataError(f"config.json: {name} of the training data must be a finite number, {brief(value)} came.")
    return float(value)
