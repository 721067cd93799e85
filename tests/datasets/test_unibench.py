"""The nine data sets of MER-UniBench in the official layout, made."""

from pathlib import Path

import numpy as np
import pytest
from tests.mer_unibench_files import MADE, MELD, write_csv, write_npz, write_unibench

from openaffect.datasets import DATASETS, KEYS, UNIBENCH, find, load
from openaffect.datasets.iemocapfour import speaker_of
from openaffect.datasets.summary import summary
from openaffect.emotion.wheel import bundled_wheel
from openaffect.errors import DataError, UsageError


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_unibench(tmp_path_factory.mktemp("labels"))


@pytest.mark.parametrize("key", UNIBENCH)
def test_the_official_size_and_class_counts(key: str, labels: Path) -> None:
    dataset = find(key)
    samples = load(key, labels)
    assert len(samples) == dataset.n == MADE[key].rows
    assert len({sample.id for sample in samples}) == len(samples)
    assert {sample.dataset for sample in samples} == {key}
    assert summary(samples, dataset, bundled_wheel()).differences == ()


def test_the_order_is_the_one_in_which_the_benchmark_is_printed() -> None:
    assert tuple(MADE) == UNIBENCH


@pytest.mark.parametrize("key", ["mer2023", "mer2024", "meld", "iemocapfour"])
def test_basic_labels_are_of_the_closed_set(key: str, labels: Path) -> None:
    samples = load(key, labels)
    assert {sample.labels for sample in samples} == {(label,) for label in find(key).labels}
    assert not any(sample.ratings for sample in samples)  # -10 is no rating


@pytest.mark.parametrize(("key", "top"), [("cmumosi", 3), ("cmumosei", 3), ("sims", 1), ("simsv2", 1)])
def test_ratings_are_plain_floats_on_the_scale(key: str, top: float, labels: Path) -> None:
    ratings = [sample.ratings["sentiment"] for sample in load(key, labels)]
    assert all(type(rating) is float and -top <= rating <= top for rating in ratings)
    assert {0.0} < set(ratings)


def test_numbers_count_the_classes_in_the_official_order(tmp_path: Path) -> None:
    corpus = {f"u{i}": {"emo": i, "val": -10} for i in range(7)}
    write_npz(tmp_path / "label.npz", test_corpus=corpus, train_corpus={"t": {"emo": 0, "val": 0}})
    assert [sample.labels for sample in load("meld", tmp_path)] == [(label,) for label in MELD]


def test_iemocap_is_session_five_and_names_its_speakers(labels: Path) -> None:
    samples = load("iemocapfour", labels)
    assert {sample.id[:5] for sample in samples} == {"Ses05"}
    assert {sample.speaker for sample in samples} == {"Ses05F", "Ses05M"}
    assert speaker_of("Ses05F_script03_1_M033") == "Ses05M"
    assert speaker_of("another") is None
    assert all(sample.speaker is None for sample in load("meld", labels))


def test_an_empty_label_list_counts_as_neutral_in_ov_merd_plus_only(tmp_path: Path) -> None:
    rows = [("a", "['happy', 'at ease']"), ("b", "[]"), ("c", ""), ("d", "[happy, Sad ]")]
    for name in ("ovlabel.csv", "track2_test.csv"):
        write_csv(tmp_path / name, ["name", "openset"], rows)
    plus, challenge = load("ovmerdplus", tmp_path), load("mer2025ov", tmp_path)
    assert [sample.labels for sample in plus] == [("happy", "at ease"), ("neutral",), ("neutral",), ("happy", "Sad")]
    assert [bool(sample.notes) for sample in plus] == [False, True, True, False]
    assert [sample.labels for sample in challenge] == [("happy", "at ease"), (), (), ("happy", "Sad")]
    assert [sample.origin for sample in challenge] == [f"track2_test.csv:{line}" for line in range(2, 6)]


def test_what_is_said_comes_along(labels: Path) -> None:
    assert load("meld", labels)[0].transcript == {"en": "Made sentence 0, with a comma."}
    assert load("meld", labels)[3].transcript == {"en": ""}
    assert load("mer2024", labels)[0].transcript == {"zh": "Made sentence 0, with a comma."}
    assert load("ovmerdplus", labels)[0].transcript == {"en": "Made sentence 0, with a comma."}


def test_subtitles_that_name_a_sample_twice(tmp_path: Path) -> None:
    write_csv(tmp_path / "track2_test.csv", ["name", "openset"], [("a", "[]"), ("b", "[]")])
    rows = [("a", "一", "one"), ("a", "二", "two")]
    write_csv(tmp_path / "subtitle_chieng.csv", ["name", "chinese", "english"], rows)
    first, second = load("mer2025ov", tmp_path)
    assert first.transcript == {"zh": "二", "en": "two"} and "lines 2, 3; the last counts" in first.notes[0]
    assert second.transcript == {} and second.notes == ()
    write_csv(tmp_path / "subtitle_chieng.csv", ["name", "text"], rows and [("a", "b")])
    with pytest.raises(DataError, match="no column of english, chinese, sentence"):
        load("mer2025ov", tmp_path)


@pytest.mark.parametrize(
    ("key", "entry", "part"),
    [
        ("meld", {"emo": 7, "val": 0}, "7 is no class of this data set"),
        ("meld", {"emo": -1, "val": 0}, "-1 is no class"),
        ("meld", {"emo": 1.0, "val": 0}, "1.0 is no class"),
        ("meld", {"emo": True, "val": 0}, "True is no class"),
        ("meld", {"emo": "joyful", "val": 0}, "'joyful' is no class of this data set, did you mean 'joy'?"),
        ("meld", {"emo": None, "val": 0}, "None is no class"),
        ("meld", {"val": 0}, "has no 'emo'"),
        ("meld", 3, "name →"),
        ("meld", {"emo": "joy", "val": "high"}, "a rating between"),
        ("sims", {"emo": 0}, "has no 'val'"),
        ("sims", {"emo": 0, "val": np.float32("nan")}, "a rating between -1 and 1 was expected, nan came"),
        ("sims", {"emo": 0, "val": 1.5}, "a rating between -1 and 1 was expected, 1.5 came"),
        ("sims", {"emo": 0, "val": -10}, "a rating between -1 and 1"),
        ("sims", {"emo": 0, "val": "nan"}, "a rating between -1 and 1"),
        ("sims", {"emo": 0, "val": np.array([0.5])}, "a rating between -1 and 1"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named(key: str, entry: object, part: str, tmp_path: Path) -> None:
    write_npz(tmp_path / "label.npz", test_corpus={"good": {"emo": 0, "val": 0.5}, "u1": entry})
    with pytest.raises(DataError) as caught:
        load(key, tmp_path)
    message = str(caught.value)
    assert part in message and "label.npz" in message and "'test_corpus'" in message and "u1" in message


def test_numbers_written_as_text_are_read_and_noted(tmp_path: Path) -> None:
    write_npz(tmp_path / "label.npz", test_corpus={"u1": {"emo": "3", "val": "0.5"}})
    assert load("meld", tmp_path)[0].labels == ("neutral",)
    assert "number 3 written as text" in load("meld", tmp_path)[0].notes[0]
    assert load("sims", tmp_path)[0].ratings == {"sentiment": 0.5}
    assert "written as text" in load("sims", tmp_path)[0].notes[0]


def test_a_rating_beside_a_class_is_kept_where_there_is_one(tmp_path: Path) -> None:
    corpus = {
        "a": {"emo": "sad", "val": np.float32(-2.5)},
        "b": {"emo": "sad", "val": float("nan")},
        "c": {"emo": "sad"},
    }
    write_npz(tmp_path / "label-6way.npz", test1_corpus=corpus)
    assert [sample.ratings for sample in load("mer2023", tmp_path)] == [{"sentiment": -2.5}, {}, {}]


@pytest.mark.parametrize("content", [{"test_corpus": [1, 2]}, {"test_corpus": {}}, {"test_corpus": {3: {"emo": 1}}}])
def test_a_part_that_is_no_dict_of_samples(content: dict[str, object], tmp_path: Path) -> None:
    write_npz(tmp_path / "label.npz", **content)
    with pytest.raises(DataError, match="key 'test_corpus'"):
        load("meld", tmp_path)


def test_a_part_that_is_not_there(tmp_path: Path) -> None:
    write_npz(tmp_path / "label.npz", train_corpus={"a": {"emo": 1}})
    with pytest.raises(DataError, match=r"has no key 'test_corpus', did you mean 'train_corpus'\?"):
        load("meld", tmp_path)


def test_no_turn_of_session_five(tmp_path: Path) -> None:
    write_npz(tmp_path / "label_4way.npz", whole_corpus={"Ses01F_impro01_F000": {"emo": 1, "val": -10}})
    with pytest.raises(DataError, match="none of its 1 samples belongs to the session 5"):
        load("iemocapfour", tmp_path)


# --- the table --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_every_line_of_the_table_leads_to_a_data_set_with_its_facts(key: str) -> None:
    dataset = find(key)
    assert dataset.key == key
    assert dataset.title and dataset.metric and dataset.split and dataset.licence and dataset.obtain.endswith(".")
    assert "http" not in dataset.obtain
    assert dataset.task != "basic" or dataset.labels
    assert dataset.task != "sentiment" or dataset.scale
    assert set(dataset.published.classes) <= set(dataset.labels)
    classes = dataset.published.classes
    assert not classes or sum(classes.values()) == dataset.n


def test_keys_in_other_spellings() -> None:
    assert find("MELD") is find("meld")
    assert find("emer_v1").key == "emer-v1" and find("OV-MERD+").key == "ovmerdplus"


def test_an_unknown_key_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown data set 'cmumossi', did you mean 'cmumosi'\? Known: "):
        find("cmumossi")
    assert len(DATASETS) == 18


@pytest.mark.parametrize("key", ["meld", "ovmerdplus"])
def test_a_broken_subtitle_file_matters_only_where_it_is_read(key: str, tmp_path: Path) -> None:
    write_unibench(tmp_path, size=3, keys=[key])
    [subtitles] = (path for path in tmp_path.rglob("*.csv") if path.name in find(key).subtitles)
    said = load(key, tmp_path)
    subtitles.write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="is UTF-16"):
        load(key, tmp_path)
    samples = load(key, tmp_path, transcripts=False)
    assert samples == [sample.model_copy(update={"transcript": {}}) for sample in said]
