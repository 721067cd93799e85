"""Runs of EMER on a leaderboard: which table, figures by hand from the script, pairs by hand, what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openaffect.bench.leaderboard import Leaderboard, LeaderboardRow, Pair, leaderboard
from openaffect.bench.leaderboard.emer import PASSING, SUPPORT
from openaffect.bench.leaderboard.text import markdown
from openaffect.bench.published import published_rows
from openaffect.bench.river import run
from openaffect.bench.task import Source
from openaffect.bench.tasks.emer import EMER_ZH
from openaffect.errors import DataError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.fake import Fake
from tests.emer_boards import Marks, picture_of, scripted_run, write_parts
from tests.emer_files import names

N = 12
LABELS = ("glad", "sad", "glad, calm", "glad, sad", "happy, glad", "odd, glad")
# With the groups {happy, glad}, {calm}, {sad} against happy and calm: accuracy and recall, by hand.
GROUPED = {
    "glad": (1.0, 0.5),
    "sad": (0.0, 0.0),
    "glad, calm": (1.0, 1.0),
    "glad, sad": (0.5, 0.5),
    "happy, glad": (1.0, 0.5),
}


def drawn(seed: int, labels: tuple[str, ...] = LABELS) -> dict[str, Marks]:
    draw = np.random.default_rng(seed)
    made = {}
    for place, name in enumerate(names(N)):
        support, grounded, clue, label = (int(draw.integers(*ends)) for ends in ((1, 6), (0, 2), (1, 11), (1, 11)))
        said = "From 1-10 I give 8" if place == 1 else "I like it" if place == 2 else str(clue)
        made[name] = Marks(labels[place % len(labels)], support, grounded, said, str(label), explained=place != 3)
    return made


A, B = drawn(1), drawn(2, LABELS[:4])


def clue(marks: Marks) -> float:
    lost = not marks.explained or marks.clue == "I like it"
    return 1.0 if lost else 8.0 if marks.clue.startswith("From") else float(marks.clue)


def label(marks: Marks) -> float:
    return float(marks.label) if marks.explained else 1.0


def passing(marks: Marks) -> float:
    return 100.0 * (marks.explained and marks.support >= 4 and marks.grounded == 1)


def support(marks: Marks) -> float:
    return float(marks.support) if marks.explained else 1.0


def grouped(marks: Marks) -> tuple[float, float] | None:
    """Accuracy and recall, None where the grouping failed; a clip without an explanation is wrong."""
    return GROUPED.get(marks.labels) if marks.explained else (0.0, 0.0)


def accuracy(marks: Marks) -> float | None:
    found = grouped(marks)
    return None if found is None else 100 * found[0]


def average(marks: Marks) -> float | None:
    found = grouped(marks)
    return None if found is None else 100 * sum(found) / 2


def mean(of: Callable[[Marks], float | None], marks: Mapping[str, Marks]) -> float:
    known = [value for each in marks.values() if (value := of(each)) is not None]
    return float(np.mean(known))


@pytest.fixture(scope="module", autouse=True)
def _pictures() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("openaffect.bench.clips.parts", picture_of)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parts(tmp_path_factory.mktemp("data"), N)


@pytest.fixture(scope="module")
def runs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    room = tmp_path_factory.mktemp("runs")
    made = (("a", A), ("b", B))
    return [scripted_run(data, room / name, marks, model=f"{name}-7B") for name, marks in made]


def own(board: Leaderboard, name: str = "") -> LeaderboardRow:
    (found,) = [row for row in board.rows if not row.published and row.name.startswith(name)]
    return found


def values(row: LeaderboardRow) -> dict[str, float | None]:
    return {column: cell.value for column, cell in row.cells.items()}


def pair(board: Leaderboard, score: str) -> Pair:
    (found,) = [each for each in board.pairs if each.score == score]
    return found


# ---------------------------------------------------------------- rows


def test_a_run_of_both_parts_stands_among_the_models_of_emer_fine(runs: list[Path], tmp_path: Path) -> None:
    board = leaderboard(runs[:1], out=tmp_path / "board")
    mine = own(board)
    assert board.table == "emer-fine" and len(board.rows) == len(published_rows("emer-fine")) + 1
    recalls = [100 * found[1] for each in A.values() if (found := grouped(each)) is not None]
    assert values(mine) == pytest.approx(
        {
            "average": mean(average, A),
            "accuracy": mean(accuracy, A),
            "recall": np.mean(recalls),
            PASSING: mean(passing, A),
            SUPPORT: mean(support, A),
            "modality completeness % (ours)": 100 * 2 / 3 * (N - 1) / N,
            "EW F % (ours)": values(mine)["EW F % (ours)"],
        }
    )
    # Two clips could not be grouped and count nowhere; one was not explained and is wrong.
    assert (mine.n, mine.n_failed, mine.missing) == (N - 2, 1, ())
    assert (mine.cells[PASSING].n, mine.cells[PASSING].n_failed) == (N, 1)
    for column in ("average", "accuracy", "recall", PASSING, SUPPORT):
        cell = mine.cells[column]
        assert None not in (cell.low, cell.value, cell.high) and cell.low < cell.value < cell.high  # type: ignore[operator]
    order = [row.cells["average"].value for row in board.rows]
    assert order == sorted(order, key=lambda value: -(value or 0)) and mine in board.rows[1:-1]
    assert board.columns[:3] == ("average", "accuracy", "recall")
    assert (mine.inputs, mine.size, mine.judged_by) == ("AVT", "7B", "extractor extractor, judge judge")
    assert mine.tables.startswith("openaffect ") and len(mine.prompts) == 64
    notes = " ".join(mine.notes)
    assert f"scored on {N} clips of EMER-V2 (EMER-Fine), the published rows on 332" in notes
    assert f"grouped average; grouped accuracy; grouped recall: left out: 2 of {N} clips" in notes


def test_the_wheel_column_is_that_of_the_scores(runs: list[Path]) -> None:
    scores = json.loads((runs[0] / "scores.json").read_text())
    for table, part in (("emer-fine", "emer-v2"), ("emer-v1", "emer-v1")):
        (found,) = [each for each in scores["parts"] if each["part"] == part]
        (wheel,) = [each["value"] for each in found["scores"] if each["name"] == "EW F"]
        mine = own(leaderboard(runs[:1], table))
        assert values(mine)["EW F % (ours)"] == pytest.approx(100 * wheel)
        assert "EW F: on openaffect's own wheel, not an official one" in mine.notes


def test_the_same_run_among_the_models_of_emer_v1(runs: list[Path]) -> None:
    mine = own(leaderboard(runs[:1], "emer-v1"))
    found = values(mine)
    assert found["clue_overlap"] == pytest.approx(mean(clue, A)) and found["label_overlap"] == pytest.approx(
        mean(label, A)
    )
    # The legacy reading takes the 1 of "From 1-10 I give 8".
    assert found["clue_overlap, legacy reading"] == pytest.approx(mean(clue, A) - 7 / N)
    assert (mine.n, mine.n_failed, mine.missing) == (N, 2, ()) and "average" not in found
    assert found[PASSING] == pytest.approx(mean(passing, A))
    assert any("failed: 1 unreadable, 1 skipped" in note for note in mine.notes)


def test_the_user_is_told_of_the_other_table_and_of_what_is_not_alike(runs: list[Path]) -> None:
    for table, other in ((None, "emer-v1"), ("emer-fine", "emer-v1"), ("emer-v1", "emer-fine")):
        board = leaderboard(runs, table, resamples=20)
        (told,) = [note for note in board.notes if "also in the table" in note]
        assert f"--table {other}" in told and "a-7B, b-7B" in told
        text = markdown(board)
        assert "Not directly comparable" in text and "has been retired" in text and "English (emer)" in text
        assert "\\(ours" not in text and "Columns marked (ours) are reported in no published row." in text
    assert not any("Not directly" in note for note in leaderboard([], "emer-v1").notes)


@pytest.mark.parametrize(
    ("parts", "table", "missing"),
    [
        (("emer-v1",), "emer-v1", ()),
        (("emer-ov",), "emer-fine", ()),
        (("emer-v1", "emer-v2"), "emer-v1", ()),
        (("emer-v2",), "emer-fine", ("average", "accuracy", "recall")),
    ],
)
def test_the_table_follows_from_what_the_data_have(
    parts: tuple[str, ...], table: str, missing: tuple[str, ...], tmp_path: Path
) -> None:
    folder = scripted_run(write_parts(tmp_path / "data", N, parts=parts), tmp_path / "a", A)
    board = leaderboard([folder])
    mine = own(board)
    assert (board.table, mine.missing) == (table, missing)
    assert mine.cells[PASSING].value == pytest.approx(mean(passing, A))
    if missing:  # no labels: nothing that papers report, but the row is there, after the others
        assert board.rows[-1] == mine and "| run, partial |" in markdown(board)
        assert (mine.n, mine.n_failed) == (N, 1)


def test_a_run_in_which_nothing_could_be_read_is_last(data: Path, tmp_path: Path) -> None:
    marks = {
        name: Marks(labels="odd", support=9, clue="nothing", label="nothing", explained=name != "00000001")
        for name in names(N)
    }
    folder = scripted_run(data, tmp_path / "a", marks, parts=("emer-v1",))
    board = leaderboard([folder])
    mine = own(board)
    assert board.rows[-1] == mine and mine.missing == ("clue_overlap", "label_overlap")
    assert (mine.n, mine.n_failed) == (N, N) and mine.cells[PASSING].value is None


# ---------------------------------------------------------------- what is refused


def test_tables_that_do_not_fit(runs: list[Path], data: Path, tmp_path: Path) -> None:
    one = scripted_run(data, tmp_path / "one", A, parts=("emer-v1",))
    fine = scripted_run(data, tmp_path / "fine", A, parts=("emer-ov",))
    with pytest.raises(UsageError, match="a run for emer-v1, which does not belong in emer-fine"):
        leaderboard([runs[0], one], "emer-fine")
    with pytest.raises(UsageError, match="does not belong in mer-unibench"):
        leaderboard(runs, "mer-unibench")
    with pytest.raises(
        UsageError, match=r"no table has a place for every run: .*one' in emer-v1, .*fine' in emer-fine"
    ):
        leaderboard([one, fine])
    assert leaderboard([runs[0], one]).table == "emer-v1"
    (one / "scores.json").write_text('{"edition": "openaffect", "tables_sha256": "", "parts": []}')
    with pytest.raises(UsageError, match="one' in none"):
        leaderboard([one])


def test_other_languages_prompts_and_wheels_are_refused(runs: list[Path], data: Path, tmp_path: Path) -> None:
    callers = {"model": Caller(Fake("她微笑。")), "extractor": Caller(Fake("[glad]")), "judge": Caller(Fake("9"))}
    run(EMER_ZH, Source(data), callers, tmp_path / "zh")  # type: ignore[arg-type]
    chinese = tmp_path / "zh"
    mine = own(leaderboard([chinese], "emer-v1"))
    assert (mine.cells["clue_overlap"].value, mine.cells["label_overlap"].value, mine.missing) == (9, 9, ())
    with pytest.raises(UsageError, match="the task is 'emer' in the first and 'emer-zh' in the second"):
        leaderboard([runs[0], chinese])
    for name, change, why in (
        ("card", {"stages": {"plausibility": {"prompts": {"plausibility.en": "0" * 64}}}}, "prompt .* is "),
        ("scores", {"edition": "2025"}, "the wheel tables is 'openaffect .*' in the first and '2025"),
    ):
        copy = Path(shutil.copytree(runs[1], tmp_path / name))
        path = copy / f"{name}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | change))
        with pytest.raises(UsageError, match=why):
            leaderboard([runs[0], copy])


# ---------------------------------------------------------------- pairs


def differences(of: Callable[[Marks], float | None]) -> list[float]:
    both = [(of(A[name]), of(B[name])) for name in A]
    return [a - b for a, b in both if a is not None and b is not None]


def p_of_all_flips(given: list[float]) -> float:
    """The share of all sign flips that give a sum as large."""
    moved = [each for each in given if each]
    sums = [
        abs(sum(sign * each for sign, each in zip(flips, moved, strict=True)))
        for flips in product((1, -1), repeat=len(moved))
    ]
    return float(np.mean([each >= abs(sum(moved)) - 1e-9 for each in sums]))


@pytest.mark.parametrize(
    ("table", "score", "of"),
    [
        ("emer-fine", "average", average),
        ("emer-fine", "accuracy", accuracy),
        ("emer-fine", PASSING, passing),
        ("emer-v1", "clue_overlap", clue),
        ("emer-v1", "label_overlap", label),
        ("emer-v1", SUPPORT, support),
    ],
)
def test_pairs_are_those_of_the_script(
    table: str, score: str, of: Callable[[Marks], float | None], runs: list[Path]
) -> None:
    given = differences(of)
    found = pair(leaderboard(runs, table, resamples=4000), score)
    assert (found.first, found.second, found.n) == ("a-7B", "b-7B", len(given))
    assert found.difference == pytest.approx(np.mean(given)) and found.p == pytest.approx(p_of_all_flips(given))
    draw = np.random.default_rng(7)
    means = [np.mean(draw.choice(given, len(given))) for _ in range(4000)]
    low, high = np.quantile(means, [0.025, 0.975])
    spread = float(np.std(means))
    assert found.low == pytest.approx(low, abs=spread / 3) and found.high == pytest.approx(high, abs=spread / 3)


def test_what_is_compared_and_on_how_many_clips(runs: list[Path]) -> None:
    fine, first = leaderboard(runs, resamples=20), leaderboard(runs, "emer-v1", resamples=20)
    assert [each.score for each in fine.pairs] == ["average", "accuracy", "recall", PASSING, SUPPORT]
    assert [each.score for each in first.pairs] == ["clue_overlap", "label_overlap", PASSING, SUPPORT]
    assert {each.n for each in first.pairs} == {N} and not any("compared on" in note for note in first.notes)
    assert f"average; accuracy; recall: a-7B ({N - 2} items) and b-7B ({N}) are compared on {N - 2}." in fine.notes
    assert fine == leaderboard(runs, resamples=20)


def test_the_labels_alone_are_the_same_clips(runs: list[Path], data: Path, tmp_path: Path) -> None:
    labels = scripted_run(data, tmp_path / "labels", B, model="labels", parts=("emer-ov",))
    found = leaderboard([runs[0], labels], resamples=20)
    assert pair(found, "average").difference == pytest.approx(np.mean(differences(average)))


def test_a_clip_without_a_reference_is_in_no_overlap(tmp_path: Path) -> None:
    data = write_parts(tmp_path / "data", N, parts=("emer-v1",))
    path = data / "gt-eng.csv"
    before, _, after = path.read_text().rpartition("In the video, he laughs.")
    path.write_text(before + after)
    made = [scripted_run(data, tmp_path / name, marks, model=name) for name, marks in (("a", A), ("b", B))]
    board = leaderboard(made, resamples=20)
    kept = names(N)[:-1]
    assert own(board, "a").cells["clue_overlap"].value == pytest.approx(np.mean([clue(A[name]) for name in kept]))
    found = pair(board, "clue_overlap")
    assert (found.n, pair(board, PASSING).n) == (N - 1, N)
    assert found.difference == pytest.approx(np.mean([clue(A[name]) - clue(B[name]) for name in kept]))


def test_labels_that_have_moved(data: Path, tmp_path: Path) -> None:
    old = Path(shutil.copytree(data, tmp_path / "old"))
    made = [scripted_run(old, tmp_path / name, marks, model=name) for name, marks in (("a", A), ("b", B))]
    whole = leaderboard(made, resamples=20)
    old.rename(tmp_path / "new")
    board = leaderboard(made, resamples=20)
    assert [each.score for each in board.pairs] == [PASSING, SUPPORT]
    (told,) = [note for note in board.notes if note.startswith("b has no paired")]
    assert "average; accuracy; recall" in told and "holds no labels of emer-v2; --data DIR" in told
    assert leaderboard(made, data=tmp_path / "new", resamples=20).pairs == whole.pairs
    write_parts(tmp_path / "other", N - 1)
    board = leaderboard(made, data=tmp_path / "other", resamples=20)
    assert any("average; accuracy; recall: the records do not give the score" in note for note in board.notes)


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for record in records:
        change(record)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


@pytest.mark.parametrize(
    ("stage", "value", "lost"),
    [
        ("clue_overlap", 3.0, "clue_overlap: the records do not give the score"),
        ("clue_overlap", "3", "clue_overlap; label_overlap: a record does not hold"),
        ("label_overlap", [1.0], "clue_overlap; label_overlap: a record does not hold"),
        ("plausibility", {"support": 5, "grounded": 1, "alternative": 0}, f"{PASSING}; {SUPPORT}: the records do not"),
        ("plausibility", [[]], f"{PASSING}; {SUPPORT}: a record does not hold"),
    ],
)
def test_only_records_that_give_the_scores_are_compared(
    stage: str, value: object, lost: str, runs: list[Path], tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(runs[1], tmp_path / "b"))
    rewrite(copy / f"{stage}.jsonl", lambda record: record.update(value=value))
    board = leaderboard([runs[0], copy], "emer-v1", resamples=20)
    (told,) = [note for note in board.notes if "no paired comparison" in note]
    assert told.startswith("b-7B has no paired comparison of ") and lost in told
    named = told.removeprefix("b-7B has no paired comparison of ").partition(":")[0].split("; ")
    every = ["clue_overlap", "label_overlap", PASSING, SUPPORT]
    assert [each.score for each in board.pairs] == [score for score in every if score not in named]


def test_records_of_labels_and_whole_folders_that_are_damaged(runs: list[Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(runs[1], tmp_path / "b"))
    rewrite(copy / "groups.jsonl", lambda record: record.update(value=[["happy", 5]]))
    board = leaderboard([runs[0], copy], resamples=20)
    assert any("average; accuracy; recall: a record does not hold" in note for note in board.notes)
    (copy / "labels.jsonl").write_text("nonsense\n")
    board = leaderboard([runs[0], copy], resamples=20)
    assert not board.pairs and any("b-7B has no paired comparison: its records" in note for note in board.notes)
    (copy / "scores.json").write_text('{"edition": "x", "tables_sha256": "", "parts": [{"part": "emer-v1"}]}')
    with pytest.raises(DataError, match=r"scores\.json' cannot be used: parts\.0\.n: field required"):
        leaderboard([copy])


def test_a_score_without_a_value_is_not_compared(runs: list[Path], data: Path, tmp_path: Path) -> None:
    lost = scripted_run(data, tmp_path / "lost", {n: replace(each, clue="no") for n, each in B.items()}, model="lost")
    board = leaderboard([runs[0], lost], "emer-v1", resamples=20)
    assert any(
        note.startswith("lost has no paired comparison of clue_overlap: it has no value") for note in board.notes
    )
    assert "label_overlap" in {each.score for each in board.pairs}
