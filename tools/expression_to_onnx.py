"""Writes the expression net of @vladmandic/face-api as ONNX, from its manifest and its 8-bit weights.

The net (seen in the package's sources `faceFeatureExtractor` and `faceProcessor`): RGB 0–255, 112×112, minus the
channel means, over 255; four blocks of one plain or separable 3×3 convolution with stride 2 and three with stride 1,
densely added; mean over 7×7; one linear layer; softmax over seven expressions.
Weights stay 8-bit in the file: value = code · scale + minimum, as the manifest says, done by three nodes
that onnxruntime folds when it loads the model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tools.tflite_to_onnx import IR_VERSION, OPSET

SIDE = 112
MEANS = (122.782, 117.001, 104.298)
"""Channel means (R, G, B) that the net subtracts."""

Weights = Mapping[str, tuple[np.ndarray, float, float]]
"""Name → (codes or float32 values, scale, minimum); plain values have scale 1 and minimum 0."""


def read_weights(folder: Path, name: str = "face_expression_model") -> dict[str, tuple[np.ndarray, float, float]]:
    """Read the weights as they are stored; the file must be used up exactly."""
    manifest = json.loads((folder / f"{name}-weights_manifest.json").read_text())
    data, position = (folder / f"{name}.bin").read_bytes(), 0
    weights: dict[str, tuple[np.ndarray, float, float]] = {}
    for entry in (entry for group in manifest for entry in group["weights"]):
        quantised = entry.get("quantization")
        kind, count = np.dtype(np.uint8 if quantised else "<f4"), int(np.prod(entry["shape"]))
        array = np.frombuffer(data, kind, count, position).reshape(entry["shape"])
        position += array.nbytes
        weights[entry["name"]] = (array, quantised["scale"], quantised["min"]) if quantised else (array, 1.0, 0.0)
    if position != len(data):
        raise ValueError(f"{name}.bin has {len(data)} bytes, the manifest describes {position}")
    return weights


def convert(weights: Weights, *, name: str) -> bytes:
    """Return the bytes of the ONNX model: ``input`` (1, 112, 112, 3) RGB 0–255 → ``probabilities`` (1, 7)."""
    return _Writer(weights).run(name)


class _Writer:
    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.stored: dict[str, np.ndarray] = {}

    def emit(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"n{len(self.nodes)}", **attributes))
        return output

    def store(self, key: str, array: np.ndarray) -> str:
        self.stored[key] = np.ascontiguousarray(array)
        return key

    def weight(self, key: str, order: tuple[int, ...]) -> str:
        array, scale, minimum = self.weights[key]
        codes = self.store(key, array.transpose(order))
        if array.dtype != np.uint8:
            return codes
        wide = self.emit("Cast", [codes], f"{key}/wide", to=TensorProto.FLOAT)
        step = self.store(f"{key}/scale", np.array(scale, np.float32))
        floor = self.store(f"{key}/minimum", np.array(minimum, np.float32))
        return self.emit("Add", [self.emit("Mul", [wide, step], f"{key}/scaled"), floor], f"{key}/value")

    def conv(self, x: str, key: str, side: int, stride: int) -> str:
        """Add one layer on a square input of *side*; SAME padding puts the odd pixel at the end."""
        missing = max((-(-side // stride) - 1) * stride + 3 - side, 0)
        first, last = missing // 2, missing - missing // 2
        how = {"kernel_shape": [3, 3], "strides": [stride, stride], "pads": [first, first, last, last]}
        bias = self.weight(f"{key}/bias", (0,))
        if f"{key}/filters" in self.weights:
            return self.emit("Conv", [x, self.weight(f"{key}/filters", (3, 2, 0, 1)), bias], key, **how)
        depth = self.weight(f"{key}/depthwise_filter", (2, 3, 0, 1))
        channels = self.weights[f"{key}/depthwise_filter"][0].shape[2]
        spread = self.emit("Conv", [x, depth], f"{key}/depth", group=channels, **how)
        point = self.weight(f"{key}/pointwise_filter", (3, 2, 0, 1))
        return self.emit("Conv", [spread, point, bias], key, kernel_shape=[1, 1])

    def block(self, x: str, key: str, side: int) -> str:
        """Add four layers; each of the later ones sees the rectified sum of all before it."""
        seen = total = self.emit("Relu", [self.conv(x, f"{key}/conv0", side, 2)], f"{key}/relu0")
        for number in (1, 2, 3):
            layer = self.conv(seen, f"{key}/conv{number}", side // 2, 1)
            total = self.emit("Add", [total, layer], f"{key}/sum{number}")
            seen = self.emit("Relu", [total], f"{key}/relu{number}")
        return seen

    def run(self, name: str) -> bytes:
        x = self.emit("Sub", ["input", self.store("means", np.array(MEANS, np.float32))], "centred")
        x = self.emit("Div", [x, self.store("range", np.array(255, np.float32))], "scaled")
        x, side = self.emit("Transpose", [x], "planes", perm=[0, 3, 1, 2]), SIDE
        for number in range(4):
            x, side = self.block(x, f"dense{number}", side), side // 2
        x = self.emit("Flatten", [self.emit("GlobalAveragePool", [x], "mean")], "features")
        x = self.emit("Gemm", [x, self.weight("fc/weights", (0, 1)), self.weight("fc/bias", (0,))], "logits")
        self.emit("Softmax", [x], "probabilities", axis=1)
        shapes = (("input", [1, SIDE, SIDE, 3]), ("probabilities", [1, 7]))
        values = [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in shapes]
        stored = [numpy_helper.from_array(array, key) for key, array in self.stored.items()]
        graph = helper.make_graph(self.nodes, name, values[:1], values[1:], stored)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="openaffect")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))
