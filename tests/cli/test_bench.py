"""``openaffect bench score`` as its user meets it: what is printed, what is said of bad input, how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests import mer_unibench_files as made

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


def run(*words: object, columns: int = 100, cwd: Path | None = None) -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "openaffect.cli", "bench", "score", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": str(columns)},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unibench")
    made.write_unibench(folder / "labels", size=40)
    made.write_predictions(folder / "output", size=40)
    return folder


def whole(room: Path, *more: object, columns: int = 100) -> Done:
    return run(
        "mer-unibench", "--labels", room / "labels", "--predictions", room / "output", "--resamples", 20, *more,
        columns=columns,
    )  # fmt: skip


def test_the_table_has_the_nine_sets_in_order_and_the_mean(room: Path) -> None:
    done = whole(room)
    assert done.code == 0 and done.err == ""
    names = ["MER2023", "MER2024", "MELD", "IEMOCAP", "CMU-MOSI", "CMU-MOSEI", "CH-SIMS", "CH-SIMS v2", "OV-MERD+"]
    rows = [line.strip() for line in done.out.splitlines() if line.strip().startswith((*names,))][:9]
    assert [
        next(name for name in sorted(names, key=len, reverse=True) if row.startswith(name)) for row in rows
    ] == names
    found = json.loads(whole(room, "--json").out)
    assert f"Mean {100 * found['mean_best']:.2f} (best on test), {100 * found['mean_fixed']:.2f} (fixed)" in done.out
    assert "no score here is an official one" in done.out and found["tables_sha256"][:16] in done.out


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_no_number_loses_a_digit_to_a_narrow_window(room: Path, columns: int) -> None:
    text = whole(room, columns=columns).out
    for each in json.loads(whole(room, "--json").out)["datasets"]:
        assert f"{100 * each['best']['scores'][0]['value']:.2f}" in text
        assert f"{100 * each['fixed']['scores'][-1]['value']:.2f}" in text


def test_chinese_and_every_score(room: Path) -> None:
    done = whole(room, "--language", "zh", "--verbose", "--dataset", "cmumosi", "--dataset", "meld")
    assert done.code == 0
    assert "这里没有官方分数" in done.out and "情感值为 0" in done.out and "HIT over list length" in done.out


def test_a_pipe_that_closes_is_no_error(room: Path) -> None:
    command = f"{sys.executable} -m openaffect.cli bench score mer-unibench --labels {room / 'labels'} "
    command += f"--predictions {room / 'output'} --resamples 20 --json | head -1"
    done = subprocess.run(
        ["bash", "-c", command], env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout == "{\n" and "Traceback" not in done.stderr


def test_a_missing_set_is_listed_and_there_is_no_mean(room: Path, tmp_path: Path) -> None:
    made.write_unibench(tmp_path / "labels", size=40, keys=("meld", "sims"))
    done = run("mer-unibench", "--labels", tmp_path / "labels", "--predictions", room / "output", "--resamples", 0)
    assert done.code == 1
    assert "no Mean" in done.out and "OV-MERD+" in done.out and "absent" in done.out
    assert sum(line.startswith("not scored ") for line in done.out.splitlines()) == 7


Broken = Callable[[Path], object]


def hostile(path: Path) -> object:
    class Act:
        def __reduce__(self) -> tuple[object, ...]:
            return (os.system, (f"touch {path.parent / 'pwned'}",))

    np.savez(path / "meld-process" / "label.npz", test_corpus=np.array({"a": Act()}, dtype=object))
    return None


def truncated(path: Path) -> object:
    file = path / "meld-process" / "label.npz"
    return file.write_bytes(file.read_bytes()[:-200])


def other_columns(path: Path) -> object:
    (path / "meld-process" / "label.npz").unlink()
    return (path / "meld.csv").write_text("nam,label\na,joy\n")


def empty(path: Path) -> object:
    return (path / "meld-process" / "label.npz").write_bytes(b"")


def doubled(path: Path) -> object:
    (path / "meld-process" / "label.npz").unlink()
    return (path / "meld.csv").write_text("name,label\na,joy\na,fear\n")


def latin(path: Path) -> object:
    (path / "meld-process" / "label.npz").unlink()
    return (path / "meld.csv").write_bytes("name,label\nänne,joy\n".encode("latin-1"))


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (hostile, "nothing in it was run"),
        (truncated, "damaged archive"),
        (other_columns, "lacks the column"),
        (empty, "is empty"),
        (doubled, "line 3"),
        (latin, "is not UTF-8"),
    ],
)
def test_broken_labels_are_one_sentence_and_exit_3(break_it: Broken, sentence: str, room: Path, tmp_path: Path) -> None:
    labels = made.write_unibench(tmp_path / "labels", size=40, keys=("meld",))
    break_it(labels)
    done = run("mer-unibench", "--dataset", "meld", "--labels", labels, "--predictions", room / "output")
    assert done.code == 3, done
    assert done.out == "" and len(done.err.strip().splitlines()) == 1
    assert sentence in done.err and "meld" in done.err.lower()
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("mer-unibenc",), 2, "did you mean 'mer-unibench'"),
        (("mer-unibench", "--dataset", "medl"), 2, "did you mean 'meld'"),
        (("mer-unibench", "--missing", "ignore"), 2, "missing must be"),
        (("mer-unibench", "--language", "fr"), 2, "Known: en, zh"),
        (("mer-unibench", "--by", "clips"), 2, "by 'clip' or by 'speaker'"),
        (("mer-unibench", "--resamples", "-1"), 2, "resamples"),
        (("mer-unibench", "--wheels", "2025", "--offline"), 2, "--offline forbids"),
        (("mer-unibench", "--wheels", "nowhere"), 3, "holds no official wheel tables"),
        (("mer-unibench", "--groups", "nowhere.json"), 3, "nowhere.json"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], code: int, sentence: str, room: Path, tmp_path: Path) -> None:
    done = run(*words, "--labels", room / "labels", "--predictions", room / "output", cwd=tmp_path)
    assert done.code == code, done
    assert sentence in " ".join(done.err.split())


def test_missing_predictions_stop_or_are_counted_and_listed(room: Path, tmp_path: Path) -> None:
    made.write_predictions(tmp_path, size=38, keys=("meld",), checkpoints=(30,))
    words = ("mer-unibench", "--dataset", "meld", "--labels", room / "labels", "--predictions", tmp_path)
    done = run(*words)
    assert done.code == 3 and "2 of 40 labelled samples have no prediction" in done.err
    done = run(*words, "--missing", "count", "--resamples", 20)
    assert (
        done.code == 0
        and "labelled clips without a prediction, counted as wrong: 2" in done.out
        and "missing" in done.out
    )


def test_nothing_in_names_steers_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "ovmerdplus.csv").write_text("name,openset\n\x1b[31mred[bold],['\x1b[2Jx']\nb,[happy]\n", "utf-8")
    (tmp_path / "answers.csv").write_text("name,openset\nb,[happy]\n[red]extra\x1b[0m,[sad]\n", "utf-8")
    done = run(
        "mer-unibench", "--dataset", "ovmerdplus", "--labels", tmp_path, "--predictions", tmp_path / "answers.csv",
        "--missing", "count",
    )  # fmt: skip
    assert done.code == 0 and "\x1b" not in done.out + done.err
    assert "[red]extra" in done.out and "red[bold]" in done.out


def test_help_teaches() -> None:
    done = run("--help")
    assert done.code == 0
    for word in ("--wheels", "--missing", "--checkpoint", "Exit codes", "results-<set>/<run>"):
        assert word in done.out


def test_names_in_errors_do_not_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "meld.csv").write_text("name,label\nx\x1b]0;pwned\x07\x1b[2J,nothing\n", "utf-8")
    done = run("mer-unibench", "--dataset", "meld", "--labels", tmp_path, "--predictions", tmp_path)
    assert done.code == 3 and "\x1b" not in done.err and "\x07" not in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_without_any_score_it_does_not_exit_as_if_all_were_well(tmp_path: Path) -> None:
    (tmp_path / "meld.csv").write_text("name,label\na,neutral\nb,neutral\n", "utf-8")
    (tmp_path / "answers.csv").write_text("name,openset\na,[happy]\nb,[]\n", "utf-8")
    reference = os.environ.get("OPENAFFECT_REFERENCE_DIR")
    wheels = ("--wheels", f"{reference}/data/emotion_wheel/2025") if reference else ()
    words = ("--dataset", "meld", "--labels", tmp_path, "--predictions", tmp_path / "answers.csv")
    done = run("mer-unibench", *words, *wheels)
    # Our own wheel has a place for neutral; the official ones have none.
    assert done.code == (3 if reference else 0)
    if reference:
        assert "–" in done.out and "no Mean" in done.out and "2 of 2 MELD clips never count" in done.out


def test_the_missing_predictions_of_the_best_checkpoint_are_said(room: Path, tmp_path: Path) -> None:
    made.write_predictions(tmp_path, size=40, keys=("meld",), checkpoints=(60,))
    made.write_predictions(tmp_path, size=36, keys=("meld",), checkpoints=(30,), seed=5)
    words = (
        "--dataset",
        "meld",
        "--labels",
        room / "labels",
        "--predictions",
        tmp_path,
        "--missing",
        "count",
        "--json",
    )
    found = json.loads(run("mer-unibench", *words, "--resamples", 0).out)["datasets"][0]
    text = run("mer-unibench", *words[:-1], "--resamples", 0).out
    assert found["fixed"]["missing"] == [] and ("at 30" in text) == (found["best"]["epoch"] == 30)


def test_a_full_disk_is_one_sentence() -> None:
    command = f"{sys.executable} -m openaffect.cli data list > /dev/full"
    done = subprocess.run(
        ["bash", "-c", command], env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "no space left" in done.stderr


def test_a_terminal_of_few_letters_still_gets_the_numbers(room: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "openaffect.cli", "bench", "score", "mer-unibench", "--labels", str(room / "labels"),
         "--predictions", str(room / "output"), "--resamples", "0", "--language", "zh"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "ascii"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "Traceback" not in done.stderr and "MELD" in done.stdout
