"""Means over a corpus, and what 0/0 is in each edition of the scorer."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openaffect.emotion.wheel import Wheels
from openaffect.errors import UsageError

Zero = Literal["2025", "2026"]
"""What 0/0 is: NaN as in the 2025 scorer, or 0 as in the 2026 scorer."""


def _nothing(zero: Zero) -> float:
    if zero not in ("2025", "2026"):
        raise UsageError(f"zero must be '2025' (0/0 is NaN) or '2026' (0/0 is 0), not {zero!r}.")
    return np.nan if zero == "2025" else 0.0


def zero_of(wheels: Wheels, wanted: Zero | None = None) -> Zero:
    """Return *wanted*, or by default what 0/0 is in the scorer that the tables of *wheels* belong to."""
    return wanted or ("2025" if wheels.edition == "2025" else "2026")


def f_score(precision: NDArray[np.float64], recall: NDArray[np.float64], zero: Zero) -> NDArray[np.float64]:
    """Return 2PR / (P + R) elementwise; where P + R = 0, NaN for ``"2025"`` and 0 for ``"2026"``."""
    total = precision + recall
    with np.errstate(invalid="ignore"):  # 0/0 is dealt with below
        raw = 2 * precision * recall / total
    return np.where(total == 0, _nothing(zero), raw)


def corpus_means(
    values: NDArray[np.float64] | NDArray[np.int64], kept: NDArray[np.bool_], zero: Zero
) -> NDArray[np.float64]:
    """Return the mean of each column of *values* (n, k) over its *kept* rows, (k,).

    Where no row is kept: NaN for ``"2025"``, 0 for ``"2026"``.
    """
    count = kept.sum(axis=0)
    total = np.where(kept, values, 0).sum(axis=0)
    return np.where(count == 0, _nothing(zero), total / np.maximum(count, 1))
