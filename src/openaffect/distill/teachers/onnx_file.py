"""Any ONNX network as a teacher: sound in, arousal, dominance and valence out.

The network has one input, float32 of shape (n,) or (1, n), 16 kHz, and an output of three numbers: the one called
``logits``, or its only one.  Their order is arousal, dominance, valence, unless a file beside the network says
otherwise: ``model.yaml`` (the labels of audonnx), or the ``student.json`` of a student of ours, which also names the
licence.  Without it the licence is not stated, and so no student is permissive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from openaffect.distill.teacher import Listener, Sound, Values
from openaffect.distill.teachers.fingerprint import fingerprint
from openaffect.errors import DataError, MissingPart, UsageError
from openaffect.media.names import show
from openaffect.runtime.facts import DIMENSIONS, FILE, StudentFacts

LABELS = "model.yaml"
OUTPUT = "logits"
_MOST_LABELS = 1 << 20
_LIST = re.compile(r"\blogits['\"]?:\s*(\[[^\]]*\]|(?:\n[ \t]*-[ \t]*[^\n]+)+)")
_WORD = re.compile(r"[A-Za-z][\w-]*")


def open_onnx(place: str, *, offline: bool = False, threads: int = 1, accept_licence: bool = False) -> Listener:
    """Return the network in the file *place* as a teacher.

    Raises `UsageError` without a file, `DataError` for a file that is no such network or whose weights lie elsewhere
    than beside it, `MissingPart` without the package onnx.
    """
    path = Path(place).expanduser()
    if not path.is_file():
        raise UsageError(f"there is no file {place!r} for the teacher onnx; write onnx:FILE.onnx.")
    files = [path, *_weights_beside(path)]
    session = _session(path, threads)
    signal, rank = _input(session, path)
    output = _output(session, path)
    facts = StudentFacts.load(path.parent) if (path.parent / FILE).is_file() else None
    if facts and not facts.trained:
        raise DataError(f"{show(path)} is a student with random weights, as its {FILE} says; train it first.")
    order = list(range(len(DIMENSIONS))) if facts else _order(path)

    def ask(heard: Sound) -> Values:
        fed = heard if rank == 1 else heard[None]
        answer = np.asarray(session.run([output], {signal: fed})[0]).reshape(-1)
        if answer.size != len(DIMENSIONS):
            raise DataError(f"{output} of {show(path)} holds {answer.size} numbers, {len(DIMENSIONS)} are needed.")
        return answer[order].astype(np.float64)

    described = [path.parent / name for name in (LABELS, FILE) if (path.parent / name).is_file()]
    return Listener(
        name=f"onnx:{path.name}" if facts is None else facts.name or facts.network,
        identity=fingerprint([*files, *described]),
        ask=_shielded(ask, path),
        licence=facts.licence if facts else "",
        permissive=facts.permissive if facts else False,
        present=facts.present if facts else DIMENSIONS,
    )


def _shielded(ask: Any, path: Path) -> Any:
    def asked(signal: Sound) -> Any:
        try:
            return ask(signal)
        except DataError:
            raise
        except Exception as error:  # the classes of onnxruntime have no ancestor of their own
            said = " ".join(str(error).split())[:160]
            raise DataError(f"{show(path)} fails on {len(signal)} samples ({said}); give longer sound.") from error

    return asked


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the classes of onnxruntime have no ancestor of their own
        said = " ".join(str(error).split())[:160]
        raise DataError(f"{show(path)} is no ONNX network that can run here ({said}); export it again.") from error


def _input(session: onnxruntime.InferenceSession, path: Path) -> tuple[str, int]:
    """Return the name of the only input and the number of its axes."""
    inputs = session.get_inputs()
    shapes = ", ".join(f"{each.name} {each.type} {each.shape}" for each in inputs)
    ranks = [len(each.shape or ()) for each in inputs]
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or ranks[0] not in (1, 2):
        raise DataError(f"{show(path)} must have one input, the float samples (n,) or (1, n); it has {shapes}.")
    return str(inputs[0].name), ranks[0]


def _output(session: onnxruntime.InferenceSession, path: Path) -> str:
    """Return the name of the output with the three numbers."""
    outputs = {str(each.name): each for each in session.get_outputs()}
    name = OUTPUT if OUTPUT in outputs else next(iter(outputs))
    if name != OUTPUT and len(outputs) > 1:
        raise DataError(f"{show(path)} has the outputs {', '.join(outputs)}; the one to take must be called {OUTPUT}.")
    last = (outputs[name].shape or [None])[-1]
    three = last == len(DIMENSIONS) or last is None or isinstance(last, str)  # an axis without a size has a name
    if outputs[name].type not in ("tensor(float)", "tensor(double)") or not three:
        found = f"{outputs[name].type} {outputs[name].shape}"
        raise DataError(f"{name} of {show(path)} must hold three numbers, it is {found}.")
    return name


def _order(path: Path) -> list[int]:
    """Return where arousal, dominance and valence stand, by the labels beside *path* where there are any."""
    labels = path.parent / LABELS
    if not labels.is_file():
        return list(range(len(DIMENSIONS)))
    if labels.stat().st_size > _MOST_LABELS:
        raise DataError(f"{show(labels)} has more than {_MOST_LABELS >> 20} MB, too much for the labels of a network.")
    found = _LIST.search(labels.read_text("utf-8", "replace"))
    if found is None:
        return list(range(len(DIMENSIONS)))
    names = [name.lower() for name in _WORD.findall(found[1])]
    if sorted(names) != sorted(DIMENSIONS):
        raise DataError(
            f"{show(labels)} names the {OUTPUT} {', '.join(names)[:100]}; needed are {', '.join(DIMENSIONS)}."
        )
    return [names.index(name) for name in DIMENSIONS]


def _weights_beside(path: Path) -> list[Path]:
    """Return the files beside *path* in which it keeps weights; raises `DataError` for one that lies elsewhere."""
    try:
        import onnx
    except ImportError as error:
        raise MissingPart(
            "a teacher in ONNX needs the package onnx; install it with: pip install 'openaffect[distill]'"
        ) from error
    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's own classes
        raise DataError(f"{show(path)} is no ONNX network ({type(error).__name__}); export it again.") from error
    places = {
        entry.value
        for tensor in _tensors([model.graph, *model.functions])
        for entry in tensor.external_data
        if entry.key == "location"
    }
    for place in sorted(places):
        inside = place == Path(place).name and "\\" not in place and "\0" not in place
        if not inside or not (path.parent / place).is_file() or (path.parent / place).is_symlink():
            raise DataError(
                f"{show(path)} keeps weights in {place[:80]!r}, which is no file of its own folder; put it there."
            )
    return [path.parent / place for place in sorted(places)]


def _tensors(graphs: Sequence[Any]) -> Iterator[Any]:
    """Yield every tensor in *graphs* (or functions), in attributes and in graphs inside them too."""
    waiting = list(graphs)
    while waiting:
        graph = waiting.pop()
        yield from getattr(graph, "initializer", ())
        for sparse in getattr(graph, "sparse_initializer", ()):
            yield from (sparse.values, sparse.indices)
        for node in graph.node:
            for attribute in node.attribute:
                yield from (attribute.t, *attribute.tensors)
                for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                    yield from (sparse.values, sparse.indices)
                waiting += [attribute.g, *attribute.graphs]
