"""The frame and segment tables as Parquet, for large collections (extra ``[data]``)."""

from __future__ import annotations

import io
from pathlib import Path

from openaffect.analysis.exports.csv import frames, segments
from openaffect.errors import MissingPart
from openaffect.records import Report
from openaffect.store import write_atomic


def render(table: str) -> bytes:
    """Return a CSV table as Parquet bytes; column types follow the values, empty cells are null.

    Raises `MissingPart` where pyarrow is not installed.
    """
    try:
        from pyarrow import csv, parquet
    except ImportError as error:
        raise MissingPart(
            "Parquet needs pyarrow, which is not installed; install it with: pip install '.[data]'"
        ) from error
    buffer = io.BytesIO()
    options = csv.ConvertOptions(strings_can_be_null=True)
    parse = csv.ParseOptions(newlines_in_values=True)
    parquet.write_table(csv.read_csv(io.BytesIO(table.encode()), parse_options=parse, convert_options=options), buffer)
    return buffer.getvalue()


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.frames.parquet`` and ``folder/stem.segments.parquet``."""
    written = []
    for name, table in (("frames", frames(report)), ("segments", segments(report))):
        written.append(folder / f"{stem}.{name}.parquet")
        write_atomic(written[-1], render(table))
    return written
