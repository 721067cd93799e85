"""Three tables: one row per person and time step, per segment, and per recording.

``STEM.frames.csv`` holds the measured curves as they are: where two curves of a person have different steps, the rows
are the union of their times and the other cells stay empty; nothing is interpolated.
``STEM.segments.csv`` holds the readings, with one column per measure (mean of the segment's clues of that name).
``STEM.recording.csv`` is one row with those measures over the whole recording, to be joined with other tables.

UTF-8, comma, one header line; numbers with up to six decimals; text that a spreadsheet would run gets an apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openaffect.analysis.escape import csv_text, safe_path
from openaffect.analysis.measures import clue_means, recording_measures
from openaffect.analysis.phrases import explanation_text, labels_text, number
from openaffect.records import Dimensions, Report, SegmentReport, Track
from openaffect.store import write_atomic

Cell = str | float | int | None
Row = Mapping[str, Cell]


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return rows as CSV text; a missing or None cell is empty, numbers are rounded, text is made safe.

    >>> table(["a", "b"], [{"a": 1.50, "b": "=x"}])
    "a,b\\n1.5,'=x\\n"
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([csv_text(name) for name in columns])
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return buffer.getvalue()


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    return csv_text(value) if isinstance(value, str) else number(value, 6)


def column_name(track: Track) -> str:
    """Return the column of a curve: its name with the unit behind it, such as ``f0_hz``."""
    unit = re.sub(r"\W+", "_", track.unit.lower()).strip("_")
    return track.name if not unit or track.name.endswith(f"_{unit}") else f"{track.name}_{unit}"


def frames(report: Report) -> str:
    """Return the curves of *report*, one row per person and time step; times in seconds."""
    columns = sorted({column_name(track) for track in report.tracks})
    people = dict.fromkeys(track.person for track in report.tracks)
    rows = (row for person in people for row in _person_rows(report, person))
    return table(["file", "person", "time", *columns], rows)


def _person_rows(report: Report, person: str) -> Iterable[Row]:
    rows: dict[int, dict[str, Cell]] = {}
    for track in report.tracks:
        if track.person != person:
            continue
        name = column_name(track)
        for index, value in enumerate(track.values):
            rows.setdefault(round((track.start + index * track.step) * 1000), {})[name] = value
    file = safe_path(report.media.path)
    for time in sorted(rows):
        yield {"file": file, "person": person, "time": time / 1000, **rows[time]}


_SEGMENT = ["file", "segment", "person", "start", "end", "text", "text_language", "label", "family", "confidence"]
_SEGMENT += ["labels", "competing", "contradictions", "abstained", "refused", "arousal", "dominance", "valence"]
_SEGMENT += ["dimensions_source", "no_dimensions_because", "explanation"]


def segments(report: Report) -> str:
    """Return the readings of *report*, one row per segment; times in seconds, confidences uncalibrated."""
    names = sorted({clue.name for clue in report.clues})
    clues = {clue.id: clue for clue in report.clues}
    rows = []
    for segment in report.segments:
        means = clue_means(clues[key] for key in segment.clues if key in clues)
        rows.append({**_segment_row(report, segment), **{f"clue_{name}": value for name, value in means.items()}})
    return table([*_SEGMENT, *(f"clue_{name}" for name in names)], rows)


def _segment_row(report: Report, segment: SegmentReport) -> dict[str, Cell]:
    reading, said = segment.reading, segment.utterance
    top = reading.labels[0] if reading.labels else None
    return {
        "file": safe_path(report.media.path),
        "segment": segment.id,
        "person": segment.person,
        "start": segment.start,
        "end": segment.end,
        "text": said.text if said else None,
        "text_language": said.language if said else None,
        "label": top.name if top else None,
        "family": top.family if top else None,
        "confidence": top.confidence if top else None,
        "labels": labels_text(reading.labels, translated=False),
        "competing": labels_text(reading.competing, translated=False),
        "contradictions": " ".join(item.text for item in reading.contradictions),
        "abstained": reading.abstained,
        "refused": reading.refused,
        **_dimensions(segment.dimensions),
        "explanation": explanation_text(reading, report.generator.language),
    }


def _dimensions(values: Dimensions | None) -> dict[str, Cell]:
    if values is None:
        return {}
    return {
        "arousal": values.arousal,
        "dominance": values.dominance,
        "valence": values.valence,
        "dimensions_source": values.source,
        "no_dimensions_because": values.reason or None,
    }


_RECORDING = [
    "file",
    "kind",
    "duration",
    "language",
    "people",
    "segments",
    "label",
    "family",
    "labels",
    "no_label_because",
]


def recording(report: Report) -> str:
    """Return *report* as a table of one row: the overall reading and every measure of `recording_measures`."""
    reading = report.overall
    top = reading.labels[0] if reading.labels else None
    measures = {name.replace(":", "_"): value for name, value in recording_measures(report).items()}
    languages = dict.fromkeys(item.language for item in report.utterances if item.language)
    row: dict[str, Cell] = {
        "file": safe_path(report.media.path),
        "kind": report.media.kind,
        "duration": report.media.duration,
        "language": " ".join(languages),
        "people": len(report.people),
        "segments": len(report.segments),
        "label": top.name if top else None,
        "family": top.family if top else None,
        "labels": labels_text(reading.labels, translated=False),
        "no_label_because": reading.abstained or reading.refused,
    }
    return table([*_RECORDING, *measures], [{**row, **measures}])


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.frames.csv``, ``.segments.csv`` and ``.recording.csv``."""
    tables = {"frames": frames(report), "segments": segments(report), "recording": recording(report)}
    paths = {name: folder / f"{stem}.{name}.csv" for name in tables}
    for name, path in paths.items():
        write_atomic(path, tables[name])
    return list(paths.values())
