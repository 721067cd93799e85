"""``openaffect distill label``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from openaffect.distill.label import Labelled

_WHAT, _HOW, _OUT = "What to label", "How to label", "Results"


def label(
    teacher: Annotated[
        str,
        typer.Option(
            help="ensemble, dawn, odyssey, each also as NAME:FOLDER; onnx:FILE; acoustic; ./FILE.py:NAME.",
            rich_help_panel=_WHAT,
        ),
    ],
    audio: Annotated[list[str], typer.Option(help="Sound file, folder or pattern; repeatable.", rich_help_panel=_WHAT)],
    out: Annotated[
        Path, typer.Option(help="Folder for the labels; the same command again goes on.", rich_help_panel=_OUT)
    ],
    audio_licence: Annotated[
        str,
        typer.Option(
            help="Licence of the sound, e.g. CC-BY-4.0; without it no student is permissive.", rich_help_panel=_WHAT
        ),
    ] = "",
    speakers: Annotated[
        str,
        typer.Option(
            help="Who speaks: folder (each folder is a speaker), file, or a table with file, speaker and, where "
            "known, split.",
            rich_help_panel=_WHAT,
        ),
    ] = "folder",
    dev: Annotated[float, typer.Option(help="Share of the speakers in dev.", rich_help_panel=_WHAT)] = 0.1,
    test: Annotated[float, typer.Option(help="Share of the speakers in test.", rich_help_panel=_WHAT)] = 0.1,
    shortest: Annotated[float, typer.Option(help="Seconds of the shortest piece.", rich_help_panel=_HOW)] = 1.0,
    longest: Annotated[float, typer.Option(help="Seconds of the longest piece.", rich_help_panel=_HOW)] = 12.0,
    vad: Annotated[
        bool, typer.Option("--vad/--whole", help="Only where somebody speaks, or everything.", rich_help_panel=_HOW)
    ] = True,
    mix: Annotated[
        int, typer.Option(help="Mixtures for every 100 pieces; the teacher hears them.", rich_help_panel=_HOW)
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of splits and mixtures.", rich_help_panel=_HOW)] = 0,
    engine: Annotated[
        str,
        typer.Option(
            help="local: this machine; ray: Ray's processes, on one machine or many (openaffect[ray]).",
            rich_help_panel=_HOW,
        ),
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes, each with a teacher of its own; default: one a core.", min=1, rich_help_panel=_HOW
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Try what failed once more.", rich_help_panel=_HOW)] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Never fetch anything.", rich_help_panel=_HOW)] = False,
    accept_licence: Annotated[
        bool,
        typer.Option("--accept-licence", help="Agree to the terms of the teacher's weights.", rich_help_panel=_HOW),
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the result: en or zh.", rich_help_panel=_OUT)] = "en",
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.", rich_help_panel=_OUT)] = False,
) -> None:
    """Let a teacher label speech: pieces of 1-12 s where somebody speaks, each with arousal, dominance, valence.

    The licences of teacher and sound go with the labels into every student. A speaker is never in two splits.

    Examples:

      openaffect distill label --teacher odyssey --audio corpus/ --audio-licence CC-BY-4.0 --out labels/

      openaffect distill label --teacher acoustic --audio a/ --audio b/ --speakers speakers.csv --mix 50 --out labels/

      openaffect distill label --teacher ./mine.py:hear --audio clips/ --whole --speakers file --out labels/

      openaffect distill label --teacher odyssey:weights/ --audio corpus/ --engine ray --workers 16 --out labels/

    Exit codes: 0 done, 1 some files or pieces have no label for a fault, 2 wrong usage, 3 there is nothing to label.
    """
    import os

    from openaffect.cli.distill_progress import counting
    from openaffect.cli.distill_words import words_in
    from openaffect.distill.hearing import Cutting
    from openaffect.distill.label import LabelOptions
    from openaffect.distill.label import label as make

    words_in(language)
    options = LabelOptions(Cutting(shortest, longest, vad), speakers, dev, test, mix, seed=seed)
    with counting() as tell:
        done = make(
            teacher, audio, out, options, audio_licence=audio_licence, offline=offline, accept_licence=accept_licence,
            engine=engine, workers=workers or os.cpu_count() or 1, again=again, tell=tell,
        )  # fmt: skip
    _show(done, language, as_json=json_)
    raise typer.Exit(1 if done.n_failed else 0)


def _show(done: Labelled, language: str, *, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    from openaffect.cli.distill_words import words_in
    from openaffect.cli.plain import plain

    facts = {**asdict(done), "folder": str(done.folder)}
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    words = words_in(language)
    splits = ", ".join(f"{name} {done.splits.get(name, 0)}" for name in ("train", "dev", "test"))
    lines = [words["labelled"].format(**{**facts, "splits": splits})]
    lines += [f"  {count} × {cause}" for cause, count in list(done.causes.items())[:5]]
    if not done.splits.get("dev"):
        lines.append(words["dev_empty"])
    lines.append(words["permissive" if done.permissive else "not_permissive"])
    for line in lines:
        typer.echo(plain(line))
