"""``openaffect bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openaffect.cli.agree import agree
from openaffect.cli.leaderboard import leaderboard
from openaffect.cli.prefer import prefer
from openaffect.cli.run import MovedData, OwnTask, extract, judge, predict, run
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
    benchmark: Annotated[
        str,
        typer.Argument(
            help="mer-unibench, ov-merd or emer, for files; or the folder of a run.", metavar="BENCHMARK|RUN"
        ),
    ],
    labels: Annotated[
        Path | None, typer.Option(help="Folder with the label files, official or your own.", rich_help_panel=_WHAT)
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="Folder in the official layout (results-<set>/<run>/*-openset.npz), folder with <set>.csv, .jsonl or "
            ".npz, or one file for one data set.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
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
    task: OwnTask = None,
    data: MovedData = None,
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

      openaffect bench score run/ --wheels emotion_wheel/

    The last one is the fourth step of 'bench run': it scores what a run holds and asks nobody.

    Exit codes: 0 all scored, 1 a data set is missing or failed, 2 wrong usage, 3 nothing could be scored.
    """
    if labels is None or predictions is None:
        files_only = {"--labels": labels, "--predictions": predictions, "--dataset": dataset, "--run": run}
        files_only |= {"--checkpoint": checkpoint, "--groups": groups}
        given = [name for name, value in files_only.items() if value]
        given += (
            ["--resamples, --level, --by, --seed"] if (resamples, level, by, seed) != (1000, 0.95, "clip", 0) else []
        )
        given += ["--missing"] if missing != "raise" else []
        code = _score_run(Path(benchmark), given, task, data, wheels, offline, language, verbose, json_)
        raise typer.Exit(code)
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


def _score_run(
    run: Path,
    given: list[str],
    task: str | None,
    data: Path | None,
    wheels: str | None,
    offline: bool,
    language: str,
    verbose: bool,
    as_json: bool,
) -> int:
    from openaffect.cli.runs import show_scores_of
    from openaffect.errors import UsageError

    if not run.is_dir():
        raise UsageError(
            f"'{run}' is no folder of a run, and files need both --labels and --predictions; give these two, or the "
            "--out folder of 'openaffect bench run'."
        )
    if given:
        raise UsageError(f"the run in '{run}' is scored as a whole, without {', '.join(given)}; leave that out.")
    return show_scores_of(run, task, data, wheels, as_json=as_json, offline=offline, language=language, verbose=verbose)


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
    """List the benchmarks: what 'run' asks or 'score' reads, size, terms and how to obtain the data."""
    import json

    from openaffect.bench.listing import listed
    from openaffect.cli.comparison import print_benchmarks

    typer.echo(json.dumps(listed(), ensure_ascii=False, indent=2)) if json_ else print_benchmarks(listed())


bench.command()(run)
bench.command()(predict)
bench.command()(extract)
bench.command()(judge)
bench.command()(agree)
bench.command()(prefer)
bench.command()(leaderboard)
bench.command()(view)
