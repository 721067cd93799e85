"""OV-MERD+: the open-vocabulary test set of MER-UniBench, labelled by people, in English.

A clip without labels counts as *neutral*, as in the official reader.
"""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.openset import openset_reader

OVMERDPLUS = Dataset(
    key="ovmerdplus",
    title="OV-MERD+",
    task="open vocabulary",
    metric="EW",
    split="all",
    languages=("zh",),
    files=("ovlabel.csv",),
    reader=openset_reader(empty=("neutral",)),
    published=Published(rows=532),
    licence=terms.MER,
    obtain="ovlabel.csv comes with MER-UniBench; ask the authors of github.com/zeroQiaoba/AffectGPT.",
    subtitles=("subtitle_eng.csv", "subtitles.csv"),
)
"""`openaffect.datasets.load` reads it as ``ovmerdplus``."""
