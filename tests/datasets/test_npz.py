"""Archives of NumPy: what numpy.savez writes comes back, and what it does not write is refused without being run."""

import builtins
import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.datasets.npz import read_npz
from openaffect.errors import DataError

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
HEADER = "{'descr': '|O', 'fortran_order': False, 'shape': (), }"


def member(body: bytes, header: str = HEADER, version: bytes = b"\x01\x00") -> bytes:
    """Return the bytes of a .npy member with *header* and then *body*."""
    text = header.encode("latin-1")
    text += b" " * (-(11 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + body


def archive(path: Path, *members: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, raw in members:
            file.writestr(name, raw)
    return path


def boxed(value: Any) -> np.ndarray:
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def refused(path: Path, match: str | None = None) -> str:
    with pytest.raises(DataError, match=match) as caught:
        read_npz(path)
    assert path.name in str(caught.value)
    return str(caught.value)


# --- what is read -----------------------------------------------------------------------------------------------------


def test_the_labels_of_a_corpus_come_back_as_plain_data(tmp_path: Path) -> None:
    corpus = {"dia0_utt0": {"emo": np.int64(3), "val": np.float32(-0.4)}, "dia0_utt1": {"emo": "happy", "val": 1.5}}
    np.savez_compressed(tmp_path / "label.npz", test_corpus=corpus, train_corpus={})
    found = read_npz(tmp_path / "label.npz")
    assert found == {"test_corpus": corpus, "train_corpus": {}}
    entry = found["test_corpus"]["dia0_utt0"]
    assert type(entry["emo"]) is int and type(entry["val"]) is float
    assert entry["val"] == float(np.float32(-0.4))


def test_only_the_keys_that_are_asked_for_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", one=np.arange(3), two=np.arange(4))
    assert list(read_npz(tmp_path / "a.npz", ["two"])) == ["two"]
    with pytest.raises(DataError, match=r"has no key 'tow', did you mean 'two'\? It has one, two\."):
        read_npz(tmp_path / "a.npz", ["tow"])


@pytest.mark.parametrize(
    "array",
    [
        np.array(["happy", "sad", "Trübsal", "委屈"]),
        np.array([b"ab", b"c"]),
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([True, False]),
        np.float32(0.25),
        np.array([np.str_(""), np.bytes_(b"")], dtype=object),
        np.zeros((0, 3)),
        np.array([["a", None], [1, {"b": [2.5]}]], dtype=object),
    ],
    ids=str,
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back_as_numpy_reads_them(array: Any, save: Callable[..., None], tmp_path: Path) -> None:
    save(tmp_path / "a.npz", x=array)
    found = read_npz(tmp_path / "a.npz")["x"]
    with np.load(tmp_path / "a.npz", allow_pickle=True) as theirs:
        assert found.tolist() == theirs["x"].tolist()
        assert found.shape == theirs["x"].shape and found.dtype == theirs["x"].dtype


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.sampled_from([np.float32(0.5), np.float64(-2), np.int64(7), np.bool_(True), np.str_("sad"), np.bytes_(b"x")]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4) | st.tuples(inner, inner)
    ),
    max_leaves=20,
)


@given(PLAIN, st.sampled_from(PROTOCOLS))
def test_plain_data_come_back_in_every_protocol(tmp_path: Path, value: Any, protocol: int) -> None:
    body = pickle.dumps(boxed(value), protocol=protocol)
    assert read_npz(archive(tmp_path / "a.npz", ("x.npy", member(body))))["x"] == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_inside_and_shared_parts_in_every_protocol(protocol: int, tmp_path: Path) -> None:
    shared = {"emo": "sad"}
    value = {
        "a": shared,
        "b": shared,
        "n": np.arange(3, dtype="<f4"),
        "t": np.array(["x", "yz"]),
        "o": OrderedDict(k=1),
    }
    value["objects"] = np.array([1, "two"], dtype=object)
    body = pickle.dumps(boxed(value), protocol=protocol)
    found = read_npz(archive(tmp_path / "a.npz", ("x.npy", member(body))))["x"]
    assert found["a"] is found["b"] == shared
    assert found["n"].tolist() == [0, 1, 2] and found["t"].tolist() == ["x", "yz"]
    assert found["objects"].tolist() == [1, "two"] and found["o"] == {"k": 1}


def test_the_names_of_numpy_1_and_2_are_known(tmp_path: Path) -> None:
    new, old = b"numpy._core.", b"numpy.core."
    body = pickle.dumps(boxed({"val": np.float32(0.5)}), protocol=2)
    assert new in body or old in body
    for wanted in (old, new):
        both = body.replace(new, b"@").replace(old, b"@").replace(b"@", wanted)
        assert read_npz(archive(tmp_path / "a.npz", ("x.npy", member(both))))["x"] == {"val": 0.5}


def test_the_text_of_python_2_is_read_as_latin_1(tmp_path: Path) -> None:
    dtype = b"cnumpy\ndtype\n(U\x02f4I00\nI01\ntR(I3\nU\x01<NNNI-1\nI-1\nI0\ntb"
    number = b"cnumpy.core.multiarray\nscalar\n(" + dtype + b"U\x04\x00\x00\x80?tR"
    body = reconstructed(b")", b"O8", b"(lp0\n(dp1\nU\x03val" + number + b"sa", b"|")
    assert read_npz(archive(tmp_path / "a.npz", ("x.npy", member(body))))["x"] == {"val": 1.0}


# --- what must not run ------------------------------------------------------------------------------------------------


class Evil:
    """Pickles to a call that writes the file *mark*."""

    def __init__(self, function: Any, *arguments: Any, state: Any = None) -> None:
        self.parts = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self) -> Any:
        return self.parts


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "written"


def evils(mark: Path) -> dict[str, Any]:
    write = f"open({str(mark)!r}, 'w').close()"
    return {
        "os.system": Evil(os.system, f"touch {mark}"),
        "eval": Evil(eval, write),
        "exec": Evil(exec, write),
        "open": Evil(builtins.open, str(mark), "w"),
        "numpy.load": Evil(np.load, str(mark), None, True),
        "numpy.fromfile": Evil(np.fromfile, str(mark)),
        "getattr": Evil(getattr, "x", "upper"),
        "memmap": Evil(np.memmap, str(mark), "uint8", "w+", 0, (8,)),
        "in the state": Evil(OrderedDict, state={"x": Evil(os.system, f"touch {mark}")}),
        "as a key": {("a", Evil(os.system, f"touch {mark}")): 1},
    }


@pytest.mark.parametrize("name", list(evils(Path("x"))))
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_hostile_pickle_does_nothing(name: str, protocol: int, tmp_path: Path, mark: Path) -> None:
    evil = evils(mark)[name]
    nested = {"sample_00000001": {"emo": "happy", "val": [1, (2, evil)]}}
    for value in (evil, nested):
        path = archive(
            tmp_path / "label.npz", ("train_corpus.npy", member(pickle.dumps(boxed(value), protocol=protocol)))
        )
        message = refused(path, "nothing in it was run")
        assert "key 'train_corpus'" in message
        assert not mark.exists()


def reconstructed(shape: bytes, code: bytes, values: bytes, order: bytes = b"<") -> bytes:
    """Return the pickle of an array whose parts need not fit each other."""
    return (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01"
        + shape
        + b"cnumpy\ndtype\nX"
        + struct.pack("<I", len(code))
        + code
        + b"K\x00K\x01\x87R(K\x03X\x01\x00\x00\x00"
        + order
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + values
        + b"tb."
    )


def raw_pickles(mark: Path) -> dict[str, bytes]:
    command = f"touch {mark}".encode()
    return {
        "instance": b"(S'" + command + b"'\nios\nsystem\n.",
        "object": b"(cos\nsystem\nS'" + command + b"'\no.",
        "instance with text": b"(V" + command + b"\nios\nsystem\n.",
        "newobj": b"\x80\x02cos\nsystem\nX" + struct.pack("<I", len(command)) + command + b"\x85\x81.",
        "newobj_ex": b"\x80\x04\x8c\x02os\x8c\x06system\x93)}\x92.",
        "extension": b"\x80\x02\x82\x01.",
        "extension 2": b"\x80\x02\x83\x01\x00.",
        "extension 4": b"\x80\x02\x84\x01\x00\x00\x00.",
        "persistent id": b"Pwho\n.",
        "persistent id on the stack": b"\x80\x02K\x01Q.",
        "buffer from outside": b"\x80\x05\x97.",
        "read-only buffer": b"\x80\x05\x97\x98.",
        "set": b"\x80\x04\x8f.",
        "huge memo index": b"\x80\x02Nr\xff\xff\xff\xff.",
        "memo index without end": b"Np" + b"9" * 5000 + b"\n.",
        "memo that is not there": b"\x80\x02h\x07.",
        "bytearray longer than the file": b"\x80\x05\x96" + struct.pack("<Q", 2**62) + b"x.",
        "bytes longer than the file": b"\x80\x03B" + struct.pack("<I", 2**32 - 1) + b"x.",
        "text longer than the file": b"\x80\x04\x8d" + struct.pack("<Q", 2**63) + b"x.",
        "number without measure": b"\x80\x02\x8b" + struct.pack("<I", 100) + b"\x01" * 100 + b".",
        "digits without end": b"L" + b"9" * 5000 + b"L\n.",
        "nothing on the stack": b"\x80\x02.",
        "no stop": b"\x80\x02N",
        "empty": b"",
        "no mark": b"\x80\x02t.",
        "append to a number": b"\x80\x02K\x01K\x02a.",
        "set an item of a list": b"\x80\x02]K\x01K\x02s.",
        "call of a number": b"\x80\x02K\x01)R.",
        "a function as value": b"\x80\x02cnumpy\ndtype\n.",
        "a dtype as value": b"\x80\x02cnumpy\ndtype\nX\x02\x00\x00\x00f4\x85R.",
        "call of ndarray": b"\x80\x02cnumpy\nndarray\n)R.",
        "codec": b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00hex\x86R.",
        "half a surrogate": b"\x80\x02X\x03\x00\x00\x00\xed\xa0\x80.",
        "half a surrogate in text": b"V\\ud800\n.",
        "unknown instruction": b"\x80\x02\xff.",
        "list of itself": b"\x80\x02]q\x00h\x00a.",
        "a tuple as key": b"\x80\x02}))s.",
        "an odd dict": b"\x80\x02(K\x01d.",
        "a tuple of more than there is": b"\x80\x02K\x01\x87.",
        "a state for a number": b"\x80\x02K\x01)b.",
        "a number without a type": b"\x80\x02cnumpy.core.multiarray\nscalar\nK\x01C\x01x\x86R.",
        "an array without a type": b"\x80\x02cnumpy.core.numeric\n_frombuffer\n(C\x01xK\x01K\x01\x85X\x01\x00\x00\x00Ct"
        + b"R.",
        "an array of another kind": b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\ndtype\nK\x00\x85N\x87R.",
        "a state without a type": reconstructed(b"K\x01\x85", b"i8", b"N").replace(b"tb\x89", b"tb0N\x89"),
        "nine dimensions": reconstructed(b"(" + b"K\x01" * 9 + b"t", b"i8", b"C\x08" + bytes(8)),
    }


@pytest.mark.parametrize("name", list(raw_pickles(Path("x"))))
def test_a_crafted_pickle_is_refused(name: str, tmp_path: Path, mark: Path) -> None:
    body = raw_pickles(mark)[name]
    refused(archive(tmp_path / "label.npz", ("x.npy", member(body))))
    assert not mark.exists()


def test_an_array_as_numpy_pickles_it_is_read(tmp_path: Path) -> None:
    body = reconstructed(b"K\x02\x85", b"i2", b"C\x04\x01\x00\x02\x00")
    path = archive(tmp_path / "a.npz", ("x.npy", member(body, HEADER.replace("()", "(2,)"))))
    assert read_npz(path)["x"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "body",
    [
        reconstructed(b"J\xff\xff\xff\x7f\x85", b"i8", b"C\x08" + bytes(8)),
        reconstructed(b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85", b"i8", b"C\x08" + bytes(8)),
        reconstructed(b"J\xff\xff\xff\xff\x85", b"i8", b"C\x08" + bytes(8)),
        reconstructed(b"K\x01\x85", b"O8", b"C\x08" + b"\x41" * 8, b"|"),
        reconstructed(b"K\x03\x85", b"O8", b"]", b"|"),
        reconstructed(b"K\x01\x85", b"V8", b"C\x08" + bytes(8), b"|"),
        reconstructed(b"K\x01\x85", b"M8", b"C\x08" + bytes(8)),
        reconstructed(b"K\x01\x85", b"U9999999", b"C\x04" + bytes(4)),
        reconstructed(b"K\x01\x85", b"i8", b"N"),
        reconstructed(b"N", b"i8", b"C\x08" + bytes(8)),
        reconstructed(b"K\x01\x85", b"f8, i8", b"C\x08" + bytes(8)),
    ],
    ids=[
        "more values than bytes",
        "more values than memory",
        "negative shape",
        "pointers from bytes",
        "fewer objects than the shape",
        "void",
        "dates",
        "text longer than the bytes",
        "no values",
        "no shape",
        "fields",
    ],
)
def test_an_array_that_does_not_fit_its_bytes_is_refused(body: bytes, tmp_path: Path) -> None:
    refused(archive(tmp_path / "a.npz", ("x.npy", member(body))), "nothing in it was run")


def test_a_pickle_that_copies_without_end_is_stopped(tmp_path: Path) -> None:
    text = b"x" * 100_000
    encode = b"h\x01h\x00X\x06\x00\x00\x00latin1\x86R0"
    start = b"\x80\x02X" + struct.pack("<I", len(text)) + text + b"q\x00c_codecs\nencode\nq\x01"
    refused(archive(tmp_path / "a.npz", ("x.npy", member(start + encode * 5000 + b"N."))), "again and again")


def test_a_nest_that_doubles_at_every_level_is_refused_quickly(tmp_path: Path) -> None:
    levels = b"".join(b"]q" + bytes([i + 1]) + b"(h" + bytes([i]) + b"h" + bytes([i]) + b"e" for i in range(60))
    refused(archive(tmp_path / "a.npz", ("x.npy", member(b"\x80\x02]q\x00" + levels + b"."))), "nested deeper")


# --- archives ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def good(tmp_path: Path) -> Path:
    np.savez_compressed(tmp_path / "label.npz", test_corpus={f"n{i}": {"emo": i} for i in range(50)})
    return tmp_path / "label.npz"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_archive(good: Path, part: float) -> None:
    raw = good.read_bytes()
    good.write_bytes(raw[: int(part * len(raw))])
    refused(good, "damaged archive.*fetch it again")


def test_a_flipped_bit(good: Path) -> None:
    raw = bytearray(good.read_bytes())
    raw[100] ^= 1
    good.write_bytes(bytes(raw))
    refused(good)


def test_an_encrypted_archive(good: Path) -> None:
    raw = bytearray(good.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    good.write_bytes(bytes(raw))
    refused(good, "damaged archive")


@pytest.mark.parametrize("name", ["../x.npy", "/etc/x.npy", "a\\..\\x.npy", "x.txt", "a//x.npy", "x\n.npy"])
def test_a_name_that_leads_elsewhere(name: str, tmp_path: Path) -> None:
    refused(archive(tmp_path / "a.npz", (name, member(b"N."))), "does not write")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.npz"]


def test_a_key_that_comes_twice(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        path = archive(tmp_path / "a.npz", ("x.npy", member(b"N.")), ("x.npy", member(b"N.")))
    refused(path, "'x' twice")


def test_an_archive_without_content(tmp_path: Path) -> None:
    refused(archive(tmp_path / "a.npz"), "without content")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaffect.datasets.npz.LARGEST", 1 << 20)
    refused(archive(tmp_path / "a.npz", ("x.npy", bytes(2 << 20))), "unpacks to more than")


def test_a_bomb_that_lies_about_its_size_is_unpacked_no_further_than_it_says(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", ("x.npy", bytes(50 << 20)))
    raw = path.read_bytes()
    path.write_bytes(raw.replace(struct.pack("<I", 50 << 20), struct.pack("<I", 100)))
    refused(path)


def test_other_compressions(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_LZMA) as file:
        file.writestr("x.npy", member(b"N."))
    refused(tmp_path / "a.npz", "compressed in a way")


@pytest.mark.parametrize(
    ("raw", "match"),
    [
        (b"", "is empty"),
        (b"\x93NUMPY\x01\x00", r"single array \(.npy\)"),
        (pickle.dumps({"a": 1}), "a bare pickle"),
        (b"name,openset\n", "something else"),
        (b"PK\x03\x04", "damaged archive"),
    ],
)
def test_something_else_than_an_archive(raw: bytes, match: str, tmp_path: Path) -> None:
    (tmp_path / "label.npz").write_bytes(raw)
    refused(tmp_path / "label.npz", match)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|O', 'fortran_order': False, 'shape': __import__('os').getcwd(), }",
        "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (), }",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (), }",
        "{'descr': '|V8', 'fortran_order': False, 'shape': (), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': '|O', 'fortran_order': 0, 'shape': (), }",
        "(" * 900,
        "",
    ],
)
def test_headers_that_numpy_does_not_write(header: str, tmp_path: Path) -> None:
    refused(archive(tmp_path / "a.npz", ("x.npy", member(b"\x80\x02N.", header))))


def test_a_header_longer_than_its_member(tmp_path: Path) -> None:
    raw = b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"{'descr'"
    refused(archive(tmp_path / "a.npz", ("x.npy", raw)), "its header")
    refused(archive(tmp_path / "b.npz", ("x.npy", b"\x93NUMPY\x03\x00")), "does not begin")


def test_a_folder_and_an_absent_file(tmp_path: Path) -> None:
    (tmp_path / "label.npz").mkdir()
    refused(tmp_path / "label.npz", "is a folder")
    refused(tmp_path / "absent.npz", "cannot read .*no such file")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "label.npz")
    refused(tmp_path / "label.npz", "not a regular file")


def test_our_reader_never_calls_pickle(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*arguments: Any) -> None:
        raise AssertionError("pickle was used")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, call)
    monkeypatch.setattr(np, "load", call)
    assert len(read_npz(good)["test_corpus"]) == 50
