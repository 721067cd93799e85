"""MER2024, track MER-SEMI: six emotions in Chinese films and series."""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.corpus_labels import corpus_reader
from openaffect.datasets.dataset import Dataset, Published

MER2024 = Dataset(
    key="mer2024",
    title="MER2024 (MER-SEMI)",
    task="basic",
    metric="HIT",
    split="MER-SEMI test set (test1_corpus)",
    languages=("zh",),
    files=("label-6way.npz",),
    reader=corpus_reader("test1_corpus"),
    labels=("neutral", "angry", "happy", "sad", "worried", "surprise"),
    published=Published(rows=1169),
    licence=terms.MER,
    obtain=terms.in_merbench("label-6way.npz", "mer2024-dataset-process"),
    subtitles=("transcription_merge.csv", "subtitles.csv"),
)
"""`openaffect.datasets.load` reads it as ``mer2024``."""
