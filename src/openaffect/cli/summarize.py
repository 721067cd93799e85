"""``openaffect summarize``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def summarize(
    reports: Annotated[
        list[Path],
        typer.Argument(help="Reports (.json) that analyze wrote, or folders that hold them.", metavar="REPORT"),
    ],
    by: Annotated[
        str,
        typer.Option(help="Column to group by: one of --metadata, or kind, language, people, family, label, reasoner."),
    ],
    metadata: Annotated[
        Path | None, typer.Option(help="CSV with a column 'file' and the column to group by.", metavar="CSV")
    ] = None,
    min_group: Annotated[int, typer.Option(help="Smaller groups are counted, their numbers withheld.")] = 5,
    level: Annotated[float, typer.Option(help="Level of the bootstrap intervals.", min=0.5, max=0.999)] = 0.95,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Compare groups of recordings: means with intervals, one number a recording.

    Examples:

      openaffect summarize results/ --by condition --metadata participants.csv

      openaffect summarize results/*.json --by language --min-group 10
    """
    from openaffect.analysis.exports.json import dump, plain, read
    from openaffect.analysis.summary import find_reports, summarize

    found = summarize(
        [read(path) for path in find_reports(reports)], by=by, columns=metadata, min_group=min_group, level=level
    )
    if json_:
        typer.echo(dump(plain(found)))
        return
    from openaffect.cli.terminal import print_summary

    print_summary(found)
