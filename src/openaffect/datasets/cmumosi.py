"""CMU-MOSI: sentiment from -3 to 3 in English video reviews."""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.corpus_labels import corpus_reader
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.transcripts import MERBENCH_SUBTITLES

CMUMOSI = Dataset(
    key="cmumosi",
    title="CMU-MOSI",
    task="sentiment",
    metric="WAF",
    split="test set (test_corpus)",
    languages=("en",),
    files=("label.npz",),
    reader=corpus_reader("test_corpus"),
    labels=("negative", "neutral", "positive"),
    scale=(-3.0, 3.0),
    published=Published(rows=686, classes={"negative": 379, "neutral": 30, "positive": 277}),
    licence=terms.OWNERS,
    obtain=terms.in_merbench("label.npz", "cmumosi-process"),
    spellings=("mosi",),
    subtitles=MERBENCH_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``cmumosi``."""
