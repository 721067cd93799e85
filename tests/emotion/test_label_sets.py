"""The closed label sets against the corpora's own lists, and the maps between them against a hand's."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from openaffect.emotion import labels
from openaffect.emotion.label_sets import GENERAL, LABEL_SETS, label_map, label_set, map_label
from openaffect.emotion.labels import VOCABULARY
from openaffect.errors import UsageError


def test_data_files_with_numbers_have_their_order() -> None:
    assert LABEL_SETS["meld-7"].names == ("anger", "joy", "sadness", "neutral", "disgust", "fear", "surprise")
    assert LABEL_SETS["iemocap-4"].names == ("happy", "sad", "neutral", "anger")
    assert LABEL_SETS["mer-6"].names == ("neutral", "angry", "happy", "sad", "worried", "surprise")
    # RAVDESS: the third number of a file name, 01 to 08
    ravdess = LABEL_SETS["ravdess-8"]
    assert ravdess.names[6 - ravdess.first] == "fearful"
    assert (LABEL_SETS["fer-7"].names[3], LABEL_SETS["fer-7"].first) == ("happy", 0)
    assert (LABEL_SETS["dfew-7"].names[3 - 1], LABEL_SETS["dfew-7"].first) == ("neutral", 1)
    assert (LABEL_SETS["mafw-11"].names[8 - 1], LABEL_SETS["mafw-11"].first) == ("contempt", 1)


def test_a_key_ends_with_the_number_of_its_names() -> None:
    for key, each in LABEL_SETS.items():
        size = int(key.partition("+")[0].rpartition("-")[2]) + key.count("+")
        assert each.key == key
        assert len(each.names) == len({name.lower() for name in each.names}) == size
        assert each.title and each.source


def test_all_sets_of_mme_emotion_are_there() -> None:
    """The numbers of candidates that the specification counts, by task."""
    sizes: dict[str, list[int]] = {}
    for each in LABEL_SETS.values():
        if "MME-Emotion" in each.source:
            sizes.setdefault(each.source.rpartition(" ")[2], []).append(len(each.names))
    assert {task: sorted(found) for task, found in sizes.items()} == {
        "ER-Lab": [9],
        "ER-Wild": [7, 7, 7, 7, 8, 11],
        "Noise-ER": [6],
        "FG-ER": [26],
        "ML-ER": [6, 10],
        "SA": [3],
        "FG-SA": [9],
        "IR": [8],
    }


def test_separators_of_several_labels() -> None:
    assert {key: each.separator for key, each in LABEL_SETS.items() if each.separator} == {
        "mafw-10": ",",
        "mosei-6": ",",
        "bold-26": ";",
    }
    assert all(each.separator not in name for each in LABEL_SETS.values() if each.separator for name in each.names)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("mer-6", "ekman-6", "- anger happiness sadness fear surprise"),
        # a narrower word goes to the wider, never the other way: MER has no fear and no disgust
        ("ekman-6+neutral", "mer-6", "angry - - happy sad surprise neutral"),
        ("meld-7", "iemocap-4", "anger happy sad neutral - - -"),
        ("iemocap-4", "meld-7", "joy sadness neutral anger"),
        ("meld-7", "dfew-7", "angry happy sad neutral disgust fear surprise"),
        ("fer-7", "ravdess-8", "angry disgust fearful happy sad surprised neutral"),
        # calm is not neutral
        ("ravdess-8", "crema-d-6", "neutral - happy sad anger fear disgust -"),
        ("mafw-11", "meld-7", "anger disgust fear joy neutral sadness surprise disgust fear sadness sadness"),
        ("mafw-11", "mafw-10", "anger disgust fear happiness - sadness surprise contempt anxiety helplessness "
                               "disappointment"),
        ("iemocap-9", "mer-6", "angry happy happy sad angry - surprise - neutral"),
        ("e3-8", "plutchik-8", "joy surprise anger anger sadness fear - disgust"),
        ("plutchik-8", "ekman-6", "happiness - fear surprise sadness disgust anger -"),
        ("mosei-6", "ekman-6", "happiness sadness anger surprise disgust fear"),
        ("ravdess-8", "bold-26", "- Peace Happiness Sadness Anger Fear - Surprise"),
        ("bold-26", "ekman-6+neutral", "- - - - - - happiness happiness happiness surprise - - - - - sadness disgust "
                                       "disgust anger anger sadness sadness fear fear sadness sadness"),
        ("sentiment-3", "sentiment-2", "negative - positive"),
        ("mosi-9", "sentiment-3", "negative negative negative negative neutral positive positive positive positive"),
        # which negative of nine a plain "negative" is cannot be known
        ("sentiment-3", "mosi-9", "- neutral -"),
        ("ch-sims-5", "sentiment-3", "negative negative neutral positive positive"),
        ("meld-7", "sentiment-3", "- - - - - - -"),
        ("mc-eiu-intent-8", "ekman-6+neutral", "- - - - - - - -"),
    ],
)  # fmt: skip
def test_maps_written_by_hand(source: str, target: str, expected: str) -> None:
    found = label_map(source, target)
    assert list(found) == list(LABEL_SETS[source].names)
    assert [name or "-" for name in found.values()] == expected.split()


def test_a_set_maps_to_itself() -> None:
    for key, each in LABEL_SETS.items():
        assert label_map(key, key) == {name: name for name in each.names}


def test_what_is_mapped_is_a_name_of_the_target() -> None:
    for source in LABEL_SETS:
        for target, each in LABEL_SETS.items():
            assert set(label_map(source, target).values()) <= {*each.names, None}


def test_a_label_is_mapped_whatever_its_case() -> None:
    assert map_label(" FRUSTRATION ", "iemocap-9", "ekman-6") == "anger"
    assert map_label("doubt/confusion", "bold-26", "meld-7") is None
    assert map_label("doubt/confusion", "bold-26", "bold-26") == "Doubt/Confusion"


def test_general_labels_are_labels() -> None:
    assert set(VOCABULARY) >= GENERAL


def test_unknown_sets_and_labels_are_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown label set 'meld7', did you mean 'meld-7'"):
        label_map("meld7", "ekman-6")
    with pytest.raises(UsageError, match="unknown label set 'nothing'"):
        label_set("nothing")
    with pytest.raises(UsageError, match="unknown label 'suprise' of the set 'meld-7', did you mean 'surprise'"):
        map_label("suprise", "meld-7", "ekman-6")


def test_the_page_names_every_set_and_prints_what_it_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "labels.md").read_text("utf-8")
    for each in LABEL_SETS.values():
        assert f"| `{each.key}` | {', '.join(each.names)} |" in page
    code, said = re.findall(r"```\w+\n(.*?)```", page, re.S)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert printed.getvalue() == said


def test_the_vocabulary_gives_them_too() -> None:
    assert labels.LABEL_SETS is LABEL_SETS
    assert labels.label_map is label_map
    assert labels.LabelSet is type(LABEL_SETS["meld-7"])
