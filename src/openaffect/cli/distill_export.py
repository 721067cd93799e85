"""``openaffect distill export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from openaffect.distill.card import Figures
    from openaffect.runtime.facts import StudentFacts


def export(
    student: Annotated[Path, typer.Option(help="Folder that 'distill fit' wrote.")],
    out: Annotated[Path, typer.Option(help="Folder for model.onnx and all that belongs to it.")],
    weights: Annotated[str, typer.Option(help="fp32, int8 or int4.")] = "fp32",
    licence: Annotated[str, typer.Option(help="Licence of these weights; default: none stated.")] = "",
    name: Annotated[str, typer.Option(help="What results call the student.")] = "",
    note: Annotated[str, typer.Option(help="What it is not, a sentence or two for reports.")] = "",
    evaluation: Annotated[
        Path | None, typer.Option(help="Folder that 'distill evaluate' wrote; its tables go into the card.")
    ] = None,
    network: Annotated[str, typer.Option(help="Code of a student of your own: ./FILE.py:NAME.")] = "",
    measure: Annotated[
        bool, typer.Option("--measure/--no-measure", help="Time it and weigh its memory for the card.")
    ] = True,
    language: Annotated[str, typer.Option(help="Language of the result: en or zh.")] = "en",
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Make the folder that ships: ONNX graphs, weights, facts and a model card; the run time and audonnx open it.

    A licence that teacher or sound does not allow is refused.

    Examples:

      openaffect distill export --student student/ --out exported/ --licence Apache-2.0

      openaffect distill export --student student/ --out small/ --weights int8 --evaluation evaluation/ --name my-ear

    Exit codes: 0 done, 1 a result cannot be written, 2 wrong usage, 3 there is no student in the folder.
    """
    from dataclasses import replace

    from openaffect.cli.distill_parts import need_training
    from openaffect.cli.distill_words import words_in

    words_in(language)
    need_training()
    from openaffect.distill.checkpoint import load_student
    from openaffect.distill.export import export_folder
    from openaffect.distill.quantize import checked
    from openaffect.distill.subjects import folder_of

    module, facts = load_student(folder_of(student), network)
    given = {key: value for key, value in (("licence", licence), ("name", name), ("note", note)) if value}
    facts = replace(facts, **given)  # type: ignore[arg-type]  # three texts
    figures = export_folder(module, out, facts, weights=checked(weights), table=_table(evaluation), measure=measure)
    _show(out, facts, figures, language, as_json=json_)


def _table(evaluation: Path | None) -> str:
    from openaffect.errors import DataError

    if evaluation is None:
        return ""
    try:
        return (evaluation / "evaluation.md").read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise DataError(
            f"{str(evaluation)!r} holds no evaluation.md ({error}); run 'distill evaluate --out'."
        ) from error


def _show(out: Path, facts: StudentFacts, figures: Figures, language: str, *, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    from openaffect.cli.distill_words import words_in
    from openaffect.cli.plain import plain

    if as_json:
        typer.echo(
            json.dumps({"out": str(out), "facts": asdict(facts), **asdict(figures)}, ensure_ascii=False, indent=2)
        )
        return
    words = words_in(language)
    size = f"{figures.files['model.onnx']:,}"
    typer.echo(plain(words["exported"].format(out=out, size=size, licence=facts.licence or words["no_licence"])))
