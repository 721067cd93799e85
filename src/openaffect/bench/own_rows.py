"""Rows of a leaderboard from a user's file."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from openaffect.bench.published.rows import Row
from openaffect.datasets.files import quoted, read_bytes
from openaffect.datasets.text_lines import decoded
from openaffect.errors import DataError


def read_rows(path: Path) -> list[Row]:
    """Return the rows in the JSONL file at *path*; none of them counts as published, whatever it says.

    Raises `DataError` with file and line for a line that is no row, and for a file without rows.
    """
    rows = []
    for line, written in enumerate(decoded(read_bytes(path), path).splitlines(), start=1):
        if written.strip():
            try:
                rows.append(Row.model_validate_json(written).model_copy(update={"published": False}))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"])) or "the line"
                raise DataError(f"{quoted(path)} line {line} is no row: {where}: {first['msg'].lower()}.") from error
    if not rows:
        raise DataError(f"{quoted(path)} holds no rows; write one JSON object a line with name, benchmark and scores.")
    return rows
