"""OV-MERD: 332 clips whose open labels and descriptions people have checked twice."""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.openset import openset_reader
from openaffect.datasets.transcripts import MER2025_SUBTITLES

OVMERD = Dataset(
    key="ovmerd",
    title="OV-MERD",
    task="open vocabulary",
    metric="EW",
    split="all (training)",
    languages=("zh",),
    files=("track2_train_ovmerd.csv", "track3_train_ovmerd.csv"),
    reader=openset_reader(reasons="track3_train_ovmerd.csv"),
    published=Published(rows=332, labels=(236, 248)),
    licence=terms.MER2025,
    obtain=terms.gated("track2_train_ovmerd.csv"),
    spellings=("mer2025",),
    subtitles=MER2025_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``ovmerd``."""
