"""The leaderboard: made runs beside published rows, in three formats; what does not fit is refused."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openaffect.bench.leaderboard import Leaderboard, LeaderboardRow, leaderboard
from openaffect.bench.leaderboard.own import STRICT
from openaffect.bench.leaderboard.text import markdown
from openaffect.bench.published import TABLES, published_rows
from openaffect.bench.river import run
from openaffect.bench.task import Item, Source, Step
from openaffect.bench.tasks import find_task
from openaffect.bench.tasks.mme.tasks import ORDER, TASKS
from openaffect.bench.tasks.mme_task import MmeScores, mme_scores
from openaffect.errors import DataError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.fake import Fake
from openaffect.store import RecordFile, write_card
from tests.mer_unibench_files import write_unibench
from tests.mme_files import write_mme

NASTY = "=cmd|'</script><img src=http://x.example/y onerror=alert(1)>\u202e\x1b[2J\n| a *b*"
Ratings = Sequence[tuple[float, ...] | None]


def mme_run(
    folder: Path, ratings: Ratings, *, model: str = "mine-7B", part: str = "SA", prompts: str = "0" * 64, **card: Any
) -> Path:
    """A run of MME-Emotion on made clips: one item for each of *ratings*, None where the judge failed."""
    facts = {"task": part, "label": "positive", "labels": ("positive",), "candidates": ("positive", "negative")}
    items = [
        Item(f"{part}/c{number}", part, facts=facts | {"video_id": f"c{number}", "clues": "released", "notes": ()})
        for number in range(len(ratings))
    ]
    steps: dict[str, dict[str, Step]] = {"answer": {}, "steps": {}, "judge": {}}
    for item, each in zip(items, ratings, strict=True):
        said = ["a clue"] * (len(each or (0, 0)) - 1) + ["positive"]
        steps["answer"][item.id] = Step(item.id, "positive", "positive")
        steps["steps"][item.id] = Step(item.id, "", said)
        if each is None:
            steps["judge"][item.id] = Step(item.id, outcome="failed", cause="broken off")
        else:
            text = ", ".join(f"Step {n}: {rating:g}/1" for n, rating in enumerate(each, 1))
            steps["judge"][item.id] = Step(item.id, f"<score>{text}</score>", list(each))
    return written(folder, mme_scores(items, steps), steps, model, prompts, card)


def written(
    folder: Path,
    scores: MmeScores,
    steps: Mapping[str, Mapping[str, Step]],
    model: str,
    prompts: str,
    card: Mapping[str, Any],
) -> Path:
    for stage, by_id in steps.items():
        with RecordFile(folder / f"{stage}.jsonl") as file:
            for step in by_id.values():
                file.append(asdict(step))
    models = {"model": {"model": model, "revision": ""}, "judge": {"model": "judge-1", "revision": ""}}
    stages = {"judge": {"options": {"seed": 0}, "prompts": {"judge": prompts}}}
    whole: dict[str, Any] = {
        "task": "mme-emotion",
        "modalities": ["audio", "text", "video"],
        "models": models,
        "stages": stages,
    }
    write_card(folder / "card.json", {**whole, **card})
    (folder / "scores.json").write_text(scores.model_dump_json(), "utf-8")
    return folder


def own(board: Leaderboard) -> list[LeaderboardRow]:
    return [row for row in board.rows if not row.published]


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads(path.read_text("utf-8"))
    change(data)
    path.write_text(json.dumps(data), "utf-8")


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize("table", TABLES)
def test_published_rows_alone(table: str, tmp_path: Path) -> None:
    board = leaderboard([], table, tmp_path)
    assert len(board.rows) == len(published_rows(table)) and all(row.published for row in board.rows)
    assert all(row.source.startswith(TABLES[table].citation) and row.n is None for row in board.rows)
    values = [row.cells[board.primary].value for row in board.rows]
    assert values == sorted(values, reverse=True, key=lambda value: value or -1)
    assert {path.name for path in tmp_path.iterdir()} == {"leaderboard.md", "leaderboard.csv", "leaderboard.html"}


def test_a_run_stands_among_the_published_rows(tmp_path: Path) -> None:
    folder = mme_run(tmp_path / "a", [(1.0, 1.0), (0.0, 1.0), (0.0, 0.0), None])
    board = leaderboard([folder])
    (mine,) = own(board)
    assert (mine.name, mine.inputs, mine.size, mine.kind, mine.n, mine.n_failed) == ("mine-7B", "AVT", "7B", None, 4, 1)
    assert mine.cells["recognition"].value == pytest.approx(200 / 3) and mine.cells["cot"].n == 3
    assert mine.cells[STRICT].value == pytest.approx((100 + 50 + 0 + 0) / 4) and mine.cells[STRICT].n == 4
    assert mine.cells["SA"].value == mine.cells["cot"].value and "ER-Lab" in mine.missing and "SA" not in mine.missing
    low, value, high = mine.cells["cot"].low, mine.cells["cot"].value, mine.cells["cot"].high
    assert low is not None and value is not None and high is not None and low < value < high
    assert board.rows[-1] == mine and "| run, partial |" in markdown(board)
    assert len(board.rows) == 21 and mine.judged_by == "judge judge-1"
    assert board.columns[:4] == ("recognition", "reasoning", "cot", STRICT)
    assert any("not comparable" in note for note in mine.notes)
    assert not board.pairs


def test_a_whole_run_stands_where_its_score_puts_it(tmp_path: Path) -> None:
    folder = mme_run(tmp_path / "a", [(1.0, 1.0)])
    every = json.loads((folder / "scores.json").read_text())
    every["tasks"] = [every["tasks"][0] | {"task": key} for key in TASKS]
    (folder / "scores.json").write_text(json.dumps(every))
    board = leaderboard([folder])
    assert board.rows[0].name == "mine-7B" and not board.rows[0].missing
    assert board.columns == ("recognition", "reasoning", "cot", STRICT, *ORDER, "steps")


def test_what_the_owner_says_and_what_the_card_withholds(tmp_path: Path) -> None:
    folder = mme_run(tmp_path / "a", [(1.0,)], modalities=["video"])
    (folder / "about.json").write_text('{"name": "Ours", "kind": "specialist", "size": "3B"}')
    (mine,) = own(leaderboard([folder]))
    assert (mine.name, mine.kind, mine.size, mine.inputs) == ("Ours", "specialist", "3B", "V")
    (folder / "about.json").write_text('{"kind": "best"}')
    with pytest.raises(DataError, match=r"about\.json' cannot be used: kind"):
        leaderboard([folder])


def test_a_run_without_official_scores_is_last_and_says_why(tmp_path: Path) -> None:
    folder = mme_run(tmp_path / "a", [None, None])
    board = leaderboard([folder])
    assert board.rows[-1] == own(board)[0] and own(board)[0].cells[STRICT].value == 0


def test_a_real_run_of_mer_unibench(tmp_path: Path) -> None:
    data = write_unibench(tmp_path / "data", size=6, keys=("mer2023", "mer2024"))
    caller = Caller(Fake("happy"))
    source = Source(data, ("text",), parts=("mer2023", "mer2024"))
    callers = {"model": caller, "extractor": caller, "judge": caller}
    run(find_task("mer-unibench"), source, callers, tmp_path / "a")  # type: ignore[arg-type]
    scores = json.loads((tmp_path / "a" / "scores.json").read_text())
    (mine,) = own(leaderboard([tmp_path / "a"], out=tmp_path / "board"))
    for each in scores["datasets"]:
        cell, (primary, *_) = mine.cells[each["key"]], each["fixed"]["scores"]
        assert cell.value == pytest.approx(100 * primary["value"]) and cell.n == primary["n"]
    assert mine.cells["mean"].value is None and mine.inputs == "T" and mine.tables.startswith("openaffect ")
    assert mine.notes[0].startswith("scored on openaffect's own wheel") or "wheel" in " ".join(mine.notes)


def test_a_real_run_of_mme_emotion_is_compared_by_item(tmp_path: Path) -> None:
    data = write_mme(tmp_path / "data", ["SA", "IR"])
    for name, rating in (("a", 1), ("b", 0)):
        text = f"<step>Step 1: a smile, Step 2: happy</step><score>Step 1: 1/1, Step 2: {rating}/1</score>"
        caller = Caller(Fake(text, model=name))
        callers = {"model": caller, "extractor": caller, "judge": caller}
        run(find_task("mme-emotion"), Source(data), callers, tmp_path / name)  # type: ignore[arg-type]
    board = leaderboard([tmp_path / "a", tmp_path / "b"])
    assert {pair.score: pair.difference for pair in board.pairs} == {
        "recognition, strict": 100,
        "reasoning, strict": 0,
        "cot, strict": 50,
    }
    assert all((pair.first, pair.second, pair.n) == ("a", "b", 2) for pair in board.pairs)
    assert any("judged by different models" in note for note in board.notes)


# ---------------------------------------------------------------- pairs


def test_pairs_are_on_shared_items_and_failures_count_as_nothing(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    ratings = [(float(a), float(b)) for a, b in draw.integers(0, 2, (60, 2))]
    better: list[tuple[float, ...] | None] = [(a, 1.0) for a, _ in ratings]
    better[0] = None
    one = mme_run(tmp_path / "a", better, model="better")
    two = mme_run(tmp_path / "b", ratings[:50], model="worse")
    board = leaderboard([one, two], resamples=500)
    cot = next(pair for pair in board.pairs if pair.score == "cot, strict")
    first = [0.0 if each is None else 50 * each[0] + 50 * each[1] for each in better[:50]]
    second = [50 * a + 50 * b for a, b in ratings[:50]]
    assert cot.difference == pytest.approx(np.mean(first) - np.mean(second)) and cot.n == 50
    assert 0 < cot.low < cot.difference < cot.high and cot.p < 0.01
    assert any("compared on 50" in note for note in board.notes)
    assert any("different numbers of items (60, 50)" in note for note in board.notes)
    assert board == leaderboard([one, two], resamples=500)


def test_records_that_do_not_give_the_scores_are_not_compared(tmp_path: Path) -> None:
    one, two = (mme_run(tmp_path / name, [(1.0, 1.0), (0.0, 0.0)]) for name in "ab")
    with RecordFile(two / "judge.jsonl") as file:
        file.append(asdict(Step("SA/c1", "", [1.0, 1.0])))
    board = leaderboard([one, two])
    assert not board.pairs and any("do not give the scores" in note for note in board.notes)
    (two / "judge.jsonl").write_text("nonsense\n")
    board = leaderboard([one, two])
    assert any("cannot be read" in note for note in board.notes)
    assert [row.name for row in own(board)] == [f"mine-7B ({one})", f"mine-7B ({two})"]


def test_runs_that_share_no_item_are_not_compared(tmp_path: Path) -> None:
    one = mme_run(tmp_path / "a", [(1.0, 1.0)] * 3, model="a")
    two = mme_run(tmp_path / "b", [(1.0, 1.0)] * 3, model="b", part="IR")
    board = leaderboard([one, two])
    assert not board.pairs and any("share 0 items" in note for note in board.notes)


# ---------------------------------------------------------------- what is refused


def test_other_prompts_are_refused(tmp_path: Path) -> None:
    one, two = mme_run(tmp_path / "a", [(1.0,)]), mme_run(tmp_path / "b", [(1.0,)], prompts="f" * 64)
    with pytest.raises(
        UsageError, match=r"a' and .*b' cannot .* prompt judge/judge is '000000000000' .* 'ffffffffffff'"
    ):
        leaderboard([one, two])


def test_other_tasks_clues_and_alphas_are_refused(tmp_path: Path) -> None:
    one, two = mme_run(tmp_path / "a", [(1.0,)]), mme_run(tmp_path / "b", [(1.0,)])
    rewrite(two / "scores.json", lambda scores: scores.update(clues="heard"))
    with pytest.raises(UsageError, match="audio clues is 'released' in the first and 'heard'"):
        leaderboard([one, two])
    rewrite(two / "scores.json", lambda scores: scores.update(clues="released", alpha=0.7))
    with pytest.raises(UsageError, match=r"alpha is '0\.5' in the first and '0\.7'"):
        leaderboard([one, two])
    rewrite(two / "card.json", lambda card: card.update(task="mme-emotion-heard"))
    with pytest.raises(UsageError, match="the task is 'mme-emotion'"):
        leaderboard([one, two])


def test_other_wheels_and_benchmarks_are_refused(tmp_path: Path) -> None:
    scores: dict[str, Any] = {
        "benchmark": "mer-unibench",
        "title": "MER-UniBench",
        "edition": "2025",
        "tables_sha256": "a" * 64,
        "official": True,
        "checkpoint": None,
        "datasets": [],
        "resamples": 0,
        "level": 0.95,
        "seed": 0,
    }
    for name, change in (("a", {}), ("b", {"edition": "2026", "tables_sha256": "b" * 64})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text('{"task": "mer-unibench"}')
        (tmp_path / name / "scores.json").write_text(json.dumps(scores | change))
    with pytest.raises(UsageError, match="wheel tables is '2025 aaaaaaaaaaaa' in the first and '2026 bbbbbbbbbbbb'"):
        leaderboard([tmp_path / "a", tmp_path / "b"])
    (mine,) = own(leaderboard([tmp_path / "a"]))
    assert (mine.name, mine.cells["mean"].value, mine.n) == ("unnamed", None, 0)
    with pytest.raises(UsageError, match="benchmark is 'mer-unibench'"):
        leaderboard([tmp_path / "a", mme_run(tmp_path / "c", [(1.0,)])])


def test_unusable_calls_and_folders(tmp_path: Path) -> None:
    folder = mme_run(tmp_path / "a", [(1.0,)])
    with pytest.raises(UsageError, match="name a run or a table"):
        leaderboard([])
    with pytest.raises(UsageError, match="did you mean 'mme-emotion'"):
        leaderboard([folder], "mme-emotions")
    with pytest.raises(UsageError, match="does not belong in mer-unibench"):
        leaderboard([folder], "mer-unibench")
    with pytest.raises(UsageError, match="named twice"):
        leaderboard([folder, folder / ".." / "a"])
    with pytest.raises(DataError, match=r"holds no card\.json"):
        leaderboard([tmp_path])
    for name in ("scores.json", "card.json"):
        for damage in ("{", "[]", "", "[" * 100_000):
            whole = (folder / name).read_text()
            (folder / name).write_text(damage)
            with pytest.raises(DataError, match=name):
                leaderboard([folder])
            (folder / name).write_text(whole)
    rewrite(folder / "card.json", lambda card: card.update(task="mine"))
    with pytest.raises(UsageError, match="'mine', which has no leaderboard"):
        leaderboard([folder])


# ---------------------------------------------------------------- formats


class _Page(HTMLParser):
    """Collects elements, attributes and the text of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "td":
            self._in_cell = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag != "td"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data


def test_the_page_needs_nothing_and_escapes_everything(tmp_path: Path) -> None:
    runs = [mme_run(tmp_path / name, [(1.0, 1.0), (0.0, 1.0)], model=NASTY + name) for name in "ab"]
    leaderboard(runs, out=tmp_path / "board")
    text = (tmp_path / "board" / "leaderboard.html").read_text("utf-8")
    page = _Page()
    page.feed(text)
    names = {tag for tag, _ in page.elements}
    assert not names & {"img", "link", "iframe", "object", "base", "form"} and text.count("</script>") == 1
    for _, attributes in page.elements:
        assert not set(attributes) & {"src", "href", "onerror", "onclick", "style"}
    policy = next(attributes["content"] for tag, attributes in page.elements if tag == "meta" and len(attributes) == 2)
    assert policy is not None and policy.startswith("default-src 'none'; style-src 'sha256-")
    assert any("<img src=" in cell for cell in page.cells) and not {"\x1b", "\u202e"} & set("".join(page.cells))
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert body.count("<tr ") == 22 and body.count('class="own"') == 2
    assert not re.search(r'data-number="(inf|nan|None)', text)


def test_csv_is_unrounded_and_no_formula(tmp_path: Path) -> None:
    folder = mme_run(tmp_path / "a", [(1.0, 1.0), (0.0, 1.0), (1.0, 0.0)], model=NASTY)
    board = leaderboard([folder], out=tmp_path / "board")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "board" / "leaderboard.csv").read_text("utf-8"), newline="")))
    assert len(rows) == 21 and {row["published"] for row in rows} == {"yes", "no"}
    mine = next(row for row in rows if row["published"] == "no")
    assert mine["model"].startswith("'=cmd") and math.isclose(float(mine["recognition"]), 200 / 3)
    assert float(mine["cot_low"]) <= float(mine["cot"]) <= float(mine["cot_high"]) and len(mine["prompts_sha256"]) == 64
    best = next(row for row in rows if row["published"] == "yes")
    assert best["model"] == "Gemini-2.5-Pro" and best["cot"] == "56.0" and best["cot_low"] == ""
    assert "arXiv 2508.09210" in best["source"] and len(board.rows) == 21


def test_markdown_has_one_line_a_row_and_marks_what_is_published(tmp_path: Path) -> None:
    runs = [mme_run(tmp_path / name, [(1.0, 1.0), (0.0, 1.0)], model=NASTY + name) for name in "ab"]
    leaderboard(runs, out=tmp_path / "board")
    text = (tmp_path / "board" / "leaderboard.md").read_text("utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")]
    columns = {len(re.findall(r"(?<!\\)\|", line)) for line in table[:24]}
    assert len(columns) == 1 and sum("| published |" in line for line in table) == 20
    assert "<img" not in text and "\\*b\\*" in text and "## Runs compared in pairs" in text
    assert "cot, strict" in text and "Published rows: arXiv 2508.09210" in text
