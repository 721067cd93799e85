"""``openaffect bench leaderboard``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def leaderboard(
    runs: Annotated[list[Path] | None, typer.Argument(help="Folders that 'bench run' wrote.", metavar="RUN...")] = None,
    table: Annotated[
        str | None,
        typer.Option(
            help="Published rows to stand beside; default: those of the runs' benchmark (EMER: emer-fine or emer-v1)."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for leaderboard.md, .csv and .html.")] = None,
    wheels: Annotated[
        str | None,
        typer.Option(help="Folder with the wheel tables of the runs, for paired comparisons of MER-UniBench."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with the labels, where they have moved, for paired comparisons."),
    ] = None,
    resamples: Annotated[int, typer.Option(help="Draws for the intervals of paired comparisons.", min=1)] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the draws.", min=0)] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of Markdown.")] = False,
) -> None:
    """Show runs beside the published rows of their benchmark, with intervals and paired comparisons.

    Runs with other prompts or wheel tables are refused. Kind and size of a model come from about.json in its run.

    A run of EMER may fit two tables: one is taken, and a note names the other.

    Examples:

      openaffect bench leaderboard run/ --out board/

      openaffect bench leaderboard run-a/ run-b/ --json

      openaffect bench leaderboard run-a/ run-b/ --wheels emotion_wheel/ --data dataset/

      openaffect bench leaderboard emer-run/ --table emer-v1

      openaffect bench leaderboard --table mer-unibench
    """
    from openaffect.bench.leaderboard import leaderboard as make
    from openaffect.bench.leaderboard.text import markdown
    from openaffect.cli.plain import plain

    board = make(runs or [], table, out, wheels=wheels, data=data, resamples=resamples, seed=seed)
    if json_:
        typer.echo(board.model_dump_json(indent=2))
    elif out is None:
        typer.echo(markdown(board), nl=False)
    else:
        shown = plain(str(out))
        typer.echo(
            f"{len(board.rows)} rows of {board.table} in {shown}: leaderboard.md, leaderboard.csv, leaderboard.html"
        )
