"""MELD: seven emotions in dialogues of the series Friends."""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.corpus_labels import corpus_reader
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.transcripts import MERBENCH_SUBTITLES

MELD = Dataset(
    key="meld",
    title="MELD",
    task="basic",
    metric="HIT",
    split="test set (test_corpus)",
    languages=("en",),
    files=("label.npz",),
    reader=corpus_reader("test_corpus"),
    labels=("anger", "joy", "sadness", "neutral", "disgust", "fear", "surprise"),
    published=Published(
        rows=2610,
        classes={"anger": 345, "joy": 402, "sadness": 208, "neutral": 1256, "disgust": 68, "fear": 50, "surprise": 281},
    ),
    licence=terms.OWNERS,
    obtain=terms.in_merbench("label.npz", "meld-process"),
    subtitles=MERBENCH_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``meld``."""
