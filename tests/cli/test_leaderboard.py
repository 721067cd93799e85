"""``openaffect bench leaderboard``: Markdown, JSON, files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from tests.emer_boards import Marks, picture_of, scripted_run, write_parts
from tests.emer_files import names
from typer.testing import CliRunner

from openaffect.cli.leaderboard import leaderboard
from openaffect.errors import DataError, UsageError

bench = typer.Typer()
bench.command()(leaderboard)


def run(*words: object) -> str:
    found = CliRunner().invoke(bench, [str(word) for word in words], env={"COLUMNS": "120"})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.output


def test_markdown_to_the_terminal_and_json() -> None:
    assert run("--table", "mer-unibench").startswith("# MER-UniBench\n")
    assert len(json.loads(run("--table", "mme-emotion", "--json"))["rows"]) == 20


def test_files_are_written(tmp_path: Path) -> None:
    text = run("--table", "emer-fine", "--out", tmp_path / "board")
    assert "leaderboard.html" in text
    assert len(list((tmp_path / "board").iterdir())) == 3


def test_nothing_named_is_an_error() -> None:
    with pytest.raises(UsageError, match="name a run or a table"):
        run()


def test_runs_of_emer_and_the_folder_of_their_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaffect.bench.clips.parts", picture_of)
    data = write_parts(tmp_path / "data", 3)
    marks = {name: Marks() for name in names(3)}
    runs = [scripted_run(data, tmp_path / model, marks, model=model) for model in "ab"]
    text = run(*runs)
    assert text.startswith("# EMER-Fine") and "| a | run |" in text and "--table emer-v1 shows it" in text
    assert run(*runs, "--table", "emer-v1").startswith("# EMER-V1")
    data.rename(tmp_path / "moved")
    for words, n in (((), 2), (("--data", tmp_path / "moved"), 5)):
        assert len(json.loads(run(*runs, "--json", "--resamples", 9, *words))["pairs"]) == n
    assert "8 rows of emer-fine in" in run(*runs, "--out", tmp_path / "board")


def test_wheels_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no"):
        run("--table", "mer-unibench", "--wheels", tmp_path)
