"""Runs a scoring in the terminal: progress and notes on stderr, the table or the JSON on stdout."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from openaffect.bench.answers import Sampling
from openaffect.bench.groups import read_groups
from openaffect.bench.measures import ALL_CLIPS, OVER_LENGTH
from openaffect.bench.results import Answered, BenchmarkScores, DatasetScores
from openaffect.bench.score import score
from openaffect.bench.skipped import sentence
from openaffect.cli.plain import safe
from openaffect.cli.score_words import UNITS, WORDS
from openaffect.datasets.wheels import find_wheels, notice
from openaffect.errors import DataError, UsageError
from openaffect.records import Score

_LONGEST_NAME = 24


def show_scores(
    benchmark: str,
    labels: Path,
    predictions: Path,
    *,
    wheels: str | None,
    datasets: Sequence[str],
    run: str | None,
    checkpoint: str | None,
    missing: str,
    groups: Path | None,
    sampling: Sampling,
    offline: bool,
    language: str,
    verbose: bool,
    as_json: bool,
) -> int:
    """Score *predictions* and print what comes; return the exit code."""
    if language not in WORDS:
        raise UsageError(f"unknown language '{language}'. Known: en, zh.")
    say = Console(stderr=True, soft_wrap=True, highlight=False)
    if text := notice(wheels, offline=offline):
        say.print(escape(text))
    with say.status("", spinner="dots") as status, _uncollected():
        found = score(
            benchmark,
            labels,
            predictions,
            find_wheels(wheels, offline=offline),
            datasets=datasets,
            run=run,
            checkpoint=checkpoint,
            missing=missing,  # type: ignore[arg-type]  # checked where it is used
            groups=None if groups is None else read_groups(groups),
            sampling=sampling,
            tell=lambda title, done, of: status.update(f"{title} ({done + 1}/{of})"),
        )
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        print_scores(found, Console(highlight=False), language=language, verbose=verbose)
    without = [each for each in found.datasets if each.fixed.primary.value is None]
    if len(without) == len(found.datasets):
        return DataError.exit_code
    return 1 if found.unscored or without else 0


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the garbage collector off: the samples hold no cycles, and walking them takes a sixth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def print_scores(found: BenchmarkScores, console: Console, *, language: str = "en", verbose: bool = False) -> None:
    """Print the table of *found*, then what a reader must know to use it."""
    words = WORDS[language]
    table = _table(found, words)
    # A number must never lose a digit to a narrow window: the table takes the room that it needs.
    room = console.options.update(width=1000)
    console.width = max(console.width, 80, Measurement.get(console, room, table).maximum)
    console.print(table)
    _print_means(found, console, words)
    if not found.official:
        console.print(f"[bold yellow]{words['own']}[/]")
    _note(console, words["tables"].format(edition=found.edition, sha=found.tables_sha256[:16]))
    if found.checkpoint is not None and any(len(each.by_checkpoint) > 1 for each in found.datasets):
        _note(console, words["best_note"].format(checkpoint=found.checkpoint))
    if found.resamples:
        units = {UNITS[language][each.fixed.primary.unit] for each in found.datasets}
        unit = "/".join(sorted(units))
        text = words["interval_note"].format(
            level=f"{100 * found.level:g}%", unit=unit, resamples=found.resamples, seed=found.seed
        )
        _note(console, text)
    for each in found.datasets:
        _print_notes(each, console, language)
    for lost in found.unscored:
        console.print(f"[yellow]{words['not_scored']}[/] {safe(lost.title)}: {safe(lost.cause)}")
    if verbose:
        for each in found.datasets:
            console.print(_details(each, words))


def _table(found: BenchmarkScores, words: dict[str, str]) -> Table:
    several = any(len(each.by_checkpoint) > 1 for each in found.datasets) or bool(found.notes)
    table = _plain_table(f"{found.title} ×100")
    table.add_column(words["set"], no_wrap=True)
    table.add_column(words["metric"], no_wrap=True)
    names = [words["best"], words["at"], words["fixed"]] if several else [words["score"]]
    lost = any(each.fixed.missing or each.best.missing for each in found.datasets)
    names += [words["interval"], words["n"], words["skipped"], words["blank"]]
    names += [words["lost"]] if lost else []
    for name in (*names, words["over_length"], words["honest"]):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.datasets:
        fixed, best = each.fixed.primary, each.best
        row = [safe(_short(each.title)), safe(fixed.name)]
        if several:
            row += [f"[bold]{_hundred(best.primary.value)}[/]", _checkpoint(best), _hundred(fixed.value)]
        else:
            row.append(f"[bold]{_hundred(fixed.value)}[/]")
        row += [_interval(fixed), *(f"{count:,}" for count in (fixed.n, fixed.n_skipped, fixed.n_empty))]
        row += [f"[yellow]{fixed.n_failed:,}[/]" if fixed.n_failed else "0"] if lost else []
        table.add_row(*row, *(_named(each, name) for name in (OVER_LENGTH, ALL_CLIPS)))
    for absent in found.unscored:
        table.add_row(safe(_short(absent.title)), f"[yellow]{words['absent' if absent.absent else 'not_scored']}[/]")
    return table


def _named(each: DatasetScores, name: str) -> str:
    """Return the score called *name* of the fixed checkpoint, a dash where there is none."""
    found = next((one for one in each.fixed.scores if one.name == name), None)
    return "–" if found is None else _hundred(found.value)


def _plain_table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=0)


def _print_means(found: BenchmarkScores, console: Console, words: dict[str, str]) -> None:
    several = any(len(each.by_checkpoint) > 1 for each in found.datasets)
    means = {_flat(words["best"]): found.mean_best} if several else {}
    means[words["fixed"]] = found.mean_fixed
    known = [
        f"{_hundred(mean)} ({name})" if several else _hundred(mean) for name, mean in means.items() if mean is not None
    ]
    if known and len(found.datasets) > 1:
        line = f"[bold]{words['mean']}[/] {', '.join(known)}"
        if missing := sum(len(each.fixed.missing) for each in found.datasets):
            line += f" [yellow]({words['mean_lost'].format(n=missing)})[/]"
        console.print(line)
    lost = [each.title for each in found.unscored]
    lost += [each.title for each in found.datasets if each.fixed.primary.value is None]
    if lost:
        console.print(f"[yellow]{safe(words['no_mean'].format(missing=', '.join(lost)))}[/]")
    for note in found.notes:
        console.print(f"[yellow]{safe(note)}[/]")


def _print_notes(each: DatasetScores, console: Console, language: str) -> None:
    words = WORDS[language]
    if each.skipped_labels:
        text = sentence(each.skipped_labels, each.n, _short(each.title), metric=each.metric, language=language)
        _note(console, text)
    if each.ceiling is not None:
        ceiling = each.ceiling
        text = words["ceiling"].format(
            kind=ceiling.kind, value=_hundred(ceiling.value), n=ceiling.n_annotators, samples=ceiling.n_samples
        )
        _note(console, f"{_short(each.title)}: {text}{ceiling.note and f'; {ceiling.note}'}")
    for answer in (each.fixed,) if each.best == each.fixed else (each.fixed, each.best):
        _print_answer(each, answer, console, words)
    for note in each.notes:
        _note(console, f"{_short(each.title)}: {note}")


def _print_answer(each: DatasetScores, answer: Answered, console: Console, words: dict[str, str]) -> None:
    """Print what is odd about the answers of one checkpoint."""
    at = f" {words['at']} {_checkpoint(answer)}" if len(each.by_checkpoint) > 1 else ""
    for kind, names in (("missing_note", answer.missing), ("ignored", answer.ignored)):
        if names:
            shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
            _note(console, f"{_short(each.title)}{at}: {words[kind].format(n=len(names), names=shown)}")
    primary = (f"{answer.primary.name}: {answer.primary.note}",) if answer.primary.note else ()
    for note in (*answer.notes, *primary):
        _note(console, f"{_short(each.title)}{at}: {note}")


def _details(each: DatasetScores, words: dict[str, str]) -> Table:
    table = _plain_table(f"{safe(each.title)} · {_checkpoint(each.fixed)}")
    for name, side in ((words["metric"], "left"), (words["score"], "right"), (words["interval"], "right")):
        table.add_column(name, justify=side)  # type: ignore[arg-type]  # the two words are what rich expects
    for name in (words["n"], words["skipped"], words["blank"]):
        table.add_column(name, justify="right")
    for one in each.fixed.scores:
        counts = (f"{one.n:,}", f"{one.n_skipped:,}", f"{one.n_empty:,}")
        table.add_row(safe(one.name), _hundred(one.value), _interval(one), *counts)
        if one.note:
            table.add_row(f"  [dim]{safe(one.note)}[/]")
    return table


def _flat(head: str) -> str:
    """Return the head of a column on one line."""
    return head.replace("\n", " " if head.isascii() else "")


def _short(title: str) -> str:
    """Return the title without what stands in brackets behind it."""
    return title.partition(" (")[0]


def _checkpoint(answer: Answered) -> str:
    name = answer.checkpoint if answer.epoch is None else str(answer.epoch)
    return safe(name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…")


def _interval(score: Score) -> str:
    return "–" if score.low is None or score.high is None else f"{100 * score.low:.1f}–{100 * score.high:.1f}"


def _hundred(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f}"


def _note(console: Console, text: str) -> None:
    if not text:
        return
    console.print(f"[dim]· {safe(text)}[/]")
