"""The command as a person meets it: results, bad input, exit codes, resume, interruption."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console
from tests.media_files import BAD_INPUTS
from tests.reports import rich

from openaffect.analysis.schema import report_schema
from openaffect.cli import main
from openaffect.cli.terminal import print_report
from openaffect.records import Report
from openaffect.store import read_records

DEMO = Path(__file__).resolve().parents[2] / "examples" / "demo.mp4"
SRT = DEMO.with_suffix(".srt")


def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command in this process; return exit code, stdout, stderr."""
    monkeypatch.setattr(sys, "argv", ["openaffect", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    out, err = capfd.readouterr()
    return int(stopped.value.code or 0), out, err


def start(*words: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "openaffect.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background inherits an ignored Ctrl-C; the command must meet it as in a terminal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,  # type: ignore[call-overload]
    )


def reports(folder: Path) -> list[Report]:
    return [
        Report.model_validate_json(path.read_bytes())
        for path in sorted(folder.glob("*.json"))
        if path.name != "run-card.json"
    ]


def check(report: Report) -> None:
    """What must hold in every report: spans inside and ordered, every cited clue exists, JSON fits the schema."""
    clues = {clue.id: clue for clue in report.clues}
    assert len(clues) == len(report.clues)
    ends = report.media.duration + 1e-3
    for span in (*report.segments, *report.clues, *report.utterances):
        assert 0 <= span.start <= span.end <= ends
    assert [s.start for s in report.segments] == sorted(s.start for s in report.segments)
    people = {person.id for person in report.people}
    for segment in report.segments:
        assert segment.person in people
        assert set(segment.clues) <= clues.keys()
        assert all(clues[name].person == segment.person for name in segment.clues)
    for reading in (report.overall, *(segment.reading for segment in report.segments)):
        parts = reading.explanation
        for cited in (
            *(label.clues for label in (*reading.labels, *reading.competing)),
            *(s.clues for s in (*parts.visual, *parts.acoustic, *parts.lexical, *parts.conclusion)),
            *(c.clues for c in reading.contradictions),
        ):
            assert set(cited) <= clues.keys()
        assert reading.labels or reading.abstained or not report.segments
    jsonschema.validate(json.loads(report.model_dump_json()), report_schema())


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_every_odd_input_has_its_outcome(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    make, expected = BAD_INPUTS[name]
    source = tmp_path / "in"
    source.mkdir()
    path, out = make(source), tmp_path / "out"
    code, said, err = call(
        monkeypatch, capfd, "analyze", "--asr", "none", "--out", str(out), "-f", "json", "--", str(path)
    )
    assert "Traceback" not in err + said
    assert "internal error" not in err
    lines = list(read_records(out / "records.jsonl"))
    assert len(lines) == 1
    if expected == "works":
        assert (code, "failed" in err) == (0, False), err
        (report,) = reports(out)
        check(report)
    else:
        assert code == 1
        assert lines[0]["failure"]["cause"].strip().endswith((".", "。"))
        assert "\n" not in lines[0]["failure"]["cause"]
        assert not list(out.glob("*.json")) or [p.name for p in out.glob("*.json")] == ["run-card.json"]
        assert "failed" in err


@pytest.mark.parametrize("name", ["silent", "noise", "music"])
def test_no_feelings_are_read_from_what_is_no_speech(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = BAD_INPUTS[name][0](tmp_path)
    code, _, _ = call(monkeypatch, capfd, "analyze", str(path), "--out", str(tmp_path / "out"), "-f", "json", "-q")
    assert code == 0
    (report,) = reports(tmp_path / "out")
    assert not [clue for clue in report.clues if clue.modality == "acoustic"]
    assert not report.overall.labels
    assert report.overall.abstained
    assert not report.modalities["acoustic"].used
    assert report.modalities["acoustic"].reason


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--one-person",),
        ("--no-faces",),
        ("--no-voice",),
        ("--fast",),
        ("--language", "zh"),
        ("--max-segment", "2"),
        ("--keep-frames", "--blur"),
    ],
    ids=lambda words: " ".join(words) or "plain",
)
def test_the_demo_gives_a_whole_report(
    words: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    code, said, err = call(
        monkeypatch, capfd, "analyze", str(DEMO), "--transcript", str(SRT), "--out", str(tmp_path), "-f", "json", *words
    )
    assert code == 0, err
    (report,) = reports(tmp_path)
    check(report)
    assert report.segments
    assert any("composed" in note for note in report.media.notes)
    assert report.modalities["visual"].used != ("--no-faces" in words)
    assert report.modalities["acoustic"].used != ("--no-voice" in words)
    assert bool(list(tmp_path.glob("demo.frames/*.jpg"))) == ("--keep-frames" in words)
    assert report.dimensions is None
    assert report.dimensions_reason
    assert said


def test_masking_is_a_contradiction_and_never_plain_happiness(tmp_path: Path) -> None:
    from openaffect import analyze

    report = analyze(DEMO, transcript=SRT, one_person=True)
    first = report.segments[0].reading
    assert first.contradictions
    assert {"visual", "lexical"} <= set(first.contradictions[0].modalities)
    assert all(label.family != "joy" or label.name != "happy" for label in first.labels)
    happy = [s for s in report.segments if s.utterance is not None][-1].reading
    assert happy.labels[0].family == "joy"


def test_the_same_input_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        call(monkeypatch, capfd, "analyze", str(DEMO), "--out", str(tmp_path / name), "-f", "json", "-f", "html", "-q")
    for suffix in ("json", "html"):
        first, second = ((tmp_path / name / f"demo.{suffix}").read_bytes() for name in ("a", "b"))
        assert first == second


def test_one_bad_file_never_stops_the_others_and_a_second_run_skips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / "a.txt").write_text("I am so happy today. What a day!", "utf-8")
    (source / "b.mp4").write_bytes(b"nonsense")
    (source / "c.txt").write_text("我很难过。", "utf-8")
    words = ("analyze", str(source), str(tmp_path / "absent.mp4"), "--out", str(out), "-f", "json", "--jobs", "2")
    code, _, err = call(monkeypatch, capfd, *words)
    assert code == 1
    assert "2 of 4 inputs done, 2 failed" in err
    assert {r.media.path.rsplit("/")[-1] for r in reports(out)} == {"a.txt", "c.txt"}
    card = json.loads((out / "run-card.json").read_text("utf-8"))
    assert (card["done"], card["failed"]) == (2, 2)
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.json") if path.name != "run-card.json"}
    code, _, err = call(monkeypatch, capfd, *words)
    assert (code, err.count("done before, skipped")) == (1, 2)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    ids = [record["id"] for record in read_records(out / "records.jsonl")]
    assert len(ids) == len(set(ids)) == 6


def test_two_files_of_one_name_do_not_overwrite_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.txt").write_text(f"I am happy {folder}.", "utf-8")
    call(
        monkeypatch,
        capfd,
        "analyze",
        str(tmp_path / "x"),
        str(tmp_path / "y"),
        "--out",
        str(tmp_path / "o"),
        "-f",
        "json",
    )
    assert len(reports(tmp_path / "o")) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("analyze", str(DEMO), "--format", "htlm"), "did you mean 'html'"),
        (("analyze", str(DEMO), "--language", "fr"), "choose en or zh"),
        (("analyze", str(DEMO), "--reasoner", "magic"), "clues or openai:MODEL"),
        (("analyze", str(DEMO), "--reasoner", "openai:"), "names no model"),
        (("analyze", str(DEMO), "--frame-rate", "900"), "out of range"),
        (("analyze", str(DEMO), "--threads", "-1"), "choose 1 or more"),
        (("analyze", str(DEMO), "--bogus"), "No such option"),
        (("analyze",), "Missing argument"),
        (("analyze", str(DEMO), "--asr", "whisper-huge"), "whisper-base"),
        (
            ("analyze", str(DEMO), "--reasoner", "openai:m", "--base-url", "http://api.example.org/v1", "--offline"),
            "--offline forbids sending media to api.example.org",
        ),
        (("schema", "repotr"), "did you mean 'report'"),
        (("summarize", "nowhere", "--by", "language"), "nowhere"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, tuple) else "",
)
def test_wrong_usage_is_one_sentence_and_code_2(
    words: Sequence[str], told: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(monkeypatch, capfd, *words)
    assert code in ((2,) if words[0] != "summarize" else (1, 2)), err
    assert told in " ".join(err.split())
    assert "Traceback" not in err


def test_an_unwritable_folder_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    code, _, err = call(monkeypatch, capfd, "analyze", str(DEMO), "--out", str(tmp_path / "file" / "out"))
    assert code == 2
    assert "choose another one with --out" in " ".join(err.split())


def test_a_full_disk_keeps_what_was_written(tmp_path: Path) -> None:
    """A limit on file sizes in the child stands for the full disk: the report does not fit, small files do."""
    (tmp_path / "a.txt").write_text("I am happy.", "utf-8")
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))\n"
        "sys.argv = ['openaffect', 'analyze', sys.argv[1] + '/a.txt', '--out', sys.argv[1] + '/out', '-f', 'json']\n"
        "from openaffect.cli import main\nmain()\n"
    )
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["records.jsonl"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupting_gives_130_and_the_next_run_goes_on(jobs: str, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for number in range(6):
        shutil.copy(DEMO, source / f"clip{number}.mp4")
    words = ("analyze", str(source), "--asr", "none", "--out", str(out), "-f", "json", "--jobs", jobs, "-q")
    process = start(*words)
    deadline = time.monotonic() + 60
    while not list(out.glob("clip*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not list(out.glob(".*.part"))
    kept = {path.name: path.read_bytes() for path in out.glob("clip*.json")}
    assert 0 < len(kept) < 6
    again = start(*words)
    again.communicate(timeout=120)
    assert again.returncode == 0
    assert len(list(out.glob("clip*.json"))) == 6
    assert all((out / name).read_bytes() == data for name, data in kept.items())


def test_a_killed_run_goes_on_to_the_same_result(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(4):
        (source / f"t{number}.txt").write_text(f"I am happy {number}. " * 50, "utf-8")
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    start("analyze", str(source), "--out", str(whole), "-f", "json", "-q", "--jobs", "1").communicate(timeout=60)
    process = start("analyze", str(source), "--out", str(broken), "-f", "json", "-q", "--jobs", "1")
    deadline = time.monotonic() + 60
    while not list(broken.glob("t*.json")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=60)
    start("analyze", str(source), "--out", str(broken), "-f", "json", "-q", "--jobs", "1").communicate(timeout=60)
    for path in whole.glob("t*.json"):
        assert (broken / path.name).read_bytes() == path.read_bytes()
    done = [record["id"] for record in read_records(broken / "records.jsonl")]
    assert len(done) == len(set(done)) == 4


def test_json_on_the_terminal_is_one_line_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("I am happy.\nSo sad.", "utf-8")
    code, out, _ = call(monkeypatch, capfd, "analyze", str(tmp_path / "a.txt"), "--json")
    assert code == 0
    (line,) = out.splitlines()
    check(Report.model_validate_json(line))


def test_hostile_words_do_not_steer_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("I am happy [red]not markup[/red] [/].", "utf-8")
    code, out, err = call(monkeypatch, capfd, "analyze", str(tmp_path / "a.txt"))
    assert code == 0, err
    assert "[red]not markup[/red] [/]." in out
    console = Console(file=io.StringIO(), width=200)
    print_report(rich(), console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "你好" in shown
    assert not [c for c in shown if c != "\n" and not c.isprintable()]


def test_summarize_prints_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = ["file,condition"]
    for number in range(12):
        (tmp_path / f"t{number}.txt").write_text(f"I am {'happy' if number % 2 else 'sad'} {number}.", "utf-8")
        rows.append(f"t{number}.txt,{'b' if number % 2 else 'a'}")
    (tmp_path / "people.csv").write_text("\n".join(rows), "utf-8")
    call(
        monkeypatch, capfd, "analyze", str(tmp_path), "--out", str(tmp_path / "out"), "-f", "json", "-q", "--jobs", "1"
    )
    words = ("summarize", str(tmp_path / "out"), "--by", "condition", "--metadata", str(tmp_path / "people.csv"))
    code, out, err = call(monkeypatch, capfd, *words)
    assert code == 0, err
    assert "interval" in out
    code, out, _ = call(monkeypatch, capfd, *words, "--json")
    groups = json.loads(out)["groups"]
    assert {"a": 6, "b": 6}.items() <= groups.items()


def test_version_and_help(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, capfd, "--version")[1].startswith("openaffect 0.")
    code, out, _ = call(monkeypatch, capfd, "analyze", "--help")
    assert code == 0
    assert "Exit codes: 0 done" in out
