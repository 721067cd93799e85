"""Ratings that people gave, from a table: who, of which item, how high."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from openaffect.bench.agreement.ratings import LARGEST, Place
from openaffect.datasets.tables import Row, read_table
from openaffect.lookup import suggest

_NEED = {"id": ("id", "item"), "rating": ("rating", "score")}
_MAY = {"rater": ("rater", "annotator"), "measure": ("measure",), "step": ("step",)}
_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
HUMAN = "human"
"""A rater without a name."""


def read_human(path: Path, measures: Mapping[str, bool]) -> dict[str, dict[str, dict[Place, float | str]]]:
    """Return rater → measure → place → rating from *path*, a CSV with a header or JSONL.

    Columns: ``id`` (of the item), ``rating`` (a number, or true and false), and where there are several ``rater``,
    ``measure`` (one of *measures*) and ``step`` (from 1 on, for the measures that are True: they rate steps).

    Raises `DataError` with file and line for what is no rating, a measure that is not among *measures*, none where
    there are several, a step that is missing or out of place, and a rating that is given twice.
    """
    found: dict[str, dict[str, dict[Place, float | str]]] = {}
    lines: dict[tuple[str, str, Place], int] = {}
    for row in read_table(path, _NEED, _MAY).rows:
        rater, measure = row.text("rater").strip() or HUMAN, _measure(row, measures)
        place = (_id(row), _step(row, measure, measures[measure]))
        if (before := lines.setdefault((rater, measure, place), row.line)) != row.line:
            row.fail(f"{rater!r:.60} rated {place[0]!r:.80} in line {before} already; remove one of the two rows.")
        found.setdefault(rater, {}).setdefault(measure, {})[place] = _rating(row)
    return found


def _id(row: Row) -> str:
    name = row.text("id").strip()
    if not name:
        row.fail("there is no id; give that of an item, as in the record files of the run.")
    return name


def _measure(row: Row, measures: Mapping[str, bool]) -> str:
    named = row.text("measure").strip()
    known = ", ".join(measures)
    if not named and len(measures) != 1:
        row.fail(f"it names no measure and there are several ({known}); add a column 'measure', or choose one of them.")
    if named and named not in measures:
        row.fail(f"there is no measure {named!r:.60}{suggest(named, measures) or '.'} Known: {known}.")
    return named or next(iter(measures))


def _step(row: Row, measure: str, stepwise: bool) -> int:
    given = row.values.get("step")
    if given is None or (isinstance(given, str) and not row.text("step").strip()):
        if stepwise:
            row.fail(f"{measure!r} rates steps; say which one in a column 'step', from 1 on.")
        return 0
    if not stepwise:
        row.fail(f"{measure!r} rates whole answers; leave 'step' empty.")
    number = row.number("step")
    if number < 1 or number != int(number):
        row.fail(f"'step' must be a whole number from 1 on, {number:g} came.")
    return int(number)


def _rating(row: Row) -> float:
    given = row.values["rating"]
    if isinstance(given, bool):
        return float(given)
    if isinstance(given, str) and (word := given.strip().lower()) in _WORDS:
        return _WORDS[word]
    number = row.number("rating")
    if abs(number) > LARGEST:
        row.fail(f"'rating' is {number:g}, too large to compare; give it on the scale of the measure.")
    return number
