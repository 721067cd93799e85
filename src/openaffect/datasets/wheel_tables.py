"""The official wheel tables: recognised by hash, read from the user's folder or fetched once, cached as parsed.

The tables are not part of this package: their owners allow non-commercial use only and the drawings behind them come
from third parties.  Source: github.com/zeroQiaoba/MERTools, the folders of MER2025 (track 2 and 3) and MER2026
(track 2); the two editions differ in ``format.csv`` only, which the later one repairs for words that end in *-less*.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openaffect.datasets.files import is_file, is_folder, quoted, read_bytes
from openaffect.emotion.wheel import Row, Wheels
from openaffect.errors import DataError, OutputError
from openaffect.store import cache_folder, write_atomic

FILES = ("format.csv", "synonym.xlsx", *(f"wheel{k}.xlsx" for k in range(1, 6)))
"""The files of an edition."""

_SHARED = {
    "synonym.xlsx": "23f81f9ab1d2418aaf96775304fb5dc52c62bb5d5ef652a97471d045fc9d2e29",
    "wheel1.xlsx": "e70485d354b82a7491ff24648273182a5f4f13f92c76e6b3e4f9033f5e6afcc1",
    "wheel2.xlsx": "acc001e076a8e60440361f58dd8c05ed900c4890c84bb7d8d1df93708a7d9c87",
    "wheel3.xlsx": "d62f30bf88c17c55876634cd088eacaef98278fc25457474364439872f9dbf83",
    "wheel4.xlsx": "660260561b7fe15550f3679a01e7c783608ce3403d4c28db0a88520f68d83aea",
    "wheel5.xlsx": "2dd4595b2cf8e7628ca06a416a8e38ac831614b244f23d1ae613dc34007649f1",
}
OFFICIAL: Mapping[str, Mapping[str, str]] = {
    "2025": {"format.csv": "ba6de7d61db8e129d1d7ef8a2aae22a9e93a2c2e3e683e6f2735d04455f016f2", **_SHARED},
    "2026": {"format.csv": "82234299875465ecf6c196ace42ffbe745baaeea72b5e39de955af36929982a4", **_SHARED},
}
"""Edition → file → sha256."""

PARSED: Mapping[str, str] = {
    "2025": "9eae844e57ab969f5ab096c301c6cad3a490f8cd543f1a0e1edcc3dcf5898197",
    "2026": "76e07c3b7d6c57e1cddf6239c3e1a733ce3744d4c7f39caf11ea56b9ec2b6e51",
}
"""Edition → sha256 of the mappings that `_parse` makes, as JSON: a cache that holds anything else is not believed."""

_LARGEST = 4 << 20


def load(folder: Path) -> Wheels:
    """Return the official tables in *folder*, or in an ``emotion_wheel`` folder inside it.

    Raises `DataError` for a folder without the tables and for a file that is not the published one.
    """
    place = folder if is_file(folder / "format.csv") or not is_folder(inside := folder / "emotion_wheel") else inside
    raw = {name: _bytes(place / name, folder) for name in FILES}
    edition = recognise({name: hashlib.sha256(data).hexdigest() for name, data in raw.items()}, place)
    return _cached(edition) or _parse(edition, raw)


def recognise(hashes: Mapping[str, str], place: Path) -> str:
    """Return the edition whose files have the sha256 *hashes*; raise `DataError` that names the file that differs."""
    same = [edition for edition, wanted in OFFICIAL.items() if hashes["format.csv"] == wanted["format.csv"]]
    edition = same[0] if same else "2025"
    for name in FILES:
        if hashes[name] != OFFICIAL[edition][name]:
            raise DataError(
                f"{quoted(place / name)} is not the published table (its sha256 begins {hashes[name][:12]}): line ends "
                "or contents were changed; take the file from the official repository again, or fetch the tables "
                "with --wheels 2025."
            )
    return edition


def combined(edition: str) -> str:
    """Return the one sha256 that stands for all files of *edition*."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(OFFICIAL[edition].items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def read_tables(raw: Mapping[str, bytes]) -> tuple[dict[str, set[str]], dict[str, set[str]], list[list[Row]]]:
    """Return form → base words, base word → wheel words, and the rows of the wheels, from the bytes of the files."""
    forms: dict[str, set[str]] = {}
    for name, cell in csv.reader(io.StringIO(raw["format.csv"].decode("utf-8"))):
        if (name, cell) != ("name", "format"):
            for form in (name, *filter(None, (part.strip() for part in cell.split(",")))):
                forms.setdefault(form, set()).add(name)
    words: dict[str, set[str]] = {}
    for row in _sheet(raw["synonym.xlsx"])[1:]:
        for word, cell in zip(row[::2], row[1::2], strict=True):
            target = word.lower().strip()
            for synonym in (target, *filter(None, (part.strip() for part in cell.lower().split(",")))):
                words.setdefault(synonym, set()).add(target)
    return forms, words, [_filled(_sheet(raw[f"wheel{k}.xlsx"])[1:]) for k in range(1, 6)]


def _bytes(path: Path, folder: Path) -> bytes:
    try:
        return read_bytes(path, _LARGEST)
    except DataError as error:
        raise DataError(
            f"{quoted(folder)} holds no official wheel tables: {error} It needs {FILES[0]}, {FILES[1]} and wheel1.xlsx "
            "to wheel5.xlsx."
        ) from error


def _parse(edition: str, raw: Mapping[str, bytes]) -> Wheels:
    forms, words, wheels = read_tables(raw)
    made = Wheels.build(edition=edition, sha256=combined(edition), forms=forms, words=words, wheels=wheels)
    body = json.dumps(made.entries, ensure_ascii=False, separators=(",", ":")).encode()
    with contextlib.suppress(OutputError):  # a cache that cannot be written costs time, nothing else
        write_atomic(_cache_file(edition), body)
    return made


def _cached(edition: str) -> Wheels | None:
    """Return the tables as parsed before, None when there are none or they are not what parsing gives."""
    try:
        body = read_bytes(_cache_file(edition), _LARGEST)
    except DataError:
        return None
    if hashlib.sha256(body).hexdigest() != PARSED[edition]:
        return None
    entries = {label: tuple(entry) for label, entry in json.loads(body).items()}
    return Wheels(edition=edition, sha256=combined(edition), count=5, entries=entries)


def _cache_file(edition: str) -> Path:
    return cache_folder() / "wheels" / f"{PARSED[edition][:16]}.json"


def _sheet(data: bytes) -> list[list[str]]:
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Sheet1").to_python()
    return [[str(cell) for cell in row] for row in rows]


def _filled(rows: Iterable[Sequence[str]]) -> list[Row]:
    """Return the rows of a wheel in lower case, blanks filled with the cell above."""
    above = ("", "", "")
    filled = []
    for row in rows:
        first, second, third = (cell.lower().strip() or old for cell, old in zip(row, above, strict=True))
        above = (first, second, third)
        filled.append(above)
    return filled
