"""``openaffect bench agree``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openaffect.cli.run import Json, OwnTask


def agree(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Folders of runs of one task that were judged by different judges.", metavar="RUN..."),
    ],
    human: Annotated[
        Path | None,
        typer.Option(help="Ratings by people, .csv or .jsonl: id, rating, and where needed rater, measure, step."),
    ] = None,
    part: Annotated[list[str] | None, typer.Option(help="Only this data set or sub-task; repeatable.")] = None,
    measure: Annotated[list[str] | None, typer.Option(help="Only this measure; repeatable.")] = None,
    task: OwnTask = None,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples.", min=1, max=100_000)] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the resamples.", min=0)] = 0,
    json_: Json = False,
) -> None:
    """Compare judges with one another and with people: kappa, ICC, bias; for 'bench prefer', consistency of the orders.

    Judges are comparable on the same answers only: copy a run before it is judged and judge the copies ('bench judge').
    Items whose judged text differs, and those that failed in one of the runs, are left out and counted.

    Examples:

      openaffect bench agree run-a/ run-b/

      openaffect bench agree run-a/ run-b/ --human ratings.csv --measure plausibility.passing --json

      openaffect bench agree preference/
    """
    from openaffect.bench.agreement import agree as compare
    from openaffect.bench.tasks import find_task
    from openaffect.cli.agreement import print_agreement

    own = None if task is None else find_task(task)
    found = compare(
        runs, human=human, task=own, parts=part or (), measures=measure or (), resamples=resamples, seed=seed
    )
    typer.echo(found.model_dump_json(indent=2)) if json_ else print_agreement(found)
