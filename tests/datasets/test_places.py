"""Where the files lie: the folder itself or one that is named like the data set; never a guess between two."""

import os
from pathlib import Path
from typing import Any

import pytest
from tests.mer_unibench_files import write_csv, write_npz

from openaffect.datasets import find, load
from openaffect.datasets.places import spelled
from openaffect.datasets.predictions import find_predictions, read_predictions
from openaffect.errors import AbsentData, DataError

CORPUS = {"test_corpus": {"a": {"emo": 0, "val": 0.5}}}


def put(folder: Path, name: str = "label.npz") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_npz(folder / name, **CORPUS)
    return folder


@pytest.mark.parametrize(
    ("folder", "key"),
    [
        ("meld-process", "meld"),
        ("MELD", "meld"),
        ("Meld_Process", "meld"),
        ("cmumosi-process", "cmumosi"),
        ("CMU-MOSI", "cmumosi"),
        ("mosi", "cmumosi"),
        ("CH-SIMS-process", "sims"),
        ("simsv2", "simsv2"),
        ("sims-v2-dataset", "simsv2"),
        ("ch_sims_v2", "simsv2"),
        ("mer2023-dataset-process", "mer2023"),
        ("iemocap-process", "iemocapfour"),
        ("OV-MERD+", "ovmerdplus"),
        ("mer2025-dataset", "ovmerd"),
    ],
)
def test_spellings_of_folders(folder: str, key: str) -> None:
    assert spelled(folder) in {spelled(key), *find(key).spellings}


def test_in_the_folder_in_a_folder_inside_and_by_the_file_itself(tmp_path: Path) -> None:
    put(tmp_path / "all" / "Meld-Process")
    put(tmp_path / "all" / "sims-process")
    for place in (tmp_path / "all", tmp_path / "all" / "Meld-Process", tmp_path / "all" / "Meld-Process" / "label.npz"):
        assert [sample.id for sample in load("meld", place)] == ["a"]


def test_two_copies_are_listed(tmp_path: Path) -> None:
    put(tmp_path / "meld-process")
    put(tmp_path / "MELD")
    with pytest.raises(DataError, match=r"several copies of the labels of meld: .*MELD/label\.npz.*meld-process/label"):
        load("meld", tmp_path)
    put(tmp_path)
    with pytest.raises(DataError, match="name the folder of the one"):
        load("meld", tmp_path)


def test_two_plain_files_are_listed(tmp_path: Path) -> None:
    write_csv(tmp_path / "meld.csv", ["name", "label"], [("a", "joy")])
    (tmp_path / "meld.jsonl").write_text('{"name": "a", "label": "joy"}\n')
    with pytest.raises(DataError, match=r"meld\.csv.*meld\.jsonl"):
        load("meld", tmp_path)


def test_nothing_there_says_what_was_looked_for_and_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "MELD-process").mkdir()
    put(tmp_path / "sims-process")
    with pytest.raises(AbsentData) as caught:
        load("meld", tmp_path)
    message = str(caught.value)
    for part in ("label.npz, meld.csv, meld.jsonl", str(tmp_path), "'MELD-process'", "To get them: label.npz is part"):
        assert part in message
    with pytest.raises(AbsentData, match="there is no folder"):
        load("meld", tmp_path / "absent")


def test_the_folder_of_another_data_set_is_not_taken(tmp_path: Path) -> None:
    put(tmp_path / "sims-process")
    with pytest.raises(DataError, match="is named like sims, and meld was asked for"):
        load("meld", tmp_path / "sims-process")
    put(tmp_path / "sims-process" / "meld")
    (tmp_path / "sims-process" / "label.npz").unlink()
    assert load("meld", tmp_path / "sims-process")


def test_a_file_of_another_name(tmp_path: Path) -> None:
    put(tmp_path, "labels.npz")
    with pytest.raises(DataError, match=r"not called as the files of meld are \(label\.npz, meld\.csv, meld\.jsonl\)"):
        load("meld", tmp_path / "labels.npz")


def test_a_folder_or_a_broken_link_instead_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "label.npz").mkdir()
    with pytest.raises(DataError, match="is a folder, a file was expected"):
        load("meld", tmp_path)
    (tmp_path / "label.npz").rmdir()
    (tmp_path / "label.npz").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DataError, match="no such file"):
        load("meld", tmp_path)


def close(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing in *folder* be seen, as without permission to search it; a test may run as root, whom none stops."""
    for name in ("stat", "lstat"):
        real = getattr(os, name)

        def look(path: Any, *arguments: Any, real: Any = real, **options: Any) -> Any:
            if isinstance(path, str | Path) and folder in Path(path).parents:
                raise PermissionError(13, "Permission denied")
            return real(path, *arguments, **options)

        monkeypatch.setattr(os, name, look)


def test_a_folder_that_may_not_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "meld-process")
    close(tmp_path / "meld-process", monkeypatch)
    for place in (tmp_path, tmp_path / "meld-process"):
        with pytest.raises(DataError, match=r"cannot read .*permission denied") as caught:
            load("meld", place)
        assert not isinstance(caught.value, AbsentData)
    for place in (tmp_path / "meld-process", tmp_path / "meld-process" / "inside"):
        with pytest.raises(DataError, match=r"cannot read .*permission denied") as caught:
            find_predictions(place, "meld")
        assert not isinstance(caught.value, AbsentData)
    with pytest.raises(DataError, match=r"cannot read .*label\.npz': permission denied"):
        read_predictions(tmp_path / "meld-process" / "label.npz")


def test_a_pipe_and_links_instead_of_the_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    for name, part in (("pipe", "is a pipe"), ("link", "leads nowhere"), ("round", "symbolic|symlink")):
        with pytest.raises(DataError, match=part) as caught:
            load("meld", tmp_path / name)
        assert not isinstance(caught.value, AbsentData)


def test_a_working_folder_that_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "labels")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for read in (load, find_predictions):
        arguments = ("meld", Path()) if read is load else (Path(), "meld")
        with pytest.raises(DataError, match=r"'\.'.*(working folder was deleted|no such file)"):
            read(*arguments)  # type: ignore[operator]
    assert load("meld", tmp_path / "labels")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path)

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # a test may run as root, whom no permission stops
    with pytest.raises(DataError, match=r"cannot read .*label\.npz': permission denied; check the path"):
        load("meld", tmp_path)
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError, match="cannot read"):
        load("meld", tmp_path)
