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
