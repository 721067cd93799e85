"""Fewer bits for the weights of an ONNX graph; what is computed stays in float32.

Each weight is stored as whole numbers and a scale for each of its outputs, and the file says how to multiply them.
Convolutions take 8 bits; Fourier kernels and mel matrix take 16, because rounding them leaks loud low bands into soft
high ones; ``int4`` puts the large matrices of the pooling into 4 bits (opset 21).

Eight bits become numbers by Cast and Mul, which onnxruntime does once, when it loads the file: it would do
DequantizeLinear at each call, and compute convolutions with such weights at half the speed.  Four bits need
DequantizeLinear; the Mul after it keeps newer versions from fusing it with the product that follows, in which they
would round what comes in to 8 bits as well.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from openaffect.errors import UsageError
from openaffect.runtime.frontend import BINS

Weights = Literal["fp32", "int8", "int4"]
Array = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int32]
OPSET = 21
IR_VERSION = 10
_KINDS = {4: TensorProto.INT4, 8: TensorProto.INT8, 16: TensorProto.INT16}
_ONE = "one"
_LARGE = 4096
"""Elements from which on a matrix is worth 4 bits."""
_CLIPS = np.linspace(0.5, 1.0, 51)
"""Scales that are tried, in parts of the one that clips nothing."""


def checked(weights: str) -> Weights:
    """Return *weights* if it is ``fp32``, ``int8`` or ``int4``; raises `UsageError`."""
    for known in get_args(Weights):
        if weights == known:
            return known  # type: ignore[no-any-return]
    raise UsageError(f"weights are stored as {', '.join(get_args(Weights))}; '{weights}' came.")


def quantize(model: onnx.ModelProto, weights: Weights) -> None:
    """Store the weights of *model* as *weights*; ``fp32`` leaves it as it is."""
    if weights == "fp32":
        return
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    nodes: list[onnx.NodeProto] = []
    done: set[str] = set()
    for node in graph.node:
        name = node.input[1] if node.op_type in ("Conv", "MatMul", "Gemm") else ""
        if name in tensors and name not in done:
            done.add(name)
            nodes += _stored(graph, tensors[name], _axis(node), _bits(node, tensors[name], weights))
    for node in reversed(nodes):
        graph.node.insert(0, node)
    if any(node.op_type == "DequantizeLinear" for node in nodes):
        # Nothing that these graphs use has changed its meaning between the two versions.
        model.opset_import[0].version, model.ir_version = OPSET, IR_VERSION


def rounded(weights: Array, axis: int, bits: int) -> tuple[Whole, Array]:
    """Return whole numbers of *bits* and one scale for each index of *axis*: ``whole * scale`` is near *weights*.

    Each scale is the one with the least squared error among 51 that clip more or less.

    >>> whole, scale = rounded(np.array([[0.5, -1.0], [2.0, 4.0]], np.float32), 0, 8)
    >>> whole.tolist(), [round(float(each), 5) for each in scale]
    ([[64, -127], [64, 127]], [0.00787, 0.0315])
    """
    rest = tuple(other for other in range(weights.ndim) if other != axis)
    top = 2 ** (bits - 1) - 1
    widest = np.abs(weights).max(axis=rest, keepdims=True)
    best = np.where(widest > 0, widest, 1.0) / top
    least = np.full(best.shape, np.inf)
    chosen = best
    for clip in _CLIPS[::-1]:
        scale = best * clip
        error = ((np.clip(np.rint(weights / scale), -top, top) * scale - weights) ** 2).sum(axis=rest, keepdims=True)
        chosen, least = np.where(error < least, scale, chosen), np.minimum(error, least)
    chosen = chosen.astype(np.float32)
    whole = np.clip(np.rint(weights / chosen), -top, top).astype(np.int32)
    return whole, chosen.reshape(-1)


def _bits(node: onnx.NodeProto, tensor: onnx.TensorProto, weights: Weights) -> int:
    constant = (node.op_type == "Conv" and len(tensor.dims) == 3) or tensor.dims[0] == BINS
    if constant:
        return 16
    return 4 if weights == "int4" and node.op_type == "MatMul" and np.prod(tensor.dims) >= _LARGE else 8


def _axis(node: onnx.NodeProto) -> int:
    """Return the axis of the outputs: the last of a matrix that is multiplied from the right, else the first."""
    transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
    return 0 if node.op_type == "Conv" or transposed else 1


def _stored(graph: onnx.GraphProto, tensor: onnx.TensorProto, axis: int, bits: int) -> list[onnx.NodeProto]:
    """Put *tensor* into *graph* in whole numbers; return the nodes that give it back under its name."""
    whole, scale = rounded(onnx.numpy_helper.to_array(tensor), axis, bits)
    name = tensor.name
    packed = helper.make_tensor(f"{name}q", _KINDS[bits], whole.shape, _raw(whole, bits), raw=True)
    graph.initializer.remove(tensor)
    shape = [-1 if place == axis else 1 for place in range(whole.ndim)]
    graph.initializer.extend((packed, onnx.numpy_helper.from_array(scale.reshape(shape), f"{name}s")))
    if bits == 4:
        if _ONE not in {other.name for other in graph.initializer}:
            graph.initializer.append(onnx.numpy_helper.from_array(np.ones((), np.float32), _ONE))
        plain = helper.make_node("DequantizeLinear", [f"{name}q", _ONE], [f"{name}f"])
    else:
        plain = helper.make_node("Cast", [f"{name}q"], [f"{name}f"], to=TensorProto.FLOAT)
    return [plain, helper.make_node("Mul", [f"{name}f", f"{name}s"], [name])]


def _raw(whole: Whole, bits: int) -> bytes:
    """Return the bytes of ONNX: little-endian, two numbers of 4 bits in a byte, the first one in its low half."""
    if bits > 4:
        return whole.astype(f"<i{bits // 8}").tobytes()
    flat = np.append(whole.reshape(-1), [0] * (whole.size % 2)).astype(np.uint8) & 15
    return (flat[::2] | flat[1::2] << 4).astype(np.uint8).tobytes()
