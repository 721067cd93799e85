"""``analyze --student``: a folder from disk fills the seat, the report says where from, a wrong folder ends the run."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.distill.students.made import made
from tests.media_files import BAD_INPUTS

from openaffect.analysis.batch import plan
from openaffect.analysis.options import Options
from openaffect.cli import main
from openaffect.distill.export import export_folder
from openaffect.media.audio import read_audio
from openaffect.media.inputs import Input
from openaffect.records import Report
from openaffect.runtime import load, loading
from openaffect.runtime.facts import StudentFacts

DEMO = Path(__file__).resolve().parents[2] / "examples" / "demo.mp4"


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("student")
    facts = StudentFacts("wav2small-17k", present=("arousal",), name="made", trained=True)
    export_folder(made("wav2small-17k"), folder, facts, measure=False)
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["openaffect", "analyze", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


def test_values_and_where_they_come_from(
    student: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    words = (str(DEMO), "--student", str(student), "--asr", "none", "--no-faces", "--out", str(tmp_path))
    assert run(monkeypatch, *words, "-f", "json", "-f", "csv", "-f", "html") == 0
    shown = capfd.readouterr().out
    report = Report.model_validate_json((tmp_path / "demo.json").read_bytes())
    found = [segment.dimensions for segment in report.segments if segment.dimensions]
    assert found
    assert all((each.source, each.dominance, each.valence) == ("made", None, None) for each in found)
    spoken = [each for each in found if each.arousal is not None]
    assert spoken
    assert f"A {spoken[0].arousal:.2f}  D –  V –  (made)" in shown
    assert report.generator.models[-1].name == "made"
    assert report.generator.models[-1].sha256 == load(student).identity
    assert "(made)" in (tmp_path / "demo.html").read_text("utf-8")
    assert ",made," in (tmp_path / "demo.segments.csv").read_text("utf-8")


@pytest.mark.parametrize("name", ["silent", "noise", "music"])
def test_what_is_no_speech_gets_no_value(
    name: str, student: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = BAD_INPUTS[name][0](tmp_path)
    out = tmp_path / "out"
    assert run(monkeypatch, str(path), "--student", str(student), "--out", str(out), "-f", "json", "-q") == 0
    (written,) = [each for each in out.glob("*.json") if each.name != "run-card.json"]
    for segment in Report.model_validate_json(written.read_bytes()).segments:
        assert segment.dimensions is None or (segment.dimensions.arousal is None and segment.dimensions.reason)


def test_a_folder_without_a_student_ends_the_run_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, str(DEMO), "--student", str(tmp_path)) == 3
    monkeypatch.setattr(loading, "BUILT_IN", tmp_path / "none")
    assert run(monkeypatch, str(DEMO), "--student", "builtin") == 2
    said = capfd.readouterr()
    assert "distill export" in said.err
    assert "no student ships" in said.err
    assert said.out == ""


def test_another_student_in_the_same_folder_is_other_work(student: Path, tmp_path: Path) -> None:
    folder = tmp_path / "student"
    shutil.copytree(student, folder)

    def key(**options: object) -> str:
        return plan([Input(DEMO, None)], Options(**options), out=None, formats=[])[0].key  # type: ignore[arg-type]

    before = key(student=str(folder))
    assert before == key(student=str(folder))
    assert before != key()
    content = json.loads((folder / "student.json").read_text())
    (folder / "student.json").write_text(json.dumps(content | {"note": "Another."}))
    assert key(student=str(folder)) != before


def test_the_demo_speaks() -> None:
    assert np.abs(read_audio(DEMO)).max() > 0.01
