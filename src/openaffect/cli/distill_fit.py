"""``openaffect distill fit``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from openaffect.distill.fit import Fitted
    from openaffect.distill.options import FitOptions

_WHAT, _HOW, _MIX, _OUT = "What to train", "How to train", "Mixtures and changes of the sound", "Results"


def fit(
    student: Annotated[
        str,
        typer.Option(
            help="wav2small-72k, wav2small-17k, mobilenetv4-small ... or ./FILE.py:NAME.", rich_help_panel=_WHAT
        ),
    ],
    labels: Annotated[Path, typer.Option(help="Folder that 'distill label' wrote.", rich_help_panel=_WHAT)],
    out: Annotated[
        Path, typer.Option(help="Folder for the student; the same command again goes on.", rich_help_panel=_OUT)
    ],
    recipe: Annotated[
        Path | None,
        typer.Option(help="TOML file with options by their names in FitOptions.", rich_help_panel=_HOW),
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Updates of the weights [5000].", rich_help_panel=_HOW)] = None,
    batch: Annotated[int | None, typer.Option(help="Clips a step [32].", rich_help_panel=_HOW)] = None,
    crop: Annotated[
        str | None,
        typer.Option(help="Seconds of a crop, or shortest-longest: 2-8 [1.5].", rich_help_panel=_HOW),
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest rate [0.001].", rich_help_panel=_HOW)] = None,
    warmup: Annotated[int | None, typer.Option(help="Steps up to it [100].", rich_help_panel=_HOW)] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Of AdamW [0.01].", rich_help_panel=_HOW)] = None,
    mse: Annotated[
        float | None, typer.Option(help="Weight of the squared error beside 1 - CCC [0.1].", rich_help_panel=_HOW)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random [0].", rich_help_panel=_HOW)] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of a process [2].", rich_help_panel=_HOW)] = None,
    validate_every: Annotated[
        int | None, typer.Option(help="Steps between two looks at the split dev [500].", rich_help_panel=_HOW)
    ] = None,
    checkpoint_every: Annotated[
        int | None, typer.Option(help="Steps that a crash costs, at most [100].", rich_help_panel=_HOW)
    ] = None,
    mixup: Annotated[
        str | None,
        typer.Option(
            help="rows: mixtures of the labels; teacher: made now, heard by --teacher; off [rows].",
            rich_help_panel=_MIX,
        ),
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(help="Who hears the mixtures of --mixup teacher, as in 'distill label'.", rich_help_panel=_MIX),
    ] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Agree to the terms of that teacher.", rich_help_panel=_MIX)
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Never fetch anything.", rich_help_panel=_MIX)] = False,
    augment: Annotated[
        bool,
        typer.Option(
            "--augment/--no-augment", help="Noise, rooms, equalisers on the student's sound.", rich_help_panel=_MIX
        ),
    ] = True,
    language: Annotated[str, typer.Option(help="Language of the result: en or zh.", rich_help_panel=_OUT)] = "en",
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.", rich_help_panel=_OUT)] = False,
) -> None:
    """Train a student on labels; stopped anywhere, even killed, the same command goes on to the same weights.

    The split dev picks the best weights; the split test is never read. OUT/student is the student, OUT/curves.png
    shows how it went. What an option says wins over the recipe, and the recipe over the defaults in brackets.

    Examples:

      openaffect distill fit --student wav2small-72k --labels labels/ --out student/ --steps 5000

      openaffect distill fit --student wav2small-72k --labels labels/ --out seed-1/ --recipe fit.toml --seed 1

      openaffect distill fit --student wav2small-17k --labels labels/ --out mixed/ --mixup teacher --teacher acoustic

      torchrun --nproc-per-node 2 -m openaffect.cli distill fit --student mobilenetv4-small --labels labels/ --out big/

    Exit codes: 0 done, 1 a result cannot be written, 2 wrong usage, 3 the labels cannot be used.
    """
    from openaffect.cli.distill_parts import need_training
    from openaffect.cli.distill_words import words_in

    words_in(language)
    need_training()
    given = {"steps": steps, "batch": batch, "crop_s": crop, "learning_rate": learning_rate, "warmup": warmup}
    given |= {"weight_decay": weight_decay, "mse": mse, "seed": seed, "threads": threads, "mixup": mixup}
    given |= {"validate_every": validate_every, "checkpoint_every": checkpoint_every}
    options = _options(recipe, {name: value for name, value in given.items() if value is not None}, augment)
    done = _train(student, labels, out, options, teacher, accept_licence=accept_licence, offline=offline)
    _show(done, labels, language, as_json=json_)


def _options(recipe: Path | None, given: dict[str, Any], augment: bool) -> FitOptions:
    import tomllib
    from dataclasses import replace

    from openaffect.distill.augment import OFF
    from openaffect.distill.options import options_of
    from openaffect.errors import UsageError

    table: dict[str, Any] = {}
    if recipe is not None:
        try:
            table = tomllib.loads(recipe.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot read the recipe {str(recipe)!r} ({error}); give a TOML file.") from error
    if "crop_s" in given:
        given["crop_s"] = _seconds(given["crop_s"])
    options: FitOptions = options_of({**table, **given})
    return options if augment else replace(options, augment=OFF)


def _seconds(text: str) -> list[float]:
    """Return shortest and longest of ``1.5`` or ``2-8``."""
    from openaffect.errors import UsageError

    try:
        low, _, high = text.partition("-")
        return [float(low), float(high or low)]
    except ValueError as error:
        raise UsageError(
            f"--crop must be seconds such as 1.5, or shortest-longest such as 2-8; {text!r} came."
        ) from error


def _train(
    student: str,
    labels: Path,
    out: Path,
    options: FitOptions,
    teacher: str | None,
    *,
    accept_licence: bool,
    offline: bool,
) -> Fitted:
    from openaffect.cli.distill_progress import training
    from openaffect.distill.fit import fit
    from openaffect.distill.teacher import open_teacher

    heard = (
        None
        if teacher is None
        else open_teacher(teacher, offline=offline, threads=options.threads, accept_licence=accept_licence)
    )
    with training(options.steps) as tell:
        return fit(student, labels, out, options, teacher=heard, tell=tell)


def _show(done: Fitted, labels: Path, language: str, *, as_json: bool) -> None:
    import json
    import os
    from dataclasses import asdict

    from openaffect.cli.distill_words import words_in
    from openaffect.cli.plain import plain

    if os.environ.get("RANK", "0") != "0":
        return  # one of several processes speaks
    facts = {**asdict(done), "student": str(done.student)}
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    words = words_in(language)
    lines = [words["again"]] if done.before else []
    lines.append(words["fitted"].format(**facts))
    if done.n_dev:
        scores = ", ".join(
            f"{words[name]} {'–' if value is None else f'{value:.3f}'}" for name, value in done.dev.items()
        )
        lines.append(f"{words['dev'].format(**facts)}: {scores}")
    else:
        lines.append(words["no_dev"])
    if done.n_unreadable:
        lines.append(words["unreadable"].format(n=done.n_unreadable, card=done.student.parent / "card.json"))
    lines.append(words["next"].format(student=done.student, labels=labels))
    for line in lines:
        typer.echo(plain(line))
