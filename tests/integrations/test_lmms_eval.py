"""The task folder for lmms-eval: its files fit the benchmarks, and ``lmms-eval`` reports the score of ``bench run``."""

from __future__ import annotations

import base64
import importlib
import io
import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.integrations.environments import LMMS_EVAL, attempt, python_with, run
from tests.integrations.made import answer_for, bench_run, bench_run_at, give_for, text_in, write_data
from tests.mllm.loopback import server

from openaffect.bench.task import Source
from openaffect.bench.tasks import TASKS, find_task
from openaffect.integrations.figures import figures
from openaffect.integrations.lmms_eval import functions
from openaffect.integrations.lmms_eval.folder import write_folder
from openaffect.integrations.scoring import folder_name
from openaffect.mllm.fake import Fake

NAME = {key: f"openaffect_{key.replace('-', '_')}" for key in TASKS}


def test_the_folder_is_written_and_printed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "openaffect.integrations.lmms_eval"]
    environment = {**os.environ, "OPENAFFECT_CACHE": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    folder = Path(done.stdout.strip())
    assert folder.is_relative_to(tmp_path.resolve())
    assert {path.stem for path in folder.glob("*.yaml")} == set(NAME.values())


@pytest.mark.parametrize("key", TASKS)
def test_a_file_asks_as_the_bench_does(key: str, tmp_path: Path) -> None:
    text = (write_folder(tmp_path) / f"{NAME[key]}.yaml").read_text("utf-8")
    given = dict(re.findall(r"^ *(\w+): *(\S.*)$", text, re.M))
    options = find_task(key).stages(Source(Path()))[0].options
    assert (int(given["max_new_tokens"]), float(given["temperature"])) == (options.max_tokens, options.temperature)
    assert (int(given["seed"]), given["do_sample"], given["until"]) == (options.seed, "false", "[]")
    assert (options.top_p, options.repetition_penalty, options.schema) == (None, None, None), "not in the file yet"
    assert given["task"] == NAME[key]
    assert json.loads(Path(json.loads(given["test"])).read_text("utf-8")) == {"task": key}


def test_every_function_that_the_files_name_is_there(tmp_path: Path) -> None:
    names = re.findall(r"!function (\S+)", (write_folder(tmp_path) / "openaffect_emer.yaml").read_text("utf-8"))
    assert len(names) == 4
    for name in names:
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Set the environment for MER-UniBench and give the folder for the runs."""
    data = write_data("mer-unibench", tmp_path / "data")
    for name, value in {"DATA": data, "OUT": tmp_path / "out", "EXTRACTOR": "fake:[happy]"}.items():
        monkeypatch.setenv(f"OPENAFFECT_{name}", str(value))
    functions.bench_of.cache_clear()
    yield tmp_path / "out"
    functions.bench_of.cache_clear()


def doc(name: str) -> dict[str, str]:
    return {"task": "mer-unibench", "id": name}


def test_a_clip_goes_as_pictures_and_sound_before_the_question(settings: Path) -> None:
    (message,) = functions.messages(doc("meld/test_dia0_utt0"))
    kinds = [part["type"] for part in message["content"]]
    assert kinds == ["image"] * 8 + ["audio", "text"]
    assert all(isinstance(part["url"], Image.Image) for part in message["content"][:8])
    assert message["content"][8]["url"].startswith("data:audio/wav;base64,UklGR")
    assert 'says: "Made sentence 0, with a comma."' in message["content"][9]["text"]


def test_what_lmms_eval_puts_in_the_place_of_a_reply_is_no_reply(settings: Path) -> None:
    said = {
        "meld/test_dia0_utt0": "She is happy.",
        "meld/test_dia0_utt1": "I saw no clip.",
        "meld/test_dia0_utt2": "[LMMS_EVAL_REQUEST_FAILED after 5 retries] Connection error.",
        "meld/test_dia0_utt3": "none",
        "meld/test_dia0_utt4": "[LMMS_EVAL_BUDGET_EXCEEDED]",
        "meld/test_dia0_utt5": "",
    }
    replies = [functions.reply(doc(name), [text])["openaffect"] for name, text in said.items()]
    found = functions.scores(replies, Namespace(model="openai", model_args="model=m,api_key=secret"))
    assert (found["meld.n"], found["meld.n_failed"], found["failed.describe"]) == (6, 5, 3)
    lines = (settings / "mer-unibench" / folder_name("openai:m") / "describe.jsonl").read_text("utf-8").splitlines()
    outcomes = {record["id"][-1]: (record["outcome"], record["cause"]) for record in map(json.loads, lines)}
    assert [outcomes[key][0] for key in "012345"] == ["answered", "failed", "failed", "skipped", "failed", "empty"]
    assert outcomes["2"][1].endswith("Connection error.") and "not a recording" in outcomes["1"][1]
    assert "secret" not in (settings / "mer-unibench" / folder_name("openai:m") / "card.json").read_text("utf-8")


def test_its_figures_are_those_of_bench_run(settings: Path, tmp_path: Path) -> None:
    give = give_for("mer-unibench")
    wanted = bench_run("mer-unibench", tmp_path / "data", tmp_path / "run", Fake(give), Fake("[happy]"))
    said = {name: step.text or "nothing" for name, step in wanted.steps["describe"].items()}
    found = functions.scores([functions.reply(doc(name), [text])["openaffect"] for name, text in said.items()])
    assert found == figures(wanted.scores, wanted.steps)
    kept = settings / "mer-unibench" / "lmms-eval" / "scores.json"
    assert kept.read_bytes() == (tmp_path / "run" / "scores.json").read_bytes()


def test_a_setting_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAFFECT_DATA", raising=False)
    functions.bench_of.cache_clear()
    with pytest.raises(SystemExit, match="OPENAFFECT_DATA is not set; it names the folder with labels and clips"):
        functions.bench_of("emer")


@pytest.fixture(scope="module")
def python() -> Path:
    return python_with(LMMS_EVAL, "OPENAFFECT_LMMS_PYTHON")


def evaluate(python: Path, room: Path, url: str, task: str, *words: str) -> list[str]:
    folder = run([str(python), "-m", "openaffect.integrations.lmms_eval"], room).stdout.strip()
    return [str(python.parent / "lmms-eval"), "--model", "openai", "--model_args",
            f"model_version=under-test,base_url={url},api_key=none,max_retries=1", "--include_path", folder,
            "--tasks", task, "--output_path", str(room / "log"), "--log_samples", *words]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("key", ["mer-unibench", "mme-emotion"])
def test_lmms_eval_reports_the_score_of_bench_run(
    python: Path, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    data = write_data(key, tmp_path / "data")
    with server(answer_for(key)) as (url, bodies, _):
        wanted = bench_run_at(key, data, tmp_path / "run", url)
        ours, bodies[:] = asked(bodies), []
        where = {"DATA": str(data), "OUT": str(tmp_path / "out"), "JUDGE": "openai:reader", "JUDGE_URL": url}
        variables = {f"OPENAFFECT_{name}": value for name, value in where.items()} | {"HF_HUB_OFFLINE": "1"}
        run(evaluate(python, tmp_path, url, NAME[key]), tmp_path, 600, **variables)
    assert asked(bodies) == ours
    kept = tmp_path / "out" / key / folder_name("openai:under-test") / "scores.json"
    assert kept.read_bytes() == (tmp_path / "run" / "scores.json").read_bytes()
    (results,) = (tmp_path / "log").rglob("*_results.json")
    found = json.loads(results.read_text("utf-8"))["results"][NAME[key]]["openaffect,none"]
    assert found == figures(wanted.scores, wanted.steps)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_wrong_settings_end_in_one_sentence(python: Path, tmp_path: Path) -> None:
    command = evaluate(python, tmp_path, "http://127.0.0.1:9/v1", "openaffect_emer")
    done = attempt(command, tmp_path, OPENAFFECT_DATA="x", HF_HUB_OFFLINE="1")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last == "openaffect: OPENAFFECT_OUT is not set; it names the folder for records and scores."


def asked(bodies: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """What the model was sent, but for what was dropped again because there was nothing to ask: pictures by pixels."""
    options = ("temperature", "max_tokens", "seed")
    return {
        (*(body[key] for key in options), *((each["role"], text_in(each), *media(each)) for each in body["messages"]))
        for body in bodies
        if body["model"] == "under-test" and "There is nothing to ask" not in text_in(body["messages"][0])
    }


def media(message: dict[str, Any]) -> Iterator[bytes]:
    for part in message["content"] if isinstance(message["content"], list) else ():
        url = part.get("image_url", part.get("audio_url", {})).get("url", "")
        data = part.get("input_audio", {}).get("data") or url.partition("base64,")[2]
        raw = base64.b64decode(data)
        if part["type"] == "image_url":
            yield Image.open(io.BytesIO(raw)).convert("RGB").tobytes()
        elif raw:
            yield raw
