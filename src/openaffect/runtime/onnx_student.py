"""A student by onnxruntime: ``model.onnx`` for a clip at once, ``stream.onnx`` (where there is one) chunk by chunk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from openaffect.errors import DataError
from openaffect.runtime.chunks import TOKEN
from openaffect.runtime.onnx_file import read_graph
from openaffect.runtime.pooled import Pooled

Floats = npt.NDArray[np.float32]

WHOLE, STREAM = "model.onnx", "stream.onnx"

_STATE = ("maximum", "total", "weighted")
_WHOLE_NAMES = ({"signal"}, {"logits", "hidden_states"})
_STREAM_NAMES = (
    {"signal", "mean", "rms", "start", "end", *_STATE},
    {"logits", "hidden_states", *(f"{name}_out" for name in _STATE)},
)
_WIDEST = 65_536
"""Features that a state may have."""


class OnnxStudent:
    """The networks of one folder; both are checked when they are opened, and tried on a second of silence."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self._path = folder
        self._whole, self.identity = _opened(folder / WHOLE, threads, _WHOLE_NAMES)
        self._stream: onnxruntime.InferenceSession | None = None
        self.size: int | None = None
        """Features of the running state; None for a student that reads whole clips only."""
        if (folder / STREAM).exists():
            self._stream, _ = _opened(folder / STREAM, threads, _STREAM_NAMES)
            self.size = _width(self._stream, folder / STREAM)

    def whole(self, samples: Floats) -> tuple[Floats, Floats]:
        """Return logits (3,) and hidden vector (H,) of float32 samples (n,)."""
        logits, hidden = self._run(self._whole, ["logits", "hidden_states"], {"signal": samples[None]}, WHOLE)
        if logits.shape != (1, 3) or hidden.ndim != 2:
            raise DataError(
                f"'{self._path / WHOLE}' gives logits {logits.shape}, not (1, 3); export the student again."
            )
        return logits[0], hidden[0]

    def chunk(self, samples: Floats, scale: tuple[float, float], start: bool, end: bool, state: Pooled) -> Pooled:
        """Return *state* with the tokens of a chunk; *scale* is mean and root mean square of the recording."""
        found = self._run(self._stream, [f"{name}_out" for name in _STATE], _feed(samples, scale, start, end, state))
        return Pooled(*found)

    def read_out(self, state: Pooled) -> tuple[Floats, Floats]:
        """Return logits (3,) and hidden vector (H,) of a state, by a chunk whose tokens are all context."""
        feed = _feed(np.zeros(TOKEN, np.float32), (0.0, 1.0), False, False, state)
        logits, hidden = self._run(self._stream, ["logits", "hidden_states"], feed)
        return logits[0], hidden[0]

    def _run(self, session: Any, outputs: list[str], feed: dict[str, Floats], name: str = STREAM) -> list[Floats]:
        try:
            found: list[Floats] = session.run(outputs, feed)
        except Exception as error:  # onnxruntime's errors have no common class
            raise DataError(f"'{self._path / name}' cannot be run ({_first_line(error)}); export it again.") from error
        return found


def _feed(
    samples: Floats, scale: tuple[float, float], start: bool, end: bool, state: Pooled
) -> dict[str, npt.NDArray[np.float32]]:
    named = {"mean": scale[0], "rms": scale[1], "start": start, "end": end}
    single = {name: np.array([value], np.float32) for name, value in named.items()}
    return {"signal": samples[None], **single, **dict(zip(_STATE, state, strict=True))}


def _opened(path: Path, threads: int, names: tuple[set[str], set[str]]) -> tuple[onnxruntime.InferenceSession, str]:
    """Return a session on the CPU and the sha256 of the file; what goes in and out must have the names."""
    data = read_graph(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common class
        raise DataError(f"'{path}' cannot be opened as a network ({_first_line(error)}); export it again.") from error
    came = {put.name for put in session.get_inputs()}, {put.name for put in session.get_outputs()}
    if came[0] != names[0] or not names[1] <= came[1]:
        raise DataError(f"'{path}' maps {sorted(came[0])} to {sorted(came[1])}, which is no student; export it again.")
    if strange := [put.name for put in session.get_inputs() if put.type != "tensor(float)"]:
        raise DataError(f"'{path}' wants other numbers than float32 for {strange}; export it again.")
    return session, hashlib.sha256(data).hexdigest()


def _width(session: onnxruntime.InferenceSession, path: Path) -> int:
    shapes = {put.name: put.shape for put in session.get_inputs()}
    came = [shapes[name] for name in _STATE]
    size = came[0][-1] if came[0] else None
    if not isinstance(size, int) or not 1 <= size <= _WIDEST or any(shape != [1, size] for shape in came):
        raise DataError(f"'{path}' has a running state of shapes {came}, not (1, features); export it again.")
    return size


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]
