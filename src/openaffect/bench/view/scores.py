"""The scores and the card of a run as plain nested parts for the template: nothing in them is trusted or endless."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from openaffect.bench.results import BenchmarkScores, DatasetScores

DEEPEST = 12
LONGEST = 200
"""No more entries of a list or an object are shown."""
WIDEST = 40
"""No table has more columns; records with more leaves are shown one below the other."""
Node = tuple[str, Any]
"""``text`` and a string, ``list`` and nodes, ``pairs`` and (key, node), ``table`` and (columns, rows of strings)."""


def benchmark_scores(scores: Any) -> BenchmarkScores | None:
    """Return *scores* as those of a benchmark of data sets, None where they are of another kind."""
    try:
        # Through JSON: lists stand there for the tuples of the records.
        return BenchmarkScores.model_validate_json(json.dumps(scores))
    except (ValidationError, ValueError, RecursionError):
        return None


def score_rows(scores: BenchmarkScores) -> list[dict[str, str]]:
    """Return a row of shown words for each data set that was scored."""
    return [_row(each) for each in scores.datasets]


def _row(data: DatasetScores) -> dict[str, str]:
    score = data.fixed.primary
    return {
        "title": data.title,
        "metric": data.metric,
        "value": "–" if score.value is None else f"{score.value:.3f}",
        "interval": "" if score.low is None or score.high is None else f"{score.low:.3f}–{score.high:.3f}",
        "n": shown(score.n),
        "empty": shown(score.n_empty),
        "failed": shown(score.n_failed),
        "note": score.note,
    }


def shown(value: Any) -> str:
    """Return a plain value as words.

    >>> shown(0.123456), shown(None), shown(True), shown(1200)
    ('0.1235', '–', 'yes', '1,200')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if math.isfinite(value) else str(value)
    return f"{value:,}" if isinstance(value, int) and abs(value) < 10**15 else str(value)[:4000]


def shown_list(value: Any) -> str:
    """Return a plain value, or the values of a list, as words."""
    return ", ".join(map(shown, value[:LONGEST])) if isinstance(value, list) and value else shown(value or None)


def tree(value: Any, depth: int = 0) -> Node:
    """Return *value* (plain JSON) as nodes; what is too deep or too long is cut with a mark.

    A figure with its interval is one text, a list of records a table.

    >>> tree({"a": [1, 2], "b": {"c": None}, "d": {"value": 0.5, "low": 0.25, "high": 1.0, "n": 3}})[1][2]
    ('d', ('text', '0.5 (0.25–1) · n 3'))
    """
    if depth > DEEPEST:
        return "text", "…"
    if isinstance(value, dict):
        if "low" in value and "high" in value and "value" in value and not _nested(value.values()):
            return "text", _figure(value)
        pairs = [(str(key), tree(each, depth + 1)) for key, each in list(value.items())[:LONGEST]]
        return ("pairs", pairs + _rest(value)) if pairs else ("text", "–")
    if isinstance(value, list):
        if not _nested(value):
            return "text", ", ".join([*map(shown, value[:LONGEST]), *(["…"] if len(value) > LONGEST else [])]) or "–"
        nodes = [tree(each, depth + 1) for each in value[:LONGEST]]
        return _table(nodes) or ("list", nodes)
    return "text", shown(value)


def _nested(values: Iterable[Any]) -> bool:
    return any(isinstance(each, dict | list) for each in values)


def _figure(value: Mapping[str, Any]) -> str:
    known = value["low"] is not None and value["high"] is not None
    interval = f" ({shown(value['low'])}–{shown(value['high'])})" if known else ""
    rest = [f"{key} {shown(each)}" for key, each in value.items() if key not in ("value", "low", "high") and each]
    return " · ".join([shown(value["value"]) + interval, *rest])


def _table(nodes: Sequence[Node]) -> Node | None:
    """Return records as a table whose columns are their leaves; None where they are not of one kind."""
    if len(nodes) < 2 or any(kind != "pairs" for kind, _ in nodes):
        return None
    rows = [dict(_leaves(pairs)) for _, pairs in nodes]
    columns = [
        key
        for key in dict.fromkeys(key for row in rows for key in row)
        if any(row.get(key, "–") != "–" for row in rows)
    ]
    if not 0 < len(columns) <= WIDEST:
        return None
    return "table", (columns, [[row.get(key, "–") for key in columns] for row in rows])


def _leaves(pairs: Sequence[tuple[str, Node]], before: str = "") -> Iterator[tuple[str, str]]:
    for key, (kind, held) in pairs:
        if kind == "pairs":
            yield from _leaves(held, f"{before}{key} ")
        else:
            yield f"{before}{key}", held if kind == "text" else "…"


def _rest(value: dict[str, Any]) -> list[tuple[str, Node]]:
    return [("…", ("text", f"+{len(value) - LONGEST}"))] if len(value) > LONGEST else []
