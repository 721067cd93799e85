"""RTTM: who spoke when.  One ``SPEAKER`` line per segment with words or a voice; white space in names is ``%20``.

The ids come from clustering and are weak.  Source: NIST, "The 2009 (RT-09) Rich Transcription Meeting Recognition
Evaluation Plan", appendix A.
"""

from __future__ import annotations

from pathlib import Path

from openaffect.analysis.escape import rttm_name
from openaffect.analysis.links import media_name
from openaffect.records import Report, SegmentReport
from openaffect.store import write_atomic


def turns(report: Report) -> list[SegmentReport]:
    """Return the segments in which somebody is heard: timed, with words or with a clue about the voice."""
    acoustic = {clue.id for clue in report.clues if clue.modality == "acoustic"}
    timed = [segment for segment in report.segments if segment.end > segment.start]
    heard = [segment for segment in timed if segment.utterance or acoustic.intersection(segment.clues)]
    return sorted(heard, key=lambda item: (item.start, item.end))


def render(report: Report) -> str:
    """Return *report* as RTTM text; seconds with three decimals."""
    if report.media.kind in ("text", "image"):
        return ""
    recording = rttm_name(media_name(report).rsplit(".", 1)[0])
    return "".join(_line(recording, turn) for turn in turns(report))


def _line(recording: str, turn: SegmentReport) -> str:
    length = turn.end - turn.start
    return f"SPEAKER {recording} 1 {turn.start:.3f} {length:.3f} <NA> <NA> {rttm_name(turn.person)} <NA> <NA>\n"


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.rttm``."""
    path = folder / f"{stem}.rttm"
    write_atomic(path, render(report))
    return [path]
