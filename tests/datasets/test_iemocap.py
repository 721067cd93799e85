"""IEMOCAP in its layout, made."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.datasets import find, load
from openaffect.datasets.iemocap import ABSENT
from openaffect.datasets.summary import summary
from openaffect.emotion.wheel import bundled_wheel
from openaffect.errors import AbsentData, DataError

HEAD = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"
FIRST = """[6.2901 - 8.2357]\tSes01F_impro01_F000\tfru\t[2.5000, 3.5000, 4.5000]
C-E2:\tNeutral;\t()
C-E3:\tFrustration; Anger;\t()
C-F1:\tNeutral state;\t(curious; act 5)
A-E3:\tval 2; act 3; dom  4;\t()
A-E4:\tval 3; act 4; dom  5;\t(mildly aggravated; val 1)
A-F1:\tval 3; act 2; dom  1;\t()

"""
SECOND = """[10.0100 - 11.3925]\tSes01F_impro01_M001\txxx\t[5.5000, 3.0000, 1.0000]
C-E2:\tOther;\t(bored)
A-E3:\tval 4; act ; dom  2;\t()
A-E3:\tval 1; act 1; dom  1;\t()
A-E4:\t;\t()
A-M1:\tval 3; act 2; dom  1;\t()

"""


def write(
    root: Path, content: str | bytes = HEAD + FIRST + SECOND, session: int = 1, name: str = "Ses01F_impro01"
) -> Path:
    room = root / f"Session{session}" / "dialog" / "EmoEvaluation"
    room.mkdir(parents=True, exist_ok=True)
    (room / f"{name}.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def sounds(root: Path, *turns: str) -> None:
    for turn in turns:
        room = root / f"Session{turn[4]}" / "sentences" / "wav" / turn.rpartition("_")[0]
        room.mkdir(parents=True, exist_ok=True)
        (room / f"{turn}.wav").write_bytes(b"RIFF")


def test_the_numbers_in_the_file_are_valence_activation_dominance(tmp_path: Path) -> None:
    first, second = load("iemocap", write(tmp_path))
    assert list(first.ratings.items()) == [("arousal", 3.5), ("dominance", 4.5), ("valence", 2.5)]
    # the mean of the two annotators, without the actress
    views = {view.annotator: view for view in first.annotations}
    for name, value in first.ratings.items():
        assert value == (views["A-E3"].ratings[name] + views["A-E4"].ratings[name]) / 2
    assert views["A-F1 Ses01 (self)"].ratings == {"arousal": 2.0, "dominance": 1.0, "valence": 3.0}
    assert list(views["A-E3"].ratings) == ["arousal", "dominance", "valence"]
    assert second.ratings == {"arousal": 3.0, "dominance": 1.0, "valence": 5.5}
    assert "a rating outside 1 to 5 is kept as it stands" in second.notes


def test_classes_of_consensus_and_annotators(tmp_path: Path) -> None:
    first, second = load("iemocap", write(tmp_path))
    assert first.labels == ("frustration",) and second.labels == ()
    assert "the annotators do not agree on a class" in second.notes
    labels = {view.annotator: view.labels for view in first.annotations if view.labels}
    assert labels == {"C-E2": ("neutral",), "C-E3": ("frustration", "anger"), "C-F1 Ses01 (self)": ("neutral",)}


def test_who_speaks_and_where_it_stands(tmp_path: Path) -> None:
    first, second = load("iemocap", write(tmp_path))
    assert (first.id, first.speaker, first.groups) == ("Ses01F_impro01_F000", "Ses01F", {"sex": "f"})
    assert (second.speaker, second.groups, second.split) == ("Ses01M", {"sex": "m"}, "session-1")
    assert first.origin == "Ses01F_impro01.txt:3" and first.transcript == {}


def test_missing_and_doubled_values(tmp_path: Path) -> None:
    second = load("iemocap", write(tmp_path))[1]
    views = {view.annotator: view.ratings for view in second.annotations if view.ratings}
    assert views == {
        "A-E3": {"dominance": 2.0, "valence": 4.0},
        "A-M1 Ses01 (self)": {"arousal": 2.0, "dominance": 1.0, "valence": 3.0},
    }
    assert "an annotator has two rows of a kind; the first counts" in second.notes
    assert "an annotator gave nothing" in second.notes


def test_marks_line_ends_and_comments_in_another_encoding(tmp_path: Path) -> None:
    plain = load("iemocap", write(tmp_path / "a"))
    text = (HEAD + FIRST + SECOND).replace("\n", "\r\n")
    assert load("iemocap", write(tmp_path / "b", b"\xef\xbb\xbf" + text.encode())) == plain
    odd = (HEAD + FIRST + SECOND).encode().replace(b"curious", b"so \x93curious\x94")
    assert load("iemocap", write(tmp_path / "c", odd)) == plain
    assert load("iemocap", write(tmp_path / "d", HEAD + FIRST + SECOND.rstrip())) == plain


def test_all_sessions_in_order_without_the_files_of_a_mac(tmp_path: Path) -> None:
    for session in (2, 1, 5):
        write(tmp_path, FIRST.replace("Ses01", f"Ses0{session}"), session, f"Ses0{session}F_impro01")
        write(tmp_path, b"\0\5\26\7", session, f"._Ses0{session}F_impro01")
    (tmp_path / "Session1" / "dialog" / "EmoEvaluation" / "Attribute").mkdir()
    samples = load("iemocap", tmp_path)
    assert [sample.split for sample in samples] == ["session-1", "session-2", "session-5"]
    assert [sample.annotations[2].annotator for sample in samples] == [f"C-F1 Ses0{n} (self)" for n in (1, 2, 5)]


def test_the_folder_may_be_inside(tmp_path: Path) -> None:
    write(tmp_path / "IEMOCAP_full_release")
    assert len(load("iemocap", tmp_path)) == 2
    with pytest.raises(AbsentData, match="looked for Session1, Session2"):
        load("iemocap", tmp_path / "IEMOCAP_full_release" / "Session1")


def test_the_sound_of_a_turn(tmp_path: Path) -> None:
    dataset = find("iemocap")
    sounds(write(tmp_path), "Ses01F_impro01_F000")
    first, second = load("iemocap", tmp_path)
    folder = tmp_path / "Session1" / "sentences" / "wav" / "Ses01F_impro01"
    assert dataset.sound_file(tmp_path, first) == folder / "Ses01F_impro01_F000.wav"
    assert ABSENT not in first.notes and ABSENT in second.notes
    with pytest.raises(AbsentData, match="the sound of Ses01F_impro01_M001 is not there"):
        dataset.sound_file(tmp_path, second)
    for bad in ("../../x", "Ses01F_impro01_F000/../a", "Ses09F_impro01_F000", "Ses01F_\n"):
        with pytest.raises(DataError, match="is no name of a turn"):
            dataset.sound_file(tmp_path, first.model_copy(update={"id": bad}))


def test_counts_and_the_published_number(tmp_path: Path) -> None:
    found = summary(load("iemocap", write(tmp_path)), find("iemocap"), bundled_wheel())
    assert found.rows == found.annotated == 2 and found.notes[ABSENT] == 2
    assert [(each.what, each.published, each.found) for each in found.differences] == [("rows", "10039", "2")]
    assert found.classes["frustration"] == 1


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (HEAD, "has no turns in Session1"),
        (HEAD + FIRST + FIRST, r"line 11: Ses01F_impro01_F000 stands in .*line 3 already"),
        ("A-E1:\tval 1; act 1; dom 1;\t()\n" + FIRST, "line 1: an annotator's line stands before the first turn"),
        ("[6.2 - 8.2]\tSes01F_impro01_F000\tfru\t[2.5, 3.5]\n", "line 1: '.start - end. .* was expected"),
        ("[6.2 - 8.2]\tSes01F_impro01_F000\tfru\t[nan, 3.5, 2]\n", "was expected"),
        ("[6.2 - 8.2]\t../../no-such-room/x\tfru\t[2.5, 3.5, 2]\n", "was expected"),
        ("[6.2 - 8.2]\tSes01F_impro01_F000\tjoy\t[2.5, 3.5, 2]\n", "'joy' is no class; known are ang, hap"),
        (b"", "is empty"),
    ],
)
def test_files_that_cannot_be_used(content: str | bytes, part: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=part):
        load("iemocap", write(tmp_path, content))


def test_the_key_of_the_four_class_version_is_another(tmp_path: Path) -> None:
    assert find("IEMOCAP").key == "iemocap" and find("iemocapfour").key == "iemocapfour"
    with pytest.raises(AbsentData):
        load("iemocapfour", write(tmp_path))


PIECES = [
    *FIRST.splitlines(keepends=True),
    "[",
    "]",
    "A-E1:",
    "C-E1: ",
    "val 3;",
    "act 9999999999;",
    "\0",
    "\n",
    "é",
    "٣",
]
ANY = st.one_of(
    st.binary(max_size=120), st.lists(st.sampled_from(PIECES), max_size=14).map(lambda x: "".join(x).encode())
)


@given(ANY)
def test_any_bytes_are_read_or_refused(tmp_path: Path, raw: bytes) -> None:
    try:
        load("iemocap", write(tmp_path, raw))
    except DataError as error:
        assert str(error)
