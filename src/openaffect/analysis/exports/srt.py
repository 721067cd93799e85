"""SubRip captions: one per segment, the person's name before the words, the labels on a second line."""

from __future__ import annotations

from pathlib import Path

from openaffect.analysis.escape import srt_text
from openaffect.analysis.exports.captions import Caption, captions, clock
from openaffect.records import Report
from openaffect.store import write_atomic


def render(report: Report) -> str:
    """Return *report* as SubRip text; empty when nothing was said or read."""
    cues = [_cue(number, item) for number, item in enumerate(captions(report), 1)]
    return "\n".join(cues)


def _cue(number: int, caption: Caption) -> str:
    lines = [srt_text(line) for line in (caption.words, caption.emotion)]
    text = "\n".join(line for line in lines if line)
    return f"{number}\n{clock(caption.start, ',')} --> {clock(caption.end, ',')}\n{srt_text(caption.person)}: {text}\n"


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.srt``."""
    path = folder / f"{stem}.srt"
    write_atomic(path, render(report))
    return [path]
