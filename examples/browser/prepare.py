"""Put the page, an exported student, the voice detector and onnxruntime-web into one folder of static files.

    npm pack onnxruntime-web@1.30.0 && tar xzf onnxruntime-web-1.30.0.tgz
    python examples/browser/prepare.py STUDENT package/dist --out site
    python -m http.server --bind 127.0.0.1 --directory site 8000

STUDENT is a folder that ``openaffect distill export`` wrote.  The page asks for nothing outside the folder.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import openaffect.runtime

HERE = Path(__file__).parent
PAGE = ("index.html", "page.css", "page.mjs", "student.mjs", "words.mjs", "tap.mjs")
ENGINE = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
STUDENT = ("model.onnx", "student.json")


def prepare(student: Path, engine: Path, out: Path) -> None:
    """Copy all that the page needs into *out*."""
    voice = Path(openaffect.runtime.__file__).parent / "models" / "voice_activity.onnx"
    for source, names, room in ((HERE, PAGE, out), (engine, ENGINE, out / "ort"), (student, STUDENT, out / "student")):
        room.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copyfile(source / name, room / name)
    shutil.copyfile(voice, out / "student" / voice.name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("student", type=Path, help="folder of an exported student")
    parser.add_argument("engine", type=Path, help="folder dist/ of the npm package onnxruntime-web")
    parser.add_argument("--out", type=Path, default=Path("site"), help="folder for the static files")
    chosen = parser.parse_args()
    prepare(chosen.student, chosen.engine, chosen.out)
    print(f"{chosen.out} is ready: python -m http.server --bind 127.0.0.1 --directory {chosen.out} 8000")
