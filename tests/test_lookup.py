from pathlib import Path

import pytest

from openaffect.errors import UsageError
from openaffect.lookup import resolve, suggest


def test_resolve_reads_the_table() -> None:
    assert resolve({"path": "pathlib:Path"}, "path", kind="thing").__name__ == "Path"


def test_unknown_name_says_what_is_known() -> None:
    with pytest.raises(UsageError, match=r"unknown export format 'jsn', did you mean 'json'\? Known: html, json\."):
        resolve({"json": "json:dumps", "html": "html:escape"}, "jsn", kind="export format")


def test_no_suggestion_for_something_else() -> None:
    assert suggest("zzz", ["json"]) == ""


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\n\n@dataclass\nclass A:\n    x: int = 3\n\nthing = A()\n"
    )
    assert resolve({}, f"{tmp_path}/mine.py:thing", kind="task").x == 3
    with pytest.raises(UsageError, match="has no 'thin', did you mean 'thing'"):
        resolve({}, f"{tmp_path}/mine.py:thin", kind="task")
    with pytest.raises(UsageError, match="there is no file"):
        resolve({}, f"{tmp_path}/other.py:thing", kind="task")
