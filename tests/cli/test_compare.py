"""``openaffect bench compare`` and ``bench list``: the published means and bests, and rows of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openaffect.bench.tasks import TASKS
from openaffect.cli.bench import bench
from openaffect.errors import DataError, UsageError


def run(*words: object) -> str:
    found = CliRunner().invoke(bench, [str(word) for word in words], env={"COLUMNS": "120"})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.output


def test_the_published_rows_give_the_published_figures() -> None:
    text = run("compare", "--by", "kind", "--resamples", 50)
    assert "Means: recognition 29.42, reasoning 49.49, cot 39.45" in text
    assert "Best recognition: 39.3 Gemini-2.5-Pro" in text and "Best cot: 56.0 Gemini-2.5-Pro" in text
    assert "generalist" in text and "specialist" in text
    assert "without Emotion-LLaMA, HumanOmni (single step)" in text


def test_json_and_one_task() -> None:
    found = json.loads(run("compare", "mme-emotion", "--task", "ER-Lab", "--by", "inputs", "--resamples", 20, "--json"))
    assert found["task"] == "ER-Lab" and found["n"] == 20
    assert [group["name"] for group in found["groups"]] == ["AT", "AVT", "VT"]


def test_rows_of_ones_own_stand_beside_the_published(tmp_path: Path) -> None:
    row = {"name": "mine", "benchmark": "mme-emotion", "scores": {"recognition": 50.0, "cot": 60.0}, "published": True}
    (tmp_path / "mine.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    text = run("compare", "--rows", tmp_path / "mine.jsonl", "--resamples", 20)
    assert "Best recognition: 50.0 mine" in text and "all        21" in text


@pytest.mark.parametrize(
    ("written", "why"), [("", "is empty"), ("{}", "line 1 is no row"), ("\n\n", "holds no rows"), ("[1]", "is no row")]
)
def test_rows_that_are_none(written: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text(written, "utf-8")
    with pytest.raises(DataError, match=why):
        run("compare", "--rows", tmp_path / "mine.jsonl")


def test_unknown_tables_and_groupings() -> None:
    with pytest.raises(UsageError, match="did you mean 'mme-emotion'"):
        run("compare", "mme-emotions")
    with pytest.raises(UsageError, match="Known: kind"):
        run("compare", "--by", "colour")


def test_the_list_names_size_and_terms() -> None:
    text = run("list")
    assert "mer-unibench" in text and "2,610 clips" in text and "non-commercial" in text
    assert "mme-emotion" in text and "6,500" in text and "Karl28/MME-Emotion" in text
    found = {each["key"]: each for each in json.loads(run("list", "--json"))}
    assert [key for key, each in found.items() if "run" in each["by"]] == list(TASKS)
    assert [key for key, each in found.items() if "score" in each["by"]] == ["mer-unibench", "emer", "ov-merd"]
    assert found["mme-emotion"]["n"] == 500 + 1800 + 500 + 500 + 600 + 1600 + 500 + 500
    assert all(each["licence"] and each["obtain"] for each in found.values())
