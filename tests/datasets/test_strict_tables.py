"""Tables read strictly: every complaint names file and line."""

import json
from pathlib import Path

import pytest

from openaffect.datasets.files import read_bytes
from openaffect.datasets.tables import NAME, Row, read_table
from openaffect.errors import DataError

NEED = {**NAME, "openset": ("openset",)}


def written(folder: Path, text: str | bytes, name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def complaint(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_table(path, NEED).by_name()
    message = str(caught.value)
    assert path.name in message
    return message


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_with_their_lines(mark: bytes, end: str, tmp_path: Path) -> None:
    text = end.join(["name,openset,more", "a,\"['x', 'y']\",1", "", 'b,"two', 'lines",2', "委屈,[],3"])
    table = read_table(written(tmp_path, mark + text.encode()), NEED)
    assert [(row.line, row.values["name"]) for row in table.rows] == [(2, "a"), (4, "b"), (6, "委屈")]
    assert table.rows[0].values == {"name": "a", "openset": "['x', 'y']"}
    assert table.columns == {"name": "name", "openset": "openset"}


def test_both_spellings_of_the_name(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "names,openset\na,x\n"), NEED)
    assert list(table.by_name()) == ["a"] and table.columns["name"] == "names"


def test_a_column_that_is_not_asked_for_may_be_anything(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, ",name,openset,,\n0,a,x,,\n"), NEED).rows[0].values["name"] == "a"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("name,opensets\na,x\n", ["line 1", "lacks the column 'openset'", "did you mean 'openset'", "'opensets'"]),
        ("id;openset\na;x\n", ["line 1", "'name' or 'names'", "name|names, openset"]),
        ("name,names,openset\na,b,x\n", ["line 1", "'name' and 'names' for one thing"]),
        ("name,openset,openset\na,x,y\n", ["line 1", "'openset' and 'openset'"]),
        ("name,openset\na,x\nb\n", ["line 3", "1 fields, the header has 2"]),
        ("name,openset\na,x,y\n", ["line 2", "3 fields", "put quotes around"]),
        ("name,openset\na,x\nb,y\na,z\n", ["line 4", "'a' stands in line 2 already"]),
        ("name,openset\n,x\n", ["line 2", "'name' must be the name"]),
        ("name,openset\n", ["has no rows"]),
        ("\n\n", ["has no rows"]),
        ('name,openset\na,"x\nb,y\n', ["line 2", "no CSV"]),
        ('name,openset\na,"x"y\n', ["line 2", "no CSV"]),
        ("name,openset\na,x\nb,\0\n", ["line 3", "NUL byte", "byte 19"]),
        ("name,openset\na," + "x" * 200_000 + "\n", ["line 2", "field larger than field limit"]),
        ("", ["is empty"]),
    ],
)
def test_what_is_wrong_and_where(text: str, parts: list[str], tmp_path: Path) -> None:
    message = complaint(written(tmp_path, text))
    assert all(part in message for part in parts), message


def test_another_encoding_is_named_and_not_guessed(tmp_path: Path) -> None:
    chinese = "name,openset\nsample_1,高兴的人\nsample_2,他很生气,是我们不好\n".replace("生气,", "生气、")
    message = complaint(written(tmp_path, chinese.encode("gb18030")))
    assert "line 2 is not UTF-8 (byte 22" in message and "iconv -f gb18030 -t utf-8" in message
    assert "UTF-16" in complaint(written(tmp_path, chinese.encode("utf-16")))
    assert "iconv -f cp1252" in complaint(written(tmp_path, "name,openset\na,déçu très\n".encode("latin-1")))
    assert "save the file as UTF-8" in complaint(written(tmp_path, b"name,openset\na,\x81\x01\xff\xfe\x02\x03\n"))


def test_mixed_encodings(tmp_path: Path) -> None:
    mixed = "name,openset\na,高兴\n".encode() + "b,高兴\n".encode("gb18030")
    assert "line 3 is not UTF-8 (byte 24, 0xb8); what is before it is UTF-8" in complaint(written(tmp_path, mixed))
    marked = b"\xef\xbb\xbf" + mixed
    assert "line 3 is not UTF-8 (byte 27" in complaint(written(tmp_path, marked))


# The first character of each can happen to be a letter of UTF-8.
LABELS = "name,openset\nsample_0,[平静, 委屈, 高兴]\nsample_1,[惊讶, 无奈, 失望]\nsample_2,[担心, 焦虑, 愤怒]\n"


def test_gb18030_that_begins_like_utf_8_is_not_called_mixed(tmp_path: Path) -> None:
    for text in (LABELS, "name,reason\ns,视频中，人物看起来很高兴。\n".replace("视", "平")):
        message = complaint(written(tmp_path, text.encode("gb18030")))
        assert "iconv -f gb18030 -t utf-8" in message and "mixes" not in message


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("a,그는 아주 기쁘다\nb,이 사람은 지금 슬프고 화가 나서 우는 것이다\n", "euc_kr"),
        ("a,он очень рад и спокоен\nb,ей грустно сегодня\n", "cp1251"),
        ("a,déçu, très gêné\nb,für Ärger\n", "cp1252"),
        ("a,うれしい\nb,かなしい\n", "shift_jis"),
        ("a,他看起來很高興而且說話的聲音很大\n", "big5"),
    ],
)
def test_other_encodings_are_not_taken_for_gb18030(text: str, encoding: str, tmp_path: Path) -> None:
    assert f"iconv -f {encoding} " in complaint(written(tmp_path, ("name,openset\n" + text).encode(encoding)))


def test_a_mix_of_accents_in_two_encodings(tmp_path: Path) -> None:
    mixed = "name,openset\na,déçu\n".encode() + "b,déçu très gêné\n".encode("cp1252")
    assert "line 3 is not UTF-8" in complaint(written(tmp_path, mixed))
    assert "the file mixes encodings" in complaint(written(tmp_path, mixed))


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="more than 0 MB, too much for labels"):
        read_bytes(written(tmp_path, "name"), largest=3)


def test_json_lines(tmp_path: Path) -> None:
    path = written(tmp_path, '{"name": "a", "openset": ["x"], "more": 1}\n\n{"openset": "y", "name": "b"}', "a.jsonl")
    assert [(row.line, row.values) for row in read_table(path, NEED).rows] == [
        (1, {"name": "a", "openset": ["x"]}),
        (3, {"name": "b", "openset": "y"}),
    ]


def test_a_column_that_only_some_objects_have(tmp_path: Path) -> None:
    lines = [{"name": "a", "openset": "x"}, {"name": "b", "openset": "y", "speaker": "s"}]
    path = written(tmp_path, "\n".join(map(json.dumps, lines)), "a.jsonl")
    assert [row.values.get("speaker") for row in read_table(path, NEED, {"speaker": ("speaker",)}).rows] == [None, "s"]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ('{"name": "b"', "no JSON that can be used"),
        ('{"name": "b", "openset": NaN}', "NaN is no number"),
        ('{"name": "b", "openset": Infinity}', "Infinity is no number"),
        ('{"name": "b", "openset": "x", "name": "c"}', "a key comes twice"),
        ('["b", "x"]', "holds list"),
        ('{"name": "b", "opensets": "x"}', "did you mean 'openset'"),
        ('{"names": "b", "openset": "x"}', "has 'names' where the lines before have 'name'"),
        ('{"name": "b", "openset": "\\ud800"}', "no JSON that can be used"),
        ('{"name": 3, "openset": "x"}', "'name' must be the name"),
        ('{"name": "b", "openset": ' + "[" * 20_000 + "]" * 20_000 + "}", "no JSON that can be used"),
        ('{"name": "b", "openset": ' + "9" * 5000 + "}", "no JSON that can be used"),
    ],
)
def test_what_is_wrong_with_a_json_line(line: str, part: str, tmp_path: Path) -> None:
    message = complaint(written(tmp_path, '{"name": "a", "openset": "x"}\n' + line + "\n", "a.jsonl"))
    assert "line 2" in message and part in message


@pytest.mark.parametrize("value", ["0.5", " -1e2 ", "+3", ".5", "5.", 2, 0.25])
def test_numbers(value: str | float) -> None:
    assert Row(Path("a.csv"), 2, {"x": value}).number("x") == float(value)


@pytest.mark.parametrize(
    "value", ["", "nan", "NaN", "inf", "1e999", "0,5", "1_000", "0x1", "٣", None, True, [1], 1e999, 10**400]
)
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(DataError, match=r"'a\.csv' line 2: 'x' must be a finite number"):
        Row(Path("a.csv"), 2, {"x": value}).number("x")


def test_text_that_pandas_takes_for_nothing() -> None:
    row = Row(Path("a.csv"), 2, {"a": "NaN", "b": None, "c": "none", "d": 3})
    assert [row.text(column) for column in "abc"] == ["", "", "none"]
    assert row.text("absent") == ""
    with pytest.raises(DataError, match="must be text"):
        row.text("d")
    with pytest.raises(DataError, match=r"must be text, \[1\] came"):
        Row(Path("a.csv"), 2, {"a": [1]}).text("a")


def test_a_line_end_in_a_name_stays_on_one_line_of_the_message(tmp_path: Path) -> None:
    message = complaint(written(tmp_path, "name\n", "two\nlines.csv".replace("\n", "_")))
    assert "\n" not in message
