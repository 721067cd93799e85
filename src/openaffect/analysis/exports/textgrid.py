"""Praat TextGrid, long format, UTF-8: interval tiers that cover the recording without gap or overlap.

Source: the description of the format in Praat's manual, "TextGrid file formats".
"""

from __future__ import annotations

from pathlib import Path

from openaffect.analysis.exports.tiers import Interval, Tier, tiers
from openaffect.records import Report
from openaffect.store import write_atomic


def render(report: Report) -> str:
    """Return *report* as TextGrid text; without segments and clues one empty tier, as Praat wants one."""
    rows = tiers(report) or [Tier("labels", "", "labels", ())]
    ends = [item.end for tier in rows for item in tier.intervals]
    end = max([round(report.media.duration * 1000), 1, *ends])
    head = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0 ",
        f"xmax = {_seconds(end)} ",
        "tiers? <exists> ",
        f"size = {len(rows)} ",
        "item []: ",
    ]
    body = [line for number, tier in enumerate(rows, 1) for line in _tier(number, tier, end)]
    return "\n".join(head + body) + "\n"


def _tier(number: int, tier: Tier, end: int) -> list[str]:
    spans = filled(tier.intervals, end)
    lines = [
        f"    item [{number}]:",
        '        class = "IntervalTier" ',
        f"        name = {_quoted(tier.name)} ",
        "        xmin = 0 ",
        f"        xmax = {_seconds(end)} ",
        f"        intervals: size = {len(spans)} ",
    ]
    for index, item in enumerate(spans, 1):
        lines += [
            f"        intervals [{index}]:",
            f"            xmin = {_seconds(item.start)} ",
            f"            xmax = {_seconds(item.end)} ",
            f"            text = {_quoted(item.text)} ",
        ]
    return lines


def filled(intervals: tuple[Interval, ...], end: int) -> list[Interval]:
    """Return *intervals* with empty ones in the gaps, so that they cover ``[0, end)`` milliseconds.

    >>> [(item.start, item.end, item.text) for item in filled((Interval(5, 7, "x"),), 9)]
    [(0, 5, ''), (5, 7, 'x'), (7, 9, '')]
    """
    spans: list[Interval] = []
    clock = 0
    for item in intervals:
        if item.start > clock:
            spans.append(Interval(clock, item.start, ""))
        spans.append(item)
        clock = item.end
    if clock < end:
        spans.append(Interval(clock, end, ""))
    return spans


def _seconds(milliseconds: int) -> str:
    whole, rest = divmod(milliseconds, 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.TextGrid``."""
    path = folder / f"{stem}.TextGrid"
    write_atomic(path, render(report))
    return [path]
