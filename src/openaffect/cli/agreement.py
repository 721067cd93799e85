"""Agreement of judges and people in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from rich import box
from rich.console import Console
from rich.table import Table

from openaffect.bench.agreement.records import Agreement, GroupAgreement, MeasureAgreement, PairAgreement, RaterInfo
from openaffect.bench.estimates import Estimate, rounded
from openaffect.cli.plain import safe
from openaffect.cli.preference import interval, share

_SCALES = {"binary": "yes or no", "ordinal": "whole numbers", "interval": "numbers"}
_COLUMNS = ("n", "equal", "kappa", "ICC(2,1)", "bias")


def print_agreement(found: Agreement) -> None:
    """Print who rated, the figures of each measure, what was left out, and what bears on them."""
    console = Console(highlight=False)
    letters = _letters(found.raters)
    for rater in found.raters:
        console.print(f"[bold]{letters[rater.name]}[/]  {safe(rater.name)} [dim]{rater.kind}, {safe(rater.source)}[/]")
    console.print()
    console.width = max(console.width, 80)
    for measure in found.measures:
        _print_measure(measure, letters, console)
    for swap in found.swaps:
        pairs = f"{swap.n_pairs:,} pairs, {swap.n_inconsistent:,} inconsistent, {swap.n_failed:,} failed"
        console.print(f"[bold]{letters[swap.run]}[/]  {safe(swap.part)}: {pairs}")
        for score in (swap.consistent, swap.first_place):
            console.print(f"   {score.name}: {share(score)}")
    for note in found.notes:
        console.print(f"[yellow]· {safe(note)}[/]")
    how = f"95% bootstrap over clips, {found.resamples:,} resamples, seed {found.seed}"
    words = "Bias: mean of the first minus that of the second. Kappa of whole numbers has quadratic weights."
    console.print(f"[dim]· {words} Intervals: {how}. Raters that agree may both be wrong.[/]")


def _letters(raters: Sequence[RaterInfo]) -> dict[str, str]:
    """Return a short name for each rater: A to Z, then R27."""
    return {
        rater.name: ascii_uppercase[at] if at < len(ascii_uppercase) else f"R{at + 1}"
        for at, rater in enumerate(raters)
    }


def _print_measure(measure: MeasureAgreement, letters: dict[str, str], console: Console) -> None:
    table = Table(
        title=f"{safe(measure.measure)} ({_SCALES[measure.scale]})",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
    )
    table.add_column("pair", no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for pair in measure.pairs:
        table.add_row(f"{letters[pair.first]} {letters[pair.second]}", *_cells(pair))
    console.print(table)
    if measure.together is not None:
        console.print(_together(measure.together, measure.scale))
    for pair in measure.pairs:
        if pair.left_out:
            causes = ", ".join(f"{each.n:,} {safe(each.cause)} ({letters[each.rater]})" for each in pair.left_out)
            console.print(f"[dim]  left out of {letters[pair.first]} {letters[pair.second]}: {causes}[/]")
    console.print()


def _cells(pair: PairAgreement) -> list[str]:
    kappa = "–" if pair.kappa is None else _estimate(pair.kappa)
    return [f"{pair.n:,}", rounded(pair.equal.value), kappa, _estimate(pair.icc), _estimate(pair.bias)]


def _together(found: GroupAgreement, scale: str) -> str:
    level = {"binary": "nominal", "ordinal": "ordinal", "interval": "interval"}[scale]
    parts = [f"alpha ({level}) {_estimate(found.alpha)}, n = {found.n:,}"]
    if found.fleiss is not None:
        parts.append(f"Fleiss' kappa {_estimate(found.fleiss)}")
    return f"All: {'; '.join(parts)}; ICC(2,1) {_estimate(found.icc)}, n = {found.n_complete:,}"


def _estimate(found: Estimate) -> str:
    return f"{rounded(found.value)} {interval(found.low, found.high)}".rstrip()
