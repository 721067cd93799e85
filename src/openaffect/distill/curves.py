"""The curves of a training as a picture."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from typing import Any

import numpy as np

from openaffect.distill.journal import CURVES, LOG
from openaffect.errors import MissingPart
from openaffect.runtime.facts import DIMENSIONS
from openaffect.store import read_records, write_atomic


def check_plots() -> None:
    """Raise `MissingPart` without matplotlib: before the training rather than after it."""
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingPart("the curves of a training need matplotlib; pip install 'openaffect[distill]'.")


def draw_curves(out: Path) -> None:
    """Draw loss and CCC of the run in *out* into ``curves.png``."""
    from matplotlib.figure import Figure  # no pyplot: no window system, no state

    steps: list[dict[str, Any]] = []
    looks: list[dict[str, Any]] = []
    for record in read_records(out / LOG):
        (looks if str(record["id"]).startswith("dev-") else steps).append(record)
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_loss(left, steps)
    _draw_dev(right, sorted(looks, key=lambda look: int(look["step"])))
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=100)
    write_atomic(out / CURVES, data.getvalue())


def _draw_loss(axes: Any, steps: list[dict[str, Any]]) -> None:
    number = np.array([step["step"] for step in steps])
    loss = np.array([step["loss"] for step in steps])
    width = max(1, len(loss) // 50)
    smooth = np.convolve(loss, np.full(width, 1 / width), mode="valid")
    axes.plot(number, loss, color="0.8", linewidth=0.5)
    axes.plot(number[width - 1 :], smooth, color="C0")
    axes.set(xlabel="step", ylabel="loss", title=f"loss of a batch, and mean of {width}")


def _draw_dev(axes: Any, looks: list[dict[str, Any]]) -> None:
    for name in DIMENSIONS:
        known = [(look["step"], look[name]) for look in looks if look.get(name) is not None]
        if known:
            axes.plot(*zip(*known, strict=True), marker=".", label=name)
    axes.set(xlabel="step", ylabel="CCC", title="CCC over the split dev")
    if looks:
        axes.legend()
