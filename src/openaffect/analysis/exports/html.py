"""The report as one self-contained page that works offline; see `openaffect.analysis.page`."""

from __future__ import annotations

from pathlib import Path

from openaffect.analysis.links import media_link
from openaffect.analysis.page.page import is_blurred, render_page
from openaffect.records import Report
from openaffect.store import write_atomic


def render(report: Report, media: str | None = None) -> str:
    """Return *report* as HTML text; *media* is the URL of the recording for the player (None: no player)."""
    return render_page(report, media)


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.html``; the recording stays where it is and is linked by a relative URL.

    A report made with ``blur`` does not link it, as the recording itself shows the faces.
    """
    path = folder / f"{stem}.html"
    link = None if is_blurred(report) else media_link(report, folder)
    write_atomic(path, render(report, link))
    return [path]
