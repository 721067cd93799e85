"""``openaffect bench view``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def view(
    run: Annotated[Path, typer.Argument(help="Folder that 'openaffect bench run --out' wrote.", metavar="RUN")],
    out: Annotated[Path | None, typer.Option(help="The page; default: RUN/view.html.")] = None,
    frames: Annotated[
        int, typer.Option(help="Thumbnails and questions for the first N items; 0: none.", min=0, max=10_000)
    ] = 100,
    language: Annotated[str, typer.Option(help="Language of the page: en or zh.")] = "en",
    task: Annotated[str | None, typer.Option(help="The task, where it is your own: FILE.py:NAME.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder with labels and clips, where it has moved.")] = None,
) -> None:
    """Write a page that shows a run item by item: what was asked, said, extracted and judged, with frames and sound.

    One file that needs no network. Frames and sound come from the run's cache; the sound is linked, not copied, so
    open the page where it was written.

    Examples:

      openaffect bench view run/

      openaffect bench view run/ --out run.html --frames 0 --language zh
    """
    from openaffect.bench.tasks import find_task
    from openaffect.bench.view.view import write_page

    chosen = None if task is None else find_task(task)
    typer.echo(write_page(run, out, frames=frames, language=language, task=chosen, data=data))
