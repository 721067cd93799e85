"""Sound and pictures share one clock."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaffect.media.audio import stream_audio
from openaffect.media.probe import probe
from openaffect.media.timeline import LONGEST_GAP, Timeline
from openaffect.media.video import sample_frames
from tests import media_files as made

FLASH = 1.6


def flash_and_click(path: Path, *, sound_at: float, b_frames: int = 2, options: dict[str, str] | None = None) -> Path:
    """A white frame at 1.6 s and a click at the same moment; the sound track begins at *sound_at*."""
    dark, bright = np.full((64, 96, 3), 20, np.uint8), np.full((64, 96, 3), 235, np.uint8)
    pictures = [bright if round(FLASH * 25) <= i < round(FLASH * 25) + 3 else dark for i in range(75)]
    sound = made.click(3.0 - sound_at, FLASH - sound_at)
    codec = {".webm": "libopus", ".avi": "pcm_s16le"}.get(path.suffix, "aac")
    picture_codec = "libvpx-vp9" if path.suffix == ".webm" else "libx264"
    return made.write_video(
        path, pictures, sound=sound, sound_at=sound_at, b_frames=b_frames, sound_codec=codec, codec=picture_codec,
        options=options,
    )  # fmt: skip


def flash_time(path: Path) -> float:
    return next(f.time for f in sample_frames(path, rate=100.0) if f.image.mean() > 128)


def click_time(path: Path) -> float:
    samples = np.concatenate([block.samples for block in stream_audio(path)])
    return int(np.argmax(np.abs(samples) > 0.3)) / 16000


@pytest.mark.parametrize("name", ["x.mp4", "x.mkv", "x.mov", "x.webm", "x.ts"])
@pytest.mark.parametrize("sound_at", [0.0, 0.5])
def test_flash_and_click_fall_together(tmp_path: Path, name: str, sound_at: float) -> None:
    path = flash_and_click(tmp_path / name, sound_at=sound_at)
    assert flash_time(path) == pytest.approx(FLASH, abs=0.0401)
    assert click_time(path) == pytest.approx(flash_time(path), abs=0.02)
    if sound_at and not name.endswith("ts"):
        assert flash_time(path) == pytest.approx(FLASH, abs=0.001)
        assert click_time(path) == pytest.approx(FLASH, abs=0.004)


def test_flash_and_click_fall_together_in_avi(tmp_path: Path) -> None:
    """AVI has no time stamps: FFmpeg's guesses are put right."""
    path = flash_and_click(tmp_path / "x.avi", sound_at=0.0, b_frames=0)
    assert flash_time(path) == pytest.approx(FLASH, abs=0.001)
    assert click_time(path) == pytest.approx(FLASH, abs=0.004)


def test_fragmented_file_without_edit_list(tmp_path: Path) -> None:
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    path = flash_and_click(tmp_path / "f.mp4", sound_at=0.0, options=options)
    assert click_time(path) == pytest.approx(flash_time(path), abs=0.025)


def test_the_probe_tells_the_late_start(tmp_path: Path) -> None:
    media = probe(flash_and_click(tmp_path / "x.mkv", sound_at=0.5))
    assert media.sound is not None
    assert media.sound.start == pytest.approx(0.5, abs=0.002)
    assert media.picture is not None
    assert media.picture.start == 0.0
    assert any("sound begins 0.5" in note for note in media.notes)


stamps = st.one_of(st.none(), st.floats(-1e12, 1e12), st.floats(0, 100))


@given(st.lists(st.tuples(stamps, st.floats(0, 10)), max_size=60), st.floats(-1e6, 1e6))
def test_time_never_runs_far_ahead_of_what_was_seen(frames: list[tuple[float | None, float]], zero: float) -> None:
    clock = Timeline(zero)
    before = 0.0
    for stamp, duration in frames:
        time = clock.place(stamp, duration)
        assert time >= before - 1.0 - 1e-6
        assert time <= clock.end
        assert time - before <= LONGEST_GAP + 10.0 + 1e-6
        before = time


def test_steady_stamps_are_left_alone() -> None:
    clock = Timeline(5.0)
    assert [clock.place(5.0 + i / 25, 0.04) for i in range(50)] == pytest.approx([i / 25 for i in range(50)])
    assert clock.resets == 0
