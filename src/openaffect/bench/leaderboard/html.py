"""A leaderboard as one HTML page: style and script stand inside, a policy forbids every request, all text is escaped.

Without the script the page shows the same rows, sorted by the primary column; with it, a click on a head sorts.
"""

from __future__ import annotations

from markupsafe import Markup

from openaffect.analysis.page import offline
from openaffect.bench.leaderboard.rows import Leaderboard
from openaffect.bench.leaderboard.text import LEGEND, PAIRED, head, line, map_cells, pair_head, remarks, shown


def html_page(board: Leaderboard) -> str:
    """Return *board* as HTML that needs nothing else."""
    style, script = offline.asset(__package__, "page.css"), offline.asset(__package__, "sort.js")
    return offline.template(__package__, "page.html.jinja").render(
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
        policy=offline.policy(style, script),
    )
