"""``openaffect distill``: from a teacher to a student that ships."""

from __future__ import annotations

import typer

from openaffect.cli.distill_evaluate import evaluate
from openaffect.cli.distill_export import export
from openaffect.cli.distill_fit import fit
from openaffect.cli.distill_label import label

distill = typer.Typer(no_args_is_help=True, help="Distil a teacher of speech emotion into a student that ships.")


@distill.callback()
def _distill() -> None:
    """Distil a teacher of speech emotion into a student that ships: label, fit, evaluate, export."""


distill.command()(label)
distill.command()(fit)
distill.command()(evaluate)
distill.command()(export)
