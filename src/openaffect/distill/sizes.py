"""What the bytes of an exported file are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import onnx

from openaffect.runtime.frontend import BINS


def sizes(path: Path) -> dict[str, int]:
    """Return kind → bytes of the ONNX file *path*, largest first; they sum up to the size of the file.

    ``graph`` is what is no number: nodes, names, shapes.
    """
    model = onnx.load(path)
    bytes_of: Counter[str] = Counter()
    for tensor in model.graph.initializer:
        bytes_of[_kind(model.graph, tensor)] += len(tensor.raw_data)
    bytes_of["graph"] += path.stat().st_size - bytes_of.total()
    return dict(bytes_of.most_common())


def _kind(graph: onnx.GraphProto, tensor: onnx.TensorProto) -> str:
    if tensor.data_type == onnx.TensorProto.INT64 or not any(size > 1 for size in tensor.dims):
        return "graph"
    name, place, scales = _use(graph, tensor.name)
    if scales:
        return "scales"
    if place == 2 or name == "Add":
        return "biases"
    if name == "Conv":
        return "Fourier kernels" if len(tensor.dims) == 3 else "convolutions"
    if name == "MatMul" and tensor.dims[0] == BINS:
        return "mel matrix"
    return "dense layers" if name in ("MatMul", "Gemm") else "graph"


def _use(graph: onnx.GraphProto, name: str, *, stored: bool = False) -> tuple[str, int, bool]:
    """Return the operation that *name* ends in, where it enters it, and whether it is a scale on its way there."""
    node, place = next((node, list(node.input).index(name)) for node in graph.node if name in node.input)
    if place == 0 and node.op_type in ("DequantizeLinear", "Cast"):
        return _use(graph, node.output[0], stored=True)
    if stored and node.op_type == "Mul":
        return _use(graph, node.output[0])
    plain = {other.output[0] for other in graph.node if other.op_type in ("DequantizeLinear", "Cast")}
    return node.op_type, place, node.op_type == "Mul" and node.input[0] in plain
