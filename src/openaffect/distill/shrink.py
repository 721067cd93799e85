"""Make an exported graph small: no texts, short names, no aliases, nothing twice."""

from __future__ import annotations

from itertools import count

import onnx


def shrink(model: onnx.ModelProto) -> None:
    """Strip everything from *model* that no computation needs; names of its inputs and outputs stay."""
    _lift_constants(model.graph)
    _drop_aliases(model.graph)
    _share_constants(model.graph)
    _rename(model.graph)
    del model.metadata_props[:]
    model.producer_name, model.producer_version, model.doc_string = "openaffect", "", ""
    model.graph.name = "g"
    model.graph.doc_string = ""
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.name, node.doc_string = "", ""
        del node.metadata_props[:]
    for tensor in model.graph.initializer:
        tensor.doc_string = ""


def _lift_constants(graph: onnx.GraphProto) -> None:
    """Turn constant nodes into initializers, so that the next step sees them."""
    for node in [node for node in graph.node if node.op_type == "Constant"]:
        tensor = node.attribute[0].t
        tensor.name = node.output[0]
        graph.initializer.append(tensor)
        graph.node.remove(node)


def _drop_aliases(graph: onnx.GraphProto) -> None:
    kept = {value.name for value in graph.output}
    for node in [node for node in graph.node if node.op_type == "Identity" and node.output[0] not in kept]:
        _replace(graph, node.output[0], node.input[0])
        graph.node.remove(node)


def _share_constants(graph: onnx.GraphProto) -> None:
    first: dict[tuple[int, tuple[int, ...], bytes], str] = {}
    for tensor in list(graph.initializer):
        array = onnx.numpy_helper.to_array(tensor)
        key = (tensor.data_type, tuple(tensor.dims), array.tobytes())
        if (name := first.setdefault(key, tensor.name)) != tensor.name:
            _replace(graph, tensor.name, name)
            graph.initializer.remove(tensor)


def _replace(graph: onnx.GraphProto, old: str, new: str) -> None:
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name == old:
                node.input[index] = new


def _rename(graph: onnx.GraphProto) -> None:
    fixed = {value.name for value in (*graph.input, *graph.output)}
    short = {name: name for name in (*fixed, "")}
    numbers = count()
    for tensor in graph.initializer:
        tensor.name = short.setdefault(tensor.name, f"w{next(numbers)}")
    for node in graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                names[index] = short.setdefault(name, f"v{next(numbers)}")
