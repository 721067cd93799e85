"""Counts of a copy and where they differ from what was published."""

from pathlib import Path

import pytest
from tests.mer_unibench_files import write_csv, write_unibench

from openaffect.datasets import KEYS, find, load
from openaffect.datasets.summary import facts, summary, word
from openaffect.emotion.wheel import Wheels, bundled_wheel
from openaffect.records import Annotation, Description, Sample

WHEELS = Wheels.build(
    edition="mine",
    sha256="",
    forms={"sad": ["sad"], "sadness": ["sad"], "blue": ["blue"], "glad": ["glad"]},
    words={"sad": ["sad"], "blue": ["sad"], "glad": ["glad"]},
    wheels=[[("low", "sad", "down")], [("up", "glad", "bold"), ("down", "sad", "low")]],
)


def sample(name: str, *labels: str, **more: object) -> Sample:
    return Sample(id=name, dataset="mercaption", labels=labels, **more)  # type: ignore[arg-type]


def test_labels_raw_and_mapped() -> None:
    samples = [
        sample("a", "Sad", "sadness ", notes=("odd",), transcript={"en": "x"}),
        sample("b", "blue", "glad", notes=("odd",), annotations=(Annotation(annotator="x"),)),
        sample("c", "unheard of", transcript={"en": ""}),
        sample("d", descriptions=(Description(language="en", raw="x", text="x"),)),
    ]
    found = summary(samples, find("mercaption"), WHEELS)
    assert (found.rows, found.labelled, found.annotated, found.transcribed, found.described) == (4, 3, 1, 1, 1)
    assert (found.labels, found.base_words, found.wheel_words, found.unknown) == (5, 3, 2, 1)
    assert found.clusters == {"W1": {"low": 2, "none": 1}, "W2": {"down": 2, "up": 1, "none": 1}}
    assert found.classes == {} and found.notes == {"odd": 2}
    assert (found.tables, found.official_tables) == ("mine", False)
    assert [(each.what, each.published, each.found) for each in found.differences] == [
        ("rows", "115595", "4"),
        ("distinct labels", "2932", "5"),
    ]


def test_classes_that_differ(tmp_path: Path) -> None:
    write_csv(tmp_path / "emer.csv", ["name"], [])
    header = ["names", "emotions", "subtitles", "reasons"]
    rows = [(f"s{i}", "angry" if i < 37 else "happy", "", "x") for i in range(100)]
    write_csv(tmp_path / "gt-eng.csv", header, [*rows[:99], ("s99", "calm", "", "x")])
    found = summary(load("emer-v1", tmp_path), find("emer-v1"), bundled_wheel())
    assert {each.what: (each.published, each.found) for each in found.differences} == {
        "samples of class angry": ("36", "37"),
        "samples of class happy": ("32", "62"),
        "samples of class worried": ("17", "0"),
        "samples of class sad": ("11", "0"),
        "samples of class surprise": ("4", "0"),
        "samples of class calm": ("0", "1"),
    }


def test_signs_of_sentiment(tmp_path: Path) -> None:
    samples = load("cmumosi", write_unibench(tmp_path, keys=["cmumosi"]))
    found = summary(samples[:-1], find("cmumosi"), bundled_wheel())
    assert sum(found.classes.values()) == 685 and len(found.differences) == 2
    assert found.clusters == {"W1": {}}


@pytest.mark.parametrize("number", [236, 248])
def test_either_published_number_of_labels_is_the_published_one(number: int) -> None:
    samples = [sample(f"s{i}", f"label {min(i, number - 1)}") for i in range(332)]
    assert summary(samples, find("ovmerd"), bundled_wheel()).differences == ()


def test_facts_of_every_data_set() -> None:
    found = [facts(find(key)) for key in KEYS]
    assert [each.key for each in found] == list(KEYS)
    assert (found[2].files, found[2].own_files) == (("label.npz",), ("meld.csv", "meld.jsonl"))
    assert found[2].rows == 2610 and found[-2].own_files == ()


def test_one_word() -> None:
    found = word(" Sadness ", WHEELS)
    assert found.label == "sadness" and found.known
    assert found.maps == {
        "M1": "sad",
        "M2": "sad",
        "M3-W1-L1": "low",
        "M3-W1-L2": "sad",
        "M3-W2-L1": "down",
        "M3-W2-L2": "sad",
    }
    assert not word("unheard of", WHEELS).known
