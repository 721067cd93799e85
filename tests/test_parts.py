"""The fetcher of source packages: checks hashes, refuses escapes, says clearly what is missing."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import MappingProxyType

import pytest

from tests import parts


@pytest.fixture()
def made_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> parts.Part:
    """A tiny wheel in a cache of its own, registered under the name 'made'."""
    monkeypatch.setenv("OPENAFFECT_CACHE", str(tmp_path / "cache"))
    archive = parts.cache_folder() / "made-1.0-py3-none-any.whl"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("made/data.txt", "hello")
    part = parts.Part("made", "1.0", archive.name, parts.sha256_of(archive))
    monkeypatch.setattr(parts, "PARTS", MappingProxyType({"made": part}))
    return part


def test_a_cached_part_is_unpacked_without_a_network(made_part: parts.Part) -> None:
    assert parts.part_file("made", "made/data.txt").read_text() == "hello"
    with pytest.raises(parts.PartMissing, match="has no file nothing"):
        parts.part_file("made", "nothing")


def test_a_changed_file_is_not_used_and_offline_is_a_clear_error(
    made_part: parts.Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (parts.cache_folder() / made_part.file).open("ab") as file:
        file.write(b"x")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(parts.PartMissing, match=r"made==1\.0 is not in .* could not be fetched .* registry"):
        parts.fetch("made")


def test_members_that_would_leave_the_folder_are_refused(tmp_path: Path) -> None:
    archive = tmp_path / "bad.whl"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("../outside.txt", "x")
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(parts.PartMissing, match="outside its folder"):
        parts._unzip(archive, inside)
    assert not (tmp_path / "outside.txt").exists()
