"""Runs a benchmark in the terminal: progress on stderr, scores on stdout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from openaffect.bench.results import BenchmarkScores
from openaffect.bench.river import Run, run
from openaffect.bench.task import Modality, Source, Who
from openaffect.bench.tasks import find_task
from openaffect.cli.plain import plain
from openaffect.cli.scores import print_scores
from openaffect.errors import OfflineError, RemoteError, UsageError
from openaffect.lookup import suggest
from openaffect.mllm import open_backend
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import AsyncBackend
from openaffect.mllm.openai import is_local
from openaffect.mllm.prices import Prices
from openaffect.mllm.probe import probe
from openaffect.store import write_atomic

_MODALITIES: tuple[Modality, ...] = ("audio", "video", "text")


@dataclass(frozen=True)
class Settings:
    """Whom to ask and how."""

    model: str
    extractor: str | None
    judge: str | None
    base_url: str | None
    judge_url: str | None
    concurrency: int
    retries: int
    timeout_s: float
    budget: float | None
    price_in: float | None
    price_out: float | None
    offline: bool
    probe: bool = True
    """Whether to find out first which modalities really arrive at the model."""


def show_bench_run(
    task: str,
    settings: Settings,
    *,
    data: Path,
    out: Path,
    modalities: str,
    parts: Sequence[str],
    limit: int | None,
    wheels: str | None,
    as_json: bool,
) -> int:
    """Run *task* and print what comes; return the exit code."""
    chosen = find_task(task)
    source = Source(data, _modalities(modalities), limit, tuple(parts), wheels, out / "clips")
    say = Console(stderr=True, soft_wrap=True, highlight=False)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=say,
        disable=not say.is_terminal,
    )
    rows: dict[str, int] = {}

    def tell(stage: str, done: int, of: int) -> None:
        row = rows.setdefault(stage, len(rows))
        while len(bars.tasks) <= row:
            bars.add_task(stage, total=of)
        bars.update(bars.tasks[row].id, completed=done)

    if settings.probe:
        _probe(settings, source.modalities, out, say)
    with ReplyCache(out / "replies.sqlite") as cache, bars:
        found = run(chosen, source, _callers(settings, cache, say), out, tell=tell)
    return _show(found, say, as_json=as_json)


def _modalities(given: str) -> tuple[Modality, ...]:
    named = [each.strip() for each in given.split(",") if each.strip()]
    for each in named:
        if each not in _MODALITIES:
            near = suggest(each, _MODALITIES) or "."
            raise UsageError(f"unknown modality '{each}'{near} Known: {', '.join(_MODALITIES)}.")
    if not named:
        raise UsageError(f"--modalities names none; give some of {', '.join(_MODALITIES)}.")
    return tuple(each for each in _MODALITIES if each in named)


def _probe(settings: Settings, modalities: tuple[Modality, ...], out: Path, say: Console) -> None:
    """Ask the model a few questions that only a picture or a sound answers; stop where one does not arrive."""
    if settings.model.partition(":")[0] in ("fake", "replay"):
        return  # scripts answer everything alike
    backend = open_backend(settings.model, base_url=settings.base_url)
    _announce(settings, backend, say)
    # Without the cache: a stored reply says nothing about the server of today.
    found = probe(Caller(backend, retries=settings.retries, timeout_s=settings.timeout_s), modalities)
    write_atomic(out / "probe.json", found.model_dump_json(indent=2) + "\n")
    for modality in found.unknown:
        say.print(f"[yellow]probe: {modality}: {escape(plain(found.cause.get(modality, 'no answer')))}[/]")
    if found.missing:
        rest = ",".join(each for each in modalities if each not in found.missing) or "none"
        raise RemoteError(
            f"{', '.join(found.missing)} did not arrive at {settings.model} (see {out / 'probe.json'}), so the scores "
            f"would not be of it; run with --modalities {rest}, or with --no-probe."
        )


def _callers(settings: Settings, cache: ReplyCache, say: Console) -> dict[Who, Caller]:
    """Return who answers for each role; roles of one spec share a caller, and so its budget."""
    model = (settings.model, settings.base_url)
    judge = model if settings.judge is None else (settings.judge, settings.judge_url)
    extractor = judge if settings.extractor is None else (settings.extractor, settings.judge_url)
    made: dict[tuple[str, str | None], Caller] = {}
    roles: dict[Who, tuple[str, str | None]] = {"model": model, "extractor": extractor, "judge": judge}
    for spec, url in roles.values():
        if (spec, url) not in made:
            made[spec, url] = _caller(settings, open_backend(spec, base_url=url), cache, say)
    return {who: made[role] for who, role in roles.items()}


def _caller(settings: Settings, backend: AsyncBackend, cache: ReplyCache, say: Console) -> Caller:
    _announce(settings, backend, say)
    prices = None
    if settings.price_in is not None or settings.price_out is not None:
        prices = Prices(settings.price_in or 0.0, settings.price_out or 0.0)
    return Caller(
        backend,
        concurrency=settings.concurrency,
        retries=settings.retries,
        timeout_s=settings.timeout_s,
        cache=cache,
        budget=settings.budget,
        prices=prices,
    )


def _announce(settings: Settings, backend: AsyncBackend, say: Console) -> None:
    """Say where clips go; raise `OfflineError` where they must not."""
    if backend.host and not is_local(backend.host):
        if settings.offline:
            raise OfflineError(f"--offline forbids sending clips to {backend.host}; use a server on this machine.")
        say.print(f"[bold yellow]Clips and texts will be sent to {escape(plain(backend.host))}.[/]")


def _show(found: Run, say: Console, *, as_json: bool) -> int:
    unfinished = 0
    for stage, steps in found.steps.items():
        outcomes = Counter(step.outcome for step in steps.values())
        unfinished += sum(outcomes[each] for each in ("failed", "unasked"))
        counts = ", ".join(f"{outcome} {count:,}" for outcome, count in outcomes.most_common())
        say.print(f"{escape(stage)}: {counts}")
        causes = Counter(step.cause for step in steps.values() if step.outcome in ("failed", "unreadable"))
        for cause, count in causes.most_common(3):
            say.print(f"  [dim]{count:,} × {escape(plain(cause))}[/]")
    if unfinished:
        say.print(f"[yellow]{unfinished:,} calls failed or were not made; the same command tries them again.[/]")
    scores = found.scores
    if as_json or not isinstance(scores, BenchmarkScores):
        typer.echo(scores.model_dump_json(indent=2))
    else:
        print_scores(scores, Console(highlight=False))
    unscored = isinstance(scores, BenchmarkScores) and bool(scores.unscored)
    return 1 if unfinished or unscored else 0
