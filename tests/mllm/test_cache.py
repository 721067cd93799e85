"""The reply cache: what it keeps, killed processes, several processes, damaged files, full disks."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.errors import InputError, OutputError
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Reply

WRITER = """
import sys, time
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Reply
path, first, count, end = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
with ReplyCache(path) as cache:
    for number in range(first, first + count):
        cache.put(Call(str(number), Reply(f"reply {number}")), "m")
        print(number, flush=True)
    if end == "wait":
        time.sleep(60)
"""


def writer(path: Path, first: int, count: int, end: str = "close") -> "subprocess.Popen[str]":
    line = [sys.executable, "-c", WRITER, str(path), str(first), str(count), end]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "room" / "replies.sqlite"


def test_it_keeps_answers_and_refusals_and_nothing_else(path: Path) -> None:
    answer = Reply("calm 开\ud800", "length", None, 3, 4, 0.5)
    refusal = Reply("", "stop", "I will not.", None, None)
    with ReplyCache(path) as cache:
        assert cache.put(Call("a", answer), "m")
        assert cache.put(Call("r", refusal), "m", "r1")
        assert not cache.put(Call("e", Reply(" \n")), "m")
        assert not cache.put(Call("f", None, "ServerFault", "it broke."), "m")
        assert len(cache) == 2
    with ReplyCache(path) as cache:
        assert (cache.get("a"), cache.get("r"), cache.get("e"), cache.get("f")) == (answer, refusal, None, None)
        found = cache.get("a")
        assert found is not None
        assert found.latency_s == 0.5
        assert cache.models() == [("m", ""), ("m", "r1")]


@given(st.dictionaries(st.text(max_size=5), st.text(min_size=1, max_size=5), max_size=5))
def test_what_was_put_is_got(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> None:
    texts = {name: text for name, text in texts.items() if text.strip() and name.isprintable()}
    with ReplyCache(tmp_path_factory.mktemp("cache") / "c") as cache:
        for name, text in texts.items():
            cache.put(Call(name, Reply(text)), "m")
        assert {name: getattr(cache.get(name), "text", None) for name in texts} == texts


def test_what_was_stored_outlives_a_killed_process(path: Path) -> None:
    with writer(path, 0, 200, "wait") as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != "150":
            pass
        os.kill(process.pid, signal.SIGKILL)
    with ReplyCache(path) as cache:
        assert all(cache.get(str(number)) == Reply(f"reply {number}") for number in range(151))


def test_two_processes_write_one_cache(path: Path) -> None:
    processes = [writer(path, 0, 300), writer(path, 200, 300), writer(path, 400, 300)]
    assert [process.wait(60) for process in processes] == [0, 0, 0], [p.stderr and p.stderr.read() for p in processes]
    for process in processes:
        process.communicate()
    with ReplyCache(path) as cache:
        assert len(cache) == 700


def test_two_threads_use_one_cache(path: Path) -> None:
    with ReplyCache(path) as cache:

        def work(first: int) -> None:
            for number in range(first, first + 100):
                cache.put(Call(str(number), Reply("x")), "m")
                assert cache.get(str(number)) == Reply("x")

        threads = [threading.Thread(target=work, args=(first,)) for first in (0, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(cache) == 200


def test_a_file_that_is_no_cache_is_left_alone_and_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, but a text of some length" * 20)
    with pytest.raises(InputError, match=r"replies\.sqlite' is damaged .* move it away"):
        ReplyCache(path)
    assert path.read_bytes().startswith(b"not a database")
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE replies (a)")
    other.close()
    with pytest.raises(InputError, match="another kind of database"):
        ReplyCache(path)


def test_a_cache_that_was_damaged_says_so_when_it_is_read(path: Path) -> None:
    with ReplyCache(path) as cache:
        for number in range(2000):
            cache.put(Call(f"{number:04}", Reply("x" * 50)), "m")
    raw = bytearray(path.read_bytes())
    raw[4096:-4096] = b"\x55" * (len(raw) - 8192)
    path.write_bytes(raw)
    with pytest.raises(InputError, match="is damaged"), ReplyCache(path) as cache:
        for number in range(2000):
            cache.get(f"{number:04}")


@pytest.mark.parametrize("text", ["no json", "[]", '{"text": 3}', '{"text": "x", "surprise": 1}'])
def test_a_row_that_holds_no_reply_is_damage(path: Path, text: str) -> None:
    with ReplyCache(path) as cache:
        cache.put(Call("a", Reply("x")), "m")
        with sqlite3.connect(path) as other:
            other.execute("UPDATE replies SET reply=?", (text,))
        other.close()
        with pytest.raises(InputError, match="is damaged"):
            cache.get("a")


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot use the reply cache"):
        ReplyCache(tmp_path / "file" / "c.sqlite")
    with pytest.raises(OutputError, match="cannot use the reply cache"):
        ReplyCache(tmp_path)


def test_a_full_disk_is_an_output_error_and_loses_nothing(path: Path) -> None:
    with ReplyCache(path) as cache:
        cache.put(Call("a", Reply("x")), "m")
        # SQLite answers a limit on pages as it answers a full disk.
        cache._file.execute("PRAGMA max_page_count=4")
        with pytest.raises(OutputError, match=r"full; free some space"):
            for number in range(100):
                cache.put(Call(str(number), Reply("x" * 1000)), "m")
        assert cache.get("a") == Reply("x")
