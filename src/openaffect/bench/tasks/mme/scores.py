"""Recognition, reasoning, chain of thought and average steps of judged entries, in both readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, get_args

from openaffect.bench.tasks.mme.rows import Failure, Mode, Row, rows_of, total
from openaffect.bench.tasks.mme.tasks import ORDER, OVERALL, find_task
from openaffect.errors import AlphaOutOfRange, UsageError, WrongKind


@dataclass(frozen=True)
class Score:
    """The scores of one task, of one label of it, or of all tasks; nothing is rounded."""

    recognition: float
    """Mean rating of the last step, in percent.  The official reading may pass 100 (``5/3``)."""
    reasoning: float
    """Mean over entries of the mean rating of the steps before the last, in percent; an entry of one step has 0."""
    cot: float
    """alpha · recognition + (1 - alpha) · reasoning."""
    steps: float
    """Mean number of rated steps, over the entries that could be read."""
    count: int
    """Entries that count: the readable ones (official), or all (strict)."""
    categories: Mapping[str, Score] = field(default_factory=dict)
    """Label → score of its entries, in the order of the code points; empty for tasks of several labels."""
    n_failed: int = 0
    """Entries that could not be read."""
    failures: tuple[Failure, ...] = ()
    """Those entries, each with its cause."""
    tasks: tuple[str, ...] = ()
    """The tasks that entries were given for."""

    @property
    def causes(self) -> dict[str, int]:
        """Cause → how many entries failed by it, the commonest first."""
        return dict(Counter(failure.cause for failure in self.failures).most_common())


def score_entries(entries: Iterable[Any], task: str, alpha: float = 0.5, mode: Mode = "official") -> Score:
    """Return the scores of judged *entries* of one *task*.

    An entry is an object with ``score`` (the judge's reply), ``ground_truth`` and, for the strict reading, ``step``.
    *alpha* weighs recognition in the chain-of-thought score.  ``mode="official"`` counts as the released script of the
    task does; the *task* ``"Overall"`` reads the entries as the script for all tasks does.  ``mode="strict"`` counts
    every entry: one that cannot be read, or whose ratings are not as many as its steps, scores 0 and stands in
    ``failures``.

    Raises `UsageError` for an unknown task or mode, `AlphaOutOfRange` (a ``ValueError``) for alpha outside 0–1, and
    `WrongKind` (a ``TypeError``) when *entries* is no list.  Official mode also raises what the script raises:
    `MissingField` (a ``KeyError``) for an entry without ``score``, or without ``ground_truth`` where its score can be
    read, `WrongKind` for labels that cannot be grouped or sorted, `BrokenRating` (a ``ValueError``) and `HugeRating`
    (an ``OverflowError``) for numbers beyond bounds.
    Source: MME-Emotion, arXiv 2508.09210, and the behaviour of its metric scripts at commit 0c265d8.

    >>> replies = ["<score>Step 1: 1/1, Step 2: 0/1</score>", "<score>Step 1: 1/1</score>", "I cannot tell."]
    >>> entries = [{"score": reply, "ground_truth": "happy"} for reply in replies]
    >>> found = score_entries(entries, "Noise-ER")
    >>> found.recognition, found.reasoning, found.cot, found.steps, found.count, found.n_failed
    (50.0, 50.0, 50.0, 1.5, 2, 1)
    >>> found = score_entries(entries, "Noise-ER", mode="strict")
    >>> round(found.recognition, 1), found.count, found.causes
    (33.3, 3, {'no rating': 1})
    """
    rules = find_task(task, overall=True)
    check(alpha, mode)
    rows = rows_of(entries, rules, mode, task)
    return _score(rows, alpha, mode, _by_label(rows, alpha, mode) if rules.categories else {}, (task,))


def overall(entries_by_task: Mapping[str, Iterable[Any]], *, alpha: float = 0.5, mode: Mode = "official") -> Score:
    """Return the scores of all tasks together: means over **entries**, so that large tasks weigh more.

    Official mode reads every reply as the script for all tasks does, with the parser for fractions, so an entry may
    have another rating here than in its own task.  Strict mode reads each by the rules of its task.  A task that is not
    given is absent (`Score.tasks` says which were there); the published overall scores rest on all eight.

    Raises as `score_entries` does.

    >>> right, wrong = ({"score": f"<score>Step 1:{n}/1</score>", "ground_truth": "neutral"} for n in (1, 0))
    >>> overall({"SA": [right, wrong], "IR": [right, right]}).recognition, score_entries([right], "SA").count
    (75.0, 0)
    """
    check(alpha, mode)
    if not isinstance(entries_by_task, Mapping):
        raise WrongKind(f"entries must come as task → list, {type(entries_by_task).__name__} came.")
    given = {find_task(key).key: entries for key, entries in entries_by_task.items()}
    tasks = tuple(key for key in ORDER if key in given)
    rows: list[Row] = []
    for key in tasks:
        rows += rows_of(given[key], find_task(OVERALL if mode == "official" else key, overall=True), mode, key)
    return _score(rows, alpha, mode, {}, tasks)


def check_mode(mode: str) -> None:
    """Raise `UsageError` unless *mode* is one of the two."""
    if mode not in get_args(Mode):
        raise UsageError(f"a reply is read in mode 'official' or 'strict', not {mode!r:.40}.")


def check(alpha: float, mode: str) -> None:
    """Raise `UsageError` for an unknown *mode*, `AlphaOutOfRange` for *alpha* outside 0–1."""
    check_mode(mode)
    if not isinstance(alpha, Real) or not 0 <= alpha <= 1:
        raise AlphaOutOfRange(f"alpha must lie between 0 and 1, {alpha!r:.40} came.")


def _by_label(rows: Sequence[Row], alpha: float, mode: Mode) -> dict[str, Score]:
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        if row.ratings or mode == "strict":
            groups.setdefault(row.label, []).append(row)
    try:
        labels = sorted(groups)  # type: ignore[type-var]
    except TypeError as error:
        raise WrongKind(f"the labels in ground_truth cannot be sorted ({error}); give texts only.") from error
    return {str(label): _score(groups[label], alpha, mode) for label in labels}


def _score(
    rows: Sequence[Row],
    alpha: float,
    mode: Mode,
    categories: Mapping[str, Score] | None = None,
    tasks: tuple[str, ...] = (),
) -> Score:
    read = [row for row in rows if row.ratings]
    counted = rows if mode == "strict" else read
    recognition = _mean([row.recognition for row in counted])
    reasoning = _mean([row.reasoning for row in counted])
    failures = tuple(row.failure for row in rows if row.failure)
    return Score(
        recognition=recognition * 100,
        reasoning=reasoning * 100,
        # Taken before the factor, as the scripts do: a printed digit may hang on it.
        cot=(alpha * recognition + (1 - alpha) * reasoning) * 100,
        steps=_mean([float(len(row.ratings or ())) for row in read]),
        count=len(counted),
        categories=categories or {},
        n_failed=len(failures),
        failures=failures,
        tasks=tasks,
    )


def _mean(values: Sequence[float]) -> float:
    return total(values) / len(values) if values else 0.0
