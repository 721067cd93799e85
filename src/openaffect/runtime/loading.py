"""From a folder that ``openaffect distill export`` wrote to a model that reads voices."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from openaffect.errors import DataError, MissingPart, UsageError
from openaffect.runtime.facts import DIMENSIONS, StudentFacts
from openaffect.runtime.frontend import RATE
from openaffect.runtime.student import Model, Network

Engine = Literal["auto", "onnx", "numpy"]

BUILT_IN = Path(__file__).parent / "models" / "activation"
"""Where a student that ships would lie."""


def load(
    path: str | Path,
    *,
    threads: int = 1,
    gate: bool = True,
    untrained: bool = False,
    engine: Engine = "auto",
) -> Model:
    """Return the student in a folder that ``openaffect distill export`` wrote, or ``builtin`` where one ships.

    *gate*: give silence, noise and music no value (`openaffect.runtime.gate`).  *engine*: ``onnx``, ``numpy`` (slower,
    needs nothing else; Wav2Small only) or ``auto``, which is onnx where onnxruntime is installed.  *untrained*: open
    random weights too, for tests and measurements.
    Raises `MissingPart` when no student ships, `DataError` for a folder that is none or was never trained.
    """
    if engine not in get_args(Engine):
        raise UsageError(f"unknown engine '{engine}'; choose auto, onnx or numpy.")
    folder = located(path)
    facts = StudentFacts.load(folder)
    if not facts.trained and not untrained:
        raise DataError(f"the student in '{folder}' has random weights: nothing can be read with them; train it first.")
    return Model(_tried(_network(folder, threads, engine), facts, folder), facts, gate=gate)


def located(path: str | Path) -> Path:
    """Return the folder of a student; ``builtin`` is the one that ships, `MissingPart` where none does."""
    if path != "builtin":
        return Path(path)
    if not BUILT_IN.is_dir():
        raise MissingPart(
            "no student ships with this version of openaffect; name a folder that 'openaffect distill export' wrote."
        )
    return BUILT_IN


def _network(folder: Path, threads: int, engine: Engine) -> Network:
    installed = importlib.util.find_spec("onnxruntime") is not None
    if engine == "onnx" and not installed:
        raise MissingPart("the engine onnx needs onnxruntime: pip install onnxruntime, or choose engine='numpy'")
    if engine == "numpy" or not installed:
        from openaffect.runtime.numpy_student import NumpyStudent

        return NumpyStudent(folder)
    from openaffect.runtime.onnx_student import OnnxStudent

    return OnnxStudent(folder, threads=threads)


def _tried(network: Network, facts: StudentFacts, folder: Path) -> Network:
    """Return *network* if it gives numbers on a second of silence where it was trained."""
    given = np.isfinite(network.whole(np.zeros(RATE, np.float32))[0]).tolist()
    if silent := [name for name, known in zip(DIMENSIONS, given, strict=True) if name in facts.present and not known]:
        raise DataError(f"the student in '{folder}' gives no {' and no '.join(silent)}, which it says it does.")
    return network
