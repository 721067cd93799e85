"""Groups of models, and the list of benchmarks, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from openaffect.bench.compare import RowComparison, rounded
from openaffect.bench.estimates import Estimate
from openaffect.cli.plain import safe


def print_comparison(found: RowComparison) -> None:
    """Print means, best and groups of *found*, then how steps relate to the score."""
    console = Console(highlight=False)
    what = found.benchmark if found.task is None else f"{found.benchmark}, {found.task}"
    table = Table(title=f"{safe(what)} by {found.by}", title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    table.add_column(found.by, no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    for name in found.means:
        table.add_column(safe(name), justify="right", no_wrap=True)
    for group in found.groups:
        table.add_row(safe(group.name), str(group.n), *(_estimate(group.scores.get(name)) for name in found.means))
    table.add_row("all", str(found.n), *(_estimate(mean) for mean in found.means.values()), end_section=True)
    console.width = max(console.width, 80)
    console.print(table)
    console.print("Means: " + ", ".join(f"{safe(name)} {rounded(mean.value)}" for name, mean in found.means.items()))
    for name, best in found.best.items():
        console.print(f"Best {safe(name)}: [bold]{rounded(best.value, 1)}[/] {safe(', '.join(best.names))}")
    for relation in found.relations:
        without = f" without {', '.join(relation.left_out)} (single step)" if relation.left_out else ""
        estimate = relation.estimate
        what = f"Steps and {relation.score}{without}, n = {estimate.n}, {relation.method}"
        console.print(f"{safe(what)}: {_estimate(estimate)}")
    how = f"{100 * found.level:g}% bootstrap over rows, {found.resamples} resamples, seed {found.seed}"
    console.print(
        f"[dim]· intervals: {how}. "
        "Models are few and hand-picked, so they are rough. Published rows are copied from papers.[/]"
    )


def print_benchmarks(found: Sequence[Mapping[str, Any]]) -> None:
    """Print each benchmark with its parts, terms and where its data are."""
    console = Console(highlight=False)
    for each in found:
        by = ", ".join(f"bench {command}" for command in each["by"])
        console.print(f"[bold]{each['key']}[/]  {safe(each['title'])}, {_size(each['n'], 'items')}  [dim]({by})[/]")
        console.print(f"  {safe(each['about'])}")
        for one in each["parts"]:
            title = f"  {safe(one['title'])}" if "title" in one else ""
            metric = f", {one['metric']}" if "metric" in one else ""
            console.print(f"    {one['key']}{title}, {_size(one['n'], 'clips')}{metric}")
        console.print(f"  [dim]terms: {safe(each['licence'])}[/]")
        console.print(f"  [dim]data: {safe(each['obtain'])}[/]\n")


def _size(n: int | None, what: str) -> str:
    return "size not published" if n is None else f"{n:,} {what}"


def _estimate(found: Estimate | None) -> str:
    if found is None or found.value is None:
        return "–"
    known = found.low is not None and found.high is not None
    return f"{rounded(found.value)}" + (f" [{found.low:.2f}–{found.high:.2f}]".replace("[", "\\[") if known else "")
