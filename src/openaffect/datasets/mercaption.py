"""MER-Caption, before the filters: no public release of all clips is known, so a plain file of yours is read."""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.openset import openset_reader
from openaffect.datasets.transcripts import MER2025_SUBTITLES

MERCAPTION = Dataset(
    key="mercaption",
    title="MER-Caption",
    task="open vocabulary",
    metric="EW",
    split="all (training)",
    languages=("zh",),
    files=(),
    reader=openset_reader(),
    published=Published(rows=115595, labels=(2932,)),
    licence=terms.MER2025,
    obtain="no public release of all clips is known; write mercaption.csv with the columns name and openset.",
    subtitles=MER2025_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``mercaption``."""
