"""Tables from outside, CSV and JSONL, read strictly: every complaint names the file and the line.

Only UTF-8 is read, with or without a byte order mark; another encoding is named where it can be told, with the command
that converts it, and never guessed.  Numbers are kept as they stand; `Row.number` makes them and refuses NaN.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from openaffect.brief import brief
from openaffect.datasets.files import quoted, read_bytes
from openaffect.datasets.text_lines import csv_lines, decoded, json_object
from openaffect.errors import DataError
from openaffect.lookup import suggest

Wanted = Mapping[str, Sequence[str]]
"""What a column is called here → how it may be called in the file, the usual spelling first."""

NAME: Wanted = {"name": ("name", "names")}
"""The column that every table of the field has, in its two spellings."""

BLANK = frozenset({"", "nan", "NaN", "NAN", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None", "<NA>"})
"""What pandas, with which the official scripts read, takes for no value."""

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: the values under the names that were asked for, and where it stands."""

    path: Path
    line: int
    values: Mapping[str, Any]

    def __str__(self) -> str:
        return self.where

    @property
    def where(self) -> str:
        """File and line, for a message; `str` of the row, so that it is only put together when it is needed."""
        return f"{quoted(self.path)} line {self.line}"

    @property
    def origin(self) -> str:
        """File name and line, for a record."""
        return f"{self.path.name}:{self.line}"

    def fail(self, why: str) -> NoReturn:
        """Raise `DataError` for this row because of *why*."""
        raise DataError(f"{self.where}: {why}")

    def text(self, column: str) -> str:
        """Return the text in *column*, "" where the file has none (empty, NaN, NA, null)."""
        value = self.values.get(column)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fail(f"'{column}' must be text, {brief(value, 40)} came.")
        return "" if value in BLANK else value

    def number(self, column: str) -> float:
        """Return the finite number in *column*; raises `DataError` for none, NaN and infinity."""
        value = self.values.get(column)
        if isinstance(value, str):
            value = float(value) if _NUMBER.fullmatch(value.strip()) else value
        try:
            number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        except OverflowError:  # a whole number of more than 308 digits
            number = math.inf
        if not math.isfinite(number):
            self.fail(f"'{column}' must be a finite number such as 0.5, {brief(value, 40)} came.")
        return number


@dataclass(frozen=True)
class Table:
    """The rows of a file, and how the columns that were asked for are called in it."""

    path: Path
    columns: Mapping[str, str]
    rows: tuple[Row, ...]

    def by_name(self) -> dict[str, Row]:
        """Return the rows by their name; raises `DataError` for a name that is missing or comes twice (both lines)."""
        found: dict[str, Row] = {}
        for row in self.rows:
            name = named(row)
            if name in found:
                row.fail(f"the name '{name}' stands in line {found[name].line} already; remove one of the two rows.")
            found[name] = row
        return found


def named(row: Row) -> str:
    """Return the name in *row*; raises `DataError` where there is none."""
    name = row.values["name"]
    if not isinstance(name, str) or not name.strip():
        row.fail(f"'name' must be the name of a sample, {brief(name, 40)} came.")
    return name.strip()


def read_table(path: Path, need: Wanted, may: Wanted | None = None, *, raw: bytes | None = None) -> Table:
    """Return the table at *path*: JSONL where it is called ``.jsonl``, else CSV.

    *need* are the columns that must be there, *may* those that are read where they are; others are passed over.
    *raw* are the bytes of the file where they have been read already.
    Raises `DataError` with file and line for: another encoding than UTF-8, NUL bytes, columns that are missing, doubled
    or present under two spellings, rows that are too short or too long, no rows at all, broken quotes, JSON that is no
    object, is nested too deep or holds NaN.
    """
    text = decoded(read_bytes(path) if raw is None else raw, path)
    read = _json_rows if path.suffix.lower() in (".jsonl", ".ndjson") else _csv_rows
    rows: list[Row] = []
    columns: dict[str, str] = {}
    for line, columns, record in read(text, path, need, may or {}):
        rows.append(Row(path, line, {ours: record[theirs] for ours, theirs in columns.items()}))
    if not rows:
        raise DataError(f"{quoted(path)} has no rows; it needs the columns {_list(need)} and a row for each sample.")
    return Table(path, columns, tuple(rows))


_Rows = Iterator[tuple[int, dict[str, str], Mapping[str, Any]]]
"""Line, our columns → the file's, and the values by the file's columns."""


def _csv_rows(text: str, path: Path, need: Wanted, may: Wanted) -> _Rows:
    header: list[str] = []
    columns: dict[str, str] = {}
    for line, fields in csv_lines(text, path):
        if not header:
            header = [field.strip() for field in fields]
            columns = _columns(header, need, may, f"{quoted(path)} line {line}")
        elif len(fields) != len(header):
            raise DataError(
                f"{quoted(path)} line {line} has {len(fields)} fields, the header has {len(header)}; "
                "put quotes around a field with commas in it."
            )
        else:
            yield line, columns, dict(zip(header, fields, strict=True))


def _json_rows(text: str, path: Path, need: Wanted, may: Wanted) -> _Rows:
    first: dict[str, str] = {}
    for line, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        where = f"{quoted(path)} line {line}"
        record = json_object(written, where)
        columns = _columns(list(record), need, may, where)
        first = first or columns
        for ours in need:
            if columns[ours] != first[ours]:
                raise DataError(f"{where} has '{columns[ours]}' where the lines before have '{first[ours]}'; use one.")
        yield line, columns, record


def _columns(header: Sequence[str], need: Wanted, may: Wanted, where: str) -> dict[str, str]:
    """Return our columns → the file's; *header* are the columns that are there."""
    found: dict[str, str] = {}
    for ours, spellings in [*need.items(), *may.items()]:
        here = [column for column in header if column in spellings]
        if len(here) > 1:
            raise DataError(f"{where} has the columns {' and '.join(map(repr, here))} for one thing; keep one.")
        if here:
            found[ours] = here[0]
        elif ours in need:
            near = next(filter(None, (suggest(column, spellings) for column in header)), "")
            raise DataError(
                f"{where} lacks the column {' or '.join(map(repr, spellings))}; it has "
                f"{', '.join(map(repr, header[:12]))}{near or '.'} Needed: {_list(need)}."
            )
    return found


def _list(need: Wanted) -> str:
    return ", ".join("|".join(spellings) for spellings in need.values())
