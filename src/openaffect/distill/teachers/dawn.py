"""Dawn: wav2vec2-large-robust with 12 layers, fine-tuned on MSP-Podcast v1.7 (Wagner et al. 2022, arXiv 2203.07378).

The sound is brought to zero mean and unit variance, clip by clip; the frames of the last layer are averaged; a dense
layer, tanh and a dense layer give arousal, dominance and valence, not clipped.  Published alone with CCC .745, .655 and
.638 on Test-1.  Its valence follows the sentiment of the words to a large part, which a small student cannot learn.

The weights are CC BY-NC-SA 4.0, for research: they are read only where the user accepts that, and no student of them
is called permissive.  The licence named is that of the published weights, whatever the folder holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from openaffect.distill.teacher import Listener
from openaffect.distill.teachers.networks import RATE, Built, open_network
from openaffect.encoders.speech_trunks import Trunk, renamed
from openaffect.encoders.wav2vec2 import wav2vec2
from openaffect.errors import UsageError
from openaffect.runtime.facts import DIMENSIONS

HUB = "audeering/wav2vec2-large-robust-12-ft-emotion-msp-dim"
LICENCE = "CC BY-NC-SA 4.0 (Dawn, audEERING; research only)"
_EPSILON = 1e-7
_LONGEST = 60 * RATE
"""Attention costs the square of the length; the clips that it was trained on have some seconds."""


class Dawn(nn.Module):
    """The network under the names of the published checkpoint: normalised sound (B, N) → (B, 3)."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.wav2vec2 = trunk.network
        self.classifier = nn.ModuleDict(
            {"dense": nn.Linear(trunk.size, trunk.size), "out_proj": nn.Linear(trunk.size, len(DIMENSIONS))}
        )

    def forward(self, signal: Tensor) -> Tensor:
        """Return arousal, dominance and valence of each clip."""
        mean = self.wav2vec2(signal).last_hidden_state.mean(1)
        answer: Tensor = self.classifier["out_proj"](torch.tanh(self.classifier["dense"](mean)))
        return answer


def normalised(signal: Tensor) -> Tensor:
    """Return *signal* with zero mean and unit variance (biased; 1e-7 is added to the variance).

    >>> normalised(torch.tensor([1.0, 3.0])).round(decimals=4)
    tensor([-1.,  1.])
    """
    return (signal - signal.mean()) / torch.sqrt(signal.var(correction=0) + _EPSILON)


def open_dawn(place: str, *, offline: bool = False, threads: int = 1, accept_licence: bool = False) -> Listener:
    """Return Dawn from the folder *place* (``config.json``, ``model.safetensors``), or from the hub where it is empty.

    Raises `UsageError` unless *accept_licence*, and what `openaffect.distill.teacher.open_teacher` says.
    """
    if not accept_licence:
        raise UsageError(
            "Dawn's weights are CC BY-NC-SA 4.0, for research only, and what is distilled from them is not free for "
            "commercial use; say --accept-licence (accept_licence=True) if you agree to that, or use odyssey (MIT)."
        )
    return open_network(
        place,
        _built,
        renamed,
        name="dawn",
        published=HUB,
        licence=LICENCE,
        permissive=False,
        offline=offline,
        threads=threads,
    )


def _built(settings: Mapping[str, Any]) -> Built:
    trunk = wav2vec2(settings)
    return Built(Dawn(trunk), normalised, trunk.shortest, _LONGEST)
