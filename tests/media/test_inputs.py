"""What the user names is what is analysed, whatever the names are."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.media.inputs import Input, find_inputs
from openaffect.media.names import path_text, show
from tests import media_files as made

ODD_NAMES = [
    "my  clip .mp4",
    "two\nlines.mp4",
    'it\'s "quoted" `$(here)`.mp4',
    "😀 ❤️.mp4",
    "-x.mp4",
    "--out.mp4",
    "[a]*?.mp4",
    "%d.mp4",
    "http:x.mp4",
    b"caf\xe9.mp4".decode("utf-8", "surrogateescape"),
]


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def media_names(found: list[Input]) -> list[str]:
    return [i.media.name for i in found if i.media]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_found_by_name_and_in_a_folder(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, name)
    monkeypatch.chdir(tmp_path)
    for given_path in (name, str(tmp_path / name), ".", str(tmp_path)):
        found, failed = find_inputs([given_path])
        assert failed == []
        assert media_names(found) == [name]


def test_folders_are_searched_to_the_bottom_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.mp4", "a.wav", "d/z.MKV", "c/y.jpg", ".hidden.mp4", ".h/x.mp4", "readme.md", "c/deep/er/w.srt")
    found, failed = find_inputs([str(tmp_path)])
    assert failed == []
    assert media_names(found) == ["a.wav", "b.mp4", "y.jpg", "z.MKV"]
    assert [i.transcript.name for i in found if i.transcript] == ["w.srt"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    touch(tmp_path, "one/a.mp4")
    (tmp_path / "one" / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "again.mp4").symlink_to(tmp_path / "one" / "a.mp4")
    found, failed = find_inputs([str(tmp_path)])
    assert len(found) == 1
    assert failed == []


def test_a_dangling_link_is_left_to_the_probe(tmp_path: Path) -> None:
    (tmp_path / "gone.mp4").symlink_to(tmp_path / "nowhere.mp4")
    assert media_names(find_inputs([str(tmp_path / "gone.mp4")])[0]) == ["gone.mp4"]


@pytest.mark.parametrize(
    "text", ["talk.srt", "talk.vtt", "talk.txt", "talk.en.vtt", "talk.zh-CN.srt", "talk.mp4.srt", "talk.SRT"]
)
def test_a_transcript_of_the_same_name_belongs_to_the_recording(tmp_path: Path, text: str) -> None:
    touch(tmp_path, "talk.mp4", text, "other.srt")
    pair = Input(tmp_path / "talk.mp4", tmp_path / text)
    assert sorted(find_inputs([str(tmp_path)])[0], key=str) == sorted(
        [pair, Input(None, tmp_path / "other.srt")], key=str
    )
    assert find_inputs([str(tmp_path / text), str(tmp_path / "talk.mp4")])[0] == [pair]


def test_a_transcript_beside_is_not_taken_unless_given(tmp_path: Path) -> None:
    touch(tmp_path, "talk.mp4", "talk.srt")
    assert find_inputs([str(tmp_path / "talk.mp4")])[0] == [Input(tmp_path / "talk.mp4", None)]
    assert find_inputs([str(tmp_path / "talk.srt")])[0] == [Input(None, tmp_path / "talk.srt")]


def test_other_names_and_folders_do_not_pair(tmp_path: Path) -> None:
    touch(tmp_path, "talk.mp4", "talk2.srt", "sub/talk.srt", "talk.part.one.txt")
    found, _ = find_inputs([str(tmp_path)])
    assert all((i.media is None) != (i.transcript is None) for i in found)
    assert len(found) == 4


def test_of_several_transcripts_the_nearest_is_taken_and_none_vanishes(tmp_path: Path) -> None:
    touch(tmp_path, "talk.mp4", "talk.txt", "talk.en.vtt", "talk.srt")
    found, _ = find_inputs([str(tmp_path)])
    assert found[[i.media is not None for i in found].index(True)].transcript == tmp_path / "talk.srt"
    assert {i.transcript.name for i in found if i.transcript} == {"talk.txt", "talk.en.vtt", "talk.srt"}


def test_globs(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4", "sub/c.mp4", "notes.md")
    assert media_names(find_inputs([str(tmp_path / "*.mp4")])[0]) == ["a.mp4", "b.mp4"]
    assert media_names(find_inputs([str(tmp_path / "**" / "*.mp4")])[0]) == ["a.mp4", "b.mp4", "c.mp4"]
    assert media_names(find_inputs([str(tmp_path / "*")])[0]) == ["a.mp4", "b.mp4", "c.mp4"]
    _, failed = find_inputs([str(tmp_path / "*.flac")])
    assert "no file matches" in failed[0].cause


def test_the_same_file_is_taken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.mp4")
    monkeypatch.chdir(tmp_path)
    assert find_inputs(["a.mp4", "./a.mp4", str(tmp_path), "*.mp4"])[0] == [Input(Path("a.mp4"), None)]


def test_named_files_of_unknown_ending_are_tried(tmp_path: Path) -> None:
    clip = made.make_clip(tmp_path).rename(tmp_path / "clip.data")
    (tmp_path / "words.log").write_text("I am glad.", "utf-8")
    found, failed = find_inputs([str(clip), str(tmp_path / "words.log")])
    assert found == [Input(clip, None), Input(None, tmp_path / "words.log")]
    assert failed == []
    found, failed = find_inputs([str(tmp_path)])
    assert found == []
    assert "holds no recording" in failed[0].cause


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ("clipp.mp4", "did you mean 'clip.mp4'"),
        ("nothing-like-it", "does not exist"),
        ("no/such/folder/clip.mp4", "folder 'folder' does not exist"),
        ("https://example.org/clip.mp4", "download"),
        ("", "empty path"),
        ("a\0b", "zero byte"),
    ],
)
def test_absent_paths_are_failures_that_help(
    tmp_path: Path, wrong: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "clip.mp4")
    monkeypatch.chdir(tmp_path)
    found, failed = find_inputs([wrong, "clip.mp4"])
    assert media_names(found) == ["clip.mp4"]
    assert len(failed) == 1
    assert word in failed[0].cause
    assert failed[0].error == "InputError"


@given(st.lists(st.text(max_size=12), max_size=4))
def test_any_arguments_are_found_or_failed(tmp_path: Path, arguments: list[str]) -> None:
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        arguments = [a for a in arguments if not a.startswith(("/", ".")) and "*" not in a]
        found, failed = find_inputs(arguments)
    finally:
        os.chdir(here)
    assert found == []
    assert len(failed) == len(arguments)
    assert all("\n" not in failure.cause for failure in failed)


def test_names_are_shown_on_one_line() -> None:
    assert show("a\n\x1b[31mb.mp4") == "'a\\n\\x1b[31mb.mp4'"
    assert show("😀 clip.mp4") == "'😀 clip.mp4'"
    assert path_text(b"caf\xe9".decode("utf-8", "surrogateescape")) == "caf\\xe9"
