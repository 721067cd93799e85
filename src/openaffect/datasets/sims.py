"""CH-SIMS: sentiment from -1 to 1 in Chinese films and series."""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.corpus_labels import corpus_reader
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.transcripts import MERBENCH_SUBTITLES

SIMS = Dataset(
    key="sims",
    title="CH-SIMS",
    task="sentiment",
    metric="WAF",
    split="test set (test_corpus)",
    languages=("zh",),
    files=("label.npz",),
    reader=corpus_reader("test_corpus"),
    labels=("negative", "neutral", "positive"),
    scale=(-1.0, 1.0),
    published=Published(rows=457, classes={"negative": 248, "neutral": 69, "positive": 140}),
    licence=terms.OWNERS,
    obtain=terms.in_merbench("label.npz", "sims-process"),
    spellings=("chsims",),
    subtitles=MERBENCH_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``sims``."""
