"""A leaderboard as records: rows, their figures with intervals, and paired comparisons of runs."""

from __future__ import annotations

from openaffect.bench.published.rows import Kind, Row
from openaffect.records import Finite, Record, Score


class Cell(Record):
    """One figure of a row, on the scale of the table."""

    value: Finite | None
    low: Finite | None = None
    high: Finite | None = None
    """The interval that the run reported; published figures have none."""
    n: int | None = None
    """Items or clips that count."""
    n_failed: int | None = None
    """Those that failed: without an answer or a rating."""


class LeaderboardRow(Record):
    """A model: a run, or a row that a paper has published."""

    name: str
    published: bool
    source: str
    """The publication and its date, or the folder of the run."""
    kind: Kind | None = None
    inputs: str = ""
    """Letters of what the model was given: A (sound), V (pictures), T (text)."""
    size: str = ""
    """Parameters as stated, or as the name of the model says."""
    cells: dict[str, Cell]
    """Column → figure; a column that the row does not have is absent."""
    n: int | None = None
    n_failed: int | None = None
    missing: tuple[str, ...] = ()
    """Data sets, tasks or published columns without a score."""
    tables: str = ""
    """Edition and hash of the wheel tables, "" where none are used or the paper does not say."""
    prompts: str = ""
    """Hash over all prompts of the run, "" for published rows."""
    judged_by: str = ""
    """Models that extracted and judged."""
    notes: tuple[str, ...] = ()


class Pair(Record):
    """Two runs on the same items: the score of the first minus that of the second."""

    first: str
    second: str
    score: str
    difference: Finite
    low: Finite
    high: Finite
    level: float
    p: float
    """Two-sided, by sign flips; not corrected for the number of pairs."""
    n: int
    """Items that both have."""


class Leaderboard(Record):
    """Runs and published rows, the best first, partial runs last."""

    table: str
    title: str
    scale: str
    primary: str
    """The column that the rows are sorted by."""
    columns: tuple[str, ...]
    rows: tuple[LeaderboardRow, ...]
    pairs: tuple[Pair, ...] = ()
    notes: tuple[str, ...] = ()


def cell_of(score: Score, times: float = 100) -> Cell:
    """Return *score* as a figure, value and interval multiplied with *times*.

    >>> cell_of(Score(name="HIT", value=0.5, n=4)).value
    50.0
    """
    value, low, high = (None if each is None else times * each for each in (score.value, score.low, score.high))
    return Cell(value=value, low=low, high=high, n=score.n, n_failed=score.n_failed)


def published_row(row: Row) -> LeaderboardRow:
    """Return a published *row*; the scores by task are those of the chain of thought."""
    cells = {name: Cell(value=value) for name, value in row.scores.items()}
    cells |= {task: Cell(value=scores["cot"]) for task, scores in row.tasks.items() if "cot" in scores}
    if row.steps is not None:
        cells["steps"] = Cell(value=row.steps)
    second_hand = ("read in another work than the one that measured it",) if row.second_hand else ()
    return LeaderboardRow(
        name=row.name,
        published=True,
        source=f"{row.citation}, {row.date}",
        kind=row.kind,
        inputs=row.inputs,
        size=row.size,
        cells=cells,
        notes=(*second_hand, *((row.note,) if row.note else ())),
    )
