"""The tasks in Inspect: ``inspect eval`` of the installed package reports the score of ``bench run``."""

from __future__ import annotations

import importlib
import inspect
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integrations.environments import INSPECT, ROOT, attempt, python_with, run
from tests.integrations.made import answer_for, bench_run_at, text_in, write_data
from tests.mllm.loopback import server

from openaffect.bench.tasks import TASKS
from openaffect.integrations.figures import figures
from openaffect.integrations.inspect import entry
from openaffect.integrations.scoring import folder_name

MODEL = folder_name("openai-api/local/under-test")
READ_LOG = """
import json, sys
from inspect_ai.log import list_eval_logs, read_eval_log
log = read_eval_log(list_eval_logs(sys.argv[1])[0])
print(json.dumps({
    "status": log.status,
    "config": log.plan.config.model_dump(exclude_none=True),
    "metrics": {name: each.value for name, each in log.results.scores[0].metrics.items()},
    "samples": {each.id: {"error": each.error and each.error.message, "scores": {k: v.value for k, v in
                each.scores.items()}, "explanation": each.scores["openaffect"].explanation} for each in log.samples},
}))
"""


def test_the_entry_point_leads_to_the_module() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["inspect_ai"] == {"openaffect": "openaffect.integrations.inspect"}
    assert importlib.import_module(project["entry-points"]["inspect_ai"]["openaffect"]).entry is entry


def test_options_are_named_where_inspect_looks_for_them() -> None:
    names = list(inspect.signature(entry("emer-zh")).parameters)
    assert entry("emer-zh").__name__ == "emer_zh"
    assert names[:4] == ["data", "out", "extractor", "judge"] and "task" not in names


@pytest.fixture(scope="module")
def python() -> Path:
    return python_with(INSPECT, "OPENAFFECT_INSPECT_PYTHON")


def evaluate(python: Path, room: Path, url: str, *words: str) -> list[str]:
    key = "openai-api/local/under-test"
    return [str(python.parent / "inspect"), "eval", *words, "--model", key, "--model-base-url", url,
            "--log-dir", str(room / "logs"), "--display", "plain"]  # fmt: skip


def log_of(python: Path, room: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run([str(python), "-c", READ_LOG, str(room / "logs")], room).stdout)
    return found


@pytest.fixture(params=["mer-unibench", "mme-emotion"])
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def served(key: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("LOCAL_API_KEY", "none")
    with server(answer_for(key)) as (url, bodies, _):
        yield url, bodies


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_inspect_reports_the_score_of_bench_run(
    python: Path, key: str, served: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    url, bodies = served
    data = write_data(key, tmp_path / "data")
    wanted = bench_run_at(key, data, tmp_path / "run", url)
    ours, bodies[:] = sent(bodies), []
    words = (f"openaffect/{key.replace('-', '_')}", "-T", "judge=openai:reader", "-T", f"judge_url={url}")
    run(evaluate(python, tmp_path, url, *words, "-T", f"data={data}", "-T", f"out={tmp_path / 'out'}"), tmp_path)
    assert sent(bodies) == ours
    kept = tmp_path / "out" / key / MODEL
    assert (kept / "scores.json").read_bytes() == (tmp_path / "run" / "scores.json").read_bytes()
    log = log_of(python, tmp_path)
    assert log["metrics"] == figures(wanted.scores, wanted.steps)
    assert log["samples"].keys() == {item.id for item in wanted.items}
    first = next(iter(wanted.steps.values()))
    for name, sample in log["samples"].items():
        assert sample["scores"] == {"openaffect": int(first[name].outcome == "answered")}


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("key", ["mer-unibench"], indirect=True)
def test_a_sample_that_ends_in_an_error_counts_as_failed(
    python: Path, served: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    url, _ = served
    data = write_data("mer-unibench", tmp_path / "data")
    words = ("-T", "extractor=openai:reader", "-T", f"judge_url={url}", "-T", "parts=meld", "--limit", "4")
    run(evaluate(python, tmp_path, url, "openaffect/mer_unibench", *words, "-T", f"data={data}",
                 "-T", f"out={tmp_path / 'out'}"), tmp_path)  # fmt: skip
    log = log_of(python, tmp_path)
    assert log["status"] == "error", "Inspect marks a run with failed samples, as bench run does by its exit code"
    assert (log["metrics"]["meld.n"], log["metrics"]["meld.n_failed"], log["metrics"]["failed.describe"]) == (4, 3, 2)
    assert "Error code: 400 - no" in log["samples"]["meld/test_dia0_utt2"]["explanation"]
    assert "not a recording" in log["samples"]["meld/test_dia0_utt1"]["explanation"]
    assert "neither a clip" in log["samples"]["meld/test_dia0_utt3"]["explanation"]
    lines = (tmp_path / "out" / "mer-unibench" / MODEL / "describe.jsonl").read_text("utf-8").splitlines()
    causes = {record["id"]: record["cause"] for record in map(json.loads, lines)}
    assert "Error code: 400" in causes["meld/test_dia0_utt2"] and "messages" not in causes["meld/test_dia0_utt2"]
    assert log["config"] | {"max_tokens": 1024, "seed": 0, "temperature": 0.0} == log["config"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("key", ["mer-unibench"], indirect=True)
def test_wrong_settings_end_in_one_sentence(
    python: Path, served: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    done = attempt(evaluate(python, tmp_path, served[0], "openaffect/emer", "-T", "data=x"), tmp_path)
    assert done.returncode == 1
    assert "openaffect: -T out=... is not set; it names the folder for records and scores." in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_benchmark_is_a_task(python: Path, tmp_path: Path) -> None:
    code = (
        "import openaffect.integrations.inspect as here\n"
        "from importlib.metadata import entry_points\n"
        "(found,) = [each for each in entry_points(group='inspect_ai') if each.name == 'openaffect']\n"
        "assert found.load() is here\n"
    )
    run([str(python), "-c", code], tmp_path)
    for key in TASKS:
        words = [str(python.parent / "inspect"), "eval", f"openaffect/{key.replace('-', '_')}", "--model", "mockllm/m"]
        assert "-T data=... is not set" in attempt(words, tmp_path).stderr, key


def sent(bodies: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What the server was sent: model, options, texts and media, but not how often nor how a harness writes them."""
    options = ("model", "temperature", "max_tokens", "seed")
    return sorted(
        {
            (
                *(body[key] for key in options),
                *((each["role"], text_in(each), *media(each)) for each in body["messages"]),
            )
            for body in bodies
        }
    )


def media(message: dict[str, Any]) -> Iterator[str]:
    """Yield the data of the parts of a message that are no text, in their order."""
    for part in message["content"] if isinstance(message["content"], list) else ():
        if part["type"] == "image_url":
            yield part["image_url"]["url"]
        elif part["type"] == "input_audio":
            yield part["input_audio"]["data"]
