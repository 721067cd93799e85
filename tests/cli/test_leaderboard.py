"""``openaffect bench leaderboard``: Markdown, JSON, files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from openaffect.cli.leaderboard import leaderboard
from openaffect.errors import UsageError

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
