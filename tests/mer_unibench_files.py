"""MER-UniBench as its owners lay it out on disk, with made names and random labels; no row of any real data set.

`write_unibench` writes the label files of the nine data sets, `write_predictions` what a model answered at several
checkpoints.  The same seed gives the same bytes.  `size` None is the official number of samples.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MER = ("neutral", "angry", "happy", "sad", "worried", "surprise")
IEMOCAP = ("happy", "sad", "neutral", "anger")
MELD = ("anger", "joy", "sadness", "neutral", "disgust", "fear", "surprise")
OPEN = (
    *("happy", "sad", "angry", "worried", "surprised", "anxious", "calm", "excited", "nervous", "disappointed"),
    *("proud", "frustrated", "relieved", "fearful", "joyful", "serious", "confident", "embarrassed", "lonely"),
    *("grateful", "furious", "content", "annoyed", "curious"),
)
SUBTITLES = {"mer2024": ("transcription_merge.csv", "chinese"), "ovmerdplus": ("subtitle_eng.csv", "sentence")}
SENTIMENTS = ("positive", "negative", "neutral")
RUN = "made_face_model_20250110100"
LOSS = "0.602"

Name = Callable[[int], str]


@dataclass(frozen=True)
class Made:
    """How one data set is written: folder, file, part, size, and how its names and labels look."""

    folder: str
    file: str
    part: str
    rows: int
    name: Name
    emotions: Sequence[str] = ()
    as_numbers: bool = False
    counts: Sequence[int] = ()
    """Samples of each emotion, or negative, zero and positive ones; nothing where no count was published."""
    top: float = 0.0
    """Largest rating of a sentiment set."""


def _plain(prefix: str) -> Name:
    return lambda i: f"{prefix}{i:08d}"


def _turn(i: int) -> str:
    return f"Ses05{'FM'[i % 2]}_impro{i // 40 + 1:02d}_{'FM'[i // 2 % 2]}{i % 40:03d}"


MADE: dict[str, Made] = {
    "mer2023": Made(
        "mer2023-dataset-process",
        "label-6way.npz",
        "test1_corpus",
        411,
        _plain("sample_"),
        MER,
        counts=(88, 105, 93, 50, 57, 18),
    ),
    "mer2024": Made("mer2024-dataset-process", "label-6way.npz", "test1_corpus", 1169, _plain("samplenew_"), MER),
    "meld": Made(
        "meld-process",
        "label.npz",
        "test_corpus",
        2610,
        lambda i: f"test_dia{i // 9}_utt{i % 9}",
        MELD,
        as_numbers=True,
        counts=(345, 402, 208, 1256, 68, 50, 281),
    ),
    "iemocapfour": Made(
        "iemocap-process",
        "label_4way.npz",
        "whole_corpus",
        1241,
        _turn,
        IEMOCAP,
        as_numbers=True,
        counts=(442, 245, 384, 170),
    ),
    "cmumosi": Made(
        "cmumosi-process", "label.npz", "test_corpus", 686, lambda i: f"v{i // 7}_{i % 7}", counts=(379, 30, 277), top=3
    ),
    "cmumosei": Made(
        "cmumosei-process",
        "label.npz",
        "test_corpus",
        4659,
        lambda i: f"w{i // 7}_{i % 7}",
        counts=(1350, 1025, 2284),
        top=3,
    ),
    "sims": Made(
        "sims-process", "label.npz", "test_corpus", 457, lambda i: f"video_{i:04d}", counts=(248, 69, 140), top=1
    ),
    "simsv2": Made(
        "simsv2-process", "label.npz", "test_corpus", 1034, lambda i: f"aqgy_{i:04d}", counts=(488, 123, 423), top=1
    ),
    "ovmerdplus": Made("ov-merdplus", "ovlabel.csv", "", 532, _plain("sample_")),
}
"""Key → how it is written, in the order in which MER-UniBench is printed."""


def write_unibench(folder: Path, *, size: int | None = None, seed: int = 0, keys: Iterable[str] = tuple(MADE)) -> Path:
    """Write the label files of the data sets *keys* under *folder* and return it.

    With *size* each data set has that many samples; without, as many of each class as were published.
    """
    for key in keys:
        made, draw = MADE[key], random.Random(f"{key} {seed}")
        (folder / made.folder).mkdir(parents=True, exist_ok=True)
        path = folder / made.folder / made.file
        rows = made.rows if size is None else size
        if key == "ovmerdplus":
            write_csv(path, ["name", "openset"], [(made.name(i), open_labels(draw)) for i in range(rows)])
        else:
            write_npz(path, **_corpora(made, rows, draw, exact=size is None))
        file, column = SUBTITLES.get(key, ("transcription-engchi-polish.csv", "english"))
        said = [(made.name(i), "" if i % 7 == 3 else f"Made sentence {i}, with a comma.") for i in range(rows)]
        write_csv(path.parent / file, ["name", column], said)
    return folder


def open_labels(draw: random.Random, empty: float = 0.02) -> str:
    """Return a made list of one to four labels as the official tables write it, now and then an empty one."""
    return str([] if draw.random() < empty else draw.sample(OPEN, draw.randint(1, 4)))


def _corpora(made: Made, rows: int, draw: random.Random, *, exact: bool) -> dict[str, dict[str, Any]]:
    whole = {made.name(i): entry for i, entry in enumerate(_entries(made, rows, draw, exact=exact))}
    other = {f"other_{i}": entry for i, entry in enumerate(_entries(made, min(rows, 40), draw, exact=False))}
    if made.part == "whole_corpus":
        # The other sessions are in the same part, and the fifth character of the name tells.
        return {"whole_corpus": {f"Ses01F_impro01_F{i:03d}": entry for i, entry in enumerate(other.values())} | whole}
    rest = ("test2_corpus", "test3_corpus") if made.part == "test1_corpus" else ("val_corpus",)
    return {"train_corpus": other, made.part: whole, **{part: dict(other) for part in rest}}


def _entries(made: Made, rows: int, draw: random.Random, *, exact: bool) -> list[dict[str, Any]]:
    kinds = len(made.emotions) or 3
    order = [kind for kind, count in enumerate(made.counts) for _ in range(count)] if exact else []
    order = order[:rows] + [draw.randrange(kinds) for _ in range(rows - len(order))]
    draw.shuffle(order)
    if made.emotions:
        return [{"emo": np.int64(k) if made.as_numbers else made.emotions[k], "val": np.float32(-10)} for k in order]
    return [{"emo": 0, "val": np.float32((k - 1) * draw.uniform(0.1, made.top))} for k in order]


def write_predictions(
    folder: Path,
    *,
    size: int | None = None,
    seed: int = 0,
    checkpoints: Sequence[int] = (30, 35),
    keys: Iterable[str] = tuple(MADE),
    run: str = RUN,
) -> Path:
    """Write the three stages of every checkpoint for the samples of `write_unibench`, and return *folder*.

    The layout is the official one: ``results-<key>/<run>/checkpoint_000030_loss_0.602[-openset[-sentiment]].npz``.
    """
    for key in keys:
        made = MADE[key]
        names = [made.name(i) for i in range(made.rows if size is None else size)]
        room = folder / f"results-{key}" / run
        room.mkdir(parents=True, exist_ok=True)
        for epoch in checkpoints:
            draw = random.Random(f"{key} {seed} {epoch}")
            items = [f"[{', '.join(draw.sample(OPEN, draw.randint(0, 4)))}]" for _ in names]
            base = f"checkpoint_{epoch:06d}_loss_{LOSS}"
            texts = {
                name: f"The character's emotional state is {item[1:-1]}."
                for name, item in zip(names, items, strict=True)
            }
            write_npz(room / f"{base}.npz", name2reason=texts)
            write_openset(room / f"{base}-openset.npz", dict(zip(names, items, strict=True)))
            if made.top:
                words = {name: draw.choice((*SENTIMENTS, "mixed")) for name in names}
                write_openset(room / f"{base}-openset-sentiment.npz", words)
    return folder


def write_npz(path: Path, **content: Any) -> None:
    """Write *content* as the official scripts do: dicts as zero-dimensional arrays of objects."""
    np.savez_compressed(path, **content)


def write_openset(path: Path, items: Mapping[str, str]) -> None:
    """Write the parallel arrays ``filenames`` and ``fileitems``."""
    np.savez_compressed(path, filenames=np.array(list(items)), fileitems=np.array(list(items.values())))


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table in UTF-8 as pandas does."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
