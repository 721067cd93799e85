import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.errors import InputError, OutputError
from openaffect.store import RecordFile, dump, read_records, write_atomic, write_card

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def text_without_surrogates() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]))


def test_atomic_write_replaces_and_leaves_no_parts(tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "a.txt"
    write_atomic(target, "eins")
    write_atomic(target, "zwei 二")
    assert target.read_text("utf-8") == "zwei 二"
    assert [p.name for p in target.parent.iterdir()] == ["a.txt"]


def test_atomic_write_respects_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "a", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_unwritable_target_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="--out"):
        write_atomic(tmp_path / "file" / "a.txt", "x")


def test_full_disk_keeps_the_old_file_and_the_old_records(tmp_path: Path) -> None:
    """A file size limit in a child process stands for the full disk: the same OSError path, really raised."""
    code = """
import resource, signal, sys
from pathlib import Path
from openaffect.errors import OutputError
from openaffect.store import RecordFile, write_atomic
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
write_atomic(folder / "kept.txt", "old")
records = RecordFile(folder / "r.jsonl")
records.append({"id": "first"})
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
long = "x" * 5000
for act in (lambda: write_atomic(folder / "kept.txt", long), lambda: records.append({"id": "b", "t": long})):
    try:
        act()
    except OutputError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.count("cannot write") == 2
    assert (tmp_path / "kept.txt").read_text() == "old"
    assert [r["id"] for r in read_records(tmp_path / "r.jsonl")] == ["first"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kept.txt", "r.jsonl"]


@given(st.dictionaries(text_without_surrogates(), JSON, max_size=4), text_without_surrogates())
def test_dump_puts_the_id_first_and_loses_nothing(record: dict[str, object], identifier: str) -> None:
    whole = record | {"id": identifier}
    line = dump(whole)
    assert line.startswith('{"id":')
    assert json.loads(line) == json.loads(json.dumps(whole))
    assert "\n" not in line


def test_dump_wants_an_id() -> None:
    with pytest.raises(InputError, match="'id'"):
        dump({"a": 1})


@given(st.lists(text_without_surrogates(), unique=True, max_size=6))
def test_ids_are_found_again(tmp_path_factory: pytest.TempPathFactory, ids: list[str]) -> None:
    path = tmp_path_factory.mktemp("ids") / "r.jsonl"
    with RecordFile(path) as records:
        for identifier in ids:
            records.append({"id": identifier, "text": 'a "quoted" line'})
    with RecordFile(path) as again:
        assert again.done == set(ids)
        assert again.torn == 0


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"id":"a","n":1}\n{"id":"b","n"')
    assert [r["id"] for r in read_records(path)] == ["a"]
    with RecordFile(path) as records:
        assert (records.done, records.torn) == ({"a"}, 13)
        records.append({"id": "b", "n": 2})
    assert [r["n"] for r in read_records(path)] == [1, 2]


def test_killed_writer_loses_nothing_that_it_reported(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from openaffect.store import RecordFile
records = RecordFile(Path(sys.argv[1]))
for n in range(100000):
    records.append({"id": str(n), "pad": "x" * 200})
    print(n, flush=True)
"""
    path = tmp_path / "r.jsonl"
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(50):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    reported = 50 + len(process.stdout.read().splitlines())
    process.wait()
    with RecordFile(path) as records:
        assert len(records.done) in (reported, reported + 1)


@pytest.mark.parametrize("content", [b"[1,2]\n", b'{"name":1}\n', b'{"id":3}\n', b"\xff\xfe\n"])
def test_a_foreign_file_is_named_with_its_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"id":"ok"}\n' + content)
    with pytest.raises(InputError, match="line 2"):
        RecordFile(path)
    assert path.read_bytes() == b'{"id":"ok"}\n' + content


def test_broken_and_absent_records(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"id":"ok"}\nnonsense\n')
    with pytest.raises(InputError, match="line 2 is not JSON"):
        list(read_records(path))
    path.write_bytes(b"[]\n")
    with pytest.raises(InputError, match="not a record"):
        list(read_records(path))
    with pytest.raises(InputError, match="cannot read"):
        list(read_records(tmp_path / "absent"))


def test_card_is_sorted_and_ends_with_a_newline(tmp_path: Path) -> None:
    write_card(tmp_path / "card.json", {"b": 1, "a": {"z": "中"}})
    assert (tmp_path / "card.json").read_text("utf-8") == '{\n  "a": {\n    "z": "中"\n  },\n  "b": 1\n}\n'
