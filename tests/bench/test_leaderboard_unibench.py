"""Runs of MER-UniBench compared in pairs: against scores of clips drawn and swapped one by one; what is left out."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openaffect.bench.held import HeldSteps
from openaffect.bench.leaderboard import Leaderboard, Pair, leaderboard
from openaffect.bench.leaderboard.text import markdown
from openaffect.bench.river import run
from openaffect.bench.task import Source
from openaffect.bench.tasks import find_task
from openaffect.datasets import load
from openaffect.datasets.wheels import find_wheels
from openaffect.errors import DataError, UsageError
from openaffect.metrics.open_vocabulary import hit_rate, sentiment_scores
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Text
from openaffect.mllm.fake import Fake
from tests.mer_unibench_files import write_unibench
from tests.references import mer_unibench as reference

KEYS = ("mer2023", "sims", "ovmerdplus")
SIZE = 60


def says(model: str, words: Sequence[str]) -> Callable[[Sequence[Message]], str]:
    """A model whose word hangs on what it is asked, and on which model it is."""

    def reply(sent: Sequence[Message]) -> str:
        asked = "".join(part.text for message in sent for part in message.parts if isinstance(part, Text))
        drawn = int.from_bytes(hashlib.sha256(f"{model} {asked}".encode()).digest()[:4], "big")
        return words[drawn % len(words)]

    return reply


def unibench(data: Path, out: Path, model: str, words: Sequence[str], **options: Any) -> Path:
    labels = says(model, [f"[{word}]" for word in words])

    def extract(sent: Sequence[Message]) -> str:
        (part,) = sent[-1].parts
        assert isinstance(part, Text)
        if "sentiments" not in part.text:
            return labels(sent)
        asked = part.text.rsplit("Input:", 1)[1]
        return "positive" if "happy" in asked or "positive" in asked else "negative"

    callers = {
        "model": Caller(Fake(says(model, words), model=model)),
        "extractor": Caller(Fake(extract, model="extractor")),
    }
    run(find_task("mer-unibench"), Source(data, ("text",), **options), callers | {"judge": callers["model"]}, out)  # type: ignore[arg-type]
    return out


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_unibench(tmp_path_factory.mktemp("data"), size=SIZE, keys=KEYS)


@pytest.fixture(scope="module")
def runs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    room = tmp_path_factory.mktemp("runs")
    return [
        unibench(data, room / "a", "a", ("happy", "sad", "angry", "worried")),
        unibench(data, room / "b", "b", ("positive", "happy", "sad", "negative")),
    ]


@pytest.fixture(scope="module")
def board(runs: list[Path]) -> Leaderboard:
    return leaderboard(runs, resamples=1500)


def pair(board: Leaderboard, name: str) -> Pair:
    return next(each for each in board.pairs if each.score == name)


def primaries(folder: Path) -> dict[str, float]:
    scores = json.loads((folder / "scores.json").read_text())
    return {each["key"]: 100 * each["fixed"]["scores"][0]["value"] for each in scores["datasets"]}


def test_each_data_set_and_their_mean_have_a_row(board: Leaderboard, runs: list[Path]) -> None:
    names = ["mer2023, HIT", "sims, WAF", "ovmerdplus, EW", "mean of 3 data sets"]
    assert [each.score for each in board.pairs] == names
    one, two = map(primaries, runs)
    for name, key in zip(names, KEYS, strict=False):
        found = pair(board, name)
        assert found.difference == pytest.approx(one[key] - two[key], abs=1e-9)
        assert (found.first, found.second, found.n) == ("a", "b", SIZE)
        assert found.low < found.difference < found.high and 0 < found.p <= 1
    mean = pair(board, names[-1])
    assert mean.difference == pytest.approx(np.mean([one[key] - two[key] for key in KEYS]), abs=1e-9)
    widths = [each.high - each.low for each in board.pairs]
    assert widths[-1] < max(widths[:-1]) and mean.n == 3 * SIZE
    assert "## Runs compared in pairs" in markdown(board) and "mer2023, HIT" in markdown(board)


def answers(folder: Path, key: str, stage: str) -> dict[str, Any]:
    steps = HeldSteps(folder / f"{stage}.jsonl")
    return {name.partition("/")[2]: step.value for name, step in steps.items() if name.startswith(f"{key}/")}


def hit(truth: dict[str, Any], given: dict[str, Any], rows: Sequence[int]) -> float:
    names = list(truth)
    drawn = {f"{at}": names[row] for at, row in enumerate(rows)}
    labels = {at: truth[name] for at, name in drawn.items()}
    return (
        100 * hit_rate(labels, {at: given[name] for at, name in drawn.items()}, find_wheels(None), missing="count").hit
    )


def waf(truth: dict[str, Any], given: dict[str, Any], rows: Sequence[int]) -> float:
    names = list(truth)
    drawn = {f"{at}": names[row] for at, row in enumerate(rows)}
    values = {at: truth[name] for at, name in drawn.items()}
    return 100 * sentiment_scores(values, {at: given[name] for at, name in drawn.items()}, missing="count").waf


@pytest.mark.parametrize(
    ("key", "name", "stage", "score"),
    [("mer2023", "mer2023, HIT", "labels", hit), ("sims", "sims, WAF", "sentiment", waf)],
)
def test_interval_and_p_are_those_of_scores_taken_one_by_one(
    key: str, name: str, stage: str, score: Callable[..., float], data: Path, runs: list[Path], board: Leaderboard
) -> None:
    truth = {
        sample.id: sample.ratings["sentiment"] if key == "sims" else list(sample.labels) for sample in load(key, data)
    }
    one, two = (answers(folder, key, stage) for folder in runs)
    draw, found, everything = np.random.default_rng(11), pair(board, name), range(SIZE)
    apart = [
        score(truth, one, rows) - score(truth, two, rows) for rows in (draw.integers(0, SIZE, SIZE) for _ in range(600))
    ]
    low, high = np.quantile(apart, [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=3) and found.high == pytest.approx(high, abs=3)
    hits = 0
    for _ in range(600):
        swap = draw.integers(0, 2, SIZE)
        mixed = [
            {clip: (a if side else b)[clip] for clip, side in zip(truth, swap, strict=True)}
            for a, b in ((two, one), (one, two))
        ]
        moved = score(truth, mixed[0], everything) - score(truth, mixed[1], everything)
        hits += abs(moved) >= abs(found.difference) - 1e-9
    assert found.p == pytest.approx(hits / 600, abs=0.06)


def test_a_run_beside_its_copy_differs_by_nothing(runs: list[Path], tmp_path: Path) -> None:
    shutil.copytree(runs[0], tmp_path / "copy")
    found = leaderboard([runs[0], tmp_path / "copy"], resamples=50)
    assert {(each.difference, each.low, each.high, each.p) for each in found.pairs} == {(0.0, 0.0, 0.0, 1.0)}


def test_runs_that_were_cut_short_are_compared_on_the_clips_that_both_have(
    data: Path, runs: list[Path], tmp_path: Path
) -> None:
    short = unibench(data, tmp_path / "short", "b", ("happy", "sad"), limit=20)
    found = leaderboard([runs[0], short], resamples=50)
    assert {each.n for each in found.pairs if each.score != "mean of 3 data sets"} == {20}
    assert any("compared on 20" in note and "mer2023" in note for note in found.notes)
    one = unibench(data, tmp_path / "one", "b", ("happy",), limit=1)
    found = leaderboard([runs[0], one], resamples=50)
    assert not found.pairs and any("share 1 clips of mer2023, too few" in note for note in found.notes)


def test_data_sets_that_only_one_has_are_passed_over(data: Path, runs: list[Path], tmp_path: Path) -> None:
    part = unibench(data, tmp_path / "part", "b", ("happy", "sad"), parts=("sims",))
    assert [each.score for each in leaderboard([runs[0], part], resamples=50).pairs] == ["sims, WAF"]


def test_all_nine_have_the_mean_of_the_benchmark(tmp_path: Path) -> None:
    data = write_unibench(tmp_path / "data", size=12)
    made = [
        unibench(data, tmp_path / name, name, words) for name, words in (("a", ("happy", "sad")), ("b", ("angry",)))
    ]
    found = leaderboard(made, resamples=50)
    assert len(found.pairs) == 10 and found.pairs[-1].score == "mean"
    means = {row.name: row.cells["mean"].value for row in found.rows if not row.published}
    assert means["a"] is not None and means["b"] is not None
    assert found.pairs[-1].difference == pytest.approx(means["a"] - means["b"], abs=1e-9)


# ---------------------------------------------------------------- records that cannot be compared


def why(runs: Sequence[Path]) -> str:
    found = leaderboard(runs, resamples=20)
    assert not found.pairs
    return " ".join(found.notes)


def test_records_that_do_not_give_the_scores_are_not_compared(runs: list[Path], tmp_path: Path) -> None:
    other = Path(shutil.copytree(runs[1], tmp_path / "b"))
    path = other / "labels.jsonl"
    path.write_text(path.read_text().replace("[happy]", "[nothing]").replace("[sad]", "[nothing]"))
    assert "records do not give the score that it reports for mer2023" in why([runs[0], other])
    path.write_text("nonsense\n")
    assert "records cannot be compared" in why([runs[0], other])


def test_labels_and_tables_that_are_not_at_hand(runs: list[Path], tmp_path: Path) -> None:
    copies = [Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in runs]
    card = json.loads((copies[1] / "card.json").read_text())
    (copies[1] / "card.json").write_text(json.dumps(card | {"data": str(tmp_path / "gone")}))
    assert "there is no folder" in why(copies)
    (copies[1] / "card.json").write_text(json.dumps(card))
    for folder in copies:
        scores = json.loads((folder / "scores.json").read_text())
        (folder / "scores.json").write_text(json.dumps(scores | {"tables_sha256": "f" * 64}))
    assert "other wheel tables than those at hand" in why(copies)
    for folder in copies:
        scores = json.loads((folder / "scores.json").read_text())
        (folder / "scores.json").write_text(json.dumps(scores | {"edition": "2025"}))
    assert "cannot be compared" in why(copies)


def test_labels_that_have_moved_are_named(data: Path, runs: list[Path], board: Leaderboard, tmp_path: Path) -> None:
    copies = [Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in runs]
    for folder in copies:
        card = json.loads((folder / "card.json").read_text())
        (folder / "card.json").write_text(json.dumps(card | {"data": str(tmp_path / "gone")}))
    assert "--data DIR names labels that have moved" in why(copies)
    assert leaderboard(copies, data=data, resamples=1500).pairs == board.pairs
    other = write_unibench(tmp_path / "other", size=SIZE, keys=KEYS, seed=1)
    found = leaderboard(copies, data=other, resamples=20)
    assert not found.pairs and "records do not give the score" in " ".join(found.notes)


def test_wheel_tables_in_a_folder_are_named(
    runs: list[Path], board: Leaderboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAFFECT_CACHE", str(tmp_path / "cache"))
    copies = [Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in runs]
    for folder in copies:
        scores = json.loads((folder / "scores.json").read_text())
        (folder / "scores.json").write_text(json.dumps(scores | {"edition": "2025", "tables_sha256": "f" * 64}))
    assert "cannot be compared without its wheel tables" in why(copies)
    made = replace(find_wheels(None), edition="2025", sha256="f" * 64)
    monkeypatch.setattr("openaffect.bench.leaderboard.find_wheels", lambda name, *, offline: {"mine": made}[name])
    assert leaderboard(copies, wheels="mine", resamples=1500).pairs == board.pairs
    found = leaderboard(runs, wheels="mine", resamples=20)
    assert not found.pairs and f"(openaffect {find_wheels(None).sha256[:12]}, not 2025 ffffffffffff)" in " ".join(
        found.notes
    )


def test_a_folder_without_wheel_tables_is_an_error(runs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no"):
        leaderboard(runs, wheels=str(tmp_path))
    with pytest.raises(UsageError, match="unknown edition '2024'"):
        leaderboard(runs, wheels="2024")


@pytest.mark.needs_reference_data
@pytest.mark.skipif(reference.REFERENCE is None, reason="OPENAFFECT_REFERENCE_DIR is not set")
def test_official_tables_in_a_local_folder(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAFFECT_CACHE", str(tmp_path / "cache"))
    tables = str(reference.folder_of("2025"))
    made = [
        unibench(data, tmp_path / name, name, words, wheels=tables, parts=("ovmerdplus",))
        for name, words in (("a", ("happy", "sad")), ("b", ("angry", "worried")))
    ]
    one, two = (primaries(folder)["ovmerdplus"] for folder in made)
    assert "cannot be compared without its wheel tables" in why(made)
    (found,) = leaderboard(made, wheels=tables, resamples=50).pairs
    assert found.score == "ovmerdplus, EW" and found.difference == pytest.approx(one - two, abs=1e-9)
