"""``openaffect data``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="Data set; 'openaffect data list' names them.", metavar="KEY")]
Labels = Annotated[Path, typer.Option(help="Folder with the label files, or one of them.", metavar="DIR")]
Tables = Annotated[
    str | None,
    typer.Option(
        help="Folder with the official wheel tables, or 2025 / 2026 to fetch them once (for research use). "
        "Without it openaffect's own wheel is used, whose numbers are not the official ones.",
        metavar="DIR",
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Never fetch anything.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@data.callback()
def _data() -> None:
    """Data sets: list them, check your copy against the published figures, see what is in it.

    No labels come with openaffect; 'openaffect data list' says how to get each set.
    """


@data.command("list")
def list_(json_: Json = False) -> None:
    """List the data sets: task, metric, size, files, terms, and how to get them.

    Examples:

      openaffect data list

      openaffect data list --json
    """
    from openaffect.cli.data_tables import print_datasets, print_json
    from openaffect.datasets import KEYS, find
    from openaffect.datasets.summary import facts

    found = [facts(find(key)) for key in KEYS]
    print_json(found) if json_ else print_datasets(found)


@data.command()
def check(key: Key, labels: Labels, json_: Json = False) -> None:
    """Read a data set strictly and compare its counts with the published ones.

    Examples:

      openaffect data check meld --labels labels/

      openaffect data check ovmerdplus --labels ov-merdplus/ovlabel.csv --json

    Exit codes: 0 as published, 1 the counts differ, 2 wrong usage, 3 the files cannot be used.
    """
    from openaffect.cli.data_tables import print_check, print_json
    from openaffect.datasets import find, load
    from openaffect.datasets.summary import summary
    from openaffect.emotion.wheel import bundled_wheel

    found = summary(load(key, labels), find(key), bundled_wheel())
    print_json(found) if json_ else print_check(found)
    raise typer.Exit(1 if found.differences else 0)


@data.command()
def show(key: Key, labels: Labels, wheels: Tables = None, offline: Offline = False, json_: Json = False) -> None:
    """Show what is in a data set: its labels, what they map to, and how many samples each cluster of a wheel has.

    Examples:

      openaffect data show ovmerdplus --labels labels/ --wheels emotion_wheel/

      openaffect data show meld --labels labels/ --json

    Exit codes: 0 done, 2 wrong usage, 3 the files cannot be used.
    """
    from openaffect.cli.data_tables import print_json, print_summary
    from openaffect.datasets import find, load
    from openaffect.datasets.summary import summary
    from openaffect.datasets.wheels import find_wheels

    found = summary(load(key, labels), find(key), find_wheels(wheels, offline=offline))
    print_json(found) if json_ else print_summary(found)


@data.command()
def word(
    label: Annotated[str, typer.Argument(help="A label, e.g. fear.", metavar="LABEL")],
    wheels: Tables = None,
    offline: Offline = False,
    json_: Json = False,
) -> None:
    """Show what one label maps to: its base word, its wheel word, and its clusters on every wheel.

    Examples:

      openaffect data word fear --wheels 2025

      openaffect data word 委屈 --json
    """
    from openaffect.cli.data_tables import print_json, print_word
    from openaffect.datasets.summary import word
    from openaffect.datasets.wheels import find_wheels

    found = word(label, find_wheels(wheels, offline=offline))
    print_json(found) if json_ else print_word(found)
