"""What a file says about its own making."""

from __future__ import annotations

from pathlib import Path

from openaffect.errors import MediaError
from openaffect.media.clip import open_clip


def composed_note(path: Path) -> str | None:
    """Return the file's own statement that it is composed (a ``comment`` that begins with "composed"), or None.

    Whoever composes a clip, for a demonstration or a test, can say so in the file, and every report repeats it.
    """
    try:
        with open_clip(path) as clip:
            comment = str(clip.container.metadata.get("comment", ""))
    except MediaError:
        return None
    return comment[:300] if comment.lower().startswith("composed") else None
