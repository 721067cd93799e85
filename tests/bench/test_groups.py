"""Files with labels grouped by a language model: every layout, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from openaffect.bench.groups import read_groups
from openaffect.errors import DataError

GROUPS = {"a": [["happy", "joyful"], ["sad"]], "b": []}


def test_json(tmp_path: Path) -> None:
    (tmp_path / "groups.json").write_text(json.dumps(GROUPS), "utf-8")
    assert read_groups(tmp_path / "groups.json") == GROUPS


def test_jsonl_and_csv(tmp_path: Path) -> None:
    lines = (json.dumps({"name": name, "groups": groups}) + "\n" for name, groups in GROUPS.items())
    (tmp_path / "groups.jsonl").write_text("".join(lines), "utf-8")
    assert read_groups(tmp_path / "groups.jsonl") == GROUPS
    (tmp_path / "groups.csv").write_text("name,groups\na,\"[['happy', 'joyful'], ['sad']]\"\n", "utf-8")
    assert read_groups(tmp_path / "groups.csv") == {"a": "[['happy', 'joyful'], ['sad']]"}


def test_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "dict.npz", groups=np.array(GROUPS, dtype=object))
    assert read_groups(tmp_path / "dict.npz") == GROUPS
    np.savez(tmp_path / "lists.npz", filenames=np.array(["a", "b"]), fileitems=np.array(["[['x']]", "[]"]))
    assert read_groups(tmp_path / "lists.npz") == {"a": "[['x']]", "b": "[]"}


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("g.json", "[1]", "an object"),
        ("g.json", '{"a": 1}', "must be lists of labels or text"),
        ("g.json", '{"a": [], "a": []}', "a key comes twice"),
        ("g.json", '{"a": [["x", 3]]}', "must be lists of labels or text"),
        ("g.json", "{", "no JSON"),
        ("g.csv", "name,groups\na,x\na,y\n", "stands in line 2 already"),
        ("g.csv", "name,other\na,x\n", "lacks the column"),
    ],
)
def test_refuses(name: str, content: str, why: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(DataError, match=why):
        read_groups(tmp_path / name)


def test_refuses_archives_of_other_shapes(tmp_path: Path) -> None:
    np.savez(tmp_path / "uneven.npz", filenames=np.array(["a", "b"]), fileitems=np.array(["[]"]))
    with pytest.raises(DataError, match="2 'filenames' and 1 'fileitems'"):
        read_groups(tmp_path / "uneven.npz")
    np.savez(tmp_path / "twice.npz", filenames=np.array(["a", "a"]), fileitems=np.array(["[]", "[]"]))
    with pytest.raises(DataError, match="entry 0 and entry 1"):
        read_groups(tmp_path / "twice.npz")
    np.savez(tmp_path / "numbers.npz", x=np.arange(3))
    with pytest.raises(DataError, match="one dict of clip to groups"):
        read_groups(tmp_path / "numbers.npz")
