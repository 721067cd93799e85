"""The student can be lifted out: in a fresh interpreter it loads numpy and onnxruntime, or numpy alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ONE_THREAD = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
CODE = """
import sys
absent = sys.argv[2].split()
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in absent:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Absent())
import importlib.util, json
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in absent else real(name, package)
before = {name.partition('.')[0] for name in sys.modules}
import numpy as np
from openaffect.runtime import Stream, load
model = load(sys.argv[1], engine=sys.argv[3])
draw = np.random.default_rng(0).standard_normal(180000).astype(np.float32)
said = [model(draw[:32000]), model(draw)]
for mode in ('window', 'running'):
    stream = Stream(model, mode=mode)
    said += [stream.push(draw)[-1], stream.flush()]
found = {name.partition('.')[0] for name in sys.modules} - before - set(sys.stdlib_module_names)
ours = sorted(name for name in sys.modules if name.startswith('openaffect.') and 'runtime' not in name)
print(json.dumps([sorted(found), ours, said[0].arousal, said[0].reason, said[0].note]))
"""


def seen(folder: Path, engine: str, absent: str = "") -> tuple[set[str], list[str], float | None, str, str]:
    command = [sys.executable, "-c", CODE, str(folder), absent, engine]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ONE_THREAD)
    found, *rest = json.loads(done.stdout)
    # What onnxruntime itself loads, without being asked by us, and the marks of numpy's compiled modules.
    theirs = {"coloredlogs", "flatbuffers", "google", "humanfriendly", "packaging", "sympy", "mpmath"}
    return {name for name in found if "cython" not in name} - theirs, *rest  # type: ignore[return-value]


def test_a_student_needs_numpy_and_onnxruntime(folders: dict[str, Path]) -> None:
    names, ours, arousal, reason, _ = seen(folders["wav2small-72k"], "auto")
    assert names == {"numpy", "onnxruntime", "openaffect"}
    assert ours == ["openaffect.errors"]
    assert (arousal, reason) == (None, "no speech")


def test_without_onnxruntime_numpy_does_it_and_the_gate_hears_the_level_only(folders: dict[str, Path]) -> None:
    for engine in ("auto", "numpy"):
        names, ours, arousal, reason, note = seen(folders["wav2small-72k"], engine, "onnxruntime soxr yaml")
        assert names == {"numpy", "openaffect"}
        assert ours == ["openaffect.errors"]
        assert arousal is not None
        assert (reason, note) == ("", "level only")


def test_asking_for_the_absent_engine_says_how_to_get_it(folders: dict[str, Path]) -> None:
    command = [sys.executable, "-c", CODE, str(folders["wav2small-72k"]), "onnxruntime", "onnx"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "pip install onnxruntime" in done.stderr.splitlines()[-1]
