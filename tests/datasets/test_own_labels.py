"""Labels of the user's own in a plain file, with every annotator's view."""

import json
from pathlib import Path

import pytest
from tests.mer_unibench_files import write_csv, write_npz

from openaffect.datasets import load
from openaffect.errors import DataError


def csv(folder: Path, key: str, text: str) -> Path:
    (folder / f"{key}.csv").write_text(text, encoding="utf-8")
    return folder


def complaint(key: str, folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        load(key, folder)
    return str(caught.value)


def test_one_row_a_sample(tmp_path: Path) -> None:
    basic = load("meld", csv(tmp_path, "meld", "name,label,speaker\na,joy,Ann\nb,fear,\n"))
    assert [(sample.id, sample.labels, sample.speaker) for sample in basic] == [
        ("a", ("joy",), "Ann"),
        ("b", ("fear",), None),
    ]
    assert basic[0].annotations == () and basic[0].origin == "meld.csv:2"
    rated = load("sims", csv(tmp_path, "sims", "name,sentiment\na,-0.4\n"))
    assert rated[0].ratings == {"sentiment": -0.4}
    free = load("mercaption", csv(tmp_path, "mercaption", "name,openset\na,\"['happy', 'at ease']\"\nb,[]\n"))
    assert [sample.labels for sample in free] == [("happy", "at ease"), ()]


def test_majority_of_several_annotators(tmp_path: Path) -> None:
    rows = "name,label,annotator,weight\na,joy,x,1\na,joy,y,1\na,fear,z,1.5\nb,fear,x,1\nb,anger,y,1\n"
    first, second = load("meld", csv(tmp_path, "meld", rows))
    assert first.labels == ("joy",) and first.notes == ()
    assert [(view.annotator, view.labels, view.weight) for view in first.annotations] == [
        ("x", ("joy",), 1.0),
        ("y", ("joy",), 1.0),
        ("z", ("fear",), 1.5),
    ]
    assert second.labels == ("anger",)  # the first in the official order
    assert second.notes == ("the annotators tie between anger, fear; the first counts",)


def test_union_and_mean_of_several_annotators(tmp_path: Path) -> None:
    lines = [
        {"name": "a", "annotator": "x", "openset": ["sad", "tired"]},
        {"name": "a", "annotator": "y", "openset": "[tired, hurt]"},
    ]
    (tmp_path / "ovmerdplus.jsonl").write_text("\n".join(map(json.dumps, lines)))
    [sample] = load("ovmerdplus", tmp_path)
    assert sample.labels == ("sad", "tired", "hurt") and len(sample.annotations) == 2
    rows = "name,sentiment,annotator,weight\na,1,x,3\na,-1,y,1\n"
    [rated] = load("cmumosi", csv(tmp_path, "cmumosi", rows))
    assert rated.ratings == {"sentiment": 0.5}
    assert [view.ratings for view in rated.annotations] == [{"sentiment": 1.0}, {"sentiment": -1.0}]


def test_official_files_decide_the_consensus_and_the_split(tmp_path: Path) -> None:
    entries = {"a": {"emo": "sad", "val": -10}, "b": {"emo": "happy", "val": -10}}
    write_npz(tmp_path / "label-6way.npz", test1_corpus=entries)
    rows = [("a", "happy", "x", "s1"), ("a", "angry", "y", "s1"), ("other", "sad", "x", "s2")]
    write_csv(tmp_path / "mer2023.csv", ["name", "label", "annotator", "speaker"], rows)
    first, second = load("mer2023", tmp_path)
    assert first.labels == ("sad",) and first.speaker == "s1"
    assert [view.labels for view in first.annotations] == [("happy",), ("angry",)]
    assert second.labels == ("happy",) and second.annotations == ()
    write_csv(tmp_path / "mer2023.csv", ["name", "label", "annotator"], [("other", "sad", "x")])
    assert "names no sample of" in complaint("mer2023", tmp_path)


@pytest.mark.parametrize(
    ("key", "rows", "parts"),
    [
        ("meld", "name,label\na,joyful\n", ["line 2", "'joyful' is no class", "did you mean 'joy'"]),
        ("meld", "name,label\na,\n", ["line 2", "'' is no class"]),
        ("meld", "name,emotion\na,joy\n", ["line 1", "lacks the column 'label'"]),
        ("meld", "name,label\na,joy\na,joy\n", ["line 3", "without the column 'annotator'", "first is line 2"]),
        ("meld", "name,label,annotator\na,joy,x\na,fear,x\n", ["line 3", "second row of annotator 'x' for 'a'"]),
        ("meld", "name,label,annotator\na,joy,\n", ["line 2", "'annotator' is empty"]),
        ("meld", "name,label,weight\na,joy,0\n", ["line 2", "'weight' must lie between 1e-09 and 1e+09, 0 came"]),
        ("sims", "name,sentiment,weight\na,0.5,1e308\n", ["line 2", "'weight' must lie between", "1e+308 came"]),
        ("sims", "name,sentiment,weight\na,0.5,1e-320\n", ["line 2", "'weight' must lie between"]),
        ("meld", "name,label,weight\na,joy,nan\n", ["line 2", "'weight' must be a finite number"]),
        ("meld", "name,label,annotator,speaker\na,joy,x,s\na,joy,y,t\n", ["line 3", "'t' here and another in line 2"]),
        ("sims", "name,sentiment\na,2\n", ["line 2", "a rating between -1 and 1"]),
        ("sims", "name,sentiment\na,NaN\n", ["line 2", "'sentiment' must be a finite number"]),
        ("sims", "name,sentiment\na,\n", ["line 2", "must be a finite number"]),
        ("ovmerdplus", "name,openset\na,[\n", ["line 2", "holds no list"]),
    ],
)
def test_what_is_wrong_and_where(key: str, rows: str, parts: list[str], tmp_path: Path) -> None:
    message = complaint(key, csv(tmp_path, key, rows))
    assert all(part in message for part in parts), message


@pytest.mark.parametrize("value", ["3", "[1, 2]", '{"a": 1}', "true"])
def test_labels_that_are_no_text(value: str, tmp_path: Path) -> None:
    (tmp_path / "ovmerdplus.jsonl").write_text(f'{{"name": "a", "openset": {value}}}')
    assert "'" + str(tmp_path / "ovmerdplus.jsonl") + "' line 1" in complaint("ovmerdplus", tmp_path)


def test_a_number_of_the_class_is_read(tmp_path: Path) -> None:
    assert load("meld", csv(tmp_path, "meld", "name,label\na,3\n"))[0].labels == ("neutral",)


@pytest.mark.parametrize(("field", "value"), [("speaker", [1]), ("annotator", {"a": 1}), ("weight", 10**400)])
def test_a_field_of_another_kind(field: str, value: object, tmp_path: Path) -> None:
    row = {"name": "a", "label": "joy", "annotator": "x", field: value}
    (tmp_path / "meld.jsonl").write_text(json.dumps(row))
    assert f"line 1: '{field}' must be" in complaint("meld", tmp_path)


@pytest.mark.parametrize("weights", [(1e9, 1e-9), (1e-9, 1e-9), (1e9, 1e9)])
def test_the_heaviest_and_the_lightest_weights(weights: tuple[float, float], tmp_path: Path) -> None:
    first, second = weights
    rows = f"name,sentiment,annotator,weight\na,0.5,x,{first}\na,0.5,y,{second}\n"
    [sample] = load("sims", csv(tmp_path, "sims", rows))
    assert sample.ratings["sentiment"] == pytest.approx(0.5)
