"""How an output file points at the recording it was made from."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from openaffect.records import Report

MEDIA_TYPES: dict[str, str] = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".mpg": "video/mpeg",
    ".webm": "video/webm",
    ".wav": "audio/x-wav",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
}


def media_link(report: Report, folder: Path) -> str | None:
    """Return a percent-encoded relative URL from *folder* to the recording, or None where the file is not there.

    A relative link survives when the folder is moved together with the recording, and names no machine.
    """
    media = Path(report.media.path)
    try:
        if not media.is_file():
            return None
        relative = os.path.relpath(media.absolute(), folder.absolute())
    except (OSError, ValueError):
        # a name that the system cannot look up, or (on Windows) a recording on another drive
        return None
    parts = PurePosixPath(Path(relative).as_posix()).parts
    encoded = "/".join(quote(os.fsencode(part)) for part in parts)
    return encoded if encoded.startswith("../") else f"./{encoded}"


def media_type(report: Report) -> str:
    """Return the MIME type that goes with the recording's name, by kind where the suffix is unknown."""
    fallback = "audio/*" if report.media.kind == "audio" else "video/*"
    return MEDIA_TYPES.get(Path(report.media.path).suffix.lower(), fallback)


def media_name(report: Report) -> str:
    """Return the file name of the recording without folders.

    It is split at both kinds of slash, as a report may travel between systems.
    """
    return report.media.path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
