"""MER2023, track MER-MULTI: six emotions in Chinese films and series."""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.corpus_labels import corpus_reader
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.transcripts import MERBENCH_SUBTITLES

MER2023 = Dataset(
    key="mer2023",
    title="MER2023 (MER-MULTI)",
    task="basic",
    metric="HIT",
    split="MER-MULTI test set (test1_corpus)",
    languages=("zh",),
    files=("label-6way.npz",),
    reader=corpus_reader("test1_corpus"),
    labels=("neutral", "angry", "happy", "sad", "worried", "surprise"),
    published=Published(
        rows=411, classes={"neutral": 88, "angry": 105, "happy": 93, "sad": 50, "worried": 57, "surprise": 18}
    ),
    licence=terms.MER,
    obtain=terms.in_merbench("label-6way.npz", "mer2023-dataset-process"),
    subtitles=MERBENCH_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``mer2023``."""
