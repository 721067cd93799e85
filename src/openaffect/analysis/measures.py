"""Numbers that stand for a whole recording, so that recordings can be compared and averaged.

Shares are shares of the time that segments cover (a recording without times counts segments instead).  A measure that
a recording does not have is absent, never zero, with one exception: a label or family that is not seen has share 0
and is filled in by `openaffect.analysis.summary`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openaffect.records import Clue, Report, SegmentReport


def clue_means(clues: Iterable[Clue]) -> dict[str, float]:
    """Return the plain mean of the clue values per clue name, each in the clue's own unit; names are sorted."""
    values: dict[str, list[float]] = {}
    for clue in clues:
        values.setdefault(clue.name, []).append(clue.value)
    return {name: sum(found) / len(found) for name, found in sorted(values.items())}


def recording_measures(report: Report) -> dict[str, float]:
    """Return the measures of one recording by name.

    - ``label:NAME``, ``family:NAME``: share of segment time whose reading carries it, 0-1; shares may add up to more
      than 1, as a reading may carry several labels
    - ``abstained``, ``contradicted``: share of segment time without a label, with a contradiction, 0-1
    - ``confidence``: mean confidence of the first label where there is one, 0-1, uncalibrated
    - ``clue:NAME``: mean of that clue in its own unit, over all people
    - ``arousal``, ``dominance``, ``valence``: where a model gave them, 0-1 scale
    """
    measures: dict[str, float] = {}
    if report.segments:
        measures |= _shares(report.segments)
    first = [segment.reading.labels[0].confidence for segment in report.segments if segment.reading.labels]
    if first:
        measures["confidence"] = sum(first) / len(first)
    measures |= {f"clue:{name}": value for name, value in clue_means(report.clues).items()}
    if report.dimensions is not None:
        found = report.dimensions
        values = {"arousal": found.arousal, "dominance": found.dominance, "valence": found.valence}
        measures |= {name: value for name, value in values.items() if value is not None}
    return measures


def _shares(segments: Sequence[SegmentReport]) -> dict[str, float]:
    timed = any(segment.end > segment.start for segment in segments)
    weights = [segment.end - segment.start if timed else 1.0 for segment in segments]
    total = sum(weights)
    sums: dict[str, float] = {"abstained": 0.0, "contradicted": 0.0}
    for segment, weight in zip(segments, weights, strict=True):
        for mark in _marks(segment):
            sums[mark] = sums.get(mark, 0.0) + weight
    return {name: sums[name] / total for name in sorted(sums)}


def _marks(segment: SegmentReport) -> set[str]:
    labels = segment.reading.labels
    marks = {f"label:{label.name}" for label in labels} | {f"family:{label.family}" for label in labels}
    if not labels:
        marks.add("abstained")
    if segment.reading.contradictions:
        marks.add("contradicted")
    return marks
