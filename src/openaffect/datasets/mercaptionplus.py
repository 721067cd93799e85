"""MER-Caption+: open labels and descriptions that models made and two levels of filters kept; for training.

A clip without labels stays without; the official training code takes *neutral* there.
"""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.openset import openset_reader
from openaffect.datasets.transcripts import MER2025_SUBTITLES

MERCAPTIONPLUS = Dataset(
    key="mercaptionplus",
    title="MER-Caption+",
    task="open vocabulary",
    metric="EW",
    split="all (training)",
    languages=("zh",),
    files=("track2_train_mercaptionplus.csv", "track3_train_mercaptionplus.csv"),
    reader=openset_reader(reasons="track3_train_mercaptionplus.csv"),
    published=Published(rows=31327, labels=(1972,)),
    licence=terms.MER2025,
    obtain=terms.gated("track2_train_mercaptionplus.csv"),
    spellings=("mer2025",),
    subtitles=MER2025_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``mercaptionplus``."""
