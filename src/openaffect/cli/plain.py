"""Text that is safe to show on a terminal."""

from __future__ import annotations


def plain(text: str) -> str:
    """Return *text* without control characters: a transcript must not steer the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def safe(text: str) -> str:
    """Return *text* as `plain` does, with brackets that mean no style.

    >>> safe("[bold]")
    '\\\\[bold]'
    """
    from rich.markup import escape  # here: the start of every command imports this module

    return escape(plain(text))
