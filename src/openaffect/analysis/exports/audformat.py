"""A table in audformat's segmented form: ``file,start,end`` as Timedelta, then one column per label.

``audformat.utils.read_csv`` reads it.  ``file`` is the path as it was given, relative paths stay relative; where the
recording has no times (text, a still image) ``end`` is empty, which audformat reads as "to the end of the file".
Source: audformat's documentation, "Conventions" of tables.
"""

from __future__ import annotations

from pathlib import Path

from openaffect.analysis.escape import safe_path
from openaffect.analysis.exports.csv import Cell, table
from openaffect.records import Report, SegmentReport
from openaffect.store import write_atomic

COLUMNS = ("file", "start", "end", "person", "label", "family", "confidence", "arousal", "dominance", "valence")
COLUMNS_TEXT = ("transcription", "language")


def timedelta(seconds: float) -> str:
    """Return *seconds* as pandas writes a Timedelta, in microseconds.

    >>> timedelta(1.2), timedelta(90061)
    ('0 days 00:00:01.200000', '1 days 01:01:01')
    """
    whole, micro = divmod(round(seconds * 1_000_000), 1_000_000)
    days, rest = divmod(whole, 86_400)
    clock = f"{days} days {rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{clock}.{micro:06d}" if micro else clock


def render(report: Report) -> str:
    """Return the segments of *report* as CSV text, ordered by start; label names are the English keys."""
    ordered = sorted(report.segments, key=lambda segment: (segment.start, segment.end))
    return table([*COLUMNS, *COLUMNS_TEXT], [_row(report, segment) for segment in ordered])


def _row(report: Report, segment: SegmentReport) -> dict[str, Cell]:
    label = segment.reading.labels[0] if segment.reading.labels else None
    values, said = segment.dimensions, segment.utterance
    return {
        "file": safe_path(report.media.path),
        "start": timedelta(segment.start),
        "end": timedelta(segment.end) if segment.end > segment.start else None,
        "person": segment.person,
        "label": label.name if label else None,
        "family": label.family if label else None,
        "confidence": label.confidence if label else None,
        "arousal": values.arousal if values else None,
        "dominance": values.dominance if values else None,
        "valence": values.valence if values else None,
        "transcription": said.text if said else None,
        "language": said.language if said else None,
    }


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.audformat.csv``."""
    path = folder / f"{stem}.audformat.csv"
    write_atomic(path, render(report))
    return [path]
