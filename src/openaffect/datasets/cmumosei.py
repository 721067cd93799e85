"""CMU-MOSEI: sentiment from -3 to 3 in English videos of people who speak to the camera."""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.corpus_labels import corpus_reader
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.transcripts import MERBENCH_SUBTITLES

CMUMOSEI = Dataset(
    key="cmumosei",
    title="CMU-MOSEI",
    task="sentiment",
    metric="WAF",
    split="test set (test_corpus)",
    languages=("en",),
    files=("label.npz",),
    reader=corpus_reader("test_corpus"),
    labels=("negative", "neutral", "positive"),
    scale=(-3.0, 3.0),
    published=Published(rows=4659, classes={"negative": 1350, "neutral": 1025, "positive": 2284}),
    licence=terms.OWNERS,
    obtain=terms.in_merbench("label.npz", "cmumosei-process"),
    spellings=("mosei",),
    subtitles=MERBENCH_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``cmumosei``."""
