"""Labels grouped by a language model, from a file: one grouping a clip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openaffect.brief import brief
from openaffect.datasets.files import quoted, read_bytes
from openaffect.datasets.npz import read_npz
from openaffect.datasets.predictions import parallel_texts
from openaffect.datasets.tables import NAME, read_table
from openaffect.datasets.text_lines import decoded, json_object
from openaffect.errors import DataError
from openaffect.metrics.grouped import Groups


def read_groups(path: Path) -> dict[str, Groups]:
    """Return clip → groups from *path*.

    ``.json``: an object of clip to list of lists, or to the model's reply as text.  ``.jsonl`` and ``.csv``: columns
    ``name`` and ``groups``.  ``.npz``: one dict, or the arrays ``filenames`` and ``fileitems``.
    Raises `DataError` with the clip whose groups are neither text nor lists of labels.
    """
    kind = path.suffix.lower()
    if kind == ".json":
        found = _json(path)
    elif kind == ".npz":
        found = _npz(path)
    else:
        rows = read_table(path, {**NAME, "groups": ("groups", "group", "openset")}).by_name()
        found = {name: row.values["groups"] for name, row in rows.items()}
    for name, groups in found.items():
        if not isinstance(name, str) or not _valid(groups):
            raise DataError(f"{quoted(path)}: the groups of {brief(name)} must be lists of labels or text.")
    return found


def _json(path: Path) -> dict[str, Any]:
    return json_object(decoded(read_bytes(path), path), quoted(path))


def _npz(path: Path) -> dict[str, Any]:
    found = read_npz(path)
    if {"filenames", "fileitems"} <= found.keys():
        return parallel_texts(found, path)
    dicts = [value for value in found.values() if isinstance(value, dict)]
    if len(dicts) != 1:
        raise DataError(f"{quoted(path)} holds {', '.join(found)}; one dict of clip to groups was expected.")
    return dicts[0]


def _valid(groups: Any) -> bool:
    if isinstance(groups, str):
        return True
    return isinstance(groups, list | tuple) and all(
        isinstance(group, list | tuple) and all(isinstance(label, str) for label in group) for group in groups
    )
