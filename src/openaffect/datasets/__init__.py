"""One corpus a file: rows on disk become `openaffect.records.Sample`, with every annotator's view.

No data are part of this package.  `load` reads a folder of yours; `find` tells what a data set is, how to get it and
which files are looked for.  Adding one is a file and a line in `DATASETS`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from openaffect.datasets.files import is_file, quoted, resolved
from openaffect.datasets.places import spelled
from openaffect.errors import DataError
from openaffect.lookup import resolve

if TYPE_CHECKING:
    from openaffect.datasets.dataset import Dataset
    from openaffect.records import Sample

DATASETS: dict[str, str] = {
    "mer2023": "openaffect.datasets.mer2023:MER2023",
    "mer2024": "openaffect.datasets.mer2024:MER2024",
    "meld": "openaffect.datasets.meld:MELD",
    "iemocapfour": "openaffect.datasets.iemocapfour:IEMOCAPFOUR",
    "cmumosi": "openaffect.datasets.cmumosi:CMUMOSI",
    "cmumosei": "openaffect.datasets.cmumosei:CMUMOSEI",
    "sims": "openaffect.datasets.sims:SIMS",
    "simsv2": "openaffect.datasets.simsv2:SIMSV2",
    "ovmerdplus": "openaffect.datasets.ovmerdplus:OVMERDPLUS",
    "ovmerd": "openaffect.datasets.ovmerd:OVMERD",
    "mer2025ov": "openaffect.datasets.mer2025ov:MER2025OV",
    "mercaptionplus": "openaffect.datasets.mercaptionplus:MERCAPTIONPLUS",
    "mercaption": "openaffect.datasets.mercaption:MERCAPTION",
    "emer-v1": "openaffect.datasets.emer_v1:EMER_V1",
    "emer-v2": "openaffect.datasets.emer_v2:EMER_V2",
    "emer-ov": "openaffect.datasets.emer_ov:EMER_OV",
    "msp-podcast": "openaffect.datasets.msp_podcast:MSP_PODCAST",
    "iemocap": "openaffect.datasets.iemocap:IEMOCAP",
}
"""Key → where the data set is described.  The first nine are MER-UniBench, in the order in which it is printed."""

KEYS = tuple(DATASETS)
UNIBENCH = KEYS[:9]
"""The nine data sets of MER-UniBench."""


def find(key: str) -> Dataset:
    """Return the data set called *key*; case, blanks, hyphens and underscores do not matter.

    Raises `openaffect.errors.UsageError` with the known keys and the nearest one.

    >>> find("MELD").published.rows, find("emer_v2").title
    (2610, 'EMER-V2 (EMER-Fine)')
    """
    keys = {spelled(each): each for each in DATASETS}
    return resolve(DATASETS, keys.get(spelled(key), key), kind="data set")  # type: ignore[no-any-return]


def load(key: str, folder: str | Path, *, transcripts: bool = True) -> list[Sample]:
    """Return the samples of the data set *key* in *folder*, a copy of yours; see `Dataset.read`.

    With *transcripts* False the subtitle file beside the labels is not opened, for work that needs no words.

    Raises `openaffect.errors.UsageError` for an unknown key, and `DataError` for files that are absent, ambiguous or
    cannot be used, and for a folder that is named like another data set.
    """
    dataset = find(key)
    room = resolved(Path(folder))
    others = {spelled(each) for each in DATASETS} - {spelled(dataset.key), *dataset.spellings}
    if spelled(room.name) in others and any(is_file(room / name) for name in dataset.files):
        # Five data sets call their file label.npz, and the labels of one can pass for those of another.
        raise DataError(
            f"the folder {quoted(folder)} is named like {spelled(room.name)}, and {dataset.key} was asked for; "
            f"name the folder of {dataset.key}, or the file itself."
        )
    return dataset.read(folder, transcripts=transcripts)
