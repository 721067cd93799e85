"""Text that is safe to show on a terminal."""

from __future__ import annotations


def plain(text: str) -> str:
    """Return *text* without control characters: a transcript must not steer the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
