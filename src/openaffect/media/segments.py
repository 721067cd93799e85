"""Arithmetic on spans: half-open ``(start, end)`` pairs in seconds, no state, no files.

Functions that return several spans return them ordered and without overlap.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Span = tuple[float, float]


def merge(spans: Iterable[Span], *, gap: float = 0.0) -> list[Span]:
    """Return the union of *spans*, joining those at most *gap* seconds apart; empty spans vanish.

    >>> merge([(2, 3), (0, 1), (1, 1.5), (2.5, 4)])
    [(0, 1.5), (2, 4)]
    """
    joined: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if joined and start <= joined[-1][1] + gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def intersect(a: Iterable[Span], b: Iterable[Span]) -> list[Span]:
    """Return where both *a* and *b* are.

    >>> intersect([(0, 2), (3, 5)], [(1, 4)])
    [(1, 2), (3, 4)]
    """
    left, right = merge(a), merge(b)
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            found.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


def gaps(spans: Iterable[Span], start: float, end: float) -> list[Span]:
    """Return the parts of [start, end) that no span covers.

    >>> gaps([(1, 2), (3, 9)], 0, 5)
    [(0, 1), (2, 3)]
    """
    free: list[Span] = []
    at = start
    for s, e in clip(spans, start, end):
        if s > at:
            free.append((at, s))
        at = e
    return [*free, (at, end)] if at < end else free


def clip(spans: Iterable[Span], start: float, end: float) -> list[Span]:
    """Return the parts of *spans* inside [start, end), merged.

    >>> clip([(0, 2), (4, 9)], 1, 5)
    [(1, 2), (4, 5)]
    """
    return merge((max(s, start), min(e, end)) for s, e in spans)


def total(spans: Iterable[Span]) -> float:
    """Return the seconds that *spans* cover together (overlaps count once).

    >>> total([(0, 2), (1, 3)])
    3
    """
    return sum(e - s for s, e in merge(spans))


def overlap(a: Span, b: Span) -> float:
    """Return the seconds that two spans share, 0 when they do not touch.

    >>> overlap((0, 2), (1, 5))
    1
    """
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0]))


def group(spans: Iterable[Span], *, longest: float, pause: float) -> list[Span]:
    """Return segments over *spans*: neighbours less than *pause* apart join while the segment stays within *longest*.

    A single span longer than *longest* is cut into equal pieces.  Every span lies in the union of the segments.

    >>> group([(0, 2), (2.1, 4), (4.2, 7), (9, 10)], longest=5, pause=0.5)
    [(0, 4), (4.2, 7), (9, 10)]
    """
    found: list[Span] = []
    for start, end in merge(spans):
        if found and start - found[-1][1] < pause and end - found[-1][0] <= longest:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return [piece for span in found for piece in cut(span, (), longest=longest)]


def cut(span: Span, pauses: Sequence[Span], *, longest: float) -> list[Span]:
    """Return *span* in pieces of at most *longest* seconds, cut in the middle of the longest pause within reach.

    A piece ends in the last *longest* seconds' longest pause that starts after a third of them; where there is no
    pause, the rest is cut into equal pieces.

    >>> cut((0, 10), [(3, 3.4), (4.8, 5.0)], longest=6)
    [(0, 3.2), (3.2, 6.6), (6.6, 10)]
    >>> cut((0, 10), [(4.8, 5.2)], longest=6)
    [(0, 5.0), (5.0, 10)]
    """
    start, end = span
    if longest <= 0:
        raise ValueError(f"longest must be above 0 seconds, got {longest}")
    pieces: list[Span] = []
    while end - start > longest:
        reach = clip(pauses, start + longest / 3, start + longest)
        if reach:
            # Earliest of the longest: the answer must not depend on the order of the pauses.
            best = max(reach, key=lambda p: (p[1] - p[0], -p[0]))
            at = (best[0] + best[1]) / 2
        else:
            at = start + (end - start) / math.ceil((end - start) / longest)
        if not start < at < end:
            break
        pieces.append((start, at))
        start = at
    return [*pieces, (start, end)]
