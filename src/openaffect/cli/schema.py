"""``openaffect schema``."""

from __future__ import annotations

from typing import Annotated

import typer

SCHEMAS = ("report",)


def schema(name: Annotated[str, typer.Argument(help="Which schema; known: report.")] = "report") -> None:
    """Print the JSON Schema of a record (``openaffect schema report > report.schema.json``)."""
    import json

    from openaffect.analysis.schema import report_schema
    from openaffect.errors import UsageError
    from openaffect.lookup import suggest

    if name not in SCHEMAS:
        raise UsageError(f"unknown schema '{name}'{suggest(name, SCHEMAS) or '.'} Known: {', '.join(SCHEMAS)}.")
    typer.echo(json.dumps(report_schema(), indent=2, ensure_ascii=False))
