"""Facts and counts of data sets in the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from openaffect.cli.plain import safe
from openaffect.datasets.summary import Facts, Summary, Word
from openaffect.records import Record

_OWN = "mapped with openaffect's own wheel: these are not the official numbers (--wheels DIR for those)"


def print_json(found: Record | Sequence[Record]) -> None:
    """Print *found* as JSON on standard output."""
    if isinstance(found, Record):
        typer.echo(found.model_dump_json(indent=2))
    else:
        typer.echo(json.dumps([each.model_dump(mode="json") for each in found], ensure_ascii=False, indent=2))


def print_datasets(found: Sequence[Facts]) -> None:
    """Print a table of data sets, then how to get each."""
    console = Console(highlight=False)
    table = Table(title="Data sets", title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    for name in ("key", "task", "metric", "samples", "part"):
        table.add_column(name, justify="right" if name == "samples" else "left", no_wrap=name != "part")
    for each in found:
        samples = "–" if each.rows is None else f"{each.rows:,}"
        table.add_row(f"[bold]{each.key}[/]", each.task, each.metric, samples, each.split)
    console.print(table)
    console.print("Instead of the official files, or beside them: <key>.csv or <key>.jsonl of your own.")
    for each in found:
        files = f"Files: {', '.join(each.files)}. " if each.files else ""
        console.print(f"[bold]{each.key}[/] {files}{safe(each.obtain)} [dim]Terms: {safe(each.licence)}.[/]")


def print_check(found: Summary) -> None:
    """Print the counts that are compared, and where they differ from the published ones."""
    console = Console(highlight=False)
    console.print(f"[bold]{found.dataset}[/]  {found.rows:,} samples, {found.labels:,} distinct labels")
    _print_notes(found, console)
    if not found.differences:
        console.print("[green]as published[/]")
        return
    table = Table()
    for name in ("figure", "published", "here"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for each in found.differences:
        table.add_row(safe(each.what), each.published, each.found)
    console.print(table)
    console.print("[yellow]This copy is not the published one; scores taken with it do not compare.[/]")


def print_summary(found: Summary) -> None:
    """Print all counts of a data set."""
    console = Console(highlight=False)
    console.print(
        f"[bold]{found.dataset}[/]  {found.rows:,} samples: {found.labelled:,} labelled, {found.annotated:,} with "
        f"annotators, {found.transcribed:,} with a transcript, {found.described:,} with descriptions"
    )
    console.print(
        f"distinct labels: {found.labels:,} as written, {found.base_words:,} base words (M1), "
        f"{found.wheel_words:,} wheel words (M2), {found.unknown:,} unknown to the tables"
    )
    if found.classes:
        console.print(_bars("classes", found.classes))
    for wheel, clusters in found.clusters.items():
        if clusters:
            console.print(_bars(f"{wheel}, level 1 (samples with a label in it)", clusters))
    _print_tables(found.tables, official=found.official_tables, console=console)
    _print_notes(found, console)
    for each in found.differences:
        console.print(f"[yellow]{safe(each.what)}: {each.published} as published, {each.found} here[/]")


def print_word(found: Word) -> None:
    """Print what one label maps to."""
    console = Console(highlight=False)
    console.print(f"[bold]{safe(found.label)}[/]" + ("" if found.known else "  [yellow]unknown to the tables[/]"))
    for name, mapped in found.maps.items():
        console.print(f"  {name:<9} {safe(mapped) if mapped else '[dim]dropped[/]'}")
    _print_tables(found.tables, official=found.official_tables, console=console)


def _bars(title: str, counts: Mapping[str, int]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    most = max(counts.values(), default=0) or 1
    for name, count in counts.items():
        table.add_row(safe(name), f"{count:,}", "█" * round(30 * count / most))
    return table


def _print_tables(edition: str, *, official: bool, console: Console) -> None:
    console.print(f"[dim]· wheel tables: edition {safe(edition)}[/]" if official else f"[yellow]· {_OWN}[/]")


def _print_notes(found: Summary, console: Console) -> None:
    shown = list(found.notes.items())[:5]
    for note, count in shown:
        console.print(f"[dim]· {count:,} × {safe(note)}[/]")
    if len(found.notes) > len(shown):
        console.print(f"[dim]· {len(found.notes) - len(shown):,} further notes: --json[/]")
