"""``openaffect bench prefer``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openaffect.cli.run import (
    Budget,
    Concurrency,
    Json,
    MovedData,
    Offline,
    PriceIn,
    PriceOut,
    PriceTable,
    Retries,
    Spec,
    Timeout,
)


def prefer(
    runs: Annotated[
        list[Path], typer.Argument(help="Folders of two or more runs of emer or emer-zh.", metavar="RUN...")
    ],
    judge: Annotated[str, typer.Option(help=f"Model that judges: {Spec}")],
    out: Annotated[Path, typer.Option(help="Folder for records and scores; the same command again goes on.")],
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", "--judge-url", help="Address of the judge's server, e.g. http://127.0.0.1:8000/v1."),
    ] = None,
    data: MovedData = None,
    limit: Annotated[int | None, typer.Option(help="Only the first N clips of each part.", min=1)] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of the questions, en or zh; default: the runs'.")
    ] = None,
    concurrency: Concurrency = 8,
    retries: Retries = 6,
    timeout: Timeout = 120.0,
    budget: Budget = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    prices: PriceTable = None,
    offline: Offline = False,
    json_: Json = False,
) -> None:
    """Ask a judge which of two models explains a clip better, each pair in both orders, and rank the models.

    Strengths are Bradley-Terry's, with intervals over clips. How often the two orders agree is printed beside them: a
    judge that looks at the place and not at the text gives ties. Stopped anywhere, the same command goes on.

    Examples:

      openaffect bench prefer run-a/ run-b/ --judge openai:MODEL --out preference/

      openaffect bench prefer run-a/ run-b/ run-c/ --judge fake:A --limit 5 --out dry/

    Exit codes: 0 done, 1 some calls failed, 2 wrong usage, 3 the data cannot be used.
    """
    from openaffect.bench.roles import Asking, Roles, Seat
    from openaffect.cli.asking import price_table
    from openaffect.cli.preference import show_preference

    asking = Asking(concurrency, retries, timeout, budget, price_table(prices, price_in, price_out))
    roles = Roles({"judge": Seat(judge, base_url)}, asking)
    code = show_preference(runs, roles, out, data=data, limit=limit, language=language, offline=offline, as_json=json_)
    raise typer.Exit(code)
