"""``openaffect distill evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from openaffect.distill.cases import Cases
    from openaffect.distill.subjects import Subject

_WHO, _WHAT, _HOW, _OUT = "Whom to evaluate", "Against what", "How", "Results"


def evaluate(
    student: Annotated[
        Path | None,
        typer.Option(help="Folder that 'distill fit' or 'distill export' wrote.", rich_help_panel=_WHO),
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(help="Or a teacher: ensemble, odyssey:FOLDER ... as in 'distill label'.", rich_help_panel=_WHO),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Folder that 'distill label' wrote: the teacher's words.", rich_help_panel=_WHAT)
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Or ratings of people: msp-podcast:DIR or iemocap:DIR.", rich_help_panel=_WHAT),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="test [labels], test-1, test-2, session-5 ... or all [data].", rich_help_panel=_WHAT),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for evaluation.json, .md and the predictions; the same command again goes on.",
            rich_help_panel=_OUT,
        ),
    ] = None,
    network: Annotated[
        str, typer.Option(help="Code of a student of your own: ./FILE.py:NAME.", rich_help_panel=_WHO)
    ] = "",
    resamples: Annotated[
        int, typer.Option(help="Draws for the intervals; 0: none.", min=0, rich_help_panel=_HOW)
    ] = 1000,
    robustness: Annotated[
        bool,
        typer.Option("--robustness/--no-robustness", help="Try level, noise and silence too.", rich_help_panel=_HOW),
    ] = True,
    seed: Annotated[int, typer.Option(help="Seed of draws and noise.", min=0, rich_help_panel=_HOW)] = 0,
    threads: Annotated[int, typer.Option(help="Threads of the network.", min=1, rich_help_panel=_HOW)] = 1,
    offline: Annotated[bool, typer.Option("--offline", help="Never fetch anything.", rich_help_panel=_HOW)] = False,
    accept_licence: Annotated[
        bool,
        typer.Option("--accept-licence", help="Agree to the terms of the teacher's weights.", rich_help_panel=_WHO),
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the tables: en or zh.", rich_help_panel=_OUT)] = "en",
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.", rich_help_panel=_OUT)] = False,
) -> None:
    """Measure a student or a teacher: CCC, Pearson and RMSE by dimension, with intervals, by group, under noise.

    CCC is taken over all clips pooled, with moments divided by n, as in the literature. Ratings of people run from 0
    to 1: (x - 1) / 6 of MSP-Podcast, (x - 1) / 4 of IEMOCAP. Of silence, noise and tones the gate must give no value.

    Examples:

      openaffect distill evaluate --student student/ --labels labels/ --split test --out evaluation/

      openaffect distill evaluate --teacher ensemble --accept-licence --data msp-podcast:DIR --split test-1

      openaffect distill evaluate --student exported/ --data iemocap:DIR --json

    Exit codes: 0 done, 1 some clips have no prediction, 2 wrong usage, 3 nothing can be evaluated.
    """
    from openaffect.cli.distill_progress import counting
    from openaffect.distill.evaluate import Trying
    from openaffect.distill.evaluate import evaluate as measure
    from openaffect.distill.evaluation_text import known, markdown

    known(language)
    cases = _cases(labels, data, split)
    subject = _subject(student, teacher, network, threads, offline=offline, accept_licence=accept_licence)
    trying = Trying(resamples, seed=seed) if robustness else Trying(resamples, 0, 0, nothing=False, seed=seed)
    with counting() as tell:
        found = measure(subject, cases, out, trying, tell=tell)
    typer.echo(found.model_dump_json(indent=2) if json_ else markdown(found, language), nl=json_)
    raise typer.Exit(1 if found.n_failed else 0)


def _cases(labels: Path | None, data: str | None, split: str | None) -> Cases:
    from openaffect.distill.cases import cases_of_corpus, cases_of_labels
    from openaffect.errors import UsageError

    if labels is not None and data is None:
        return cases_of_labels(labels, "test" if split is None else "" if split == "all" else split)
    if data is not None and labels is None:
        return cases_of_corpus(data, "" if split in (None, "all") else split)
    raise UsageError("give either --labels LABELS or --data KEY:FOLDER, the truth to compare with.")


def _subject(
    student: Path | None, teacher: str | None, network: str, threads: int, *, offline: bool, accept_licence: bool
) -> Subject:
    from openaffect.cli.distill_parts import need_training
    from openaffect.distill.subjects import student_in, teacher_named
    from openaffect.errors import UsageError

    if (student is None) == (teacher is None):
        raise UsageError("give either --student FOLDER or --teacher SPEC.")
    if teacher is not None:
        return teacher_named(teacher, offline=offline, threads=threads, accept_licence=accept_licence)
    assert student is not None  # noqa: S101  one of the two is there
    if not (student / "model.onnx").exists():
        need_training()
    return student_in(student, network=network, threads=threads)
