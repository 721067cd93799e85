"""Runs a benchmark, or one of its steps, in the terminal: progress on stderr, scores on stdout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from openaffect.bench import river
from openaffect.bench.cards import read_card, source_of, task_of
from openaffect.bench.results import BenchmarkScores
from openaffect.bench.roles import Roles
from openaffect.bench.task import Modality, Source, Step, Task, Who
from openaffect.bench.tasks import find_task
from openaffect.bench.tasks.emer_scores import EmerScores
from openaffect.bench.tasks.mme.report import MmeScores
from openaffect.cli.asking import Doing, asking, speaker
from openaffect.cli.plain import safe
from openaffect.cli.run_tables import print_emer, print_mme
from openaffect.cli.score_words import WORDS
from openaffect.cli.scores import print_scores
from openaffect.datasets.wheels import find_wheels, notice
from openaffect.errors import UsageError
from openaffect.lookup import suggest
from openaffect.store import write_card

_MODALITIES: tuple[Modality, ...] = ("audio", "video", "text")
_WHY = ("failed", "unreadable", "skipped")
"""Outcomes of which the commonest causes are shown."""
_THEN: Mapping[Who, str] = {"model": "extract", "extractor": "judge", "judge": "score"}


def source_named(
    data: Path, modalities: str, parts: Sequence[str] | None, limit: int | None, wheels: str | None, out: Path
) -> Source:
    """Return the source that options name; raises `UsageError` for an unknown modality."""
    return Source(data, _modalities(modalities), limit, tuple(parts or ()), wheels, out / "clips")


def go_on(
    run: Path,
    task: str | None,
    data: Path | None,
    roles: Roles,
    engine: str,
    workers: int | None,
    offline: bool,
    as_json: bool,
) -> Doing:
    """Return what is to be done in the folder *run*, by its card; *task* and *data* stand in for those of the card."""
    card = read_card(run / "card.json")
    chosen = task_of(card) if task is None else find_task(task)
    source = source_of(card, run, data)
    if data is not None and str(data) != card.get("data"):
        river.items_of(chosen, source)  # raises, before the card is changed, where the data are not there either
        write_card(run / "card.json", {**card, "data": str(data)})
    return Doing(task or chosen.key, source, roles, run, engine, workers, offline, as_json)


def show_run(doing: Doing, *, probing: bool) -> int:
    """Run all steps and print what comes; return the exit code."""
    check_language(doing.language)
    task, say = find_task(doing.task), speaker()
    fetch_wheels(doing.source.wheels, say, offline=doing.offline)
    with asking(doing, say, probing=probing) as to:
        found = river.run(task, doing.source, to.callers, doing.out, tell=to.tell, engine=to.engine)
    return _show(found, say, as_json=doing.as_json, language=doing.language)


def show_step(doing: Doing, *, probing: bool = False) -> int:
    """Ask the roles of *doing* alone and print what came of it; return the exit code."""
    task, say = find_task(doing.task), speaker()
    with asking(doing, say, probing=probing) as to:
        steps = river.ask(task, doing.source, to.callers, doing.out, tell=to.tell, engine=to.engine)
    unfinished = tell_outcomes(steps, say)
    if doing.as_json:
        typer.echo(_counted(steps))
    else:
        (who, *_) = doing.roles.seats
        typer.echo(f"next: openaffect bench {_next(task, doing, who)}")
    return 1 if unfinished else 0


def show_scores_of(
    run: Path,
    task: str | None,
    data: Path | None,
    wheels: str | None,
    *,
    as_json: bool,
    offline: bool = False,
    language: str = "en",
    verbose: bool = False,
) -> int:
    """Score what the folder *run* holds and print it; return the exit code."""
    check_language(language)
    card, say = read_card(run / "card.json"), speaker()
    chosen = task_of(card) if task is None else find_task(task)
    fetch_wheels(wheels, say, offline=offline)
    found = river.score(chosen, replace(source_of(card, run, data), wheels=wheels), run)
    return _show(found, say, as_json=as_json, language=language, verbose=verbose)


def check_language(language: str) -> None:
    """Raise `UsageError` for a language that tables are not printed in."""
    if language not in WORDS:
        raise UsageError(f"unknown language '{language}'. Known: {', '.join(WORDS)}.")


def fetch_wheels(wheels: str | None, say: Console, *, offline: bool) -> None:
    """Fetch the edition *wheels* of the tables where it is one and not there yet: scoring itself never fetches."""
    if text := notice(wheels, offline=offline):
        say.print(escape(text))
    find_wheels(wheels, offline=offline)


def _next(task: Task, doing: Doing, who: Who) -> str:
    """Return the command that comes after the role *who* has been asked."""
    asked = {stage.who for stage in task.stages(doing.source)}
    then = _THEN[who]
    while then != "score" and {"extract": "extractor", "judge": "judge"}[then] not in asked:
        then = "judge" if then == "extract" else "score"
    own = f" --task {doing.task}" if ".py:" in doing.task else ""
    return f"{then} {doing.out}{own}"


def _counted(steps: river.Steps) -> str:
    import json

    counts = {name: Counter(step.outcome for step in by_id.values()) for name, by_id in steps.items()}
    return json.dumps(counts, indent=2)


def _modalities(given: str) -> tuple[Modality, ...]:
    named = [each.strip() for each in given.split(",") if each.strip()]
    for each in named:
        if each not in _MODALITIES:
            near = suggest(each, _MODALITIES) or "."
            raise UsageError(f"unknown modality '{each}'{near} Known: {', '.join(_MODALITIES)}.")
    if not named:
        raise UsageError(f"--modalities names none; give some of {', '.join(_MODALITIES)}.")
    return tuple(each for each in _MODALITIES if each in named)


def tell_outcomes(steps: Mapping[str, Mapping[str, Step]], say: Console) -> int:
    """Print what came of each stage and return how many calls have to be made again."""
    unfinished = 0
    for stage, by_id in steps.items():
        outcomes = Counter(step.outcome for step in by_id.values())
        unfinished += sum(outcomes[each] for each in ("failed", "unasked"))
        counts = ", ".join(f"{safe(outcome)} {count:,}" for outcome, count in outcomes.most_common())
        say.print(f"{safe(stage)}: {counts}")
        causes = Counter(step.cause for step in by_id.values() if step.outcome in _WHY)
        for cause, count in causes.most_common(3):
            say.print(f"  [dim]{count:,} × {safe(cause)}[/]")
    if unfinished:
        say.print(f"[yellow]{unfinished:,} calls failed or were not made; the same command tries them again.[/]")
    return unfinished


def _show(found: river.Run, say: Console, *, as_json: bool, language: str = "en", verbose: bool = False) -> int:
    unfinished = tell_outcomes(found.steps, say)
    scores, console = found.scores, Console(highlight=False)
    if as_json:
        typer.echo(scores.model_dump_json(indent=2))
    elif isinstance(scores, BenchmarkScores):
        print_scores(scores, console, language=language, verbose=verbose)
    elif isinstance(scores, EmerScores):
        print_emer(scores, console, language)
    elif isinstance(scores, MmeScores):
        print_mme(scores, console, language)
    else:
        typer.echo(scores.model_dump_json(indent=2))
    unscored = isinstance(scores, BenchmarkScores) and bool(scores.unscored)
    return 1 if unfinished or unscored else 0
