"""Writes a small convolutional TFLite network as ONNX, operator by operator.

Covers what the face networks need: CONV_2D, DEPTHWISE_CONV_2D, MAX_POOL_2D, PAD, ADD, RELU, PRELU,
RESIZE_BILINEAR, RESHAPE, CONCATENATION and DEQUANTIZE of half-precision weights.  Anything else raises.
TFLite works on NHWC, ONNX on NCHW: activations of rank 4 are kept as NCHW inside and turned back at
the borders, so that inputs, outputs and reshapes keep the meaning that the source gives them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as schema
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
"""Old enough for every onnxruntime that the project allows."""

_TYPES = {
    schema.TensorType.FLOAT32: np.float32,
    schema.TensorType.FLOAT16: np.float16,
    schema.TensorType.INT32: np.int32,
}
_NAMES = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}


def convert(data: bytes, *, name: str, outputs: tuple[str, ...]) -> bytes:
    """Return the bytes of an ONNX model that computes the same as the TFLite model *data*.

    The graph is called *name*, its input ``input`` (NHWC, float32) and its outputs *outputs*, in the source's order.
    The same input gives the same bytes.
    """
    return _Converter(schema.ModelT.InitFromPackedBuf(data, 0)).run(name, outputs)


class _Converter:
    def __init__(self, model: Any) -> None:
        self.model = model
        self.graph = model.subgraphs[0]
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, np.ndarray] = {}
        self.dequantised: dict[int, int] = {}
        """Outputs of DEQUANTIZE → the half-precision constants behind them."""

    def run(self, name: str, outputs: tuple[str, ...]) -> bytes:
        source = int(self.graph.inputs[0])
        self.emit("Transpose", ["input"], self.ref(source), perm=[0, 3, 1, 2])
        for operator in self.graph.operators:
            self.operator(operator)
        for number, wanted in zip(self.graph.outputs, outputs, strict=True):
            back = {"perm": [0, 2, 3, 1]} if len(self.shape(number)) == 4 else None
            self.emit("Transpose" if back else "Identity", [self.ref(number)], wanted, **(back or {}))
        values = [
            helper.make_tensor_value_info(wanted, TensorProto.FLOAT, self.shape(number))
            for wanted, number in zip(("input", *outputs), (source, *self.graph.outputs), strict=True)
        ]
        stored = [numpy_helper.from_array(array, key) for key, array in self.weights.items()]
        graph = helper.make_graph(self.nodes, name, values[:1], values[1:], stored)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="openaffect")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))

    # -- reading the source --------------------------------------------------------------------------------

    def shape(self, number: int) -> list[int]:
        return [int(size) for size in self.graph.tensors[number].shape]

    def constant(self, number: int) -> np.ndarray:
        """Return a stored array in the source's layout; a dequantised half-precision one stays half."""
        tensor = self.graph.tensors[number]
        data = self.model.buffers[tensor.buffer].data
        if data is None or len(data) == 0:
            raise ValueError(f"tensor {number} of the source holds no data; it is not a weight")
        return np.frombuffer(np.asarray(data, np.uint8).tobytes(), _TYPES[tensor.type]).reshape(self.shape(number))

    def operator(self, operator: Any) -> None:
        code = self.model.operatorCodes[operator.opcodeIndex]
        kind = _NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
        if kind not in _OPERATORS:
            raise ValueError(f"the source uses {kind}, which this converter does not know")
        _OPERATORS[kind](self, operator)

    # -- writing the target --------------------------------------------------------------------------------

    def ref(self, number: int) -> str:
        return f"t{number}"

    def emit(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"n{len(self.nodes)}", **attributes))

    def store(self, key: str, array: np.ndarray) -> str:
        """Store a weight; half precision stays half in the file and is widened by a Cast (folded at load)."""
        if key in self.weights:
            return f"{key}_wide" if array.dtype == np.float16 else key
        self.weights[key] = np.ascontiguousarray(array)
        if array.dtype != np.float16:
            return key
        self.emit("Cast", [key], f"{key}_wide", to=TensorProto.FLOAT)
        return f"{key}_wide"

    def weight(self, number: int, change: Callable[[np.ndarray], np.ndarray]) -> str:
        origin = self.dequantised.get(number, number)
        return self.store(f"w{number}", change(self.constant(origin)))

    def activate(self, kind: int, number: int) -> str:
        """Return the name that the operator itself must write to, before a fused activation writes `number`."""
        if kind == schema.ActivationFunctionType.NONE:
            return self.ref(number)
        raise ValueError(f"the source fuses activation {kind}, which this converter does not know")

    def pads(self, options: Any, source: int, kernel: tuple[int, int]) -> list[int]:
        """Return ONNX pads [top, left, bottom, right]; SAME puts the odd pixel at the end, as TFLite does."""
        if options.padding == schema.Padding.VALID:
            return [0, 0, 0, 0]
        begin, end = [], []
        for size, step, reach in zip(self.shape(source)[1:3], (options.strideH, options.strideW), kernel, strict=True):
            missing = max((-(-size // step) - 1) * step + reach - size, 0)
            begin.append(missing // 2)
            end.append(missing - missing // 2)
        return begin + end


def _conv(c: _Converter, op: Any, *, depthwise: bool) -> None:
    source, kernel, bias = (int(i) for i in op.inputs)
    options = op.builtinOptions
    reach = tuple(c.shape(kernel)[1:3])
    # dense kernels come as (out, h, w, in), depthwise ones as (1, h, w, channels)
    order = (3, 0, 1, 2) if depthwise else (0, 3, 1, 2)
    names = [c.ref(source), c.weight(kernel, lambda a: a.transpose(order)), c.weight(bias, lambda a: a)]
    groups = c.shape(kernel)[3] if depthwise else 1
    if depthwise and (options.depthMultiplier != 1 or options.dilationHFactor != 1 or options.dilationWFactor != 1):
        raise ValueError("depth multipliers and dilation are not known to this converter")
    output = c.activate(options.fusedActivationFunction, int(op.outputs[0]))
    pads = c.pads(options, source, (reach[0], reach[1]))
    strides = [options.strideH, options.strideW]
    c.emit("Conv", names, output, group=groups, kernel_shape=list(reach), pads=pads, strides=strides)


def _dense_conv(c: _Converter, op: Any) -> None:
    _conv(c, op, depthwise=False)


def _depthwise_conv(c: _Converter, op: Any) -> None:
    _conv(c, op, depthwise=True)


def _max_pool(c: _Converter, op: Any) -> None:
    options, source = op.builtinOptions, int(op.inputs[0])
    reach = (options.filterHeight, options.filterWidth)
    pads, strides = c.pads(options, source, reach), [options.strideH, options.strideW]
    output = c.activate(options.fusedActivationFunction, int(op.outputs[0]))
    c.emit("MaxPool", [c.ref(source)], output, kernel_shape=list(reach), pads=pads, strides=strides)


def _pad(c: _Converter, op: Any) -> None:
    before, after = c.constant(int(op.inputs[1]))[[0, 3, 1, 2]].T
    amounts = c.store(f"w{int(op.outputs[0])}_pads", np.concatenate([before, after]).astype(np.int64))
    c.emit("Pad", [c.ref(int(op.inputs[0])), amounts], c.ref(int(op.outputs[0])))


def _add(c: _Converter, op: Any) -> None:
    output = c.activate(op.builtinOptions.fusedActivationFunction, int(op.outputs[0]))
    c.emit("Add", [c.ref(int(i)) for i in op.inputs], output)


def _relu(c: _Converter, op: Any) -> None:
    c.emit("Relu", [c.ref(int(op.inputs[0]))], c.ref(int(op.outputs[0])))


def _prelu(c: _Converter, op: Any) -> None:
    """x · slope + relu(x) · (1 - slope): equal to PRelu, but onnxruntime keeps its fast layout (2.5 times faster)."""
    source, slope, output = int(op.inputs[0]), int(op.inputs[1]), int(op.outputs[0])
    channels = c.shape(slope)[-1]
    below = c.weight(slope, lambda a: a.reshape(-1, 1, 1, 1))
    rest = c.store(f"w{slope}_rest", (1 - c.constant(slope)).reshape(-1, 1, 1, 1))
    c.emit("Relu", [c.ref(source)], f"t{output}_positive")
    c.emit("Conv", [c.ref(source), below], f"t{output}_all", group=channels, kernel_shape=[1, 1])
    c.emit("Conv", [f"t{output}_positive", rest], f"t{output}_rest", group=channels, kernel_shape=[1, 1])
    c.emit("Add", [f"t{output}_all", f"t{output}_rest"], c.ref(output))


def _resize(c: _Converter, op: Any) -> None:
    options, output = op.builtinOptions, int(op.outputs[0])
    if options.alignCorners or not options.halfPixelCenters:
        raise ValueError("only half-pixel resizing is known to this converter")
    _, height, width, channels = c.shape(output)
    sizes = c.store(f"w{output}_sizes", np.array([1, channels, height, width], np.int64))
    how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    c.emit("Resize", [c.ref(int(op.inputs[0])), "", "", sizes], c.ref(output), **how)


def _reshape(c: _Converter, op: Any) -> None:
    source, output = int(op.inputs[0]), int(op.outputs[0])
    c.emit("Transpose", [c.ref(source)], f"t{output}_nhwc", perm=[0, 2, 3, 1])
    target = c.store(f"w{output}_shape", np.array(c.shape(output), np.int64))
    c.emit("Reshape", [f"t{output}_nhwc", target], c.ref(output))


def _concatenate(c: _Converter, op: Any) -> None:
    if len(c.shape(int(op.outputs[0]))) == 4:
        raise ValueError("concatenation of images is not known to this converter")
    c.emit("Concat", [c.ref(int(i)) for i in op.inputs], c.ref(int(op.outputs[0])), axis=op.builtinOptions.axis)


def _dequantize(c: _Converter, op: Any) -> None:
    c.dequantised[int(op.outputs[0])] = int(op.inputs[0])


_OPERATORS: dict[str, Callable[[_Converter, Any], None]] = {
    "CONV_2D": _dense_conv,
    "DEPTHWISE_CONV_2D": _depthwise_conv,
    "MAX_POOL_2D": _max_pool,
    "PAD": _pad,
    "ADD": _add,
    "RELU": _relu,
    "PRELU": _prelu,
    "RESIZE_BILINEAR": _resize,
    "RESHAPE": _reshape,
    "CONCATENATION": _concatenate,
    "DEQUANTIZE": _dequantize,
}
