"""The students by name: networks from a 16 kHz waveform to arousal, dominance and valence.

A new one is one file here and one line in `STUDENTS`: a function without arguments that returns a `Student`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from openaffect.lookup import resolve

if TYPE_CHECKING:
    from torch import Tensor, nn

STUDENTS: dict[str, str] = {
    "wav2small-72k": "openaffect.distill.students.wav2small:paper_72k",
    "wav2small-17k": "openaffect.distill.students.wav2small:v2_17k",
    "mobilenetv4-small": "openaffect.distill.students.mobilenetv4:small",
    "mobilenetv4-medium": "openaffect.distill.students.mobilenetv4:medium",
    "mobilenetv4-large": "openaffect.distill.students.mobilenetv4:large",
    "mobilenetv3-large": "openaffect.distill.students.mobilenetv3:large",
    "mobilenetv3-small": "openaffect.distill.students.mobilenetv3:small",
}


class Student(Protocol):
    """What the river asks of a network beside being a ``torch.nn.Module``."""

    min_samples: int
    """The shortest clip that it reads."""
    adv: nn.Linear
    """The last layer: from the hidden vector to arousal, dominance, valence."""

    def __call__(self, waveform: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return (B, 3): arousal, dominance, valence of (B, N) samples; about 0–1, not clipped.

        *lengths* (B,) counts the samples of each clip; the padding behind them changes nothing.
        """
        ...

    def hidden(self, waveform: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the vector (B, H) that the last layer reads."""
        ...


def build(name: str) -> nn.Module:
    """Return the student *name* with random weights from torch's generator (``torch.manual_seed``).

    *name* is a key of `STUDENTS` or a function of the user's own, ``./mine.py:NAME``, which is run.
    Raises `openaffect.errors.UsageError` for an unknown one.

    >>> sum(weights.numel() for weights in build("wav2small-17k").parameters() if weights.requires_grad)
    10806
    """
    module: nn.Module = resolve(STUDENTS, name, kind="student")()
    return module
