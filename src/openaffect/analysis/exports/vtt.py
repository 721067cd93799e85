"""WebVTT captions: one cue per segment with the person as voice, the words, and the labels on a second line.

Source: W3C, "WebVTT: The Web Video Text Tracks Format".
"""

from __future__ import annotations

from pathlib import Path

from openaffect.analysis.escape import vtt_text
from openaffect.analysis.exports.captions import Caption, captions, clock
from openaffect.records import Report
from openaffect.store import write_atomic


def render(report: Report) -> str:
    """Return *report* as WebVTT text."""
    cues = [_cue(number, item) for number, item in enumerate(captions(report), 1)]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cue(number: int, caption: Caption) -> str:
    lines = [vtt_text(line) for line in (caption.words, caption.emotion)]
    text = "\n".join(line for line in lines if line)
    return f"{number}\n{clock(caption.start, '.')} --> {clock(caption.end, '.')}\n<v {vtt_text(caption.person)}>{text}"


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.vtt``."""
    path = folder / f"{stem}.vtt"
    write_atomic(path, render(report))
    return [path]
