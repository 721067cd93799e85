"""What holds for every export: it writes whole files, the same ones each time, whatever the report holds."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from tests import reports

from openaffect.analysis.exports import EXPORTS
from openaffect.errors import OutputError
from openaffect.lookup import resolve
from openaffect.records import Report

MADE = {
    "rich": reports.rich,
    "chinese": lambda: reports.rich("zh"),
    "empty": reports.empty,
    "image": lambda: reports.empty("image", duration=0.0),
    "text": reports.text_only,
    "refused": reports.refused,
    "odd name": lambda: reports.rich(path='dir with space/-a \n"b" 😀\udcff.mp4'),
}
FILES = {"csv": 3, "labelstudio": 2, "parquet": 2}


def write(name: str, report: Report, folder: Path) -> list[Path]:
    return resolve(EXPORTS, name, kind="export format")(report, folder, "clip")


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("name", EXPORTS)
def test_every_report_gives_whole_files_and_the_same_twice(name: str, made: str, tmp_path: Path) -> None:
    paths = write(name, MADE[made](), tmp_path / "a")
    again = write(name, MADE[made](), tmp_path / "b")
    assert len(paths) == FILES.get(name, 1)
    assert sorted(paths) == sorted((tmp_path / "a").iterdir())
    for first, second in zip(paths, again, strict=True):
        assert first.name.startswith("clip.")
        assert first.read_bytes() == second.read_bytes()
        if first.suffix != ".parquet":
            first.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", EXPORTS)
def test_a_full_disk_is_one_sentence_and_keeps_the_old_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write(name, reports.empty(), tmp_path)
    before = {path: path.read_bytes() for path in paths}

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="no space left"):
        write(name, reports.rich(), tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_in_place_of_the_folder_is_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot write"):
        write(name, reports.rich(), tmp_path / "out")


def test_label_studio_gets_regions_in_seconds_and_a_config_that_fits() -> None:
    from openaffect.analysis.exports import labelstudio

    report = reports.rich()
    task = json.loads(labelstudio.render(report, "../clip.mp4"))[0]
    assert task["data"] == {"video": "/data/local-files/?d=../clip.mp4", "audio": "/data/local-files/?d=../clip.mp4"}
    results = task["predictions"][0]["result"]
    labels = [item for item in results if item["type"] == "labels"]
    assert [item["value"] for item in labels] == [
        {"start": 0.5, "end": 3.2, "labels": ["grateful", "happy"]},
        {"start": 3.2, "end": 7.0, "labels": ["sarcastic"]},
    ]
    config = labelstudio.config(report)
    for item in results:
        assert f'name="{item["from_name"]}" toName="{item["to_name"]}"' in config
    assert all(f'value="{name}"' in config for name in ("grateful", "happy", "sarcastic", "relieved"))


def test_label_studio_counts_frames_in_silent_video() -> None:
    from openaffect.analysis.exports import labelstudio

    report = reports.rich()
    silent = report.model_copy(update={"media": report.media.model_copy(update={"sound": None})})
    results = json.loads(labelstudio.render(silent))[0]["predictions"][0]["result"]
    # 25 frames a second, counted from 1: 0.5 s is frame 13 (rounded half to even), 3.2 s the end of frame 80
    assert results[0]["value"]["ranges"] == [{"start": 13, "end": 80}]
    assert 'frameRate="25"' in labelstudio.config(silent)


def test_hume_shape_groups_by_model_and_person() -> None:
    from openaffect.analysis.exports import hume

    found = json.loads(hume.render(reports.rich()))[0]["results"]["predictions"][0]
    assert found["file"] == "clip.mp4"
    assert set(found["models"]) == {"face", "prosody", "language"}
    face = found["models"]["face"]["grouped_predictions"]
    assert [group["id"] for group in face] == ["P1", "P2"]
    assert {emotion["name"] for emotion in face[0]["predictions"][0]["emotions"]} == {"happy", "sad", "surprised"}
    prosody = found["models"]["prosody"]["grouped_predictions"]
    # only "happy" cites a clue of the voice (C2)
    assert [item["emotions"] for item in prosody[0]["predictions"]] == [[{"name": "happy", "score": 0.62}]]
    language = found["models"]["language"]["grouped_predictions"]
    assert [group["id"] for group in language] == ["P1", "P2"]
    assert language[0]["predictions"][0]["time"] == {"begin": 0.5, "end": 3.2}


def test_hume_shape_leaves_out_models_without_predictions() -> None:
    from openaffect.analysis.exports import hume

    assert json.loads(hume.render(reports.empty()))[0]["results"]["predictions"][0]["models"] == {}
