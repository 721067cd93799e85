"""Predictions as people exchange them: the archives of MER-UniBench and MER2025, and plain tables.

Official archives hold either ``name2reason`` (a model's text for each sample, from which labels are still to be taken)
or the parallel lists ``filenames`` and ``fileitems`` (a string of labels, or a sentiment word).  Tables have the column
``name`` and one of ``openset``, ``labels``, ``prediction``, ``sentiment`` and ``reason``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from openaffect.brief import brief
from openaffect.datasets.files import quoted, read_bytes
from openaffect.datasets.label_values import labels_of
from openaffect.datasets.npz import read_npz
from openaffect.datasets.prediction_files import Found, find_predictions
from openaffect.datasets.tables import BLANK, NAME, Row, read_table
from openaffect.errors import DataError

__all__ = ["Found", "Kind", "Predictions", "find_predictions", "read_predictions"]

Kind = Literal["openset", "sentiment", "reasons"]

_COLUMNS: dict[str, Kind] = {
    "openset": "openset",
    "labels": "openset",
    "prediction": "openset",
    "sentiment": "sentiment",
    "reason": "reasons",
    "reasons": "reasons",
    "chi_reasons": "reasons",
}
_NEED = {"name": (*NAME["name"], "id"), "prediction": tuple(_COLUMNS)}
_ENDINGS: dict[str, Kind] = {"-openset-sentiment": "sentiment", "-openset": "openset"}
_SENTIMENTS = frozenset({"positive", "negative", "neutral"})


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """What a model said about samples, as it stands in one file."""

    kind: Kind
    """``openset``: strings or lists of labels; ``sentiment``: words; ``reasons``: texts without labels as yet."""
    labels: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Name → the raw string or list, not parsed, of an open set or a sentiment; empty for reasons."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Name → text, for reasons."""
    path: Path
    sha256: str
    """Hash of the file, which a score carries."""
    notes: tuple[str, ...] = ()
    """What was odd about the file and how it was handled."""
    hint: str = ""
    """What to do where another kind was meant, for an error; "" where the file leaves no doubt about its kind."""

    def __len__(self) -> int:
        return len(self.reasons if self.kind == "reasons" else self.labels)


def read_predictions(path: str | Path) -> Predictions:
    """Return the predictions in the file at *path*: ``.npz``, ``.jsonl``, else CSV.

    Raises `DataError` with file and line or key for a file that is absent, empty or damaged, another encoding than
    UTF-8, a name that comes twice, lists of different length, and anything but text where a prediction should stand.
    """
    path = Path(path)
    raw = read_bytes(path)
    digest = hashlib.sha256(raw).hexdigest()
    if path.suffix.lower() == ".npz":
        kind, found, notes, hint = _from_archive(path, raw)
    else:
        kind, found, notes, hint = _from_table(path, raw)
    if kind == "reasons":
        return Predictions(kind=kind, reasons=_texts(found, path), path=path, sha256=digest, notes=notes)
    return Predictions(kind=kind, labels=found, path=path, sha256=digest, notes=notes, hint=hint)


_Read = tuple[Kind, dict[str, Any], tuple[str, ...], str]
"""Kind, raw predictions by name, notes and hint."""
_IN_TABLE = "call the column 'sentiment' if it holds sentiment words"
_IN_ARCHIVE = (
    "write sentiment words to a file whose name ends in -openset-sentiment.npz, or to a table with the column "
    "'sentiment', and label lists to one that ends in -openset.npz"
)


def _from_archive(path: Path, raw: bytes) -> _Read:
    content = read_npz(path, raw=raw)
    if "name2reason" in content:
        return "reasons", _named_texts(content["name2reason"], path), (), ""
    if "filenames" not in content or "fileitems" not in content:
        raise DataError(
            f"{quoted(path)} holds {', '.join([*content][:9])}; predictions have 'filenames' and 'fileitems', "
            "or 'name2reason'."
        )
    found = parallel_texts(content, path)
    return _archive_kind(path, found)


def parallel_texts(content: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return ``filenames`` → ``fileitems`` of an archive; raises `DataError` unless they are texts, one item a name."""
    names, items = (_strings(content[key], path, key) for key in ("filenames", "fileitems"))
    if len(names) != len(items):
        raise DataError(
            f"{quoted(path)}: {len(names)} 'filenames' and {len(items)} 'fileitems'; save them again, one item a name."
        )
    return _unique(names, items, path)


def _archive_kind(path: Path, found: dict[str, Any]) -> _Read:
    """Tell sentiment words from label lists: by the official ending of the file's name, else by the items."""
    for ending, kind in _ENDINGS.items():
        if path.stem.lower().endswith(ending):
            return kind, found, (), ""
    words = 2 * sum(item in _SENTIMENTS for item in found.values()) > len(found)
    kind = "sentiment" if words else "openset"
    note = f"taken for {kind} predictions by their content, as the file's name does not tell"
    return kind, found, (note,), _IN_ARCHIVE


def _strings(values: Any, path: Path, key: str) -> list[str]:
    found = values.tolist() if hasattr(values, "tolist") else values
    if not isinstance(found, list) or not found or not all(isinstance(each, str) for each in found):
        raise DataError(f"{quoted(path)}, key '{key}': a list of text with one entry or more was expected.")
    return found


def _named_texts(content: Any, path: Path) -> dict[str, Any]:
    if not isinstance(content, dict) or not content or not all(isinstance(name, str) and name for name in content):
        raise DataError(f"{quoted(path)}, key 'name2reason': a dict from names to texts was expected.")
    return content


def _unique(names: Iterable[str], items: Iterable[str], path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    places: dict[str, int] = {}
    for place, (name, item) in enumerate(zip(names, items, strict=True)):
        if not name.strip():
            raise DataError(f"{quoted(path)}, key 'filenames': entry {place} is empty; every prediction needs a name.")
        if name in places:
            raise DataError(
                f"{quoted(path)}, key 'filenames': '{name}' is entry {places[name]} and entry {place}; keep one."
            )
        found[name], places[name] = item, place
    return found


def _from_table(path: Path, raw: bytes) -> _Read:
    table = read_table(path, _NEED, raw=raw)
    column = table.columns["prediction"]
    kind = _COLUMNS[column]
    found = {name: _value(row, kind) for name, row in table.by_name().items()}
    return kind, found, (), _IN_TABLE if column == "prediction" else ""


def _value(row: Row, kind: Kind) -> Any:
    value = row.values["prediction"]
    if value is None or (isinstance(value, str) and value in BLANK):
        return ""
    if kind == "openset" and isinstance(value, list):
        return list(labels_of(value, row))
    return value if isinstance(value, str) else row.fail(f"text was expected as prediction, {brief(value, 40)} came.")


def _texts(found: Mapping[str, Any], path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, text in found.items():
        # NaN, which pandas writes for an empty cell, differs from itself.
        missing = text is None or (isinstance(text, float) and text != text)
        if not missing and not isinstance(text, str):
            raise DataError(f"{quoted(path)}, '{name}': text was expected, {brief(text, 40)} came.")
        texts[name] = "" if missing else text
    return texts
