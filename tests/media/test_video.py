"""The right frame at the right time, whatever the container does to it."""

import random
from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from openaffect.errors import MediaError, UsageError
from openaffect.media import clip as clip_module
from openaffect.media.video import Frame, frame_at, read_image, sample_frames
from tests import media_files as made


def shown_at(times: list[Fraction], wanted: float) -> int:
    """Independent truth: the number of the last frame that begins no later than *wanted*."""
    return bisect_right([float(t) for t in times], wanted + 1e-9) - 1


def steady(count: int, fps: int = 25) -> list[Fraction]:
    return [Fraction(i, fps) for i in range(count)]


def uneven(count: int) -> list[Fraction]:
    """Variable frame rate in whole milliseconds, clear of the wanted times so that no rounding can decide."""
    dice, now, times = random.Random(5), 0, []
    for _ in range(count):
        times.append(Fraction(now, 1000))
        now += dice.choice([11, 23, 40, 90, 400])
        now += 5 if now % 100 < 3 or now % 100 > 97 else 0
    return times


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Counts the packets that are decoded."""
    count = [0]
    plain = clip_module.Clip.decode

    def counting(self: Any, packet: Any) -> list[Any]:
        count[0] += 1
        return plain(self, packet)

    monkeypatch.setattr(clip_module.Clip, "decode", counting)
    yield count


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi"])
@pytest.mark.parametrize(("gop", "b_frames"), [(250, 3), (12, 2), (1, 0)])
@pytest.mark.parametrize("rate", [10.0, 3.0, 0.7])
def test_sampled_frames_are_the_ones_shown(tmp_path: Path, name: str, gop: int, b_frames: int, rate: float) -> None:
    b_frames = 0 if name.endswith("avi") else b_frames
    count = 130
    path = made.write_video(tmp_path / name, map(made.numbered, range(count)), gop=gop, b_frames=b_frames)
    frames = list(sample_frames(path, rate=rate))
    assert [f.time for f in frames] == [k / rate for k in range(int(count / 25 * rate - 1e-9) + 1)]
    assert [made.number_in(f.image) for f in frames] == [shown_at(steady(count), f.time) for f in frames]


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv"])
@pytest.mark.parametrize("gop", [250, 10])
def test_variable_frame_rate_follows_the_stamps(tmp_path: Path, name: str, gop: int) -> None:
    times = uneven(120)
    path = made.write_video(tmp_path / name, map(made.numbered, range(120)), times=times, gop=gop)
    frames = list(sample_frames(path, rate=10.0))
    assert len(frames) >= float(times[-1]) * 10
    assert [made.number_in(f.image) for f in frames] == [shown_at(times, f.time) for f in frames]
    assert [f.source_time for f in frames] == pytest.approx([float(times[shown_at(times, f.time)]) for f in frames])


def test_a_late_start_of_the_pictures_is_kept(tmp_path: Path) -> None:
    times = [Fraction(7, 10) + t for t in steady(50)]
    sound = made.sine(3.0, 48000)
    path = made.write_video(tmp_path / "late.mp4", map(made.numbered, range(50)), times=times, sound=sound)
    frames = list(sample_frames(path))
    assert frames[0].time == pytest.approx(0.7)
    assert [made.number_in(f.image) for f in frames] == [shown_at(times, f.time + 0.002) for f in frames]


def test_frames_that_stay_share_one_array(tmp_path: Path) -> None:
    times = [Fraction(0), Fraction(3, 10), Fraction(2)]
    frames = list(sample_frames(made.write_video(tmp_path / "s.mp4", map(made.numbered, range(3)), times=times)))
    assert [made.number_in(f.image) for f in frames[:20]] == [0] * 3 + [1] * 17
    assert frames[3].image is frames[19].image
    assert frames[3].image is not frames[2].image


def test_seldom_sampling_leaps_over_groups_and_stays_exact(tmp_path: Path, decoded: list[int]) -> None:
    path = made.write_video(tmp_path / "long.mp4", map(made.numbered, range(1000)), gop=10)
    frames = list(sample_frames(path, rate=0.2))
    assert [made.number_in(f.image) for f in frames] == [125 * k for k in range(8)]
    assert decoded[0] < 250
    decoded[0] = 0
    assert len(list(sample_frames(path, rate=10))) == 400
    assert decoded[0] == 1000


def test_fast_sampling_decodes_key_frames_only(tmp_path: Path, decoded: list[int]) -> None:
    path = made.write_video(tmp_path / "long.mp4", map(made.numbered, range(500)), gop=20)
    frames = list(sample_frames(path, rate=10, fast=True))
    assert [made.number_in(f.image) for f in frames] == list(range(0, 500, 20))
    assert [f.time for f in frames] == pytest.approx([n / 25 for n in range(0, 500, 20)])
    assert decoded[0] == 25
    assert [made.number_in(f.image) for f in sample_frames(path, rate=0.5, fast=True)] == list(range(0, 500, 60))


@pytest.mark.parametrize("name", ["raw.h264", "at.mp4", "at.mkv", "at.ts"])
def test_frame_at_any_time(tmp_path: Path, name: str) -> None:
    path = made.write_video(tmp_path / name, map(made.numbered, range(1200)), gop=250)
    for wanted in (0.0, 0.039, 0.04, 9.99, 10.0, 23.337, 31.0, 47.96, 47.99):
        frame = frame_at(path, wanted)
        assert frame is not None
        assert made.number_in(frame.image) == shown_at(steady(1200), wanted)
    after = frame_at(path, 500.0)
    assert after is not None
    assert made.number_in(after.image) == 1199


def test_frame_before_the_first_is_none(tmp_path: Path) -> None:
    times = [1 + t for t in steady(25)]
    path = made.write_video(tmp_path / "l.mp4", map(made.numbered, range(25)), times=times, sound=made.sine(2, 48000))
    assert frame_at(path, 0.5) is None
    assert frame_at(path, 1.5) is not None


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_rotation_is_applied(tmp_path: Path, degrees: int) -> None:
    image = np.zeros((120, 200, 3), np.uint8)
    image[:60, :100] = 255, 0, 0
    image[60:, 100:] = 0, 0, 255
    path = made.turn(made.write_video(tmp_path / "r.mp4", [image] * 5), degrees)
    seen = next(sample_frames(path)).image
    # Pillow turns counter-clockwise.
    truth = np.asarray(Image.fromarray(image).rotate(-degrees, expand=True))
    assert seen.shape == truth.shape
    assert np.abs(seen.astype(int) - truth).mean() < 12
    assert (seen.shape[1], seen.shape[0]) == ((200, 120) if degrees in (0, 180) else (120, 200))


def test_large_frames_are_made_small_and_keep_their_colours(tmp_path: Path) -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    image[:, :640] = 200, 40, 40
    image[:, 640:] = 40, 40, 200
    path = made.write_video(tmp_path / "big.mp4", [image] * 3)
    seen = next(sample_frames(path, max_side=320)).image
    assert seen.shape == (180, 320, 3)
    assert seen.dtype == np.uint8
    assert np.abs(seen[90, 80].astype(int) - (200, 40, 40)).max() < 12
    assert np.abs(seen[90, 240].astype(int) - (40, 40, 200)).max() < 12


def test_8k_frames_can_be_read(tmp_path: Path) -> None:
    frame = next(sample_frames(made.make_8k_frames(tmp_path)))
    assert frame.image.shape == (540, 960, 3)


def test_threads_do_not_change_the_frames(tmp_path: Path) -> None:
    path = made.write_video(tmp_path / "t.mp4", map(made.numbered, range(60)), gop=250)
    one, two = list(sample_frames(path, threads=1)), list(sample_frames(path, threads=2))
    assert len(one) == len(two)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("maker", [made.make_no_picture, made.make_cover_art, made.make_silent])
def test_no_pictures_is_one_sentence(tmp_path: Path, maker: Any) -> None:
    with pytest.raises(MediaError, match=r"has (no pictures|only cover art)"):
        next(sample_frames(maker(tmp_path)))


def test_impossible_wishes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        next(sample_frames(made.make_no_sound(tmp_path), rate=0))


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "bmp", "tif", "gif", "avif", "ppm", "jp2"])
def test_still_images_of_each_format(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"still.{ending}"
    Image.fromarray(made.landscape()).save(path)
    frame = read_image(path)
    assert frame.time == 0.0
    assert frame.image.shape == (240, 320, 3)
    assert np.abs(frame.image[200, 160].astype(int) - (70, 140, 60)).max() < 25


@pytest.mark.parametrize(("orientation", "turned"), [(1, 0), (3, 180), (6, 270), (8, 90)])
def test_photos_stand_upright(tmp_path: Path, orientation: int, turned: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    original = Image.fromarray(made.landscape())
    original.save(tmp_path / "p.png", exif=exif)
    truth = np.asarray(original.rotate(turned, expand=True))
    assert np.array_equal(read_image(tmp_path / "p.png").image, truth)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("m.tif" if mode == "CMYK" else "m.png")
    if mode == "I;16":
        Image.fromarray((np.arange(64 * 64, dtype=np.uint16) * 16).reshape(64, 64)).save(path)
    else:
        Image.fromarray(made.landscape()).convert(mode).save(path)
    image = read_image(path).image
    assert image.dtype == np.uint8
    assert image.shape[2] == 3
    assert int(image.max()) - int(image.min()) > 50


def test_a_photo_is_made_small(tmp_path: Path) -> None:
    Image.fromarray(made.crowd()).resize((6000, 3750)).save(tmp_path / "large.jpg")
    assert read_image(tmp_path / "large.jpg", max_side=960).image.shape == (600, 960, 3)


def test_a_single_frame_video_is_an_image(tmp_path: Path) -> None:
    frame = read_image(made.make_single_frame(tmp_path))
    assert isinstance(frame, Frame)
    assert frame.image.shape == (240, 320, 3)
