"""Bytes of a table to its lines, strictly: UTF-8, whole CSV rows, JSON objects."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
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


_HAN, _HANGUL = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[\uac00-\ud7a3]")
_ASCII = re.compile(r"[\x00-\x7f]+")
_MOST, _ENOUGH = 0.8, 20_000
"""Share of the letters outside ASCII that tells a script, and how many of them are looked at."""


def _advice(raw: bytes, at: int) -> str:
    """Say what to do about *raw*, which is UTF-8 up to byte *at*."""
    before = raw[:at].removeprefix(codecs.BOM_UTF8)
    chinese = not raw.startswith(codecs.BOM_UTF8) and _is_gb18030(raw)
    # Two bytes of GB18030 can happen to be a letter of UTF-8 as well, but hardly ever a Chinese one.
    if not before.isascii() and (not chinese or _share(_HAN, before.decode("utf-8")) >= _MOST):
        return "what is before it is UTF-8, so the file mixes encodings: save all of it as UTF-8."
    guess = decode_text(raw)
    if guess is None:
        return "save the file as UTF-8."
    korean = guess.encoding == "euc_kr" and _share(_HANGUL, guess.text) >= _MOST
    encoding = "gb18030" if chinese and not korean else guess.encoding
    return f"it looks like {encoding}: convert it (iconv -f {encoding} -t utf-8) and look at some lines."


def _is_gb18030(raw: bytes) -> bool:
    """Whether *raw* reads as GB18030 whose letters are common Chinese ones, as other encodings hardly ever do."""
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    # Accents before ASCII letters read as rare Chinese characters, which the smaller GB2312 does not have.
    return _share(_HAN, text, "gb2312") >= _MOST


def _share(script: re.Pattern[str], text: str, charset: str = "utf-8") -> float:
    """Return how many of the letters of *text* outside ASCII are letters of *script* that *charset* has."""
    letters = "".join(c for c in _ASCII.sub("", text)[:_ENOUGH] if c.isalpha())
    found = script.findall(letters.encode(charset, "ignore").decode(charset))
    return len(found) / len(letters) if letters else 0.0


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
