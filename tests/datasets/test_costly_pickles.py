"""Small files that would cost time or memory without end, and values that NumPy's arrays take the place of."""

import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.mer_unibench_files import write_npz

from openaffect.brief import brief
from openaffect.datasets import load
from openaffect.datasets.npz import read_npz
from openaffect.datasets.predictions import read_predictions
from openaffect.errors import DataError

HEADER = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }\n"


def archive(path: Path, body: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("test_corpus.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(HEADER)) + HEADER + body)
    return path


def laughs(depth: int = 12) -> list[Any]:
    """Return lists of two lists of two lists ..., each the same: little to store; shown whole it doubles with each
    level, and with thirty it would fill the memory.  Twelve tell as well whether it was shown whole."""
    nest: list[Any] = ["ha"]
    for _ in range(depth):
        nest = [nest, nest]
    return nest


def objects(*values: Any) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        array[place] = value
    return array


NEST = pickle.dumps(laughs(), protocol=2)[2:-1]
"""The instructions that push such a nest."""
DTYPE = b"cnumpy\ndtype\nX\x02\x00\x00\x00f8K\x00K\x01\x87R(K\x03"
ARRAY = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01"


def complaint(read: Any, *arguments: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(*arguments)
    assert len(str(caught.value)) < 600
    # Written out whole, a nest begins with as many brackets as it has levels; cut short, with three.
    assert "[[[[" not in str(caught.value)
    return str(caught.value)


# --- nests of shared parts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("corpus", "part"),
    [
        ({"n": {"emo": laughs(), "val": 0}}, "is no class of this data set"),
        ({"n": {"emo": "joy", "val": laughs()}}, "a rating between"),
        ({"n": laughs()}, "'n' → [[[...], [...]], [[...], [...]]] came"),
        ({"n": {"em": 1, "x" * 10**6: laughs()}}, "has no 'emo'; it has 'em', 'xxx"),
        ({"n": {"emo": "joy", "val": objects(laughs(), 1)}}, "array of shape (2,) came"),
    ],
    ids=["label", "rating", "entry", "key", "array"],
)
def test_a_nest_in_the_place_of_a_label(corpus: dict[str, Any], part: str, tmp_path: Path) -> None:
    write_npz(tmp_path / "label.npz", test_corpus=corpus)
    assert part in complaint(load, "meld", tmp_path)


def test_a_nest_in_the_place_of_a_text(tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", name2reason={"n": laughs()})
    assert "'n': text was expected, [[[...]" in complaint(read_predictions, tmp_path / "a.npz")


@pytest.mark.parametrize(
    "body",
    [
        b"cnumpy\ndtype\n" + NEST + b"K\x00K\x01\x87R.",
        DTYPE + NEST + b"NNNtb.",
        ARRAY + NEST + DTYPE + b"X\x01\x00\x00\x00<NNNtb\x89C\x00tb.",
        ARRAY + NEST + b"\x85" + DTYPE + b"X\x01\x00\x00\x00<NNNtb\x89C\x00tb.",
        NEST + NEST + b"\x93.",
        b"X\x02\x00\x00\x00os" + NEST + b"\x93.",
    ],
    ids=["type code", "byte order", "shape", "length", "names", "name"],
)
def test_a_nest_in_the_place_of_what_an_array_is(body: bytes, tmp_path: Path) -> None:
    assert "nothing in it was run" in complaint(read_npz, archive(tmp_path / "a.npz", b"\x80\x04" + body))


def test_a_value_is_shown_in_a_few_characters() -> None:
    for value in (laughs(), {"a": laughs()}, (laughs(),) * 9, objects(laughs(), 1), b"x" * 10**8, 10**9999, "\n" * 99):
        assert 0 < len(brief(value)) <= 60 and len(brief(value, 10)) <= 10
    assert brief({"emo": "joy", "val": -10}) == "{'emo': 'joy', 'val': -10}"


# --- bombs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [b"}", b"]", b"(l", b"(t", b"(d", b"N\x85", b"\x94", b"}\x94", b"("])
def test_a_bomb_of_containers_is_stopped_early(code: bytes, tmp_path: Path) -> None:
    bomb = archive(tmp_path / "a.npz", b"\x80\x04N" + code * (2_000_000 // len(code)) + b".")
    message = complaint(read_npz, bomb)
    assert "again and again" in message or "nested deeper than 1000" in message


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", ["numbers", "lists", "empty lists", "pairs"])
def test_large_files_of_small_parts_are_read(kind: str, protocol: int, tmp_path: Path) -> None:
    entries: dict[str, Any] = {
        "numbers": {"emo": np.int64(3), "val": np.float32(0.5)},
        "lists": ["happy", "sad"],
        "empty lists": [],
        "pairs": (1, 2),
    }
    # Every entry is an object of its own, as in a file that was made row by row.
    corpus = {f"{i}": pickle.loads(pickle.dumps(entries[kind])) for i in range(20_000)}
    box = np.empty((), dtype=object)
    box[()] = corpus
    found = read_npz(archive(tmp_path / "a.npz", pickle.dumps(box, protocol=protocol)))
    assert found["test_corpus"] == corpus


# --- arrays where a single value belongs ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.array([1, 2]), np.array(0.5), np.array([]), [1], None, "x"])
@pytest.mark.parametrize("key", ["meld", "sims"])
def test_what_is_no_rating(key: str, value: Any, tmp_path: Path) -> None:
    write_npz(tmp_path / "label.npz", test_corpus={"n": {"emo": 0, "val": value}})
    assert "sample 'n': a rating between" in complaint(load, key, tmp_path)


def test_an_absent_rating_is_none(tmp_path: Path) -> None:
    for entry in ({"emo": 0, "val": -10}, {"emo": 0, "val": np.float32("nan")}, {"emo": 0}):
        write_npz(tmp_path / "label.npz", test_corpus={"n": entry})
        assert load("meld", tmp_path)[0].ratings == {}
