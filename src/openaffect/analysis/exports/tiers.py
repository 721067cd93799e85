"""A report as annotation tiers: spans that never overlap within a tier.  ELAN and Praat both want that.

Per person: transcript, labels, explanation, and a tier for each measure that has a clue (``P1 clue f0_level``), as
annotators keep one measure a tier.  Where spans of one kind overlap after all, a numbered tier takes the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openaffect.analysis.escape import one_line
from openaffect.analysis.phrases import clue_text, explanation_text, reading_text
from openaffect.records import Report, SegmentReport, Span


@dataclass(frozen=True)
class Interval:
    """A span in whole milliseconds with its text on one line; ``start < end``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Tier:
    """Intervals of one kind for one person, ordered, without overlap."""

    name: str
    person: str
    kind: str
    intervals: tuple[Interval, ...]


def milliseconds(span: Span) -> tuple[int, int]:
    """Return start and end in whole milliseconds; an empty span is widened to one.

    >>> milliseconds(Span(start=1.2, end=1.2))
    (1200, 1201)
    """
    start = round(span.start * 1000)
    return start, max(round(span.end * 1000), start + 1)


def interval(span: Span, text: str) -> Interval:
    """Return *span* with *text* on one line."""
    return Interval(*milliseconds(span), one_line(text))


def without_overlap(intervals: Iterable[Interval]) -> list[list[Interval]]:
    """Return the intervals in as few rows as needed so that no row overlaps itself (first row that is free).

    >>> rows = without_overlap([Interval(0, 5, "a"), Interval(3, 8, "b"), Interval(5, 9, "c")])
    >>> [[item.text for item in row] for row in rows]
    [['a', 'c'], ['b']]
    """
    rows: list[list[Interval]] = []
    for item in sorted(intervals, key=lambda item: (item.start, item.end)):
        free = next((row for row in rows if row[-1].end <= item.start), None)
        if free is None:
            rows.append([item])
        else:
            free.append(item)
    return rows


def tiers(report: Report) -> list[Tier]:
    """Return the tiers of *report*, person by person; intervals with nothing to say are left out."""
    known = [person.id for person in report.people]
    others = [item.person for item in report.segments] + [item.person for item in report.clues]
    return [tier for person in dict.fromkeys(known + others) for tier in _person_tiers(report, person)]


def _person_tiers(report: Report, person: str) -> list[Tier]:
    segments = [segment for segment in report.segments if segment.person == person]
    clues = [clue for clue in report.clues if clue.person == person]
    kinds = _segment_kinds(segments, report.generator.language)
    for clue in clues:
        kinds.setdefault(f"clue {clue.name}", []).append(interval(clue, clue_text(clue)))
    return [tier for kind, spans in kinds.items() for tier in _numbered(person, kind, spans)]


def _segment_kinds(segments: Sequence[SegmentReport], language: str) -> dict[str, list[Interval]]:
    said = [segment.utterance for segment in segments if segment.utterance is not None]
    return {
        "transcript": [interval(utterance, utterance.text) for utterance in said],
        "labels": [interval(segment, reading_text(segment.reading, language)) for segment in segments],
        "explanation": [interval(segment, explanation_text(segment.reading, language)) for segment in segments],
    }


def _numbered(person: str, kind: str, spans: Sequence[Interval]) -> list[Tier]:
    rows = without_overlap(item for item in spans if item.text)
    title = one_line(f"{person} {kind}")
    return [Tier(title if n == 1 else f"{title} {n}", person, kind, tuple(row)) for n, row in enumerate(rows, 1)]
