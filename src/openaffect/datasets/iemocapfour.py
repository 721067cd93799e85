"""IEMOCAP with four classes, session 5: dyads of actors, *excited* counted as *happy*."""

from __future__ import annotations

import re

from openaffect.datasets import terms
from openaffect.datasets.corpus_labels import corpus_reader
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.transcripts import MERBENCH_SUBTITLES

_NAME = re.compile(r"(Ses0[1-5])[FM]_\w+_([FM])\d{3}")


def speaker_of(name: str) -> str | None:
    """Return who speaks in the turn *name*: session and gender, for there is one woman and one man in each session.

    >>> speaker_of("Ses05F_impro01_M003")
    'Ses05M'
    """
    match = _NAME.fullmatch(name)
    return match.group(1) + match.group(2) if match else None


def _in_session_5(name: str) -> bool:
    return name[4:5] == "5"


IEMOCAPFOUR = Dataset(
    key="iemocapfour",
    title="IEMOCAP (four classes)",
    task="basic",
    metric="HIT",
    split="session 5",
    languages=("en",),
    files=("label_4way.npz",),
    reader=corpus_reader("whole_corpus", keep=_in_session_5, speaker=speaker_of),
    labels=("happy", "sad", "neutral", "anger"),
    published=Published(rows=1241, classes={"happy": 442, "sad": 245, "neutral": 384, "anger": 170}),
    licence=terms.OWNERS,
    obtain=terms.in_merbench("label_4way.npz", "iemocap-process"),
    spellings=("iemocap",),
    subtitles=MERBENCH_SUBTITLES,
)
"""`openaffect.datasets.load` reads it as ``iemocapfour``."""
