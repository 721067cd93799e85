"""``openaffect bench run`` as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.emer_files import write_emer
from tests.mer_unibench_files import write_unibench
from tests.mme_files import write_mme
from typer.testing import CliRunner, Result

from openaffect.bench import roles
from openaffect.cli.bench import bench
from openaffect.errors import DataError, OfflineError, RemoteError, UsageError
from openaffect.mllm.fake import Fake

EXTRACT = ("--extractor", "fake:[happy]")


def run(*words: object) -> Result:
    found = CliRunner().invoke(bench, ["run", *map(str, words)], env={"COLUMNS": "120"})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_unibench(tmp_path / "data", size=6, keys=("meld", "sims"))


def test_a_dry_run_prints_scores_and_goes_on(data: Path, tmp_path: Path) -> None:
    words = ("mer-unibench", "--data", data, "--model", "fake:happy", *EXTRACT, "--out", tmp_path / "out")
    first = run(*words)
    assert first.exit_code == 0 and "MELD" in first.output and "labelled clips without a prediction" in first.output
    lines = (tmp_path / "out" / "describe.jsonl").read_text()
    found = json.loads(run(*words, "--json").stdout)
    assert (tmp_path / "out" / "describe.jsonl").read_text() == lines
    assert [each["key"] for each in found["datasets"]] == ["meld", "sims"]
    assert json.loads((tmp_path / "out" / "scores.json").read_text()) == found


def test_a_limit_and_a_part(data: Path, tmp_path: Path) -> None:
    words = ("--part", "MELD", "--limit", 2, "--json", "--out", tmp_path / "out")
    found = json.loads(run("mer-unibench", "--data", data, "--model", "fake:happy", *EXTRACT, *words).stdout)
    assert [(each["key"], each["n"]) for each in found["datasets"]] == [("meld", 2)]


def test_a_server_that_is_not_there_is_a_recorded_failure_of_each_item(data: Path, tmp_path: Path) -> None:
    words = ("--base-url", "http://127.0.0.1:9/v1", "--retries", 0, "--part", "meld", "--out", tmp_path / "out")
    found = run("mer-unibench", "--data", data, "--model", "openai:none", *words)
    assert found.exit_code == 1 and "cannot reach 127.0.0.1" in found.output and "no item has an answer" in found.output
    records = [json.loads(line) for line in (tmp_path / "out" / "describe.jsonl").read_text().splitlines()]
    assert {record["outcome"] for record in records} == {"failed", "skipped"}


def test_a_model_that_gets_no_pictures_is_caught_not_scored(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "open_backend", lambda spec, **_: Fake("I see a red picture and hear two beeps: happy"))
    with pytest.raises(RemoteError, match="did not arrive at openai:deaf"):
        run("mer-unibench", "--data", data, "--model", "openai:deaf", "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "probe.json").read_text())["arrived"]["video"] is False
    assert not (tmp_path / "out" / "describe.jsonl").exists()
    assert run(
        "mer-unibench", "--data", data, "--model", "openai:deaf", "--no-probe", "--out", tmp_path / "out"
    ).exit_code in (0, 1)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "error", "why"),
    [
        (("mer-unibenc",), UsageError, "did you mean 'mer-unibench'"),
        (("mer-unibench", "--modalities", "sound"), UsageError, "unknown modality 'sound'"),
        (("mer-unibench", "--modalities", ","), UsageError, "names none"),
        (("mer-unibench", "--part", "medl"), UsageError, "did you mean 'meld'"),
        (("mer-unibench", "--offline", "--base-url", "https://api.example.org/v1"), OfflineError, "--offline forbids"),
        (("mer-unibench", "--budget", "1"), UsageError, "a budget needs the price of 'fake'"),
        (("./nowhere.py:TASK",), UsageError, "there is no file"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], error: type[Exception], why: str, data: Path, tmp_path: Path) -> None:
    model = "openai:x" if "--offline" in words else "fake:happy"
    with pytest.raises(error, match=why):
        run(*words, "--data", data, "--model", model, "--out", tmp_path / "out")


def test_a_folder_without_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing to ask|there is no folder"):
        run("mer-unibench", "--data", tmp_path, "--model", "fake:happy", "--out", tmp_path / "out")


def test_a_task_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from openaffect.bench.task import Item, Stage, Task, read_text\n"
        "from openaffect.mllm.chat import Message, Text\n"
        "from openaffect.records import Record\n"
        "class Count(Record):\n    n: int\n"
        "ASK = Stage('ask', 'model', lambda i, e: (Message('user', (Text('?'),)),), lambda i, e, c: read_text(i, c))\n"
        "ITEMS = [Item('a/1', 'a')]\n"
        "TASK = Task('mine', 'Mine', '', lambda s: ITEMS, lambda s: (ASK,), lambda i, s, o: Count(n=len(i)))\n"
    )
    found = run(f"{tmp_path}/mine.py:TASK", "--data", tmp_path, "--model", "fake:x", "--out", tmp_path / "out")
    assert found.exit_code == 0 and '"n": 1' in found.output


def step(*words: object) -> Result:
    found = CliRunner().invoke(bench, list(map(str, words)), env={"COLUMNS": "120"})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def test_predict_extract_score_on_one_folder(data: Path, tmp_path: Path) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    first = step("predict", "mer-unibench", "--data", data, "--model", "fake:happy", "--limit", 3, "--out", out)
    assert first.exit_code == 0 and f"next: openaffect bench extract {out}" in first.output
    second = step("extract", out, *EXTRACT)
    assert second.exit_code == 0 and f"next: openaffect bench score {out}" in second.output
    run("mer-unibench", "--data", data, "--model", "fake:happy", *EXTRACT, "--limit", 3, "--out", whole)
    found = step("score", out, "--json")
    assert json.loads(found.stdout) == json.loads((whole / "scores.json").read_text())
    counts = json.loads(step("extract", out, *EXTRACT, "--json").stdout)
    assert set(counts) == {"labels", "sentiment"} and sum(counts["labels"].values()) == 6


def test_the_data_of_a_run_may_have_moved(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    step("predict", "mer-unibench", "--data", data, "--model", "fake:happy", "--out", out)
    moved = data.rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match=r"nothing to ask|no folder"):
        step("extract", out, *EXTRACT)
    assert step("extract", out, *EXTRACT, "--data", moved).exit_code == 0
    assert step("score", out, "--data", moved).exit_code == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("extract", "{0}", *EXTRACT), "holds no run"),
        (("judge", "{0}", "--judge", "fake:x"), "holds no run"),
        (("score", "{0}"), "holds no run"),
        (("score", "{0}/nothing"), "no folder of a run, and files need both --labels and --predictions"),
        (("score", "mer-unibench", "--labels", "{0}"), "need both --labels and --predictions"),
        (("score", "{0}", "--dataset", "meld", "--labels", "{0}"), "without --labels, --dataset; leave that out"),
    ],
)
def test_steps_of_what_is_no_run(words: tuple[str, ...], why: str, tmp_path: Path) -> None:
    with pytest.raises((DataError, UsageError), match=why):
        step(*(word.format(tmp_path) for word in words))


def test_an_unknown_engine(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'local'"):
        run("mer-unibench", "--data", data, "--model", "fake:x", "--engine", "locl", "--out", tmp_path / "out")


def test_an_own_task_is_named_again(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps({"task": "./mine.py:TASK", "models": {}}))
    with pytest.raises(UsageError, match=r"not one of openaffect's own; --task FILE.py:NAME"):
        step("extract", tmp_path, *EXTRACT)


def test_scores_of_emer_and_mme_emotion_are_tables(tmp_path: Path) -> None:
    emer, mme = write_emer(tmp_path / "emer", 2), write_mme(tmp_path / "mme", ("SA", "FG-ER"))
    judge = 'fake:{"reason": "r", "support": 5, "grounded": 1, "alternative": 0, "other": ""}'
    says = ("--model", "fake:She smiles, so she is happy.", "--extractor", "fake:[happy]")
    found = run("emer", "--data", emer, *says, "--judge", judge, "--out", tmp_path / "a").stdout
    rows = {" ".join(line.split()[:-4]): line.split()[-4:] for line in found.splitlines() if len(line.split()) > 4}
    assert rows["plausibility, passing"] == ["1.00", "1.00–1.00", "2", "0"]
    steps = ("--extractor", "fake:<step>Step 1: smiles, Step 2: negative</step>")
    rates = ("--judge", "fake:<score>Step 1: 1/1, Step 2: 0/1</score>")
    found = run("mme-emotion", "--data", mme, "--model", "fake:x", *steps, *rates, "--out", tmp_path / "b").stdout
    (line,) = [line.split() for line in found.splitlines() if line.split()[:1] == ["SA"]]
    assert line == ["SA", "1", "0.0/100.0/50.0", "1", "0.0/100.0/50.0", "0", "2.0", "100.0"]
    assert "FG-ER" in found and "2 of the 8 tasks" in found
    assert max(map(len, found.splitlines())) <= 120


def prices(folder: Path, text: str = '["*"]\ninput = 1000000\noutput = 0\n') -> Path:
    path = folder / "prices.toml"
    path.write_text(text)
    return path


def cost(out: Path) -> float:
    lines = [line for path in out.glob("*.jsonl") for line in path.read_text().splitlines()]
    return sum((json.loads(line)["call"] or {}).get("cost") or 0.0 for line in lines)


def test_a_budget_is_for_all_roles_and_all_commands(data: Path, tmp_path: Path) -> None:
    words = ("mer-unibench", "--data", data, "--model", "fake:happy", *EXTRACT, "--prices", prices(tmp_path))
    words = (*words, "--concurrency", 1)  # in turn, so that the cache answers the same questions each time
    run(*words, "--out", tmp_path / "whole")
    everything = cost(tmp_path / "whole")
    whole = json.loads((tmp_path / "whole" / "describe.jsonl").read_text().splitlines()[0])["call"]["cost"]
    out, budget = tmp_path / "out", everything - whole / 2
    first = run(*words, "--budget", budget, "--out", out)
    assert first.exit_code == 1 and everything - 3 * whole < cost(out) <= budget
    spent = cost(out)
    second = run(*words, "--budget", budget, "--out", out)
    assert second.exit_code == 1 and cost(out) == spent
    third = run(*words, "--budget", 2 * everything, "--out", out)
    assert third.exit_code == 0 and cost(out) == pytest.approx(everything) and "in all" in third.output


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("fake = 3", "'fake' has no table"),
        ('["fake"]\ninput = "much"\noutput = 1', "a price that is no number"),
        ('["fake"]\ninput = 1', "has no table of just input and output"),
        ("= 3", "cannot read the prices"),
        ('["another"]\ninput = 1\noutput = 1', "a budget needs the price of 'fake'"),
        ('["fake"]\ninput = -1\noutput = 1', "prices must be 0 or more"),
    ],
)
def test_prices_that_cannot_be(text: str, why: str, data: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=why):
        run(
            *("mer-unibench", "--data", data, "--model", "fake:happy", "--budget", 1),
            *("--prices", prices(tmp_path, text), "--out", tmp_path / "out"),
        )


def test_half_a_character_in_a_reply_does_not_end_the_scores(tmp_path: Path) -> None:
    data = write_unibench(tmp_path / "data", size=2, keys=("meld",))
    (tmp_path / "half.py").write_text(
        "from openaffect.mllm.fake import Fake\ndef open_half(rest, **_):\n    return Fake('[happy, \\ud800]')\n"
    )
    found = run(
        "mer-unibench",
        "--data",
        data,
        "--model",
        f"{tmp_path}/half.py:open_half",
        "--no-probe",
        "--out",
        tmp_path / "out",
    )
    assert found.exit_code == 0 and (tmp_path / "out" / "scores.json").exists()


def test_data_that_are_not_there_either_leave_the_card_as_it_was(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    step("predict", "mer-unibench", "--data", data, "--model", "fake:happy", "--out", out)
    before = (out / "card.json").read_bytes()
    with pytest.raises(DataError):
        step("extract", out, *EXTRACT, "--data", tmp_path / "nowhere")
    assert (out / "card.json").read_bytes() == before and step("extract", out, *EXTRACT).exit_code == 0


def test_the_probe_is_paid_from_the_budget(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake("happy", model="m")
    monkeypatch.setattr(roles, "open_backend", lambda spec, **_: fake)
    found = run(
        *("mer-unibench", "--data", data, "--model", "openai:m", "--budget", 0, "--price-in", 1, "--price-out", 1),
        *("--out", tmp_path / "out"),
    )
    assert fake.sent == 0 and found.exit_code == 1 and "budget" in found.output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--workers", 3), "--workers is for --engine ray"),
        (("--judge-url", "http://127.0.0.1:9/v1"), "--judge-url names the server of --judge or --extractor"),
        (("--price-in", 1), "--price-in and --price-out go together"),
        (("--engine", "ray", "--offline"), "--offline cannot be kept with --engine ray"),
    ],
)
def test_options_that_would_do_nothing_are_refused(
    words: tuple[object, ...], why: str, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=why):
        run("mer-unibench", "--data", data, "--model", "fake:x", *words, "--out", tmp_path / "out")


def test_a_step_that_the_task_does_not_have(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    step("predict", "mer-unibench", "--data", data, "--model", "fake:happy", "--out", out)
    with pytest.raises(UsageError, match="asks no judge"):
        step("judge", out, "--judge", "fake:x")


def test_a_record_with_an_outcome_of_its_own_does_not_steer_the_terminal(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("mer-unibench", "--data", data, "--model", "fake:happy", *EXTRACT, "--out", out)
    lines = (out / "labels.jsonl").read_text().splitlines()
    record = json.loads(lines[0]) | {"outcome": "\x1b]0;X\x07[bold]"}
    (out / "labels.jsonl").write_text("\n".join([json.dumps(record), *lines[1:]]) + "\n")
    with pytest.raises(DataError, match="unknown outcome"):
        step("score", out)


def test_the_next_command_of_an_own_task_names_it(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from openaffect.bench.task import Item, Stage, Task, read_text\n"
        "from openaffect.mllm.chat import Message, Text\n"
        "from openaffect.records import Record\n"
        "class Count(Record):\n    n: int\n"
        "ASK = Stage('ask', 'model', lambda i, e: (Message('user', (Text('?'),)),), lambda i, e, c: read_text(i, c))\n"
        "ITEMS = [Item('a/1', 'a')]\n"
        "TASK = Task('mine', 'Mine', '', lambda s: ITEMS, lambda s: (ASK,), lambda i, s, o: Count(n=len(i)))\n"
    )
    name, out = f"{tmp_path}/mine.py:TASK", tmp_path / "out"
    found = step("predict", name, "--data", tmp_path, "--model", "fake:x", "--out", out)
    (line,) = [line for line in found.stdout.splitlines() if line.startswith("next: openaffect bench ")]
    again = step(*line.removeprefix("next: openaffect bench ").split())
    assert json.loads(again.stdout) == {"n": 1}


def test_tables_in_chinese(tmp_path: Path) -> None:
    emer, mme = write_emer(tmp_path / "emer", 1), write_mme(tmp_path / "mme", ("SA",))
    says = ("--model", "fake:She smiles.", "--extractor", "fake:[happy]", "--language", "zh")
    assert "得分" in run("emer", "--data", emer, *says, "--judge", "fake:4", "--out", tmp_path / "a").stdout
    assert "严格" in run("mme-emotion", "--data", mme, *says, "--out", tmp_path / "b").stdout
    with pytest.raises(UsageError, match="unknown language 'de'"):
        run("emer", "--data", emer, *says[:-1], "de", "--out", tmp_path / "c")
