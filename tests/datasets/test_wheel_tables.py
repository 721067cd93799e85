"""The official tables: told by hash, cached as parsed, fetched once.  The server is on this machine and ends itself."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.references import mer_unibench as reference

from openaffect.datasets import wheel_tables
from openaffect.datasets.wheel_fetch import fetch_wheels, notice
from openaffect.datasets.wheel_tables import FILES, OFFICIAL, PARSED, combined, recognise
from openaffect.datasets.wheels import find_wheels
from openaffect.emotion.wheel import bundled_wheel, load_wheels
from openaffect.errors import DataError, OfflineError, RemoteError, UsageError

tables = pytest.mark.skipif(reference.REFERENCE is None, reason="OPENAFFECT_REFERENCE_DIR is not set")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENAFFECT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(reference.folder_of("2025"), tmp_path / "tables"))


def no_parsing(*_: object) -> None:
    raise AssertionError("the tables were parsed again")


@pytest.mark.needs_reference_data
@tables
def test_the_cache_gives_the_same_tables_without_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_wheels(reference.folder_of("2025"))
    monkeypatch.setattr(wheel_tables, "_parse", no_parsing)
    again = load_wheels(reference.folder_of("2025"))
    assert again == first and again.entries["fear"] == first.entries["fear"]
    with pytest.raises(AssertionError, match="parsed again"):
        load_wheels(reference.folder_of("2026"))


@pytest.mark.needs_reference_data
@tables
@pytest.mark.parametrize("damage", ["truncated", "altered", "emptied"])
def test_a_damaged_cache_is_made_again(damage: str, cache: Path) -> None:
    first = load_wheels(reference.folder_of("2025"))
    (file,) = (cache / "wheels").iterdir()
    raw = file.read_bytes()
    file.write_bytes({"truncated": raw[:5000], "altered": raw.replace(b"scared", b"joyful"), "emptied": b""}[damage])
    assert load_wheels(reference.folder_of("2025")) == first
    assert file.read_bytes() == raw


@pytest.mark.needs_reference_data
@tables
@pytest.mark.parametrize("edition", ["2025", "2026"])
def test_what_is_parsed_is_what_the_cache_may_hold(edition: str, cache: Path) -> None:
    load_wheels(reference.folder_of(edition))
    (file,) = (cache / "wheels").iterdir()
    assert hashlib.sha256(file.read_bytes()).hexdigest() == PARSED[edition]


@pytest.mark.needs_reference_data
@tables
@pytest.mark.parametrize("forged", [b"[]", b"{nope", b'{"fear": ["joy", "joy"]}'])
def test_a_forged_cache_is_not_believed(forged: bytes, cache: Path) -> None:
    first = load_wheels(reference.folder_of("2025"))
    (file,) = (cache / "wheels").iterdir()
    file.write_bytes(forged)
    assert load_wheels(reference.folder_of("2025")) == first


@pytest.mark.needs_reference_data
@tables
def test_pipes_in_place_of_tables_and_of_the_cache_do_not_hang(copy: Path, cache: Path) -> None:
    first = load_wheels(copy)
    (file,) = (cache / "wheels").iterdir()
    file.unlink()
    os.mkfifo(file)
    assert load_wheels(copy) == first
    (copy / "synonym.xlsx").unlink()
    os.mkfifo(copy / "synonym.xlsx")
    with pytest.raises(DataError, match="not a regular file"):
        load_wheels(copy)


@pytest.mark.needs_reference_data
@tables
def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("OPENAFFECT_CACHE", str(tmp_path / "file"))
    assert load_wheels(reference.folder_of("2026")).edition == "2026"


@pytest.mark.needs_reference_data
@tables
@pytest.mark.parametrize("name", ["format.csv", "synonym.xlsx", "wheel3.xlsx"])
def test_another_file_is_refused_by_name(name: str, copy: Path) -> None:
    (copy / name).write_bytes((copy / name).read_bytes() + b"\n")
    with pytest.raises(DataError, match=f"{name}' is not the published table"):
        load_wheels(copy)


@pytest.mark.needs_reference_data
@tables
def test_a_missing_file_is_named_and_a_folder_inside_is_found(copy: Path, tmp_path: Path) -> None:
    inside = tmp_path / "MER2025" / "emotion_wheel"
    shutil.copytree(copy, inside)
    assert load_wheels(inside.parent).edition == "2025"
    (copy / "wheel4.xlsx").unlink()
    with pytest.raises(DataError, match=r"cannot read .*wheel4\.xlsx': no such file"):
        load_wheels(copy)


def test_no_tables_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no official wheel tables"):
        load_wheels(tmp_path / "nowhere")


def test_the_editions_differ_in_one_file_and_are_told_by_it() -> None:
    assert {name for name in FILES if OFFICIAL["2025"][name] != OFFICIAL["2026"][name]} == {"format.csv"}
    assert combined("2025") != combined("2026")
    for edition, hashes in OFFICIAL.items():
        assert recognise(hashes, Path()) == edition
    with pytest.raises(DataError, match=r"synonym\.xlsx' is not"):
        recognise({**OFFICIAL["2026"], "synonym.xlsx": "0" * 64}, Path())


class Served(HTTPServer):
    """A folder over HTTP on this machine, for a bounded number of requests."""

    folder: Path
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Served)
        server.asked.append(self.path)
        file = server.folder / self.path.rpartition("/")[2]
        self.send_response(200 if file.is_file() else 404)
        self.end_headers()
        if file.is_file():
            self.wfile.write(file.read_bytes())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    served = Served(("127.0.0.1", 0), Handler)
    served.folder, served.asked = tmp_path / "served", []
    served.folder.mkdir()
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield served
    served.shutdown()
    thread.join(5)
    served.server_close()


def address(server: Served) -> str:
    return f"http://127.0.0.1:{server.server_port}/tables"


@pytest.mark.needs_reference_data
@tables
def test_tables_are_fetched_once_and_then_found_offline(server: Served, cache: Path) -> None:
    for name in FILES:
        shutil.copy(reference.folder_of("2026") / name, server.folder)
    assert "github.com" in (notice("2026") or "") and "non-commercial" in (notice("2026") or "")
    fetched = fetch_wheels("2026", source=address(server))
    assert fetched == load_wheels(reference.folder_of("2026"))
    assert len(server.asked) == len(FILES) and notice("2026") is None
    assert fetch_wheels("2026", offline=True) == fetched == find_wheels("2026", offline=True)
    (cache / "emotion_wheel" / "2026" / "wheel1.xlsx").write_bytes(b"damaged")
    assert fetch_wheels("2026", source=address(server)) == fetched
    assert len(server.asked) == len(FILES) + 1


def test_a_wrong_file_is_not_kept(server: Served, cache: Path) -> None:
    (server.folder / "format.csv").write_text("name,format\nhappy,happy\n")
    with pytest.raises(RemoteError, match="is not the published table"):
        fetch_wheels("2025", source=address(server))
    assert not (cache / "emotion_wheel").exists()


def test_an_absent_file_and_an_absent_host_are_one_sentence(server: Served) -> None:
    with pytest.raises(RemoteError, match=r"cannot fetch .*404"):
        fetch_wheels("2025", source=address(server))
    with pytest.raises(RemoteError, match="cannot fetch"):
        fetch_wheels("2025", source="http://127.0.0.1:9/")


def test_offline_and_unknown_editions() -> None:
    with pytest.raises(OfflineError, match="--offline forbids"):
        find_wheels("2025", offline=True)
    with pytest.raises(UsageError, match="did you mean '2026'"):
        fetch_wheels("2024")
    with pytest.raises(UsageError, match="https only"):
        fetch_wheels("2025", source="file:///etc")


def test_without_a_name_it_is_our_own_wheel() -> None:
    assert find_wheels(None) is bundled_wheel()
