"""What a file is, by content; one clear sentence for each that cannot be used."""

import contextlib
import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from openaffect.errors import InputError, MediaError, TranscriptError
from openaffect.media.audio import stream_audio
from openaffect.media.probe import probe
from openaffect.media.subtitles import read_transcript
from openaffect.media.video import read_image, sample_frames
from openaffect.records import Media
from tests import media_files as made


def use(path: Path) -> Media:
    """Probe and then read all that the probe promised."""
    media = probe(path)
    if media.sound:
        blocks = list(stream_audio(path))
        assert all(np.isfinite(block.samples).all() for block in blocks)
        assert sum(len(block.samples) for block in blocks) / 16000 <= media.duration + 0.03
    if media.kind == "video":
        times = [frame.time for frame in sample_frames(path, rate=5.0)]
        assert times == sorted(times)
        assert times[0] >= 0
        assert times[-1] < media.duration
    if media.kind == "image":
        assert read_image(path).image.ndim == 3
    if media.kind == "text":
        assert read_transcript(path)
    return media


@pytest.mark.parametrize("name", made.BAD_INPUTS)
def test_bad_inputs(tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    maker, expected = made.BAD_INPUTS[name]
    path = maker(tmp_path)
    capfd.readouterr()
    if expected == "works":
        media = use(path)
        assert media.size == path.stat().st_size
        assert media.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    else:
        with pytest.raises(InputError) as caught:
            use(path)
        message = str(caught.value)
        assert "\n" not in message
        assert message.endswith(".")
        assert len(message) < 250
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("maker", "kind", "note"),
    [
        (made.make_cover_art, "audio", "cover art"),
        (made.make_wrong_ending, "audio", ""),
        (made.make_no_picture, "audio", ""),
        (made.make_no_sound, "video", ""),
        (made.make_single_frame, "image", "single picture"),
        (made.make_animation, "video", ""),
        (made.make_zero_fps, "video", "0 frames per second"),
        (made.make_cut_off, "video", "cut off"),
        (made.make_wrong_encoding, "text", "gb18030"),
        (made.make_broken_cues, "text", "2 of 4 cues"),
    ],
)
def test_kind_is_by_content(tmp_path: Path, maker: Any, kind: str, note: str) -> None:
    media = probe(maker(tmp_path))
    assert media.kind == kind
    assert note in " ".join(media.notes)
    if not note:
        assert media.notes == ()


@pytest.mark.parametrize(
    ("maker", "word"),
    [
        (made.make_empty, "empty"),
        (made.make_truncated, "cut off"),
        (made.make_encrypted, "encrypted"),
        (made.make_text_as_video, "holds text"),
        (made.make_pixel_bomb, "million pixels"),
        (made.make_truncated_image, "damaged or truncated"),
        (made.make_playlist, "playlist"),
        (made.make_random, "convert"),
        (lambda folder: folder, "is a folder"),
        (lambda folder: folder / "nowhere.mp4", "does not exist"),
        (lambda folder: folder / ("x" * 300), "cannot be opened|does not exist"),
    ],
)
def test_the_sentence_names_the_cause(tmp_path: Path, maker: Any, word: str) -> None:
    with pytest.raises(MediaError, match=word):
        probe(maker(tmp_path))


def test_tracks_are_described(tmp_path: Path) -> None:
    path = made.turn(made.make_clip(tmp_path), 90)
    media = probe(path)
    assert media.duration == pytest.approx(2.0, abs=0.01)
    assert media.sound is not None
    assert (media.sound.codec, media.sound.sampling_rate, media.sound.channels) == ("aac", 48000, 1)
    picture = media.picture
    assert picture is not None
    assert (picture.codec, picture.width, picture.height, picture.rotation) == ("h264", 240, 320, 90)
    assert picture.frame_rate == pytest.approx(25.0)


def test_surround_and_rates(tmp_path: Path) -> None:
    surround = probe(made.make_8_channels(tmp_path)).sound
    assert surround is not None
    assert surround.channels == 8
    fast = probe(made.make_192_khz(tmp_path)).sound
    assert fast is not None
    assert fast.sampling_rate == 192000


def test_a_missing_length_is_measured(tmp_path: Path) -> None:
    path = made.write_video(
        tmp_path / "live.webm",
        map(made.numbered, range(50)),
        codec="libvpx-vp9",
        sound=made.sine(2.0, 48000),
        sound_codec="libopus",
        options={"live": "1"},
    )
    with av.open(str(path)) as container:
        assert container.duration is None
    media = probe(path)
    assert media.duration == pytest.approx(2.0, abs=0.02)
    assert any("no length" in note for note in media.notes)


@pytest.mark.parametrize("ending", ["wav", "mp3", "flac", "ogg", "aac"])
def test_length_of_bare_sound(tmp_path: Path, ending: str) -> None:
    codec = {"wav": "pcm_s16le", "mp3": "libmp3lame", "ogg": "libopus"}.get(ending, ending)
    path = made.write_sound(tmp_path / f"s.{ending}", made.noise(7.5, 48000), 48000, codec)
    assert probe(path).duration == pytest.approx(7.5, abs=0.06)


def test_a_truncated_wav_is_as_long_as_it_is(tmp_path: Path) -> None:
    path = made.write_wav(tmp_path / "w.wav", made.sine(4.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert probe(path).duration == pytest.approx(2.0, abs=0.01)


def test_only_the_encrypted_track_is_left_out(tmp_path: Path) -> None:
    """Garbage in place of the pictures: the sound is still used, and the note says so."""
    path = made.make_clip(tmp_path)
    with av.open(str(path)) as container:
        spans = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    raw = bytearray(path.read_bytes())
    for position, size in spans:
        raw[position : position + size] = b"\xa5" * size
    path.write_bytes(bytes(raw))
    media = use(path)
    assert media.kind == "audio"
    assert media.notes == ("the picture track cannot be decoded and is left out",)


def test_html_named_txt_is_text_and_unknown_text_is_noted(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("I am glad. You are not.", "utf-8")
    media = probe(tmp_path / "a.log")
    assert media.kind == "text"
    assert media.duration == 2.0
    assert any("unknown kind" in note for note in media.notes)
    assert any("ordinal" in note for note in media.notes)


def test_a_recording_named_txt_is_a_recording(tmp_path: Path) -> None:
    path = made.make_silent(tmp_path).rename(tmp_path / "notes.txt")
    media = probe(path)
    assert media.kind == "audio"
    assert any("name ends in .txt" in note for note in media.notes)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    errors: list[str] = []

    def try_it() -> None:
        try:
            probe(pipe)
        except MediaError as error:
            errors.append(str(error))

    thread = threading.Thread(target=try_it, daemon=True)
    thread.start()
    thread.join(10)
    assert errors
    assert "pipe" in errors[0]


@pytest.mark.parametrize("content", ["#EXTM3U\n{0}\n", "ffconcat version 1.0\nfile '{0}'\n", "<SMIL>{0}</SMIL>"])
@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.ffconcat"])
def test_no_other_file_is_ever_read(tmp_path: Path, content: str, name: str) -> None:
    secret = made.make_silent(tmp_path)
    path = tmp_path / name
    path.write_text(content.format(secret), "utf-8")
    with contextlib.suppress(InputError):
        assert probe(path).kind == "text"
    with pytest.raises(MediaError):
        list(stream_audio(path))


def _seeds(folder: Path) -> list[bytes]:
    image = folder / "seed.png"
    Image.fromarray(made.numbered(5)).save(image)
    jpeg = folder / "seed.jpg"
    Image.fromarray(made.numbered(5)).save(jpeg)
    small = [made.numbered(i, (48, 32)) for i in range(8)]
    files = [
        made.write_video(folder / "seed.mp4", small, sound=made.sine(0.3, 48000)),
        made.write_video(folder / "seed.mkv", small, sound=made.sine(0.3, 48000)),
        made.write_video(folder / "seed.ts", small, sound=made.sine(0.3, 48000)),
        made.write_video(folder / "seed.avi", small, codec="mpeg4", b_frames=0),
        made.write_wav(folder / "seed.wav", made.sine(0.3)),
        made.write_sound(folder / "seed.mp3", made.sine(0.3, 48000), 48000, "libmp3lame"),
        made.write_sound(folder / "seed.flac", made.sine(0.3, 48000), 48000, "flac"),
        made.make_animation(folder),
        made.make_broken_cues(folder),
        image,
        jpeg,
    ]
    return [file.read_bytes() for file in files]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return _seeds(tmp_path_factory.mktemp("seeds"))


def survives(path: Path, raw: bytes) -> None:
    """Anything is either read or refused with one of our errors."""
    path.write_bytes(raw)
    try:
        media = probe(path)
    except (MediaError, TranscriptError) as error:
        assert "\n" not in str(error)
        return
    try:
        if media.sound:
            for _, block in zip(range(20), stream_audio(path), strict=False):
                assert np.isfinite(block.samples).all()
        if media.kind == "video":
            for _, frame in zip(range(20), sample_frames(path), strict=False):
                assert frame.image.shape[2] == 3
        if media.kind == "image":
            assert read_image(path).image.shape[2] == 3
    except MediaError as error:
        assert "\n" not in str(error)


@given(raw=st.binary(max_size=3000), ending=st.sampled_from(["mp4", "wav", "srt", "txt", "jpg", "bin"]))
@settings(max_examples=150)
def test_random_bytes_never_surprise(tmp_path: Path, raw: bytes, ending: str) -> None:
    survives(tmp_path / f"random.{ending}", raw)


MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"RIFF\x10\x00\x00\x00WAVEfmt ",
    b"\x00\x00\x00\x18ftypmp42",
    b"OggS",
)
MORE_MAGIC = (
    b"\x1aE\xdf\xa3",
    b"fLaC",
    b"ID3\x04",
    b"GIF89a",
    b"II*\x00",
    b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    b"BM",
    b"FLV\x01",
)


@given(magic=st.sampled_from(MAGIC + MORE_MAGIC), raw=st.binary(max_size=2000))
@settings(max_examples=200)
def test_right_beginnings_of_wrong_files(tmp_path: Path, magic: bytes, raw: bytes) -> None:
    survives(tmp_path / "magic.mp4", magic + raw)


@given(
    which=st.integers(0, 10),
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)), max_size=8),
    keep=st.floats(0.05, 1.0) | st.just(1.0),
)
@settings(max_examples=250)
def test_mutated_files_never_surprise(
    tmp_path: Path, seeds: list[bytes], which: int, edits: list[tuple[float, bytes]], keep: float
) -> None:
    raw = bytearray(seeds[which])
    for place, piece in edits:
        at = int(place * len(raw))
        raw[at : at + len(piece)] = piece
    survives(tmp_path / "mutated.bin", bytes(raw[: max(1, int(keep * len(raw)))]))
