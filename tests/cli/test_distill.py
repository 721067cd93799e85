"""``openaffect distill`` as its user meets it: label, fit, evaluate, export, one after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.distill.river_files import tone, write_labels, write_wav

ROOT = Path(__file__).resolve().parents[2]
EAR = ROOT / "tests" / "distill" / "ears.py"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


def run(*words: object, code: str = "") -> Done:
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "openaffect.cli", "distill"]
    done = subprocess.run(
        [*command, *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("distill")


def test_the_whole_river(room: Path) -> None:
    for number in range(12):
        write_wav(room / "audio" / f"{number}.wav", (0.1 + number / 15) * tone(number / 12, 0.6, number))
    labels, fitted = room / "labels", room / "fitted"
    done = run(
        "label", "--teacher", f"{EAR}:loudness", "--audio", room / "audio", "--out", labels, "--whole",
        "--shortest", 0.5, "--speakers", "file", "--dev", 0.3, "--test", 0.3, "--workers", 1,
        "--audio-licence", "CC0-1.0",
    )  # fmt: skip
    assert done.code == 0 and "12 pieces" in done.out and "may be permissive" in done.out
    recipe = room / "fit.toml"
    recipe.write_text("steps = 9\nbatch = 4\ncrop_s = [0.3, 0.4]\nthreads = 1\n")
    words = ("fit", "--student", "wav2small-17k", "--labels", labels, "--out", fitted, "--recipe", recipe)
    done = run(*words, "--steps", 3, "--no-augment", "--json")
    assert done.code == 0 and json.loads(done.out)["steps"] == 3
    assert run(*words, "--steps", 3, "--no-augment", "--language", "zh").out.startswith("此前已完成")
    refused = run(*words, "--steps", 4, "--no-augment")
    assert refused.code == 2 and "options.steps (3 there, 4 now)" in refused.err
    done = run("evaluate", "--student", fitted, "--labels", labels, "--split", "all", "--out", room / "ev", "--json")
    assert done.code == 0 and json.loads(done.out)["n"] == 12
    assert all(each["refused"] for each in json.loads(done.out)["nothing"])
    done = run(
        "export", "--student", fitted, "--out", room / "ship", "--licence", "Apache-2.0", "--no-measure",
        "--evaluation", room / "ev",
    )  # fmt: skip
    assert done.code == 0 and "Apache-2.0" in done.out
    assert "RMSE" in (room / "ship" / "README.md").read_text()
    done = run(
        "evaluate",
        "--student",
        room / "ship",
        "--labels",
        labels,
        "--split",
        "all",
        "--no-robustness",
        "--language",
        "zh",
    )
    assert done.code == 0 and "唤醒度" in done.out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("fit", "--student", "wav2smal-72k", "--labels", "LABELS", "--out", "OUT"), 2, "did you mean 'wav2small-72k'"),
        (("fit", "--student", "wav2small-17k", "--labels", "absent", "--out", "OUT"), 3, "no card.json"),
        (("fit", "--student", "wav2small-17k", "--labels", "LABELS", "--out", "OUT", "--crop", "long"), 2, "--crop"),
        (("fit", "--student", "wav2small-17k", "--labels", "LABELS", "--out", "OUT", "--recipe", "x"), 2, "the recipe"),
        (("label", "--teacher", "dwan", "--audio", "x", "--out", "OUT"), 2, "did you mean 'dawn'"),
        (("label", "--teacher", f"{EAR}:loudness", "--audio", "absent", "--out", "OUT"), 3, "no sound file"),
        (("evaluate", "--labels", "LABELS", "--split", "dev"), 2, "either --student FOLDER or --teacher"),
        (("evaluate", "--student", "x"), 2, "either --labels LABELS or --data"),
        (("evaluate", "--student", "absent", "--labels", "LABELS", "--split", "dev"), 3, "student.json"),
        (("evaluate", "--student", "x", "--labels", "LABELS", "--language", "xx"), 2, "unknown language"),
        (("export", "--student", "absent", "--out", "OUT"), 3, "student.json"),
    ],
)
def test_bad_input_is_one_sentence(room: Path, words: tuple[str, ...], code: int, says: str) -> None:
    labels = room / "made"
    if not labels.exists():
        write_labels(labels, 8)
    places = {"LABELS": labels, "OUT": room / "bad", "absent": room / "absent"}
    done = run(*(places.get(word, word) for word in words))
    assert done.code == code and says in done.err, done.err
    assert done.out == "" and done.err.count("\n") == 1


def test_help_teaches_and_loads_nothing_heavy() -> None:
    for command in ("label", "fit", "evaluate", "export"):
        assert f"openaffect distill {command}" in run(command, "--help").out
    code = (
        "import sys, contextlib\nfrom openaffect.cli import app\n"
        "with contextlib.suppress(SystemExit): app(['distill', 'fit', '--help'])\n"
        "print(sorted({'torch', 'onnxruntime', 'matplotlib', 'numpy'} & set(sys.modules)))"
    )
    assert run(code=code).out.strip().endswith("[]")


def test_without_torch_the_command_that_installs_it_is_named(room: Path) -> None:
    code = (
        "import sys, importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'torch' else find(name, *rest)\n"
        "from openaffect.cli import main\nmain()"
    )
    done = run("distill", "fit", "--student", "wav2small-17k", "--labels", "x", "--out", room / "none", code=code)
    assert done.code == 2 and "pip install 'openaffect[distill]'" in done.err
