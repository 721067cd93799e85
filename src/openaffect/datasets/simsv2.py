"""CH-SIMS v2: sentiment from -1 to 1 in Chinese films and series."""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.corpus_labels import corpus_reader
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.transcripts import MERBENCH_SUBTITLES

SIMSV2 = Dataset(
    key="simsv2",
    title="CH-SIMS v2",
    task="sentiment",
    metric="WAF",
    split="test set (test_corpus)",
    languages=("zh",),
    files=("label.npz",),
    reader=corpus_reader("test_corpus"),
    labels=("negative", "neutral", "positive"),
    scale=(-1.0, 1.0),
    published=Published(rows=1034, classes={"negative": 488, "neutral": 123, "positive": 423}),
    licence=terms.OWNERS,
    obtain=terms.in_merbench("label.npz", "simsv2-process"),
    spellings=("chsimsv2",),
    subtitles=MERBENCH_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``simsv2``."""
