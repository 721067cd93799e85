"""Scores of EMER and MME-Emotion as tables in the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from openaffect.bench.estimates import Estimate, rounded
from openaffect.bench.tasks.emer_scores import EmerScores, PartScores
from openaffect.bench.tasks.mme.guesses import JudgeFree
from openaffect.bench.tasks.mme.report import Figures, MmeScores, TaskReport
from openaffect.cli.plain import safe
from openaffect.cli.run_table_words import RUN_WORDS
from openaffect.records import Score

_NARROWEST = 80
_RATED = ("recognition", "reasoning", "cot")


def print_emer(scores: EmerScores, console: Console, language: str = "en") -> None:
    """Print one table a part: each score with its interval, what it rests on, and what failed."""
    console.width = max(console.width, _NARROWEST)
    words = RUN_WORDS[language]
    for part in scores.parts:
        console.print(_emer_part(part, words))
    notes = dict.fromkeys(score.note for part in scores.parts for score in part.scores if _is_general(score))
    for note in (*notes, words["lowest"], words["own"]):
        console.print(f"[dim]· {safe(note)}[/]")


def _emer_part(part: PartScores, words: Mapping[str, str]) -> Table:
    table = Table(
        title=f"{safe(part.part)}, {words['clip' if part.n == 1 else 'clips'].format(n=part.n)}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column(words["score"], overflow="fold")
    for name in (words["value"], words["interval"], "n", words["failed"]):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for score in (part.explained, *part.scores):
        note = "" if _is_general(score) else f"[dim]{safe(score.note)}[/]"
        table.add_row(
            safe(score.name),
            rounded(score.value),
            _span(score.low, score.high),
            f"{score.n:,}",
            f"{score.n_failed:,}",
            note,
        )
    return table


def _is_general(score: Score) -> bool:
    """Return whether the note says what the score is, not what came of it."""
    return bool(score.note) and not score.n_failed and not score.n_skipped


def print_mme(scores: MmeScores, console: Console, language: str = "en") -> None:
    """Print the two readings side by side, task by task, then what was lost and how."""
    console.width = max(console.width, _NARROWEST)
    words = RUN_WORDS[language]
    title = words["title"].format(clues=safe(scores.clues), alpha=scores.alpha)
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(words["task"], no_wrap=True)
    for name in ("n", *(words[key] for key in ("official", "read", "strict", "failed", "steps", "match"))):
        table.add_column(name, justify="right", no_wrap=True)
    reports = (*scores.tasks, scores.overall)
    for at, report in enumerate(reports):
        table.add_row(*_mme_row(report), end_section=at == len(reports) - 2)
    console.print(table)
    cot = scores.overall.strict.cot
    console.print(words["cot"].format(value=rounded(cot.value), span=_span(cot.low, cot.high)).rstrip())
    causes = ", ".join(f"{safe(cause)} {n:,}" for cause, n in scores.overall.causes.items())
    if causes:
        console.print(f"[yellow]{words['lost'].format(causes=causes)}[/]")
    for report in reports:
        for note in report.notes:
            console.print(f"[dim]· {safe(report.task)}: {safe(note)}[/]")
    for note in scores.notes:
        console.print(f"[dim]· {safe(note)}[/]")
    console.print(f"[dim]· {words['readings']}[/]")


def _mme_row(report: TaskReport) -> tuple[str, ...]:
    official, strict = report.official, report.strict
    return (
        safe(report.task),
        f"{report.n:,}",
        "–" if official is None else _figures(official),
        "–" if official is None else f"{official.n:,}",
        _figures(strict),
        f"{strict.n_failed:,}",
        f"{strict.steps:.1f}",
        _without_judge(report.judge_free),
    )


def _figures(figures: Figures) -> str:
    found: list[Estimate] = [getattr(figures, name) for name in _RATED]
    return "/".join(rounded(each.value, 1) for each in found)


def _without_judge(found: JudgeFree | None) -> str:
    value = None if found is None else found.accuracy if found.accuracy is not None else found.f1
    return "–" if value is None else rounded(100 * value, 1)


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{rounded(low)}–{rounded(high)}"
