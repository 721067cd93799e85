"""``openaffect bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

bench = typer.Typer(no_args_is_help=True, help="Score predictions on the field's benchmarks.")

_WHAT = "What to score"
_HOW = "How to score"
_OUT = "Results"


@bench.callback()
def _bench() -> None:
    """Score predictions on the field's benchmarks."""


@bench.command()
def score(
    benchmark: Annotated[str, typer.Argument(help="mer-unibench, ov-merd or emer.", metavar="BENCHMARK")],
    labels: Annotated[
        Path, typer.Option(help="Folder with the label files, official or your own.", rich_help_panel=_WHAT)
    ],
    predictions: Annotated[
        Path,
        typer.Option(
            help="Folder in the official layout (results-<set>/<run>/*-openset.npz), folder with <set>.csv, .jsonl or "
            ".npz, or one file for one data set.",
            rich_help_panel=_WHAT,
        ),
    ],
    wheels: Annotated[
        str | None,
        typer.Option(
            help="Folder with the official wheel tables, or 2025 / 2026 to fetch them once (for research use). "
            "Without it openaffect's own wheel is used and no score is an official one.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    dataset: Annotated[
        list[str] | None, typer.Option(help="Only this data set; repeatable.", rich_help_panel=_WHAT, metavar="KEY")
    ] = None,
    run: Annotated[
        str | None, typer.Option(help="Name of the run folder, where there are several.", rich_help_panel=_WHAT)
    ] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            help="The one checkpoint for all data sets (epoch or name); default: the last that all have.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    missing: Annotated[
        str,
        typer.Option(
            help="A label without a prediction: raise (the data set is not scored) or count (as an empty answer).",
            rich_help_panel=_HOW,
        ),
    ] = "raise",
    groups: Annotated[
        Path | None,
        typer.Option(
            help="Labels grouped by a language model (.json, .jsonl, .csv, .npz): adds EMER's accuracy and recall.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples; 0: no intervals.", rich_help_panel=_HOW)] = 1000,
    level: Annotated[
        float, typer.Option(help="Level of the intervals.", min=0.5, max=0.999, rich_help_panel=_HOW)
    ] = 0.95,
    by: Annotated[
        str, typer.Option(help="What is resampled: clip, or speaker where labels name them.", rich_help_panel=_HOW)
    ] = "clip",
    seed: Annotated[int, typer.Option(help="Seed of the resamples.", rich_help_panel=_HOW)] = 0,
    offline: Annotated[bool, typer.Option("--offline", help="Never fetch anything.", rich_help_panel=_HOW)] = False,
    language: Annotated[str, typer.Option(help="Language of the table: en or zh.", rich_help_panel=_OUT)] = "en",
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every score of every data set.", rich_help_panel=_OUT)
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Print all scores as JSON instead of a table.", rich_help_panel=_OUT)
    ] = False,
) -> None:
    """Score predictions as the papers do, with intervals and what an honest reading adds.

    Examples:

      openaffect bench score mer-unibench --labels dataset/ --predictions output/ --wheels emotion_wheel/

      openaffect bench score mer-unibench --labels dataset/ --predictions mine/ --wheels 2025 --dataset meld -v

      openaffect bench score ov-merd --labels ov-merd/ --predictions predict.csv --wheels 2026 --json

    Exit codes: 0 all scored, 1 a data set is missing or failed, 2 wrong usage, 3 nothing could be scored.
    """
    from openaffect.bench.answers import Sampling
    from openaffect.cli.scores import show_scores

    code = show_scores(
        benchmark,
        labels,
        predictions,
        wheels=wheels,
        datasets=dataset or [],
        run=run,
        checkpoint=checkpoint,
        missing=missing,
        groups=groups,
        sampling=Sampling(resamples, level, seed, by),
        offline=offline,
        language=language,
        verbose=verbose,
        as_json=json_,
    )
    raise typer.Exit(code)
