"""``openaffect bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openaffect.cli.leaderboard import leaderboard
from openaffect.cli.view import view

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


@bench.command()
def compare(
    table: Annotated[
        str, typer.Argument(help="Published rows: mme-emotion, mer-unibench, ov-merd, emer-v1, emer-fine.")
    ] = "mme-emotion",
    rows: Annotated[
        list[Path] | None, typer.Option(help="Rows of your own (.jsonl, as --json prints them); repeatable.")
    ] = None,
    by: Annotated[str, typer.Option(help="Group by kind, inputs, size, source or scenario.")] = "kind",
    task: Annotated[str | None, typer.Option(help="Scores of one task instead of the overall ones.")] = None,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples.", min=1, max=100_000)] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the resamples.", min=0)] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Compare groups of models: means with intervals, the best, and whether more steps go with better scores.

    Published rows are copied from the papers, not measured here; own rows are marked as own.

    Examples:

      openaffect bench compare --by kind

      openaffect bench compare mme-emotion --by inputs --task ER-Lab

      openaffect bench compare mme-emotion --rows mine.jsonl --by size --json
    """
    from openaffect.bench.compare import compare
    from openaffect.bench.own_rows import read_rows
    from openaffect.bench.published import published_rows
    from openaffect.cli.comparison import print_comparison

    own = [row for path in rows or () for row in read_rows(path)]
    found = compare([*published_rows(table), *own], by, task=task, resamples=resamples, seed=seed)  # type: ignore[arg-type]  # checked there
    typer.echo(found.model_dump_json(indent=2)) if json_ else print_comparison(found)


@bench.command("list")
def list_(json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False) -> None:
    """List the benchmarks with their data sets, sizes and terms; 'openaffect data list' says how to get them."""
    import json

    from openaffect.bench.benchmarks import BENCHMARKS
    from openaffect.datasets import find

    found = [
        {
            "key": each.key,
            "title": each.title,
            "about": each.about,
            "datasets": [
                {"key": one.key, "title": one.title, "metric": one.metric, "n": one.n, "licence": one.licence}
                for one in map(find, each.datasets)
            ],
        }
        for each in BENCHMARKS.values()
    ]
    if json_:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    from openaffect.cli.comparison import print_benchmarks

    print_benchmarks(found)


@bench.command()
def run(
    task: Annotated[
        str,
        typer.Argument(
            help="mer-unibench, mme-emotion, mme-emotion-heard, emer, emer-zh, or ./FILE.py:NAME.", metavar="TASK"
        ),
    ],
    data: Annotated[Path, typer.Option(help="Folder with labels and clips.", rich_help_panel=_WHAT)],
    model: Annotated[str, typer.Option(help="Model under test: openai:MODEL, fake:TEXT, replay:PATH.")],
    out: Annotated[
        Path, typer.Option(help="Folder for records and scores; the same command again goes on.", rich_help_panel=_OUT)
    ],
    extractor: Annotated[
        str | None, typer.Option(help="Model that takes labels from texts; default: the judge, else the model itself.")
    ] = None,
    judge: Annotated[str | None, typer.Option(help="Model that judges; default: the model itself.")] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Address of the model's server, e.g. http://127.0.0.1:8000/v1.")
    ] = None,
    judge_url: Annotated[str | None, typer.Option(help="Address of the server of judge and extractor.")] = None,
    modalities: Annotated[
        str, typer.Option(help="What messages may hold: audio,video,text.", rich_help_panel=_WHAT)
    ] = "audio,video,text",
    part: Annotated[
        list[str] | None, typer.Option(help="Only this data set or sub-task; repeatable.", rich_help_panel=_WHAT)
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Only the first N items of each part.", min=1, rich_help_panel=_WHAT)
    ] = None,
    wheels: Annotated[
        str | None, typer.Option(help="Folder with the official wheel tables.", rich_help_panel=_HOW)
    ] = None,
    concurrency: Annotated[int, typer.Option(help="Calls at the same time.", min=1, max=512)] = 8,
    retries: Annotated[int, typer.Option(help="Further tries of a call that failed for a passing reason.", min=0)] = 6,
    timeout: Annotated[float, typer.Option(help="Seconds that one try may take.", min=0.1)] = 120.0,
    budget: Annotated[float | None, typer.Option(help="Stop before this much money is spent.", min=0)] = None,
    price_in: Annotated[float | None, typer.Option(help="Price of a million input tokens.", min=0)] = None,
    price_out: Annotated[float | None, typer.Option(help="Price of a million output tokens.", min=0)] = None,
    probe: Annotated[
        bool, typer.Option("--probe/--no-probe", help="Find out first which modalities really arrive at the model.")
    ] = True,
    offline: Annotated[bool, typer.Option("--offline", help="Forbid every host but this machine.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.", rich_help_panel=_OUT)] = False,
) -> None:
    """Run a model through a benchmark: ask, extract, judge, score; stopped anywhere, the same command goes on.

    Keys come from the environment (OPENAI_API_KEY) only. Withheld modalities never enter a message.

    Examples:

      openaffect bench run mer-unibench --data dataset/ --out run/ --model openai:MODEL --base-url http://127.0.0.1/v1

      openaffect bench run mer-unibench --data dataset/ --model fake:calm --limit 5 --out dry/

    Exit codes: 0 done, 1 some items failed or a data set has no score, 2 wrong usage, 3 the data cannot be used.
    """
    from openaffect.cli.runs import Settings, show_bench_run

    settings = Settings(
        model=model,
        extractor=extractor,
        judge=judge,
        base_url=base_url,
        judge_url=judge_url,
        concurrency=concurrency,
        retries=retries,
        timeout_s=timeout,
        budget=budget,
        price_in=price_in,
        price_out=price_out,
        offline=offline,
        probe=probe,
    )
    code = show_bench_run(
        task,
        settings,
        data=data,
        out=out,
        modalities=modalities,
        parts=part or [],
        limit=limit,
        wheels=wheels,
        as_json=json_,
    )
    raise typer.Exit(code)


bench.command()(leaderboard)
bench.command()(view)
