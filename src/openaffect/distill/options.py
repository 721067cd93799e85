"""How a student is trained."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from openaffect.distill.augment import Strengths
from openaffect.errors import UsageError

Mixup = Literal["rows", "teacher", "off"]


@dataclass(frozen=True)
class FitOptions:
    """All that shapes a run of `openaffect.distill.fit.fit`; with the labels it decides the weights."""

    steps: int = 5000
    """Updates of the weights."""
    batch: int = 32
    """Clips a step, of all processes together.  The CCC of a batch is noisy: fewer than 16 are hard to learn from."""
    crop_s: tuple[float, float] = (1.5, 1.5)
    """Shortest and longest crop in seconds; one length a batch.  Shorter clips are repeated."""
    learning_rate: float = 1e-3
    """Highest rate, reached after the warm-up; a cosine brings it down to a hundredth."""
    warmup: int = 100
    """Steps of the straight rise at the start."""
    weight_decay: float = 0.01
    """Of AdamW, on matrices and kernels alone."""
    mse: float = 0.1
    """Weight of the mean squared error beside ``1 - CCC``."""
    clip_norm: float = 1.0
    """Longest gradient; a longer one is shortened."""
    mixup: Mixup = "rows"
    """Mixtures of sounds: ``rows`` of the labels (the teacher heard the mixture), ``teacher``: made now and heard by
    a teacher now, ``off``: rows of mixtures are left out."""
    mix_share: float = 0.25
    """With ``teacher``: share of the clips that are mixed with another clip."""
    mix_db: float = 10.0
    """With ``teacher``: the other clip is up to so many decibels louder or softer."""
    augment: Strengths = field(default_factory=Strengths)
    """How the student's sound is changed."""
    seed: int = 0
    """Of weights, order, crops and changes."""
    threads: int = 2
    """Threads of each process; another number gives weights that differ in the last digits."""
    validate_every: int = 500
    """Steps between two looks at the split ``dev``; the weights with the best mean CCC are kept."""
    checkpoint_every: int = 100
    """Steps that a crash costs, at most."""
    memory_mb: int = 2048
    """Sound beyond this lies in a file instead of in memory."""

    def check(self) -> None:
        """Raise `UsageError` for what cannot be meant."""
        for name in ("steps", "batch", "threads", "validate_every", "checkpoint_every"):
            _must(getattr(self, name) >= 1, name, getattr(self, name), "at least 1")
        _must(self.batch >= 2, "batch", self.batch, "at least 2, for CCC needs two clips")
        for name in ("learning_rate", "clip_norm"):
            _must(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        for name in ("warmup", "weight_decay", "mse", "seed", "mix_db", "memory_mb"):
            _must(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        _must(0 <= self.mix_share <= 1, "mix_share", self.mix_share, "a share from 0 to 1")
        _must(0.1 <= self.crop_s[0] <= self.crop_s[1], "crop_s", self.crop_s, "shortest and longest, from 0.1 s on")
        _must(self.mixup in ("rows", "teacher", "off"), "mixup", self.mixup, "rows, teacher or off")
        _check_strengths(self.augment)


def _check_strengths(strengths: Strengths) -> None:
    for name in ("noise", "room", "equaliser", "telephone"):
        value = getattr(strengths, name)
        _must(0 <= value <= 1, name, value, "a share from 0 to 1")
    for name in ("tilt_db", "peak_db", "gain_db"):
        _must(getattr(strengths, name) >= 0, name, getattr(strengths, name), "0 or more")
    for name in ("snr_db", "decay_s", "direct_db"):
        low, high = getattr(strengths, name)
        _must(low <= high, name, (low, high), "a range, lowest first")
    _must(strengths.decay_s[0] > 0, "decay_s", strengths.decay_s, "seconds above 0")


def _must(holds: bool, name: str, value: object, wanted: str) -> None:
    if not holds:
        raise UsageError(f"the option {name} must be {wanted}; {value!r} came.")


def options_of(table: dict[str, Any], kind: type[Any] = FitOptions) -> Any:
    """Return the options that *table* (of a TOML recipe) sets; what it leaves out keeps its default.

    Raises `UsageError` for an unknown name or a value of another type.

    >>> options_of({"steps": 10, "augment": {"noise": 0.0}}).augment.noise
    0.0
    """
    defaults = kind()
    known = {each.name: getattr(defaults, each.name) for each in fields(kind)}
    if unknown := sorted(set(table) - set(known)):
        raise UsageError(f"the recipe has unknown options {unknown}; known are {', '.join(known)}.")
    return kind(**{name: _value(name, value, known[name]) for name, value in table.items()})


def _value(name: str, value: Any, default: Any) -> Any:
    if is_dataclass(default) and isinstance(value, dict):
        return options_of(value, type(default))
    if isinstance(default, tuple) and isinstance(value, list) and len(value) == 2:
        return tuple(_value(name, each, 0.0) for each in value)
    if isinstance(default, float) and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(default, str) and isinstance(value, str):
        return value
    if isinstance(default, int) and type(value) is int:
        return value
    raise UsageError(f"the option {name} of the recipe must be like {default!r}; {value!r} came.")
