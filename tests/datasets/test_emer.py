"""EMER files: made sentences in the form of the released ones, with their dirt."""

from pathlib import Path

import pytest
from tests.mer_unibench_files import write_csv

from openaffect.datasets import load
from openaffect.datasets.descriptions import described
from openaffect.datasets.emer_clues import split_clues
from openaffect.datasets.emer_ov import literal_labels
from openaffect.errors import DataError

STOP = "\uff1b"  # the full-width semicolon between the Chinese segments
ZH = [
    "视频中,画面里的女士皱着眉头,不时看向门口,可能在等人",
    "音频中,人物语速很快,声音有些颤抖",
    "文本中,字幕内容为:“怎么还不来?”。结合视频和音频线索,可以推断她焦急、不安",
]
EN = [
    "In the video, a woman frowns and keeps looking at the door. She may be waiting for somebody.",
    "In the audio, she speaks fast and her voice trembles.",
    'In the text, the subtitle reads: "Why is nobody coming?" Based on the clues in video and audio, she is uneasy.',
]


# --- V1 ---------------------------------------------------------------------------------------------------------------

HEADER = ["names", "emotions", "subtitles", "reasons"]


def test_v1_in_both_languages(tmp_path: Path) -> None:
    english = [("s2", "angry", "Go away.", "In the video, he shouts."), ("s1", "happy", "", "In the video, he laughs.")]
    chinese = [
        ("s1", "高兴", "nan", "视频中,他在笑。"),
        ("s2", "生气", "走开。", "视频中,他在喊。"),
        ("s3", "担心", "", "视频中,他低头。"),
    ]
    write_csv(tmp_path / "gt-eng.csv", HEADER, english)
    write_csv(tmp_path / "gt-chi.csv", HEADER, chinese)
    second, first, third = load("emer-v1", tmp_path)
    assert (second.id, second.labels, second.transcript) == ("s2", ("angry",), {"en": "Go away.", "zh": "走开。"})
    assert first.transcript == {"en": "", "zh": ""}  # an empty cell and NaN are no subtitle
    assert [description.language for description in first.descriptions] == ["en", "zh"]
    assert first.descriptions[1].text == "视频中,他在笑。"
    assert third.labels == ("担心",) and third.notes == ("only gt-chi.csv has it",)


@pytest.mark.parametrize("file", ["gt-eng.csv", "gt-chi.csv"])
@pytest.mark.parametrize("name", ["name", "names"])
def test_v1_in_one_language_and_either_spelling(file: str, name: str, tmp_path: Path) -> None:
    write_csv(tmp_path / file, [name, *HEADER[1:]], [("s1", "sad", "x", "In the video, ...")])
    [sample] = load("emer-v1", tmp_path)
    assert sample.id == "s1" and sample.notes == ()


# --- V2 ---------------------------------------------------------------------------------------------------------------


def v2(folder: Path, chinese: str, english: str, name: str = "name") -> list[object]:
    write_csv(folder / "final-EMER-reason.csv", [name, "chinese", "english"], [("s1", chinese, english)])
    return list(load("emer-v2", folder)[0].descriptions)


@pytest.mark.parametrize("name", ["name", "names"])
def test_v2_is_taken_apart_in_both_languages(name: str, tmp_path: Path) -> None:
    english, chinese = v2(tmp_path, STOP.join(ZH) + "。", " ".join(EN), name)
    assert list(chinese.clues) == list(english.clues) == ["visual", "acoustic", "lexical"]
    assert list(chinese.clues.values()) == [*ZH[:2], ZH[2] + "。"]
    assert list(english.clues.values()) == EN
    assert english.dirt == chinese.dirt == ()


def test_v2_dirt_is_cleaned_where_it_leads_and_flagged_where_it_stands(tmp_path: Path) -> None:
    raw = "Input: " + " ".join(EN).replace("she is uneasy", "she is 焦急. Output: uneasy")
    english, chinese = v2(tmp_path, STOP.join(ZH), raw)
    assert english.raw == raw and english.text.startswith("In the video")
    assert english.dirt == ("leaked prefix", "leaked prompt word", "Chinese characters")
    assert "Output: uneasy" in english.clues["lexical"]
    assert chinese.dirt == ()


@pytest.mark.parametrize("raw", ["Input: x", "Output:x", "input : x", " Input:\nOutput: x", "输入: x", "输出\uff1ax"])
def test_leaked_prefixes(raw: str) -> None:
    found = described(raw, "en")
    assert (found.raw, found.text, found.dirt) == (raw, "x", ("leaked prefix",))


def test_a_text_that_cannot_be_split_is_left_whole_and_flagged(tmp_path: Path) -> None:
    english, chinese = v2(tmp_path, "她皱着眉头。", "She frowns. In the audio, she sighs.")
    assert english.clues == chinese.clues == {}
    assert english.dirt == chinese.dirt == ("no three clues",)
    write_csv(tmp_path / "final-EMER-reason.csv", ["name", "chinese", "english"], [("s1", "nan", "")])
    [sample] = load("emer-v2", tmp_path)
    assert sample.descriptions == () and sample.notes == ("no text in 'english'", "no text in 'chinese'")


@pytest.mark.parametrize(
    "text",
    [
        STOP.join([ZH[0], ZH[1] + ";声调较高", ZH[2]]),
        STOP.join([ZH[0], "从" + ZH[1], "在" + ZH[2]]),
        ";".join(ZH),
        STOP.join(part.replace("视频中", "在视频中").replace("文本中", "字幕中") for part in ZH),
    ],
)
def test_chinese_near_variants(text: str) -> None:
    assert list(split_clues(text, "zh")) == ["visual", "acoustic", "lexical"]


@pytest.mark.parametrize(
    "text",
    [
        " ".join([EN[0], "In the video, the light is dim.", EN[1], EN[2]]),
        "\n".join(EN),
        " ".join(
            [
                EN[0],
                EN[1].replace("In the audio", "From the audio clip"),
                EN[2].replace("In the text", "In the subtitle"),
            ]
        ),
        " ".join([EN[0].replace("video", "video clip"), EN[1].replace("audio", "audio track"), EN[2]]),
        "; ".join(part.rstrip(".") for part in EN).replace("In the audio", "in the audio"),
        " ".join([EN[1], EN[0], EN[2]]),
    ],
)
def test_english_near_variants(text: str) -> None:
    assert list(split_clues(text, "en")) == ["visual", "acoustic", "lexical"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        EN[0],
        " ".join(EN[:2]),
        " ".join(EN[1:]),
        "Somebody frowns. " + " ".join(EN),
        " ".join([*EN, "In the audio, she sighs."]),
        " ".join(EN).replace("In the audio", "Meanwhile"),
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    assert split_clues(text, "en") == {}


# --- open labels ------------------------------------------------------------------------------------------------------


def test_open_labels_are_read_as_python_lists_and_the_official_reading_is_noted(tmp_path: Path) -> None:
    rows = [
        ("s1", "['happy', 'at ease']", "['高兴']"),
        ("s2", '["don\'t know", "sad"]', ""),
        ("s3", "[happy, sad]", "[]"),
        ("s4", "[]", ""),
    ]
    write_csv(tmp_path / "check-openset.csv", ["name", "openset", "chinese"], rows)
    first, second, third, fourth = load("emer-ov", tmp_path)
    assert first.labels == ("happy", "at ease") and first.notes == ()
    assert [(view.annotator, view.labels) for view in first.annotations] == [("openset_zh", ("高兴",))]
    assert second.labels == ("don't know", "sad")
    assert second.notes == ("the official parser reads 'openset' as don | t know | sad",)
    assert third.labels == ("happy", "sad") and "no Python list" in third.notes[0]
    assert fourth.labels == () and fourth.notes == () and fourth.annotations == ()


def test_open_labels_without_a_chinese_column(tmp_path: Path) -> None:
    write_csv(tmp_path / "check-openset.csv", ["names", "openset"], [("s1", "['sad']")])
    assert load("emer-ov", tmp_path)[0].annotations == ()
    write_csv(tmp_path / "check-openset.csv", ["names", "openset", "openset_zh"], [("s1", "['sad']", "[难过]")])
    assert load("emer-ov", tmp_path)[0].annotations[0].labels == ("难过",)


@pytest.mark.parametrize(
    "text",
    ["sad", "['a', 1]", "('a',)", "{'a'}", "__import__('os')", "['a'", "[" * 9000, "['a'] * 9", "['x'," * 9000],
)
def test_what_is_no_list_of_text(text: str) -> None:
    assert literal_labels(text) is None


# --- labels and descriptions of the MER2025 release -------------------------------------------------------------------


def test_labels_and_descriptions_that_lie_in_two_files(tmp_path: Path) -> None:
    room = tmp_path / "mer2025-dataset"
    room.mkdir()
    write_csv(room / "track2_train_mercaptionplus.csv", ["name", "openset"], [("s1", "['sad']"), ("s2", "[]")])
    reasons = [("s1", "Input: She looks down."), ("s3", "他低着头。")]
    write_csv(room / "track3_train_mercaptionplus.csv", ["name", "reason"], reasons)
    write_csv(room / "subtitle_chieng.csv", ["name", "chinese", "english"], [("s1", "我累了。", "I am tired.")])
    first, second, third = load("mercaptionplus", tmp_path)
    assert first.labels == ("sad",) and first.transcript == {"zh": "我累了。", "en": "I am tired."}
    assert first.descriptions[0].text == "She looks down." and first.descriptions[0].dirt == ("leaked prefix",)
    assert second.labels == () and second.notes == ()
    assert third.descriptions[0].language == "zh" and "no row in track2_train_mercaptionplus.csv" in third.notes[0]


def test_descriptions_alone(tmp_path: Path) -> None:
    write_csv(tmp_path / "track3_train_ovmerd.csv", ["name", "reason"], [("s1", "She smiles."), ("s1", "Again.")])
    with pytest.raises(DataError, match="line 3: the name 's1' stands in line 2"):
        load("ovmerd", tmp_path)


@pytest.mark.parametrize("cell", ["['\\ud800', 'sad']", "['\\ud83d', '\\ude00']"])
def test_half_a_surrogate_pair_is_no_label(cell: str, tmp_path: Path) -> None:
    assert literal_labels(cell) is None
    write_csv(tmp_path / "check-openset.csv", ["name", "openset"], [("s1", cell)])
    [sample] = load("emer-ov", tmp_path)
    assert sample.notes == ("'openset' is no Python list; read with the official parser",)
    sample.model_dump_json().encode("utf-8")
