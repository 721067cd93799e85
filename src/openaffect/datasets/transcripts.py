"""What is said in the samples, from the subtitle files of the data sets."""

from __future__ import annotations

from collections.abc import Iterable

from openaffect.datasets.places import Place
from openaffect.datasets.tables import NAME, Row, named, read_table
from openaffect.errors import DataError
from openaffect.records import Sample

MERBENCH_SUBTITLES = ("transcription-engchi-polish.csv", "subtitles.csv")
"""Names of the subtitle files of MERBench, and of one of the user's own."""
MER2025_SUBTITLES = ("subtitle_chieng.csv", "subtitles.csv")
"""The same of the MER2025 release."""

_LANGUAGES = {"english": "en", "chinese": "zh", "sentence": "en"}
"""Columns of the subtitle files (``sentence`` is what OV-MERD+ calls English) → language."""


def with_transcripts(samples: Iterable[Sample], place: Place) -> list[Sample]:
    """Return *samples* with what is said, where a subtitle file was found; a sample that it does not name stays as is.

    An empty cell is "" as in the official readers.  Where a name comes twice the later row counts, as there, and the
    sample notes it.  Raises `DataError` for a file without a name or without any language.
    """
    if place.subtitles is None:
        return list(samples)
    table = read_table(place.subtitles, NAME, {column: (column,) for column in _LANGUAGES})
    if len(table.columns) < 2:
        raise DataError(f"'{table.path}' has no column of {', '.join(_LANGUAGES)}; name the one with what is said so.")
    rows: dict[str, list[Row]] = {}
    for row in table.rows:
        rows.setdefault(named(row), []).append(row)
    return [_said(sample, rows[sample.id]) if sample.id in rows else sample for sample in samples]


def _said(sample: Sample, rows: list[Row]) -> Sample:
    said = {language: rows[-1].text(column) for column, language in _LANGUAGES.items() if column in rows[-1].values}
    notes = sample.notes
    if len(rows) > 1:
        notes = (*notes, f"the subtitles name it in lines {', '.join(str(row.line) for row in rows)}; the last counts")
    return sample.model_copy(update={"transcript": said, "notes": notes})
