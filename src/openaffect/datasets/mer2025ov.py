"""MER2025, track 2: open labels of the hidden test clips among 20,000 candidates, where you have them.

A clip without labels stays without, unlike in OV-MERD+, as in the official reader.
"""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.openset import openset_reader
from openaffect.datasets.transcripts import MER2025_SUBTITLES

MER2025OV = Dataset(
    key="mer2025ov",
    title="MER2025 (track 2, MER-FG)",
    task="open vocabulary",
    metric="EW",
    split="test clips",
    languages=("zh",),
    files=("track2_test.csv",),
    reader=openset_reader(),
    published=Published(rows=1200),
    licence=terms.MER2025,
    obtain="the labels of the test clips were not released; hosts and owners have track2_test.csv.",
    spellings=("mer2025",),
    subtitles=MER2025_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``mer2025ov``."""
