"""File names as they may stand in a message or a record."""

from __future__ import annotations

import os
from pathlib import Path

TEXT_ENDINGS = frozenset({".vtt", ".srt", ".txt"})
"""Endings of transcripts."""
_VIDEO = "mp4 m4v mov qt mkv webm avi wmv asf flv mpg mpeg m2v ts mts m2ts 3gp 3g2 ogv mxf gif mjpeg dv"
_SOUND = "wav w64 mp3 m4a aac flac ogg oga opus wma aif aiff aifc au snd caf amr ac3 mka wv ape"
_STILL = "jpg jpeg png webp bmp tif tiff avif jp2 ppm"
MEDIA_ENDINGS = frozenset("." + ending for kind in (_VIDEO, _SOUND, _STILL) for ending in kind.split())
"""Endings of recordings and pictures that are looked for in folders."""


def path_text(path: str | os.PathLike[str]) -> str:
    r"""Return *path* as text that any UTF-8 file can hold; bytes that are no UTF-8 are written as ``\xNN``.

    >>> path_text("talk.mp4")
    'talk.mp4'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def show(path: str | os.PathLike[str]) -> str:
    r"""Return the last part of *path* in quotes, on one line, for a message.

    >>> print(show("/data/two\nlines.mp4"))
    'two\nlines.mp4'
    """
    name = path_text(Path(path).name or path)
    return "'" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in name) + "'"
