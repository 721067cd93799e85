"""EMER-V2 (EMER-Fine, later OV-MERD): 332 clips with a description of three clues in Chinese and English, no labels.

Its open labels are a file of their own, ``emer-ov``.
"""

from __future__ import annotations

from openaffect.datasets import terms
from openaffect.datasets.dataset import Dataset, Published
from openaffect.datasets.descriptions import Language, described
from openaffect.datasets.places import Place
from openaffect.datasets.tables import NAME, Row, read_table
from openaffect.records import Sample

_LANGUAGES: dict[str, Language] = {"english": "en", "chinese": "zh"}
_COLUMNS = {**NAME, **{column: (column,) for column in _LANGUAGES}}


def _read(dataset: Dataset, place: Place) -> list[Sample]:
    rows = read_table(place.official[0], _COLUMNS).by_name()
    return [_sample(name, row) for name, row in rows.items()]


def _sample(name: str, row: Row) -> Sample:
    texts = {column: row.text(column) for column in _LANGUAGES}
    return Sample(
        id=name,
        dataset=EMER_V2.key,
        descriptions=tuple(described(text, _LANGUAGES[column], clues=True) for column, text in texts.items() if text),
        origin=row.origin,
        notes=tuple(f"no text in '{column}'" for column, text in texts.items() if not text),
    )


EMER_V2 = Dataset(
    key="emer-v2",
    title="EMER-V2 (EMER-Fine)",
    task="description",
    metric="judge",
    split="all",
    languages=("zh",),
    files=("final-EMER-reason.csv",),
    reader=_read,
    published=Published(rows=332),
    licence=terms.MER,
    obtain="final-EMER-reason.csv lies in github.com/zeroQiaoba/Explainable-Multimodal-Emotion-Reasoning.",
)
"""`openaffect.datasets.load` reads it as ``emer-v2``."""
