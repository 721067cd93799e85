"""A report as captions, which WebVTT and SubRip share: what was said, and the apparent emotion below it."""

from __future__ import annotations

from dataclasses import dataclass

from openaffect.analysis.exports.tiers import milliseconds
from openaffect.analysis.phrases import apparent_text
from openaffect.records import Report, SegmentReport


@dataclass(frozen=True)
class Caption:
    """One caption: whole milliseconds with ``start < end``, who, what was said, and the line of labels."""

    start: int
    end: int
    person: str
    words: str
    emotion: str


def captions(report: Report) -> list[Caption]:
    """Return one caption per segment that has words or labels, in order of time."""
    found = [_caption(segment, report.generator.language) for segment in report.segments]
    return sorted(
        (item for item in found if item.words.strip() or item.emotion), key=lambda item: (item.start, item.end)
    )


def _caption(segment: SegmentReport, language: str) -> Caption:
    words = segment.utterance.text if segment.utterance else ""
    return Caption(*milliseconds(segment), segment.person, words, apparent_text(segment.reading, language))


def clock(milliseconds: int, separator: str) -> str:
    """Return ``HH:MM:SS<separator>mmm``.

    >>> clock(3_723_004, ",")
    '01:02:03,004'
    """
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{separator}{rest:03d}"
