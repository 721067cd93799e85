"""The benchmarks as tasks of Inspect (``inspect-ai``): ``inspect eval openaffect/mer_unibench -T data=... -T out=...``.

Inspect asks the model; its scorer takes each answer through the later stages, its metric is the score of all samples.
Every benchmark of `openaffect.bench.tasks` is a task.  Page: docs/howto/use-other-harnesses.md.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from inspect import Signature, signature
from typing import Any

from openaffect.bench.task import Step
from openaffect.bench.tasks import TASKS
from openaffect.errors import MediaError, RemoteError, UsageError
from openaffect.integrations.figures import figures
from openaffect.integrations.opened import Bench, open_as_set, open_bench
from openaffect.integrations.scoring import Given, finish, kind_and_value, question, score
from openaffect.mllm.calls import Call, failed
from openaffect.mllm.chat import Message, Part, Reply

_STOPPED = {"max_tokens": "length"}
_LOST = "the sample ended in an error; Inspect's log has it"


def entry(key: str) -> Callable[..., Any]:
    """Return what makes the Inspect task of the benchmark *key*; ``-T`` sets the options of `open_bench`.

    >>> entry("mme-emotion").__name__
    'mme_emotion'
    """

    def build(**given: Any) -> Any:
        return make_task(open_as_set(key, given, "-T {}=...".format))

    _, *options = signature(open_bench).parameters.values()
    build.__signature__ = Signature(options)  # type: ignore[attr-defined]  # Inspect reads the names for -T there
    build.__name__ = build.__qualname__ = key.replace("-", "_")
    return build


def make_task(bench: Bench) -> Any:
    """Return *bench* as an ``inspect_ai.Task``: a sample an item; clips are read when their sample is asked."""
    from inspect_ai import Task  # type: ignore[import-not-found]
    from inspect_ai.dataset import Sample  # type: ignore[import-not-found]
    from inspect_ai.model import GenerateConfig  # type: ignore[import-not-found]
    from inspect_ai.solver import solver  # type: ignore[import-not-found]

    options = bench.stages[0].options
    return Task(
        dataset=[Sample(item.id, id=item.id, metadata={"part": item.part}) for item in bench.items.values()],
        # As the setup, so that another --solver gets the clip too.
        setup=solver(name="ask")(lambda: _ask(bench))(),
        scorer=_scorer(bench),
        config=GenerateConfig(
            temperature=options.temperature, max_tokens=options.max_tokens, seed=options.seed, top_p=options.top_p
        ),
        # A sample that ended in an error counts as failed; without this it would vanish from the score.
        score_on_error=True,
        metadata={"prompts": {name: sha for stage in bench.stages for name, sha in stage.prompts.items()}},
    )


def _ask(bench: Bench) -> Any:
    from inspect_ai import model

    roles = {"system": model.ChatMessageSystem, "user": model.ChatMessageUser, "assistant": model.ChatMessageAssistant}

    def content(part: Part) -> Any:
        kind, value = kind_and_value(part)
        form = {"audio": {"format": "wav"}, "video": {"format": "mp4"}}.get(kind, {})
        return getattr(model, f"Content{kind.title()}")(**{kind: value}, **form)

    def chat(message: Message) -> Any:
        return roles[message.role](content=[content(part) for part in message.parts])

    async def solve(state: Any, generate: Any) -> Any:
        asked = await asyncio.to_thread(question, bench, str(state.sample_id))
        if isinstance(asked, Call | str):
            state.store.set("skipped" if isinstance(asked, str) else "failed", getattr(asked, "cause", asked))
            state.completed = True
        else:
            state.messages = [chat(message) for message in asked]
        return state

    return solve


def _scorer(bench: Bench) -> Any:
    from inspect_ai import scorer

    async def take(state: Any, target: Any) -> Any:
        name = str(state.sample_id)
        steps = {stage: asdict(by_id[name]) for stage, by_id in (await finish(bench, {name: _given(state)})).items()}
        first = steps[bench.stages[0].name]
        beside = {"steps": steps, "model": str(state.model)}
        value = int(first["outcome"] == "answered")
        return scorer.Score(value=value, answer=first["text"], explanation=first["cause"] or None, metadata=beside)

    def measure(scores: Sequence[Any]) -> Mapping[str, float]:
        steps: dict[str, dict[str, Step]] = {stage.name: {} for stage in bench.stages}
        for each in scores:
            for stage, step in each.score.metadata["steps"].items():
                if steps[stage].setdefault(step["id"], Step(**step)) != Step(**step):
                    raise UsageError("the benchmark asks each item once; run it without --epochs.")
        return figures(score(bench, steps, scores[0].score.metadata["model"]), steps)

    metric = scorer.metric(name="openaffect", scores="unreduced")(lambda: measure)
    return scorer.scorer(metrics=[metric()], name="openaffect")(lambda: take)()


def _given(state: Any) -> Given:
    """Return what came of the sample: a reply, why it was not asked, or the error that Inspect met."""
    if skipped := state.store.get("skipped"):
        return str(skipped)
    if cause := state.store.get("failed"):
        return failed("", MediaError(cause))
    if not state.output.choices:
        from inspect_ai.log import transcript  # type: ignore[import-not-found]

        errors = [event.error.message for event in transcript().events if event.event == "error"]
        # Inspect puts the whole request, clips and all, before the last line, and writes line breaks as two characters.
        return failed("", RemoteError(re.split(r"\\n|\n", errors[-1].strip())[-1][-500:] if errors else _LOST))
    parts = state.output.message.content
    refused = not isinstance(parts, str) and any(getattr(part, "refusal", None) for part in parts)
    text, why = state.output.completion, state.output.stop_reason
    return Call("", Reply("" if refused else text, _STOPPED.get(why, why), refusal=text if refused else None))


# Without Inspect the module can be read and its functions' documents be run, but there is nobody to register with.
if find_spec("inspect_ai") is not None:
    from inspect_ai import task

    for _key in TASKS:
        task(name=_key.replace("-", "_"))(entry(_key))
