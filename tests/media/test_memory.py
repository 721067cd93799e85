"""Memory does not grow with the length of the recording."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests import media_files as made

READ_ALL = """
import resource, sys
from pathlib import Path
from openaffect.media.audio import stream_audio
from openaffect.media.probe import probe
from openaffect.media.video import sample_frames
for name in sys.argv[1:]:
    path = Path(name)
    seconds = probe(path).duration
    heard = sum(block.samples.size for block in stream_audio(path)) / 16000
    seen = sum(1 for _ in sample_frames(path, rate=2.0))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(seconds, heard, seen, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))
"""


def long_clip(path: Path, minutes: int) -> Path:
    """A small picture at 5 frames per second, one key frame in 50 s, with noise at 8 kHz."""
    pictures = [made.numbered(i, (96, 64)) for i in range(50)]
    sound = np.tile(made.noise(60.0, 8000), minutes)
    return made.write_video(
        path,
        (pictures[i % 50] for i in range(minutes * 300)),
        fps=5,
        gop=250,
        sound=sound,
        sound_rate=8000,
        sound_codec="pcm_s16le",
        codec_options={"preset": "ultrafast"},
    )


@pytest.mark.slow
def test_two_hours_need_no_more_memory_than_two_minutes(tmp_path: Path) -> None:
    short, long = long_clip(tmp_path / "short.mkv", 2), long_clip(tmp_path / "long.mkv", 120)
    run = subprocess.run([sys.executable, "-c", READ_ALL, short, long], capture_output=True, text=True, check=True)
    first, second = ([float(word) for word in line.split()] for line in run.stdout.splitlines())
    assert first[:3] == pytest.approx([120.0, 120.0, 240.0], rel=0.01)
    assert second[:3] == pytest.approx([7200.0, 7200.0, 14400.0], rel=0.01)
    assert second[3] - first[3] < 20.0, f"peak grew from {first[3]:.0f} to {second[3]:.0f} MB"
