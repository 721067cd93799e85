"""Bytes of a table to its lines, strictly: UTF-8, whole CSV rows, JSON objects."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from openaffect.datasets.files import quoted
from openaffect.errors import DataError
from openaffect.media.encodings import decode_text


def decoded(raw: bytes, path: Path) -> str:
    """Return *raw*, the bytes of the file at *path*, as text; raises `DataError` for anything but UTF-8."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{quoted(path)} is UTF-16; save it as UTF-8 (iconv -f utf-16 -t utf-8).")
    if (at := raw.find(b"\0")) >= 0:
        raise DataError(f"{quoted(path)} line {_line(raw, at)} holds a NUL byte (byte {at}); it is damaged or no text.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # What is after the mark of a marked file is counted without the mark.
        at = error.start + (3 if raw.startswith(codecs.BOM_UTF8) else 0)
        raise DataError(
            f"{quoted(path)} line {_line(raw, at)} is not UTF-8 (byte {at}, {raw[at]:#04x}); {_advice(raw, at)}"
        ) from error


def _line(raw: bytes, at: int) -> int:
    return raw.count(b"\n", 0, at) + 1


def _advice(raw: bytes, at: int) -> str:
    """Say what to do about *raw*, which is UTF-8 up to byte *at*."""
    if not raw[:at].removeprefix(codecs.BOM_UTF8).isascii():
        return "what is before it is UTF-8, so the file mixes encodings: save all of it as UTF-8."
    guess = decode_text(raw)
    if guess is None:
        return "save the file as UTF-8."
    return f"it looks like {guess.encoding}: convert it (iconv -f {guess.encoding} -t utf-8) and look at some lines."


def csv_lines(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the line where each row of the CSV *text* begins, and its fields; blank lines are passed over.

    Raises `DataError` for quotes that do not close or stand inside a field, and for a field of more than 131,072
    characters.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for fields in lines:
            if fields:
                yield start, fields
            start = lines.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{quoted(path)} line {start} is no CSV ({error}); check the quotes of this row and the one before."
        ) from error


def json_object(written: str, where: str) -> dict[str, Any]:
    """Return the object that one line of JSONL holds.

    Raises `DataError`, beginning with *where*, for broken JSON, NaN and infinity, a key that comes twice, half a
    surrogate pair, too deep a nest, and anything that is no object.
    """
    try:
        record = json.loads(written, object_pairs_hook=_pairs, parse_constant=_no_constant)
        json.dumps(record, ensure_ascii=False).encode("utf-8")  # half a surrogate pair could never be written again
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where} is no JSON that can be used ({str(error)[:100]}); repair or remove it.") from error
    if not isinstance(record, dict):
        raise DataError(f'{where} holds {type(record).__name__}, an object such as {{"name": ...}} was expected.')
    return record


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
