"""A leaderboard as one HTML page: style and script stand inside, a policy forbids every request, all text is escaped.

Without the script the page shows the same rows, sorted by the primary column; with it, a click on a head sorts.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from openaffect.analysis.escape import printable
from openaffect.bench.leaderboard.rows import Leaderboard
from openaffect.bench.leaderboard.text import LEGEND, PAIRED, head, line, map_cells, pair_head, remarks, shown


def html_page(board: Leaderboard) -> str:
    """Return *board* as HTML that needs nothing else."""
    style, script = _asset("page.css"), _asset("sort.js")
    return _template().render(
        board=board,
        head=head(board),
        rows=[(row, line(row.source), shown(board, row)) for row in board.rows],
        pair_head=pair_head(),
        pairs=map_cells(board.pairs),
        paired=PAIRED,
        legend=LEGEND,
        remarks=remarks(board),
        style=Markup(style),  # noqa: S704 - our own file, not text from outside
        script=Markup(script),  # noqa: S704
        policy=f"default-src 'none'; style-src '{_sha(style)}'; script-src '{_sha(script)}'; "
        "base-uri 'none'; form-action 'none'",
    )


def _sha(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_clean
    )
    return environment.from_string(_asset("page.html.jinja"))


def _clean(value: Any) -> Any:
    return printable(value) if type(value) is str else value
