"""``openaffect bench prefer`` and ``bench agree`` as their user meets them: tables, JSON, files, wrong usage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.emer_files import emer_run, names, write_emer
from typer.testing import CliRunner, Result

from openaffect.cli.agree import agree
from openaffect.cli.prefer import prefer
from openaffect.errors import DataError, OfflineError, UsageError

N = 6
NASTY = "J\x1b[2J[red]\u202e"
bench = typer.Typer()
bench.command()(agree)
bench.command()(prefer)


def run(*words: object, code: int = 0) -> Result:
    found = CliRunner().invoke(bench, [str(word) for word in words], env={"COLUMNS": "80"})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == code, found.output
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_emer(tmp_path / "data", N)


def judged(data: Path, out: Path, judge: str, support: list[int], **options: Any) -> Path:
    marks = {name: (each, 1) for name, each in zip(names(N), support, strict=True)}
    return emer_run(data, out, judge=judge, marks=marks, n=N, **options)


def test_judges_in_a_table_of_eighty_columns_and_as_json(data: Path, tmp_path: Path) -> None:
    runs = [
        judged(data, tmp_path / "a", "first-judge-2026", [5, 4, 4, 2, 1, 3]),
        judged(data, tmp_path / "b", NASTY, [5, 4, 3, 2, 1, 3]),
    ]
    rated = "\n".join(f"emer-v1/{name},4" for name in names(N)[:3])
    (tmp_path / "human.csv").write_text(f"id,rating\n{rated}\n")
    words = (*runs, "--human", tmp_path / "human.csv", "--measure", "plausibility.support", "--resamples", 50)
    text = run("agree", *words).stdout
    assert "A  first-judge-2026" in text and "C  human" in text and "plausibility.support (whole numbers)" in text
    assert "left out of A C: 3 absent (C)" in text and "All: alpha (ordinal)" in text
    lines = [line.rstrip() for line in text.splitlines()]
    head, _, first, *_ = lines[lines.index("plausibility.support (whole numbers)") + 1 :]
    assert head.split() == ["pair", "n", "equal", "kappa", "ICC(2,1)", "bias"]
    assert first.startswith("A B") and first.endswith("]") and len(first) <= 80
    assert "\x1b" not in text and "\u202e" not in text
    found = json.loads(run("agree", *words, "--json").stdout)
    assert found["measures"][0]["pairs"][0]["n"] == N and len(found["raters"]) == 3


def test_models_are_ranked_and_the_swap_is_looked_at(data: Path, tmp_path: Path) -> None:
    runs = [emer_run(data, tmp_path / name, model=name, says=f"{name} says happy") for name in ("m", "n")]
    words = ("prefer", *runs, "--judge", "fake:A", "--out", tmp_path / "out")
    first = run(*words)
    assert (
        "emer-v1: 6 of 6 clips compared" in first.stdout and "Pairs 6, ties 6, inconsistent 6, failed 0" in first.stdout
    )
    assert "First place wins: 1.00" in first.stdout and "preference: answered 12" in first.stderr
    lines = (tmp_path / "out" / "preference.jsonl").read_text()
    found = json.loads(run(*words, "--json").stdout)
    assert (tmp_path / "out" / "preference.jsonl").read_text() == lines
    assert found == json.loads((tmp_path / "out" / "scores.json").read_text())
    text = run("agree", tmp_path / "out").stdout
    assert "same verdict in both orders: 0.00" in text and "first place wins: 1.00" in text


def test_failed_calls_are_exit_code_one_and_tried_again(data: Path, tmp_path: Path) -> None:
    runs = [emer_run(data, tmp_path / name, model=name) for name in ("m", "n")]
    words = ("prefer", *runs, "--judge", "openai:none", "--base-url", "http://127.0.0.1:9/v1", "--retries", 0)
    found = run(*words, "--limit", 1, "--out", tmp_path / "out", code=1)
    assert "2 calls failed or were not made" in found.stderr and "failed 1" in found.stdout


def test_wrong_usage(data: Path, tmp_path: Path) -> None:
    runs = [emer_run(data, tmp_path / name, model=name) for name in ("m", "n")]
    out = ("--out", tmp_path / "out")
    with pytest.raises(UsageError, match="two runs or more"):
        run("prefer", runs[0], "--judge", "fake:A", *out)
    with pytest.raises(UsageError, match="unknown language 'fr'"):
        run("prefer", *runs, "--judge", "fake:A", "--language", "fr", *out)
    with pytest.raises(OfflineError, match="--offline forbids"):
        run("prefer", *runs, "--judge", "openai:x", "--base-url", "https://api.example.org/v1", "--offline", *out)
    with pytest.raises(DataError, match="there is no folder"):
        run("prefer", *runs, "--judge", "fake:A", "--data", tmp_path / "gone", *out)
    with pytest.raises(UsageError, match="is one run"):
        run("agree", runs[0])
    with pytest.raises(DataError, match="holds no run"):
        run("agree", tmp_path, runs[0])
