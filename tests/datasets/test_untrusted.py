"""Whatever bytes come, a reader of data sets either reads them or says that it cannot."""

import io
import json
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mer_unibench_files import write_npz

from openaffect.datasets import load
from openaffect.datasets.npz import read_npz
from openaffect.datasets.predictions import read_predictions
from openaffect.errors import DataError

CORPUS = {"a": {"emo": 3, "val": 0.5}, "b": {"emo": "joy", "val": -1.0}}
LINE = st.text(alphabet='name,openset"[]{}:\n\\ au1-.eE\t', max_size=60)
BYTES = st.one_of(
    st.binary(max_size=200), LINE.map(str.encode), LINE.map(lambda text: ("name,openset\n" + text).encode())
)


def only_data_errors(read: object, *arguments: object) -> None:
    try:
        read(*arguments)  # type: ignore[operator]
    except DataError as error:
        assert str(error)


@given(BYTES)
@settings(max_examples=150)
def test_any_bytes_as_tables(tmp_path: Path, raw: bytes) -> None:
    for name in ("ovmerdplus.csv", "ovlabel.csv", "check-openset.csv", "final-EMER-reason.csv", "gt-eng.csv"):
        (tmp_path / name).write_bytes(raw)
    for path in (tmp_path / "ovmerdplus.csv", tmp_path / "ovlabel.csv"):
        only_data_errors(load, "ovmerdplus", path)
        only_data_errors(read_predictions, path)
    for key in ("emer-ov", "emer-v1", "emer-v2"):
        only_data_errors(load, key, tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "openset", "weight"]), inner),
    max_leaves=6,
)


@given(st.lists(JSON | st.fixed_dictionaries({"name": JSON, "openset": JSON}), min_size=1, max_size=4), BYTES)
@settings(max_examples=100)
def test_any_lines_as_json(tmp_path: Path, values: list[object], raw: bytes) -> None:
    path = tmp_path / "ovmerdplus.jsonl"
    for content in ("\n".join(map(json.dumps, values)).encode(), raw):
        path.write_bytes(content)
        only_data_errors(load, "ovmerdplus", path)
        only_data_errors(read_predictions, path)


def made_archive() -> bytes:
    buffer = io.BytesIO()
    write_npz(buffer, test_corpus=CORPUS, filenames=["a"], fileitems=["[x]"])  # type: ignore[arg-type]
    return buffer.getvalue()


ARCHIVE = made_archive()


@given(
    st.lists(st.tuples(st.integers(0, len(ARCHIVE) - 1), st.integers(0, 255)), max_size=5), st.integers(0, len(ARCHIVE))
)
@settings(max_examples=150)
def test_any_damage_to_an_archive(tmp_path: Path, changes: list[tuple[int, int]], end: int) -> None:
    raw = bytearray(ARCHIVE)
    for place, value in changes:
        raw[place] = value
    for content in (bytes(raw), bytes(raw[:end]), ARCHIVE[end:]):
        (tmp_path / "label.npz").write_bytes(content)
        only_data_errors(read_npz, tmp_path / "label.npz")
        only_data_errors(load, "meld", tmp_path)
        only_data_errors(read_predictions, tmp_path / "label.npz")


@given(st.binary(max_size=120), st.sampled_from(["|O", "<U3", "<f4"]), st.sampled_from(["()", "(1,)", "(2, 3)"]))
@settings(max_examples=150)
def test_any_bytes_behind_a_header(tmp_path: Path, body: bytes, kind: str, shape: str) -> None:
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    with zipfile.ZipFile(tmp_path / "label.npz", "w") as file:
        file.writestr("test_corpus.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + body)
    only_data_errors(read_npz, tmp_path / "label.npz")
    only_data_errors(load, "meld", tmp_path)
