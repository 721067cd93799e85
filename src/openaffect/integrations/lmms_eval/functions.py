"""What the YAML files of `folder` name as ``!function``: documents, messages, replies, scores.

lmms-eval asks the model.  When it has all replies, `scores` takes them through the later stages and scores them.  Its
tasks take no arguments, so the settings are environment variables: ``OPENAFFECT_DATA`` and ``OPENAFFECT_OUT``, and
where they are wanted the others of `SETTINGS`.  Page: docs/howto/use-other-harnesses.md.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Mapping, Sequence
from functools import cache
from inspect import signature
from typing import Any

from PIL import Image

from openaffect.bench.task import Step
from openaffect.errors import RemoteError
from openaffect.integrations.figures import figures
from openaffect.integrations.opened import Bench, open_as_set, open_bench
from openaffect.integrations.scoring import Given, finish, kind_and_value, question, score
from openaffect.mllm.calls import Call, failed
from openaffect.mllm.chat import Part, Picture, Reply, Text

SETTINGS = tuple(signature(open_bench).parameters)[1:]
"""The options that `variable` names: those of ``openaffect bench run`` that a harness leaves open."""
METRIC = "openaffect"
_BROKEN = ("[LMMS_EVAL_REQUEST_FAILED", "[LMMS_EVAL_BUDGET_EXCEEDED]")
"""How lmms-eval begins the text that it puts in the place of a reply that it did not get."""
_MODELS = ("model", "model_version", "pretrained")
"""Arguments of lmms-eval's models that name the weights; the others may be secrets."""


@cache
def bench_of(task: str) -> Bench:
    """Return the benchmark *task* as the environment sets it; ends the program where that cannot be."""
    given = {name: value for name in SETTINGS if (value := os.environ.get(variable(name)))}
    return open_as_set(task, given, variable)


def variable(setting: str) -> str:
    """Return the environment variable of an argument of `open_bench`.

    >>> variable("judge_url")
    'OPENAFFECT_JUDGE_URL'
    """
    return f"OPENAFFECT_{setting.upper()}"


def docs(named: Any) -> Any:
    """Return the items as a ``datasets.Dataset``; *named* is the one row that says which benchmark is meant."""
    from datasets import Dataset  # type: ignore[import-not-found]

    task = str(named[0]["task"])
    return Dataset.from_list(
        [{"task": task, "id": item.id, "part": item.part} for item in bench_of(task).items.values()]
    )


def messages(doc: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the model is asked about *doc*; lmms-eval asks something of every item, `reply` drops that again."""
    asked = question(bench_of(doc["task"]), doc["id"])
    if isinstance(asked, Call | str):
        return [{"role": "user", "content": [_content(Text("There is nothing to ask. Answer: none."))]}]
    return [{"role": each.role, "content": [_content(part) for part in each.parts]} for each in asked]


def _content(part: Part) -> dict[str, Any]:
    if isinstance(part, Picture):
        return {"type": "image", "url": Image.open(io.BytesIO(part.data))}
    kind, value = kind_and_value(part)
    return {"type": kind, "text" if kind == "text" else "url": value}


def reply(doc: Mapping[str, str], results: Sequence[str]) -> dict[str, Any]:
    """Return the reply of lmms-eval's model to *doc*, as it stands in the samples that lmms-eval logs."""
    return {METRIC: {"task": doc["task"], "id": doc["id"], "reply": results[0]}}


def scores(replies: Sequence[Mapping[str, str]], args: Any = None) -> dict[str, float]:
    """Return the figures of all *replies*; *args* are lmms-eval's own, for the name of the model."""
    bench = bench_of(replies[0]["task"])
    steps = asyncio.run(_finished(bench, {each["id"]: _given(bench, each) for each in replies}))
    return figures(score(bench, steps, model_name(args)), steps)


def _given(bench: Bench, answer: Mapping[str, str]) -> Given:
    asked = question(bench, answer["id"])
    if isinstance(asked, Call | str):
        return asked
    text = answer["reply"]
    return failed("", RemoteError(text)) if text.startswith(_BROKEN) else Call("", Reply(text))


async def _finished(bench: Bench, given: Mapping[str, Given]) -> dict[str, dict[str, Step]]:
    try:
        return await finish(bench, given)
    finally:
        # Connections belong to the event loop that ends here.
        for caller in bench.callers.values():
            await caller.aclose()


def model_name(args: Any) -> str:
    """Return the name of the model that lmms-eval was given.

    >>> from argparse import Namespace
    >>> model_name(Namespace(model="openai", model_args="model_version=m,api_key=secret"))
    'openai:m'
    """
    given = getattr(args, "model_args", None) or ""
    pairs = dict(each.partition("=")[::2] for each in given.split(",")) if isinstance(given, str) else dict(given)
    named = next((str(pairs[key]) for key in _MODELS if key in pairs), "")
    return ":".join(filter(None, (str(getattr(args, "model", "") or "lmms-eval"), named)))
