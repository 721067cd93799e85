"""A clock that runs forward, whatever the time stamps of a stream say."""

from __future__ import annotations

LONGEST_GAP = 3600.0
"""A jump further ahead (seconds) is taken for a broken time stamp and closed up."""
MOST_GAPS = 6 * 3600.0
"""Gaps of one stream are kept up to this sum (seconds); later ones are closed up."""
LONGEST_STEP_BACK = 1.0
"""A jump further back (seconds) is taken for a restarted clock; smaller ones are an overlap."""


class Timeline:
    """Turns the stamps of one stream into seconds from the recording's time zero.

    Gaps stay gaps, so that sound and pictures keep together.  A stamp that jumps more than an hour ahead or more than
    a second back is a restarted or broken clock: from there on all stamps are shifted so that time goes on.

    >>> clock = Timeline(zero=10.0)
    >>> clock.place(10.5, 0.5), clock.place(11.0, 0.5), clock.place(None, 0.5), clock.place(3.0, 0.5)
    (0.5, 1.0, 1.5, 2.0)
    >>> clock.resets
    1
    """

    def __init__(self, zero: float = 0.0, *, sought: bool = False) -> None:
        self.shift = -zero
        self.last = self.end = 0.0
        self.sought = sought
        """Whether the first stamp follows a seek and may lie anywhere."""
        self.gaps = 0.0
        self.resets = 0

    def place(self, stamp: float | None, duration: float) -> float:
        """Return the time of a frame with this *stamp* (None: right after the last one) and *duration*, in seconds."""
        time = self.end if stamp is None else stamp + self.shift
        if self.sought:
            self.last = self.end = time
            self.sought = False
        gap = time - self.end
        if gap > LONGEST_GAP or self.gaps + gap > MOST_GAPS or time < self.last - LONGEST_STEP_BACK:
            self.shift += self.end - time
            time, gap = self.end, 0.0
            self.resets += 1
        self.gaps += max(gap, 0.0)
        self.last, self.end = time, max(self.end, time + duration)
        return time
