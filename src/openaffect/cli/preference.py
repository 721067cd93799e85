"""Pairwise preference in the terminal: progress on stderr, the ranking on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from openaffect.bench import river
from openaffect.bench.estimates import rounded
from openaffect.bench.judges.asking import Language
from openaffect.bench.prefer import KEY, PartPreference, PreferenceReport, preference_source, preference_task
from openaffect.bench.roles import Roles
from openaffect.bench.view.folder import read_folder
from openaffect.cli.asking import Doing, asking, speaker
from openaffect.cli.plain import safe
from openaffect.cli.runs import tell_outcomes
from openaffect.errors import UsageError
from openaffect.records import Score

_LANGUAGES: dict[str | None, Language | None] = {"en": "en", "zh": "zh", None: None}


def show_preference(
    runs: Sequence[Path],
    roles: Roles,
    out: Path,
    *,
    data: Path | None,
    limit: int | None,
    language: str | None,
    offline: bool,
    as_json: bool,
) -> int:
    """Judge the explanations of *runs* pair by pair and print the ranking; return the exit code."""
    if language not in _LANGUAGES:
        raise UsageError(f"unknown language {language!r}. Known: en, zh.")
    folders = [read_folder(path) for path in runs]
    task = preference_task(folders, language=_LANGUAGES[language])
    source = preference_source(folders, out, data=data, limit=limit)
    doing = Doing(KEY, source, roles, out, offline=offline, as_json=as_json)
    say = speaker()
    with asking(doing, say) as to:
        found = river.run(task, source, to.callers, out, tell=to.tell)
    unfinished = tell_outcomes(found.steps, say)
    if as_json or not isinstance(found.scores, PreferenceReport):
        typer.echo(found.scores.model_dump_json(indent=2))
    else:
        print_preference(found.scores)
    return 1 if unfinished else 0


def print_preference(report: PreferenceReport) -> None:
    """Print the ranking of each part, and what it takes to trust it."""
    console = Console(highlight=False)
    for part in report.parts:
        _print_part(part, console)
    console.print(
        "[dim]· strengths: Bradley-Terry, they sum to 1; 95% bootstrap intervals over clips. Ties count half for each, "
        "pairs that the two orders decide differently are ties. No position bias: first place 0.5.[/]"
    )


def _print_part(part: PartPreference, console: Console) -> None:
    scores = part.scores
    table = Table(
        title=f"{safe(part.part)}: {part.n_compared:,} of {part.n_clips:,} clips compared",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("model", overflow="fold")
    for name in ("strength", "95%", "not explained"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in scores.ranking or part.unexplained:
        strength = scores.strengths.get(name)
        low, value, high = (None,) * 3 if strength is None else (strength.low, strength.value, strength.high)
        table.add_row(safe(name), rounded(value), interval(low, high), f"{part.unexplained.get(name, 0):,}")
    console.print(table)
    counts = f"Pairs {scores.n_pairs:,}, ties {scores.n_ties:,}, inconsistent {scores.n_inconsistent:,}"
    console.print(f"{counts}, failed {scores.n_failed:,}")
    for score in (scores.consistent, scores.first_place):
        console.print(f"{score.name[0].upper()}{score.name[1:]}: {share(score)}")


def share(score: Score) -> str:
    """Return a share with its interval, for rich.

    >>> share(Score(name="x", value=0.5, low=0.25, high=0.75, n=8))
    '0.50 \\\\[0.25…0.75], n = 8'
    """
    if score.value is None:
        return f"– ({safe(score.note)})"
    return f"{rounded(score.value)} {interval(score.low, score.high)}".rstrip() + f", n = {score.n:,}"


def interval(low: float | None, high: float | None) -> str:
    """Return an interval in brackets, for rich; "" where there is none."""
    return "" if low is None or high is None else f"\\[{rounded(low)}…{rounded(high)}]"
