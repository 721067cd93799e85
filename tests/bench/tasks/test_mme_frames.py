"""Frames taken by leaps are those of decoding everything, whatever the encoder did; where that is unsure, no leap."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.mme_files import pictures

from openaffect.bench.tasks.mme.frames import MOST, official_frames
from openaffect.bench.tasks.mme.leaps import Unsure, leaping
from openaffect.media.clip import Clip, open_clip


def encoded(
    path: Path,
    *,
    codec: str = "libx264",
    options: dict[str, str],
    frames: int = 130,
    stamps: Iterable[int] | None = None,
) -> Path:
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 192, 64, "yuv420p"
        draw = np.random.default_rng(0)
        for stamp, picture in zip(stamps or range(frames), pictures(frames), strict=False):
            noisy = np.clip(picture.astype(int) + draw.integers(-9, 9, picture.shape), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="rgb24")
            frame.pts, frame.time_base = stamp, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def pixels(found: Iterable[tuple[int, Any]]) -> list[tuple[int, bytes]]:
    return [(number, frame.to_ndarray(format="rgb24").tobytes()) for number, frame in found]


def in_sequence(path: Path, stride: int) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as whole:
        every = ((number, frame) for number, frame in enumerate(whole.decode(video=0)) if number % stride == 0)
        return pixels(islice(every, MOST))


def by_leaps(path: Path, stride: int) -> tuple[list[tuple[int, bytes]], int]:
    """The frames, and how many packets were decoded for them."""
    with open_clip(path) as clip:
        count = 0
        decode = Clip.decode

        def counted(self: Clip, packet: Any) -> list[Any]:
            nonlocal count
            count += 1
            return decode(self, packet)

        Clip.decode = counted  # type: ignore[method-assign]
        try:
            return pixels(leaping(clip, stride, MOST)), count
        finally:
            Clip.decode = decode  # type: ignore[method-assign]


@pytest.mark.parametrize("stride", [7, 23, 25])
@pytest.mark.parametrize(
    "options",
    [
        {"g": "50"},
        {"g": "12", "bf": "0"},
        {"g": "12", "x264-params": "bframes=5:b-pyramid=strict:keyint=12:min-keyint=12:scenecut=0"},
        {"g": "250"},
        {"g": "1"},
        {"x264-params": "keyint=9:min-keyint=9:ref=4:weightp=2:bframes=3"},
        {"x264-params": "interlaced=1:keyint=20"},
    ],
)
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_leaps_give_the_frames_of_decoding_everything(
    options: dict[str, str], stride: int, ending: str, tmp_path: Path
) -> None:
    path = encoded(tmp_path / f"a.{ending}", options=options)
    found, count = by_leaps(path, stride)
    assert found == in_sequence(path, stride) and len(found) == min(MOST, -(-130 // stride))
    assert count <= 130


def test_groups_without_a_wanted_frame_are_not_decoded(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp4", options={"g": "5", "bf": "0"})
    _, count = by_leaps(path, 25)
    assert count <= 12  # six key frames, each with what the decoder is given before it hands a frame out


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("open.mp4", "libx264", {"x264-params": "open-gop=1:keyint=12:min-keyint=12:bframes=3:scenecut=0"}),
        ("refresh.mp4", "libx264", {"x264-params": "intra-refresh=1:keyint=20:scenecut=0"}),
        ("refresh.mkv", "libx264", {"x264-params": "intra-refresh=1:keyint=20:bframes=0:scenecut=0"}),
        ("a.avi", "mpeg4", {"g": "12", "bf": "2"}),
        ("a.webm", "libvpx", {"g": "12", "auto-alt-ref": "1", "lag-in-frames": "16"}),
        ("a.mpg", "mpeg2video", {"g": "12", "bf": "2"}),
    ],
)
def test_where_leaps_are_unsure_everything_is_decoded(
    name: str, codec: str, options: dict[str, str], tmp_path: Path
) -> None:
    path = encoded(tmp_path / name, codec=codec, options=options)
    with pytest.raises(Unsure):
        by_leaps(path, 25)
    numbers = [round(picture.time * 25) for picture in official_frames(path) if picture.time is not None]
    assert numbers == [number for number, _ in in_sequence(path, 25)]


def test_stamps_with_gaps_count_as_frames_all_the_same(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp4", options={"g": "10"}, frames=60, stamps=[n + 3 * (n > 20) for n in range(60)])
    assert by_leaps(path, 25)[0] == in_sequence(path, 25)


def test_a_file_that_breaks_off_gives_what_can_be_decoded(tmp_path: Path) -> None:
    whole = encoded(tmp_path / "a.mkv", options={"g": "20"})
    broken = tmp_path / "b.mkv"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    with open_clip(broken) as clip:
        decoded = sum(len(clip.decode(packet)) for packet in clip.packets(clip.picture)) + len(clip.drain(clip.picture))  # type: ignore[arg-type]
    assert len(official_frames(broken)) == -(-decoded // 25)
