"""``openaffect data``: what is printed and how it exits."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.mer_unibench_files import write_csv, write_npz, write_unibench
from typer.testing import CliRunner

from openaffect.cli.data import data
from openaffect.errors import DataError, UsageError


def run(*words: object, code: int = 0) -> str:
    found = CliRunner().invoke(data, [str(word) for word in words], env={"COLUMNS": "200"})
    assert found.exit_code == code, found.output
    return found.output


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_unibench(tmp_path_factory.mktemp("labels"), keys=["meld", "cmumosi", "ovmerdplus"])


def test_list() -> None:
    text = run("list")
    assert "ovmerdplus" in text and "2,610" in text and "MERBench" in text
    found = json.loads(run("list", "--json"))
    assert [each["key"] for each in found][:3] == ["mer2023", "mer2024", "meld"]


def test_check_of_a_copy_as_published(labels: Path) -> None:
    assert "as published" in run("check", "meld", "--labels", labels)
    assert json.loads(run("check", "ovmerdplus", "--labels", labels, "--json"))["differences"] == []


def test_check_of_another_copy(tmp_path: Path) -> None:
    write_unibench(tmp_path, size=20, keys=["meld"])
    text = run("check", "meld", "--labels", tmp_path, code=1)
    assert "2610" in text and "20" in text and "do not compare" in text
    found = json.loads(run("check", "meld", "--labels", tmp_path, "--json", code=1))
    assert found["differences"][0] == {"what": "rows", "published": "2610", "found": "20"}


def test_show_says_whose_wheel_it_is(labels: Path) -> None:
    text = run("show", "ovmerdplus", "--labels", labels)
    assert "532 samples" in text and "not the official numbers" in text and "W1, level 1" in text
    found = json.loads(run("show", "cmumosi", "--labels", labels, "--json"))
    assert found["classes"] == {"negative": 379, "neutral": 30, "positive": 277} and not found["official_tables"]


def test_names_in_files_do_not_steer_the_terminal(tmp_path: Path) -> None:
    rows = [(f"s{i}", f"['[bold]x\x1b[31m{i}']") for i in range(3)]
    write_csv(tmp_path / "mercaption.csv", ["name", "openset"], rows)
    assert "\x1b[31m" not in run("show", "mercaption", "--labels", tmp_path)


def test_word() -> None:
    assert "anger" in run("word", "Furious")
    assert json.loads(run("word", "nonsense", "--json"))["known"] is False
    assert "unknown to the tables" in run("word", "nonsense")


def test_errors_keep_their_exit_codes(tmp_path: Path) -> None:
    def raised(*words: object) -> BaseException | None:
        return CliRunner().invoke(data, [str(word) for word in words]).exception

    write_npz(tmp_path / "label.npz", test_corpus={"a": {"emo": 9, "val": 0}})
    error = raised("check", "meld", "--labels", tmp_path)
    assert isinstance(error, DataError) and error.exit_code == 3
    error = raised("check", "melt", "--labels", tmp_path)
    assert isinstance(error, UsageError) and error.exit_code == 2 and "did you mean 'meld'" in str(error)


@pytest.mark.parametrize("command", ["list", "check", "show", "word"])
def test_help_has_examples(command: str) -> None:
    assert f"openaffect data {command}" in run(command, "--help")


def test_help_stays_light() -> None:
    code = "import sys, openaffect.cli.data; print(*{name.partition('.')[0] for name in sys.modules})"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "pydantic", "python_calamine"} & set(names)
