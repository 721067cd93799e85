"""The teacher that needs no download: a ridge on acoustic features towards the known intent of synthesised speech.

The features are the 88 of eGeMAPS (F. Eyben et al., IEEE Transactions on Affective Computing 7, 2016) by the package
afx-audio, taken after the level was normalised, so that louder sound reads the same.  The weights beside this file
were fitted by ``recipes/activation/fit_ridge.py`` to speech that was synthesised with a known activation; the file
says from what.  It speaks of arousal alone, has never heard a person who was moved, and is an index of *vocal
activation*: pitch, movement, effort.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaffect.distill.teacher import Listener, Teacher
from openaffect.errors import DataError, MissingPart, UsageError

WEIGHTS = Path(__file__).with_name("acoustic.json")
RATE = 16_000
LEVEL = 0.1
"""RMS that every sound is brought to."""
SHORTEST = RATE // 5
"""A fifth of a second: below it the features are those of a single sound."""
_REACH = 4.0
"""Standard deviations from the mean at which a feature stops: one odd feature shall not decide."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Ridge:
    """A linear index of standardised features."""

    features: tuple[str, ...]
    mean: Values
    scale: Values
    weights: Values
    bias: float

    def __call__(self, features: Values) -> Values:
        """Return the index of *features* (..., n), in the order of `features`: shape (...)."""
        distance = np.clip((features - self.mean) / self.scale, -_REACH, _REACH)
        result: Values = self.bias + distance @ self.weights
        return result


def open_acoustic(place: str = "", *, offline: bool = False, threads: int = 1, accept_licence: bool = False) -> Teacher:
    """Return the acoustic teacher; *place* is the JSON file of other weights, the options change nothing.

    >>> open_acoustic().present
    ('arousal',)
    """
    path = Path(place) if place else WEIGHTS
    ridge = read_ridge(path)
    identity = sha256(path.read_bytes()).hexdigest()
    own = path == WEIGHTS
    return Listener(
        name="acoustic" if own else f"acoustic:{path.name}",
        identity=identity,
        ask=lambda signal: (float(ridge(measure(signal, ridge.features))), np.nan, np.nan),
        licence="Apache-2.0" if own else "",
        permissive=own,
        present=("arousal",),
        shortest=SHORTEST,
    )


def read_ridge(path: Path) -> Ridge:
    """Return the ridge in *path*; raises `DataError` for a file that holds none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        names = tuple(map(str, content["features"]))
        mean, scale, weights = (np.array(content[name], dtype=np.float64) for name in ("mean", "scale", "weights"))
        ridge = Ridge(names, mean, scale, weights, float(content["bias"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{str(path)!r} holds no ridge ({error!r}); fit one with recipes/activation.") from error
    if not all(column.shape == (len(names),) and np.isfinite(column).all() for column in (mean, scale, weights)):
        raise DataError(f"{str(path)!r}: each of its {len(names)} features needs a finite mean, scale and weight.")
    if unknown := sorted(set(names) - set(_extractor().EGEMAPS_NAMES)):
        raise DataError(f"{str(path)!r} names features that eGeMAPS does not have: {', '.join(unknown[:3])}.")
    return ridge


def measure(signal: NDArray[np.float32], names: tuple[str, ...]) -> Values:
    """Return the eGeMAPS features *names* of 16 kHz *signal* (n,) at RMS 0.1: shape (len(names),).

    Raises `UsageError` for a signal without any sound: it cannot be brought to a level.
    """
    rms = float(np.sqrt(np.mean(np.square(signal, dtype=np.float64)))) if signal.size else 0.0
    if rms < 1e-6:
        raise UsageError("this sound is silence, whose voice nobody can judge; leave it out.")
    found = _extractor().egemaps(signal.astype(np.float64) * (LEVEL / rms), RATE)
    return np.array([found[name] for name in names], dtype=np.float64)


@cache
def _extractor() -> Any:
    try:
        from afx_audio.extractors import egemaps
    except ImportError as error:
        raise MissingPart(
            "the acoustic teacher needs afx-audio; install it with pip install 'openaffect[distill]'."
        ) from error
    return egemaps
