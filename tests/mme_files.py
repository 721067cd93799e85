"""Made data of MME-Emotion for tests: question files, audio clues and tiny clips in the released layouts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from tests.media_files import Picture, numbered, sine, write_video

FIRST = {
    "ER-Lab": ("IEMOCAP/video/Ses01.mp4", "Sadness", ["Sadness", "Neutral", "Anger"]),
    "ER-Wild": ("CAER/video/one.avi", "happy", ["happy", "sad", "neutral"]),
    "Noise-ER": ("MER2024-Noise/video/n1.mp4", "worried", ["worried", "happy"]),
    "FG-ER": ("BOLD/video/b1.mp4", "Doubt/Confusion;Fear", ["Doubt/Confusion", "Fear", "Peace"]),
    "ML-ER": ("MAFW/video/m1.mp4", "anger,fear", ["anger", "fear", "disgust"]),
    "SA": ("MELD/video/dia0.mp4", "negative", ["positive", "negative", "neutral"]),
    "FG-SA": ("CMU-MOSI/video/s1.mp4", "strong negative", ["strong negative", "negative", "weak negative"]),
    "IR": ("MC-EIU/video/i1_ch.mkv", "wishing", ["wishing", "agreeing", "neutral"]),
}
"""Task → id, label and label set of its first item."""


def clip(path: Path, frames: int = 30, rate: Fraction | int = 25) -> Path:
    """A video of *frames* pictures that carry their numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 192, 64, "yuv420p"
        for index, picture in enumerate(pictures(frames)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, 1 / Fraction(rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def pictures(count: int) -> Iterable[Picture]:
    return (numbered(number) for number in range(count))


def spoken(path: Path) -> Path:
    """A video of 1.2 s with sound."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_video(path, pictures(30), sound=sine(1.2, 48000))


def write_task(room: Path, task: str, rows: Sequence[tuple[str, str, list[str]]], *, clues: bool = True) -> None:
    """Write question file and clues of *task*."""
    room.mkdir(parents=True, exist_ok=True)
    questions = [{"video_id": name, "label": label, "label_set": labels} for name, label, labels in rows]
    stem = task.replace("-", "_")
    (room / f"{stem}.json").write_text(json.dumps(questions), "utf-8")
    if clues:
        heard = [{"video_id": n, "ground_truth": label, "audio_clue": "A loud voice."} for n, label, _ in rows]
        (room / f"{stem}_qwen2_audio_clues.json").write_text(json.dumps(heard), "utf-8")


def write_mme(room: Path, tasks: Iterable[str] = tuple(FIRST)) -> Path:
    """Write one item of each of *tasks* with its clip; ER-Lab in the layout of the archive, the others by their ids."""
    for task in tasks:
        write_task(room, task, [FIRST[task]])
        name = FIRST[task][0]
        path = room / ("ER_Lab/" + Path(name).name if task == "ER-Lab" else name)
        if not (room / "made.mp4").exists():
            spoken(room / "made.mp4")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(room / "made.mp4", path)
    return room
